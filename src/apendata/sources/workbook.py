"""XLSX, XLS and ODS: values by python-calamine, after the container was checked and with what it hides put back."""

import datetime as dt
import io
import math
import re
from collections.abc import Sequence
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
from apendata.sources.ooxml import Oddity

_OLE_OF_OOXML: Final = "EncryptedPackage".encode("utf-16-le")
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd]")
_REPEATED: Final = 200
"""Sheet names that are listed in an error, in characters."""


def read(data: bytes, snapshot: Snapshot, source: Source) -> tuple[Grid, ...]:
    """Read all sheets: the declared one first; the others are only looked through for personal data.

    Raises:
        SourceUnreadable: another content than the format, damaged, encrypted, a bomb; control characters in a text.
        SourceChanged: the sheet is not there, or none is declared and there are several or hidden ones.
    """
    file = snapshot.name
    odd = _oddities(data, file, source)
    with _Opened(file):
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = {name: workbook.get_sheet_by_name(name) for name in workbook.sheet_names}
        grids = {name: _grid(sheet, odd.get(name, []), file) for name, sheet in sheets.items()}
    hidden = any(sheet.visible != SheetVisibleEnum.Visible for sheet in workbook.sheets_metadata)
    wanted = _wanted(list(grids), source, file, hidden=hidden)
    return (grids.pop(wanted), *grids.values())


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


def _oddities(data: bytes, file: str, source: Source) -> dict[str, list[Oddity]]:
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
    found = ", ".join(f"«{name}»" for name in names)[:_REPEATED]
    if source.sheet is None and (len(names) != 1 or hidden):
        # A second or hidden sheet may be last year's, or the rows behind the sums: nobody but a person can choose.
        refuse([finding("sheet_not_declared", [Place(file)], found=found)])
    if source.sheet is not None and source.sheet not in names:
        refuse([finding("sheet_missing", [Place(file)], sheet=source.sheet, found=found)])
    return source.sheet or names[0]


def _grid(sheet: CalamineSheet, odd: Sequence[Oddity], file: str) -> Grid:
    rows = [[_cell(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    width = max([len(row) for row in rows] + [column + 1 for _, column, _, _ in odd], default=0)
    height = max([len(rows)] + [row + 1 for row, _, _, _ in odd])
    for row in rows:
        row.extend([(Kind.TEXT, "")] * (width - len(row)))
    rows.extend([[(Kind.TEXT, "")] * width for _ in range(height - len(rows))])
    for at, column, kind, text in odd:
        rows[at][column] = (kind, text)
    columns = tuple(_cells(column) for column in zip(*rows, strict=True))
    grid = Grid(file, sheet.name, columns, np.arange(1, height + 1, dtype=np.int32), workbook=True)
    _check_characters(grid)
    return grid


def _cells(column: Sequence[tuple[Kind, str]]) -> Cells:
    kinds = np.fromiter((kind for kind, _ in column), np.uint8, len(column))
    return Cells(pa.array([text for _, text in column], pa.string()), kinds)


def _cell(value: object) -> tuple[Kind, str]:
    if isinstance(value, str):
        return Kind.TEXT, value.replace("\r\n", "\n")
    if isinstance(value, bool):
        return Kind.BOOL, "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return Kind.DATE, value.date().isoformat() if midnight else value.isoformat()
    return Kind.DATE, value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


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
        if _CONTROL.search("".join(texts)):
            rows = [row for row, text in enumerate(texts) if _CONTROL.search(text)]
            found.append(finding("control_character", grid.places(rows, index), encoding="the workbook"))
    refuse(found)
