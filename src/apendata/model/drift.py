"""How far a table may differ from what readers have before a person must look: the words of ``drift``."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ValuesLimit:
    """Whether values of a column, such as the codes of areas, may come and go unasked."""

    column: str
    may_vanish: bool
    may_appear: bool
    because: str
    named_by: str | None = None
    """The column that says in words what a value stands for; None: the labels of the Table Schema do, if any."""


@dataclass(frozen=True, slots=True)
class SumLimit:
    """How far the sum of a column may move in each group of rows. It is too far when it is past both limits."""

    value: str
    per: tuple[str, ...]
    max_percent: Decimal
    """Of the last release's sum."""
    max_amount: Decimal
    """In the column's unit: what a small group may move whatever the per cent."""
    because: str


@dataclass(frozen=True, slots=True)
class HistoryRule:
    """Which rows are history, so that readers have relied on them."""

    column: str
    """A column of the key, by which rows are closed: a year, a reference date, a decision."""
    still_open: int
    """So many of its newest values in the last release are not history yet; 0: all that is published is."""
    needs_reason: bool
    """Whether changed history stops the dataset until somebody says why, to readers too."""
    because: str


@dataclass(frozen=True, slots=True)
class DriftLimits:
    """How far a table may differ from the last release before a person must look. Shares of that release's rows."""

    max_fewer_rows: float
    max_more_rows: float | None
    """None: any number of new rows."""
    max_changed_rows: float | None
    because: str
    values: tuple[ValuesLimit, ...] = ()
    sums: tuple[SumLimit, ...] = ()
    history: HistoryRule | None = None
