"""Published files read back, each by other means than it was written with, and held against what they must show."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise, zip_longest
from typing import Any, Final
from xml.etree import ElementTree as ET

import pyarrow as pa
import pyarrow.parquet as pq

from apendata.disclosure.leaks.expected import Expected
from apendata.disclosure.leaks.workbook import Sheet, read_workbook
from apendata.disclosure.policy import STATUS
from apendata.model import Finding

Cells = Mapping[str, Sequence[Any]]
_Cell = tuple[str, str] | None

VALUE: Final = "disclosure.leak_value"
GRID: Final = "disclosure.leak_grid"
STATUS_DIFFERS: Final = "disclosure.leak_status"
SHOWN_DIFFERS: Final = "disclosure.leak_shown"
STATISTICS: Final = "disclosure.leak_statistics"
LEFT_OVER: Final = "disclosure.leak_left_over"
UNREADABLE: Final = "disclosure.leak_unreadable"

_EXCEL_DAY: Final = date(1899, 12, 30)
_WHOLE: Final = re.compile(r"-?\d+")
_BROKEN: Final = (LookupError, ValueError, OSError, InvalidOperation, zipfile.BadZipFile, ET.ParseError, csv.Error)


class NotAsSaid(Exception):
    """The columns of a file are not those of its table."""


def found_in_file(expected: Expected, file: str, kind: str, content: bytes) -> tuple[Finding, ...]:
    """Read one published file of a table again.

    Args:
        expected: what it must show.
        file: its name, for the findings.
        kind: ``csv``, ``xlsx`` or ``parquet``.
        content: its bytes.

    Returns:
        Errors: a value at a hidden key; rows that are missing, too many or in another order; a mark that tells one
        hidden cell from another; a published value that is not the true one; statistics of more than is published;
        texts or metadata that no cell shows. They name table, column and file, never a value.
    """
    try:
        told, cells = _READERS[kind](expected, content)
    except (*_BROKEN, NotAsSaid):
        told, cells = [(UNREADABLE, None, 1)], None
    found = [*told, *(_against(expected, cells) if cells is not None else ())]
    return tuple(
        Finding(code, table=expected.name, field=column, count=count, params={"file": file})
        for code, column, count in found
    )


_Told = list[tuple[str, str | None, int]]


def _against(expected: Expected, cells: Cells) -> Iterator[tuple[str, str | None, int]]:
    wanted = expected.cells
    count = expected.true.num_rows
    if any(len(cells[name]) != count for name in expected.columns):
        yield GRID, None, abs(count - max(len(column) for column in cells.values())) or 1
        return
    moved = {row for name in expected.key for row in _differing(cells[name], wanted[name])}
    keys = zip(*(cells[name] for name in expected.key), strict=True)
    if moved or not all(one < other for one, other in pairwise(keys)):
        yield GRID, None, len(moved) or 1
        return
    for name in expected.columns:
        rows = _differing(cells[name], wanted[name])
        if not rows:
            continue
        value = name.removesuffix(STATUS)
        gone = expected.rows_hidden(name)
        if leaked := sum(gone[row] for row in rows):
            yield VALUE, name, int(leaked)
        if rest := len(rows) - int(leaked):
            is_mark = value != name and value in expected.hidden
            yield STATUS_DIFFERS if is_mark else SHOWN_DIFFERS, name, rest


def _differing(found: Sequence[Any], wanted: Sequence[Any]) -> list[int]:
    return [row for row, (one, other) in enumerate(zip(found, wanted, strict=True)) if one != other]


def _of_csv(expected: Expected, content: bytes) -> tuple[_Told, Cells]:
    lines = list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))
    columns = _columns(expected, lines[0], lines[1:])
    return [], {
        name: [_from_text(text, expected.true.field(name).type) if text else None for text in column]
        for name, column in columns.items()
    }


def _of_xlsx(expected: Expected, content: bytes) -> tuple[_Told, Cells]:
    sheet: Sheet = read_workbook(content)
    heads = [cell[1] if cell else "" for cell in sheet.rows[0]]
    width = len(heads)
    if any(len(row) > width for row in sheet.rows):
        raise NotAsSaid
    rows = [(*row, *[None] * (width - len(row))) for row in sheet.rows[1:]]
    left = sheet.unused + len(sheet.strangers)
    cells = {
        name: _from_cells(column, expected.true.field(name).type, expected.cells[name])
        for name, column in _columns(expected, heads, rows).items()
    }
    return [(LEFT_OVER, None, left)] if left else [], cells


def _of_parquet(expected: Expected, content: bytes) -> tuple[_Told, Cells]:
    file = pq.ParquetFile(io.BytesIO(content))
    table = file.read()
    if tuple(table.column_names) != expected.columns:
        raise NotAsSaid
    left = len(file.metadata.metadata or {}) + sum(1 for field in file.schema_arrow if field.metadata)
    told: _Told = [(LEFT_OVER, None, left)] if left else []
    told += [(STATISTICS, name, count) for name, count in _statistics(expected, file) if count]
    return told, {name: table[name].to_pylist() for name in expected.columns}


def _statistics(expected: Expected, file: Any) -> Iterator[tuple[str, int]]:
    """Of each column with hidden cells: groups of rows whose least or greatest is not that of the published cells."""
    for name in expected.hidden:
        wrong, at = 0, 0
        for number in range(file.metadata.num_row_groups):
            group = file.metadata.row_group(number)
            cells = [cell for cell in expected.cells[name][at : at + group.num_rows] if cell is not None]
            at += group.num_rows
            column = group.column(file.schema_arrow.names.index(name))
            about = column.statistics if column.is_stats_set else None
            if about is not None and about.has_min_max:
                wrong += not cells or (about.min, about.max) != (min(cells), max(cells))
        yield name, wrong


def _columns(expected: Expected, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, list[Any]]:
    if tuple(heads) != expected.columns or any(len(row) != len(heads) for row in rows):
        raise NotAsSaid
    return {name: [row[at] for row in rows] for at, name in enumerate(heads)}


def _from_text(text: str, kind: pa.DataType) -> Any:
    """A cell of a CSV file as a value; what is no value of its type stays the text that it is, and so differs."""
    if pa.types.is_boolean(kind):
        return {"true": True, "false": False}.get(text, text)
    if pa.types.is_integer(kind):
        return int(text) if _WHOLE.fullmatch(text) else text
    if pa.types.is_decimal(kind):
        return Decimal(text)
    if pa.types.is_floating(kind):
        return float(text)
    return date.fromisoformat(text) if pa.types.is_date(kind) else text


def _from_cells(cells: Sequence[_Cell], kind: pa.DataType, wanted: Sequence[Any]) -> list[Any]:
    """Cells of a workbook as values; where there are more than are wanted, those are held against nothing."""
    return [_from_cell(cell, kind, one) for cell, one in zip_longest(cells, wanted[: len(cells)])]


def _from_cell(cell: _Cell, kind: pa.DataType, wanted: Any) -> Any:
    """A cell of a workbook as a value; a number there is a binary fraction, so it is the wanted one if that is too."""
    if cell is None:
        return None
    form, text = cell
    if form in "bs":
        return text == "1" if form == "b" else _from_text(text, kind)
    if pa.types.is_date(kind):
        return _EXCEL_DAY + timedelta(days=int(text))
    number = Decimal(text)
    return wanted if isinstance(wanted, int | float | Decimal) and float(number) == float(wanted) else number


_Reader = Callable[[Expected, bytes], tuple[_Told, Cells]]
_READERS: Final[Mapping[str, _Reader]] = {"csv": _of_csv, "xlsx": _of_xlsx, "parquet": _of_parquet}
