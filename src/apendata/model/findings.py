"""What a check found, and where: places and counts in the open, cell values only in the steward's private report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field as dataclass_field
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in an export, in the words that Excel shows: file, sheet, cell."""

    file: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    """The header's text."""
    cell: str | None = None
    """``B12`` in a workbook; None in a text file, where ``row`` is the line number and ``column`` the field."""

    def __str__(self) -> str:
        parts = [self.file]
        if self.sheet is not None:
            parts.append(f"sheet «{self.sheet}»")
        if self.cell is not None:
            parts.append(f"cell {self.cell}")
        elif self.row is not None:
            parts.append(f"line {self.row}")
        if self.column is not None:
            parts.append(f"column «{self.column}»")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of thing that was found, however many times.

    ``code`` is a key of the text catalogue in ``report``; ``params`` are words that are safe to show anywhere (names
    of columns, expected forms, numbers of rows), never values of cells. ``samples`` are values: they are left out of
    ``repr`` and of every error text, and go to the private report only. Findings in an error's ``private`` are for that
    report alone; their ``params`` may hold published values, too.
    """

    code: str
    severity: Severity = "error"
    table: str | None = None
    field: str | None = None
    count: int = 1
    places: tuple[Place, ...] = ()
    """The first places, at most :data:`MAX_PLACES`; ``count`` counts all."""
    cells: tuple[str, ...] = dataclass_field(default=(), repr=False)
    """The value at each place, where they are known one by one: private, as ``samples``."""
    params: Mapping[str, str] = dataclass_field(default_factory=dict)
    known: tuple[str, ...] = dataclass_field(default=(), repr=False)
    """The values that a list allows, for a proposal; of a list that is read from an export, and so private too."""
    samples: tuple[str, ...] = dataclass_field(default=(), repr=False)


SHOWN_PLACES = 20
"""Places that a text names; more than that nobody reads."""

MAX_PLACES = 100_000
"""Places that are kept, so that each wrong cell can be marked in the steward's own workbook."""


def said_once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Leave out what another finding says of the very same cells: several tables may be made of one column.

    A row whose cell is not known is the same where its field was told of a cell in that row.
    """
    kept: list[Finding] = []
    told: dict[tuple[object, ...], set[object]] = {}
    for found in findings:
        known = told.setdefault((found.code, found.severity, *sorted(found.params.items())), set())
        about = [_about(place, found.field) for place in found.places]
        if not about or not known.issuperset(about):
            kept.append(found)
        known.update(about)
        known.update((place.file, place.sheet, place.row, found.field) for place in found.places)
    return tuple(kept)


def _about(place: Place, field: str | None) -> object:
    exact = place.cell is not None or place.column is not None
    return place if exact else (place.file, place.sheet, place.row, field)


@dataclass(frozen=True, slots=True)
class RowAccount:
    """How many rows of one export a named rule took; with the rows out they must add up to the rows in."""

    file: str
    sheet: str | None
    rule: str
    """``above_header``, ``sum``, ``blank``, ``not_selected`` …; ``out`` for rows that became data."""
    rows: int
    because: str | None = None
