"""What is wrong with which rows of a table, and how it becomes a finding with places in the export."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field as dataclass_field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from apendata.model import MAX_PLACES, SHOWN_PLACES, Finding, Origin, Place, Severity, Table, column_letters
from apendata.validation.table_schema import STATUS

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Problem:
    """One rule that rows of a table break. ``rows`` are indices into the table, in the order to be shown."""

    code: str
    rows: Rows
    field: str | None = None
    params: Mapping[str, str] = dataclass_field(default_factory=dict)
    samples: tuple[str, ...] = dataclass_field(default=(), repr=False)
    """Cell values, private, beside the first rows."""
    severity: Severity = "error"


def finding(problem: Problem, table: Table, origin: Origin) -> Finding:
    """Tell a problem by places in the export."""
    shown = problem.rows[:MAX_PLACES].tolist()
    cells = problem.samples[:MAX_PLACES]
    if len(cells) != len(shown):
        cells = ()  # of groups, or of some rows alone: they stand at no place of their own
    # One cell makes several rows where values stand beside one another under it; to her it is one.
    told: dict[Place, str] = {}
    for row, cell in zip(shown, cells or [""] * len(shown), strict=True):
        told.setdefault(place(table, origin, row, problem.field), cell)
    return Finding(
        code=problem.code,
        severity=problem.severity,
        table=table.name,
        field=problem.field,
        count=len(problem.rows) - len(shown) + len(told),
        places=tuple(told),
        params=problem.params,
        samples=problem.samples[:SHOWN_PLACES],
        cells=tuple(told.values()) if cells else (),
    )


def texts_at(column: pa.Array, rows: Rows) -> tuple[str, ...]:
    """The first cells that a problem names, as text; empty where they hold none."""
    cells = column.take(pa.array(rows[:MAX_PLACES])).to_pylist()
    return tuple("" if cell is None else str(cell) for cell in cells) if any(c is not None for c in cells) else ()


def place(table: Table, origin: Origin, row: int, field: str | None) -> Place:
    """Return where a row of a table, or its cell for one published column, stands in the export.

    Args:
        table: tells which published columns come from unpivoted headers and which are looked up by another column.
        origin: of the table's rows.
        row: 0-based row of the table.
        field: a published column; None for the row as a whole.
    """
    file, sheet = origin.files[origin.rows["file"][row].as_py()]
    line = origin.rows["row"][row].as_py()
    header, number = _source_column(table, origin, field, origin.rows["column"][row].as_py())
    cell = f"{column_letters(number)}{line}" if sheet is not None and number else None
    # A field of a text file that became a row is known by its number alone: its header is no column's.
    return Place(file, sheet, line, header or (str(number) if number and sheet is None else None), cell)


def _source_column(table: Table, origin: Origin, field: str | None, unpivoted: int) -> tuple[str | None, int]:
    """Header text and 1-based source column of a published column; (None, 0) where it was not read from one."""
    seen: set[str] = set()
    while field is not None and field not in seen:
        seen.add(field)
        if field in origin.columns:
            return origin.columns[field]
        column = next((c for c in table.columns if c.name == field), None)
        if column is not None and column.unpivot and unpivoted:
            return None, unpivoted
        if column is not None and column.lookup:
            field = column.lookup.by
        elif field.endswith(STATUS):
            field = field.removesuffix(STATUS)  # a status is read from the value's own cell
    return None, 0


def rows_where(mask: pa.Array | Sequence[bool] | npt.NDArray[np.bool_]) -> Rows:
    """Return the rows where a mask is true; null counts as false."""
    if isinstance(mask, pa.Array | pa.ChunkedArray):
        mask = mask.fill_null(False).to_numpy(zero_copy_only=False)  # noqa: FBT003 (Arrow's signature)
    return np.flatnonzero(mask)
