"""Three sibling wrappers round an Arrow table: what was read, what obeys its contract, what may be published.

Siblings and not a chain of subclasses: mypy rejects a ValidTable where a SafeTable is wanted, and the other way round;
with subclasses one of the directions would pass. Only ``disclosure`` makes a SafeTable (``tests/test_architecture.py``
reads the sources for it), and the lake and the portals take nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from apendata.model.findings import Finding, RowAccount
from apendata.model.protected import Protected

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the rows of a table came from: internal, never published.

    ``rows`` is an Arrow table as long as the data: ``file`` (int32, index into ``files``), ``row`` (int32, row or line
    in that file, from 1), ``column`` (int32, source column of an unpivoted value, from 1; 0 where it was not).
    """

    files: tuple[tuple[str, str | None], ...]
    """(file name, sheet or None), in the order of their indices."""
    columns: dict[str, tuple[str, int]]
    """Published column → (header text, 1-based source column) for columns read from one source column."""
    rows: "pa.Table"


@dataclass(frozen=True, slots=True, repr=False)
class RawTable:
    """What was read: every column a string column in canonical form, null where there is no value.

    Canonical form: numbers with ``.`` as decimal point, ``-`` as minus and no thousand marks; dates as YYYY-MM-DD;
    codes and texts as they stand. ``<value>_status`` columns are present where the schema declares them.
    """

    name: str
    data: "pa.Table"
    origin: Origin

    def __repr__(self) -> str:
        return f"RawTable({self.name}, rows={self.data.num_rows})"


@dataclass(frozen=True, slots=True, repr=False)
class ValidTable:
    """A table that obeys its Table Schema and its checks: typed columns in the schema's order, rows in key order."""

    name: str
    data: "pa.Table"
    origin: Origin

    def __repr__(self) -> str:
        return f"ValidTable({self.name}, rows={self.data.num_rows})"


@dataclass(frozen=True, slots=True, repr=False)
class SafeTable:
    """A table that may be published: hidden cells are null and marked; nothing of them is left in any buffer."""

    name: str
    data: "pa.Table"

    def __repr__(self) -> str:
        return f"SafeTable({self.name}, rows={self.data.num_rows})"


@dataclass(frozen=True, slots=True, repr=False)
class Reading:
    """All tables of one dataset as they were read, and an account of every row of every export."""

    tables: Mapping[str, RawTable]
    sum_rows: Mapping[str, RawTable]
    """Table name → its export's sum rows in the same form as the table, for checks; absent where there are none."""
    accounts: tuple[RowAccount, ...]
    findings: tuple[Finding, ...] = ()
    """Warnings and notes; errors stop the reading."""


@dataclass(frozen=True, slots=True, repr=False)
class Validation:
    """All tables of one dataset, valid, and what was found on the way (warnings and notes only)."""

    tables: Mapping[str, ValidTable]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Protection:
    """All tables of one dataset, safe, and a private account of what was hidden (counts, never values)."""

    tables: Mapping[str, SafeTable]
    findings: tuple[Finding, ...] = ()
    protected: Mapping[str, tuple[Protected, ...]] = field(default_factory=dict)
    """Table of counts of people → the rows that no reader may learn; kept in the lake's private records alone."""
    hidden: Mapping[str, Mapping[str, "pa.BooleanArray"]] = field(default_factory=dict)
    """Table → value column → for each row whether its value is not published; only where there is such a row."""
