"""XLSX for Excel: codes and texts as text, numbers as numbers, dates as dates; a second sheet explains the columns."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from apendata.lake import durable

MAX_ROWS: Final = 100_000
_MAX_TEXT: Final = 32_767
"""Characters in a cell; Excel's own limit, beyond which xlsxwriter would cut."""
_EXACT_DIGITS: Final = 15
"""Excel keeps so many digits of a number; a longer one is written as text, for that is still the right value."""
_FIRST_DATE: Final = date(1900, 3, 1)
"""Excel believes in 29 February 1900; earlier dates are written as text."""
_CREATED: Final = datetime(2000, 1, 1)  # noqa: DTZ001 (fixed, so that the same table gives the same bytes)
_COLUMN_SHEET: Final = "Kolonner"
_COLUMN_HEADER: Final = ("kolonne", "tittel", "beskrivelse", "title", "description", "enhet", "fortegn", "type")
_COLUMN_WORDS: Final = ("name", "title", "description", "title_en", "description_en", "unit", "sign", "type")

Writer = Callable[[int, int, Any], Any]


def fits_xlsx(table: pa.Table) -> bool:
    """Tell whether a table is small enough for a workbook."""
    if table.num_rows > MAX_ROWS:
        return False
    texts = [column for column in table.columns if pa.types.is_string(column.type)]
    return all((pc.max(pc.utf8_length(column)).as_py() or 0) <= _MAX_TEXT for column in texts)


def write_xlsx(table: pa.Table, file: Path, fields: Sequence[Mapping[str, Any]]) -> tuple[str, int]:
    """Write a table as a workbook, synced; return sha256 and size in bytes.

    Args:
        table: at most :data:`MAX_ROWS` rows.
        file: named ``<table>.xlsx``; the first sheet takes the table's name.
        fields: of the Table Schema; they fill the second sheet.
    """
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    try:
        with xlsxwriter.Workbook(file, options) as book:
            book.set_properties({"created": _CREATED, "author": ""})
            _write_rows(book, file.stem[:31], table)
            _write_columns(book, fields)
    except xlsxwriter.exceptions.FileCreateError as error:  # it wraps what the disk said, such as that it is full
        raise OSError(*error.args[0].args) from None
    durable.seal(file)
    return durable.sha256_of(file), file.stat().st_size


def _write_rows(book: Any, name: str, table: pa.Table) -> None:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for index, column in enumerate(table.columns):
        sheet.set_column(index, index, _width(table.column_names[index], column))
    _write_header(book, sheet, table.column_names)
    writers = [_writer(book, sheet, field.type) for field in table.schema]
    row = 0
    for batch in table.to_batches(max_chunksize=10_000):
        for cells in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            row += 1
            for index, cell in enumerate(cells):
                if cell is not None:
                    writers[index](row, index, cell)


def _write_columns(book: Any, fields: Sequence[Mapping[str, Any]]) -> None:
    sheet = book.add_worksheet(_COLUMN_SHEET)
    sheet.freeze_panes(1, 0)
    for index, width in enumerate((24, 28, 60, 28, 60, 10, 18, 10)):
        sheet.set_column(index, index, width)
    _write_header(book, sheet, _COLUMN_HEADER)
    for row, field in enumerate(fields, start=1):
        for index, word in enumerate(_COLUMN_WORDS):
            sheet.write_string(row, index, str(field.get(word, "")))


def _write_header(book: Any, sheet: Any, names: Sequence[str]) -> None:
    bold = book.add_format({"bold": True})
    for index, name in enumerate(names):
        sheet.write_string(0, index, name, bold)


def _writer(book: Any, sheet: Any, kind: pa.DataType) -> Writer:
    """The way to write one column's cells; never xlsxwriter's ``write``, which guesses from the value."""
    if pa.types.is_date(kind):
        style = book.add_format({"num_format": "yyyy-mm-dd"})
        return lambda row, column, cell: (
            sheet.write_datetime(row, column, datetime(cell.year, cell.month, cell.day), style)  # noqa: DTZ001
            if cell >= _FIRST_DATE
            else sheet.write_string(row, column, cell.isoformat())
        )
    if pa.types.is_boolean(kind):
        return sheet.write_boolean  # type: ignore[no-any-return]
    if pa.types.is_string(kind):
        return sheet.write_string  # type: ignore[no-any-return]
    style = book.add_format({"num_format": "0." + "0" * kind.scale}) if getattr(kind, "scale", 0) else None
    return lambda row, column, cell: (
        sheet.write_number(row, column, cell, style)
        if _digits(cell) <= _EXACT_DIGITS
        else sheet.write_string(row, column, str(cell))
    )


def _digits(number: int | float | Decimal) -> int:
    """Significant digits that a number needs; a binary fraction is what Excel stores, so it needs none."""
    return 0 if isinstance(number, float) else len(Decimal(number).normalize().as_tuple().digits)


def _width(name: str, column: pa.ChunkedArray) -> float:
    """Room for the header and the longest text, within reason."""
    longest = (pc.max(pc.utf8_length(column.cast(pa.string()))).as_py() or 0) if len(column) else 0
    return float(min(max(len(name), longest) + 2, 60))
