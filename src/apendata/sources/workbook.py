"""XLSX, XLS and ODS: values by python-calamine, after the container was checked and with what it hides put back."""

import datetime as dt
import io
import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from apendata.model import Place, Snapshot, Source
from apendata.sources import biff, ooxml, opendocument
from apendata.sources.archive import entries
from apendata.sources.codes import finding, refuse
from apendata.sources.grid import Cells, Grid, Kind
from apendata.sources.identity import screen_sheet_names
from apendata.sources.ooxml import Inside
from apendata.sources.texts import INVISIBLE

_OLE_OF_OOXML: Final = "EncryptedPackage".encode("utf-16-le")
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd]")
_INVISIBLE: Final = re.compile(INVISIBLE)
_EMPTY: Final = (Kind.TEXT, "")
_FIRST_SURE_DAY: Final = dt.datetime(1900, 3, 1)  # noqa: DTZ001 (calendar days have no zone)
"""Excel counts a 29 February 1900, so that the days before it are told differently by those who read its count."""


def read(data: bytes, snapshot: Snapshot, source: Source) -> tuple[Grid, ...]:
    """Read all sheets: the declared one first; the others are only looked through for personal data.

    Raises:
        SourceUnreadable: another content than the format, damaged, encrypted, a bomb; control or invisible characters
            in a text of the declared sheet.
        PersonalDataFound: a national identity number in a sheet's name or a comment.
        SourceChanged: the sheet is not there, or none is declared and there are several or hidden ones.
    """
    file = snapshot.name
    inside = _inside(data, file, source)
    with _Opened(file):
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        screen_sheet_names(workbook.sheet_names, file)
        hidden = any(sheet.visible != SheetVisibleEnum.Visible for sheet in workbook.sheets_metadata)
        wanted = _wanted(workbook.sheet_names, source, file, hidden=hidden)
        cell = _cell if source.format == "ods" else _counted
        grid = _grid(workbook.get_sheet_by_name(wanted), inside[wanted], file, cell)
        others = (workbook.get_sheet_by_name(name) for name in workbook.sheet_names if name != wanted)
        return (grid, *(_filled_rows(sheet, file) for sheet in others))


class _Opened:
    """Says in our own words that calamine could not open a workbook.

    Not an except clause: what it does not expect in a damaged XLS is a panic of Rust, which is no Exception, and to
    catch all of BaseException would catch the user's Ctrl-C.
    """

    def __init__(self, file: str) -> None:
        self._file = file

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        if kind is not None and (issubclass(kind, (CalamineError, OSError)) or kind.__name__ == "PanicException"):
            refuse([finding("workbook_damaged", [Place(self._file)])])


def _inside(data: bytes, file: str, source: Source) -> dict[str, Inside]:
    if not data:
        refuse([finding("file_empty", [Place(file)])])
    is_ole = data.startswith(biff.MAGIC)
    if is_ole and _OLE_OF_OOXML in data:
        refuse([finding("workbook_encrypted", [Place(file)])])
    if is_ole != (source.format == "xls") or not (is_ole or data.startswith(b"PK")):
        refuse([finding("wrong_content", [Place(file)], format=source.format)])
    if is_ole:
        return biff.oddities(data, file)
    parts = entries(data, file)
    if ("content.xml" in parts) != (source.format == "ods"):
        refuse([finding("wrong_content", [Place(file)], format=source.format)])
    return opendocument.oddities(parts, file) if source.format == "ods" else ooxml.oddities(parts, file)


def _wanted(names: Sequence[str], source: Source, file: str, *, hidden: bool) -> str:
    # How many, not which: somebody may have called a sheet by a person's name. The private report lists them.
    found = str(len(names))
    if source.sheet is None and (len(names) != 1 or hidden):
        # A second or hidden sheet may be last year's, or the rows behind the sums: nobody but a person can choose.
        refuse([finding("sheet_not_declared", [Place(file)], samples=names, found=found)])
    if source.sheet is not None and source.sheet not in names:
        refuse([finding("sheet_missing", [Place(file)], samples=names, sheet=source.sheet, found=found)])
    return source.sheet or names[0]


def _grid(sheet: CalamineSheet, inside: Inside, file: str, cell: Callable[[object], tuple[Kind, str]]) -> Grid:
    rows = [[_EMPTY if value == "" else cell(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    width = max([len(row) for row in rows] + [column + 1 for _, column, _, _ in inside.odd], default=0)
    height = max([len(rows)] + [row + 1 for row, _, _, _ in inside.odd])
    for row in rows:
        row.extend([_EMPTY] * (width - len(row)))
    rows.extend([[_EMPTY] * width for _ in range(height - len(rows))])
    for at, column, kind, text in inside.odd:
        rows[at][column] = (kind, text)
    columns = tuple(_cells(column) for column in zip(*rows, strict=True))
    notes = [finding("hidden_rows", [Place(file, sheet.name)], count=inside.hidden_rows)] if inside.hidden_rows else []
    numbers = np.arange(1, height + 1, dtype=np.int32)
    grid = Grid(file, sheet.name, columns, numbers, workbook=True, notes=tuple(notes))
    _check_characters(grid)
    return grid


def _filled_rows(sheet: CalamineSheet, file: str) -> Grid:
    """A sheet that is looked through and not read: only its rows and columns with something in them cost anything."""
    numbers, rows = [], []
    for number, row in enumerate(sheet.to_python(skip_empty_area=False), start=1):
        if any(row):
            numbers.append(number)
            rows.append([_EMPTY if value == "" else _cell(value) for value in row])
    columns = tuple(_cells(column) for column in zip(*rows, strict=True))
    return Grid(file, sheet.name, columns, np.array(numbers, np.int32), workbook=True)


def _cells(column: Sequence[tuple[Kind, str]]) -> Cells:
    kinds = np.fromiter((kind for kind, _ in column), np.uint8, len(column))
    return Cells(pa.array([text for _, text in column], pa.string()), kinds)


def _cell(value: object) -> tuple[Kind, str]:
    if isinstance(value, str):
        # Two ways to write one letter are one letter by Unicode's own rule, and two keys to everybody else.
        return Kind.TEXT, unicodedata.normalize("NFC", value.replace("\r\n", "\n"))
    if isinstance(value, bool):
        return Kind.BOOL, "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return Kind.DATE, value.date().isoformat() if midnight else value.isoformat()
    return Kind.DATE, value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


def _counted(value: object) -> tuple[Kind, str]:
    """A cell of XLSX or XLS, whose dates are counted from a day in 1900 (or in 1904, which has no such fault)."""
    kind, text = _cell(value)
    if isinstance(value, dt.date) and dt.datetime.combine(value, dt.time()) < _FIRST_SURE_DAY:
        return Kind.EARLY_DATE, text
    return kind, text


def _number(value: float) -> tuple[Kind, str]:
    """The shortest text that reads back as the same double: what the export holds, not what its cell format shows.

    Rounding to the 15 digits that Excel shows was weighed: it would hide a source that has computed with doubles.
    """
    if not math.isfinite(value):
        return Kind.ERROR, "#NUM!"
    text = format(Decimal(repr(value)), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return Kind.NUMBER, "0" if text == "-0" else text


def _check_characters(grid: Grid) -> None:
    found = []
    for index, column in enumerate(grid.columns):
        texts = column.text.to_pylist()
        whole = "".join(texts)
        for code, form in (("control_character", _CONTROL), ("invisible_character", _INVISIBLE)):
            if form.search(whole):
                rows = [row for row, text in enumerate(texts) if form.search(text)]
                found.append(finding(code, grid.places(rows, index), encoding="the workbook"))
    refuse(found)
