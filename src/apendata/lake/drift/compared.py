"""One table of a last release beside the one that is to follow it, and what is told of a difference between them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import pyarrow as pa

from apendata.lake.rows import RowDifference
from apendata.model import Finding, Said, Table

SHOWN: Final = 20
"""So many things of one kind are told one by one; how many more there are is told after them."""


@dataclass(frozen=True, slots=True, repr=False)
class Compared:
    """What readers have of a table, and what they would get."""

    table: Table
    old: pa.Table
    new: pa.Table
    rows: RowDifference | None
    """None: the key was another, so that no row can be followed."""

    @property
    def titled(self) -> Said:
        """The table's title."""
        return Said(self.table.name, nb=self.table.title.nb, en=self.table.title.en)

    def field(self, name: str) -> Mapping[str, Any]:
        """The Table Schema's field of that name."""
        return next(field for field in self.table.fields if field["name"] == name)

    def column(self, name: str) -> Said:
        """A column's title."""
        field = self.field(name)
        return Said(name, nb=field.get("title", name), en=field.get("title_en", name))

    def columns(self, names: Iterable[str]) -> Said:
        """Several columns' titles, with commas between."""
        parts = [self.column(name) for name in names]
        return Said(", ".join(parts), nb=", ".join(f"{p:nb}" for p in parts), en=", ".join(f"{p:en}" for p in parts))


@dataclass(frozen=True, slots=True, repr=False)
class Told:
    """One kind of difference: as anybody may read it, and as the steward's private report says it."""

    open: Finding
    private: tuple[Finding, ...]
    """With values of published cells in their words; empty: the open one says all."""
    rank: int
    """What weighs most has the lowest."""
    size: Fraction
    """Among those of one rank, the biggest comes first."""

    @property
    def stops(self) -> bool:
        """Whether it is past a limit."""
        return self.open.severity == "error"


def shortened(findings: Sequence[Finding], count: int | None = None) -> tuple[Finding, ...]:
    """Return the first findings, and one more that counts those which are left out.

    Args:
        findings: what weighs most first; at least one.
        count: of all, where these are the first of them only.
    """
    first = findings[0]
    left = (len(findings) if count is None else count) - SHOWN
    more = Finding("drift_more", table=first.table, field=first.field, count=left)
    return (*findings[:SHOWN], more) if left > 0 else tuple(findings)


def reason(because: str) -> str:
    """Return a limit's reason as the texts want it, who set it in brackets or end with it."""
    return because.strip().removesuffix(".")
