"""What one file holds: a task of a Frictionless report, with every error counted and the first ones listed."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field as dataclass_field
from typing import NamedTuple

from apendata.tabular.listed import Listed

FIRST_ROWS = 5
"""Rows that are named where errors are counted."""


class First(NamedTuple):
    """One of the first rows that an error is told of. The cell is for the person who asks alone, as in `Listed`."""

    row: int
    cell: str
    """Empty where no cell is meant, or nothing stands in it."""

    def __repr__(self) -> str:
        return f"First(row={self.row})"


Told = tuple[str, str, int]
"""Kind, rule and 1-based column (0: the row, the header or the file) of errors that are counted together."""


@dataclass(frozen=True)
class Options:
    """How strictly a table is checked, and how much of what is found is listed."""

    strict: bool = True
    """Whether apendata's stricter rules apply; without them the verdict is Frictionless' own."""
    limit: int | None = 1000
    """The most errors that are listed; all are counted. None: all are listed."""
    hashes: bool = False
    """Whether md5 and sha256 of the file are wanted, as Frictionless' report has them."""
    progress: Callable[[int], None] = lambda _: None
    """Told the number of bytes of every chunk that is read."""


@dataclass(eq=False, repr=False)
class Task:
    """What one file holds."""

    name: str
    place: str
    labels: tuple[str, ...] = ()
    field_names: tuple[str, ...] = ()
    listed: list[Listed] = dataclass_field(default_factory=list)
    counts: Counter[Told] = dataclass_field(default_factory=Counter)
    first_rows: dict[Told, tuple[First, ...]] = dataclass_field(default_factory=dict)
    rows: int = 0
    size: int = 0
    """Bytes."""
    md5: str | None = None
    sha256: str | None = None
    seconds: float = 0.0

    @property
    def errors(self) -> int:
        """How many errors there are, listed or not."""
        return self.counts.total()

    def tell(self, error: Listed) -> None:
        """Add an error of the file or its header; they stand before those of rows."""
        self.listed.append(error)
        self.count({(error.kind, error.rule, error.field_number or 0): 1}, {})

    def count(self, counts: Mapping[Told, int], first_rows: Mapping[Told, Sequence[First]]) -> None:
        """Count errors."""
        self.counts.update(counts)
        for told, rows in first_rows.items():
            self.first_rows[told] = tuple(sorted((*self.first_rows.get(told, ()), *rows))[:FIRST_ROWS])
