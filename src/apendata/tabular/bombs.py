"""Small files that would fill the memory of the library that opens them, or end its process: refused before it does."""

import mmap
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from apendata.tabular.refused import refused

MAX_UNPACKED: Final = 1 << 30
MAX_ODS_CELLS: Final = 5_000_000
"""What ezodf holds of a sheet it holds as a tree, half a kilobyte a cell; a repeated cell is written once."""
MAX_SHARED: Final = 1 << 28
MAX_DEPTH: Final = 200
"""ijson keeps the path of each value as a text: 100 000 brackets, 100 kB, take gigabytes."""
MAX_DIGITS: Final = 4000
"""ijson 3.6 ends the process where a number has more digits than Python makes a number of (4300)."""
_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_STRING: Final = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_BRACKET: Final = re.compile(rb'(?:[^"\[\]{}]++|' + _STRING + rb")*+([\[\]{}])", re.DOTALL)
_TOO_LONG_NUMBER: Final = re.compile(
    rb'(?:[^"0-9]++|' + _STRING + rb"|[0-9]{1,%d}+(?![0-9]))*+[0-9]{%d}" % (MAX_DIGITS, MAX_DIGITS), re.DOTALL
)


def refuse_bombs(path: Path, kind: str) -> None:
    """Look at a file before it is opened; damage is told by who opens it.

    Raises:
        Refused: opening it would take all memory, or the process.
        OSError: it cannot be read.
    """
    if (check := _CHECKS.get(kind)) is not None and path.stat().st_size:
        check(path)


def _check_json(path: Path) -> None:
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as text:
        depth = at = 0
        while bracket := _BRACKET.match(text, at):  # not `finditer`: behind a quote that nothing ends it begins anew
            at = bracket.end()
            depth += 1 if bracket[1] in b"[{" else -1
            if depth > MAX_DEPTH:
                raise refused("source-error", f"lists and objects stand more than {MAX_DEPTH} deep in one another")
        if _TOO_LONG_NUMBER.match(text):
            raise refused("source-error", f"a number has more than {MAX_DIGITS} digits")


def _check_ods(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            large = archive.getinfo("content.xml").file_size > MAX_UNPACKED or _has_too_many_cells(archive)
    except ValueError:
        large = True  # a number of repeats that is none
    except (zipfile.BadZipFile, KeyError, ET.ParseError, OSError, RuntimeError):
        return
    if large:
        raise refused("source-error", f"the workbook has more than {MAX_ODS_CELLS} cells; save it as CSV")


def _has_too_many_cells(archive: zipfile.ZipFile) -> bool:
    """Whether ezodf would make too many cells of all sheets together: a repeated last row or cell stands once."""
    cells, of_row, width, repeated_cell, repeated_row = 0, 0, 0, 0, 0
    with archive.open("content.xml") as content:
        for _, element in ET.iterparse(content):  # noqa: S314  # expat bounds what entities make
            if element.tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                of_row += max(repeated_cell, 1)
                repeated_cell = _repeats(element, "columns")
            elif element.tag == f"{_TABLE}table-row":
                cells += repeated_row
                width = of_row + 1
                repeated_row = width * _repeats(element, "rows")
                of_row, repeated_cell = 0, 0
            elif element.tag == f"{_TABLE}table":
                cells, width, repeated_row = cells + width, 0, 0
            element.clear()
            if cells + of_row > MAX_ODS_CELLS:
                return True
    return False


def _check_xlsx(path: Path) -> None:
    """Sheets are streamed; texts that cells share are held, a hundred bytes and more each."""
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    except (zipfile.BadZipFile, OSError):
        return
    if sum(sizes.values()) > MAX_UNPACKED or sizes.get("xl/sharedStrings.xml", 0) > MAX_SHARED:
        raise refused("source-error", f"the workbook unpacks to more than {MAX_UNPACKED >> 20} MiB; save it as CSV")


def _repeats(element: ET.Element, what: str) -> int:
    return int(element.get(f"{_TABLE}number-{what}-repeated", "1"))


_CHECKS: Final[Mapping[str, Callable[[Path], None]]] = {"json": _check_json, "ods": _check_ods, "xlsx": _check_xlsx}
