"""What python-calamine does not tell of an XLSX sheet: errors and formulas without a stored value, both "" to it."""

import posixpath
import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple
from xml.etree import ElementTree as ET

import numpy as np

from apendata.model import Place, column_number
from apendata.sources.codes import finding, refuse
from apendata.sources.grid import Kind
from apendata.sources.identity import screen_sheet_names

MAX_CELLS: Final = 8 * 1024 * 1024
"""Of all sheets together. 400 000 rows of 20 columns take about 1 GB here. Sheets are held as full rectangles, so that
one cell in XFD1048576 would take 400 GB.

What calamine will ask for is computed before it is asked. A child process with a limit of memory was weighed as a last
resort: every export would be copied through a pipe, and a limit that suits the largest good one lets a bomb take as
much."""
Oddity = tuple[int, int, Kind, str]
"""0-based row and column, kind, and the error's text."""


class Inside(NamedTuple):
    """What calamine does not tell of one sheet."""

    odd: list[Oddity]
    hidden_rows: int = 0
    """Rows with cells that a person who opens the sheet does not see: a filter was left on, or somebody hid them."""


MAX_ROWS: Final = 1024 * 1024
_ROW: Final = re.compile(rb"""<(?:\w+:)?row\b[^>]*?\br\s*=\s*["'](\d+)""")
_CELL: Final = re.compile(rb"""\br\s*=\s*["']([A-Za-z]+)(\d+)""")
_OTHER: Final = re.compile(rb"""<(?:\w+:)?(?:c(?!\s+r="[A-Z]{1,3}[0-9]{1,7}")|row(?!\s+r="[0-9]{1,7}"))[\s/>]""")
"""A cell or a row that does not begin with its place, as all programs write it."""
_HIDDEN: Final = re.compile(
    rb"""<(?:\w+:)?row\s[^>]*?\bhidden\s*=\s*["'](?:1|true)["'][^>]*(?<!/)>\s*<(?:\w+:)?c[\s/>]"""
)
_ROW_START: Final = re.compile(rb"""<(?:\w+:)?row[\s/>]""")
_ENTITY: Final = re.compile(rb"""<(?:\w+:)?(?:c|row)\s[^>]*&""")
_STRINGS: Final = re.compile(rb"""<(?:\w+:)?sst\b[^>]*>""")
_COUNT: Final = re.compile(rb"""\buniqueCount\s*=\s*["'](\d+)""")
"""Of different texts. ``count`` is of all cells with one, which may be a thousand times more."""
_ODD: Final = re.compile(rb"""\bt=["']e["']|<(?:\w+:)?f[\s/>]""")
_WHOLE_CELL: Final = re.compile(rb"""<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)""", re.DOTALL)
_PLACE: Final = re.compile(rb"""\br=["']([A-Z]{1,3})(\d+)["']""")
_VALUE: Final = re.compile(rb"""<(?:\w+:)?v\b[^>]*>([^<]+)<""")
_FORMULA: Final = re.compile(rb"""<(?:\w+:)?f[\s/>]""")
_IS_ERROR: Final = re.compile(rb"""\bt=["']e["']""")


def oddities(parts: Mapping[str, bytes], file: str) -> dict[str, Inside]:
    """Sheet → its error cells, its formulas without a value, and how many rows are hidden.

    Raises:
        SourceUnreadable: no workbook part, broken XML, or sheets too large to be held.
        PersonalDataFound: a national identity number in a sheet's name.
    """
    try:
        sheets = _sheets(parts)
        screen_sheet_names(sheets, file)
        check_cells((_extent(xml) for xml in sheets.values()), Place(file))
        for part in parts.values():
            _check_count(part, Place(file))
        return {
            name: Inside(_odd_cells(xml) if _ODD.search(xml) else [], len(_HIDDEN.findall(xml)))
            for name, xml in sheets.items()
        }
    except (KeyError, ValueError, ET.ParseError):
        refuse([finding("workbook_damaged", [Place(file)])])
        raise  # not reached: refuse has raised


def check_cells(extents: Iterable[tuple[int, int]], place: Place) -> None:
    """Refuse sheets that have more rows × columns together than can be held."""
    if sum(rows * columns for rows, columns in extents) > MAX_CELLS:
        refuse([finding("workbook_bomb", [place], limit=f"{MAX_CELLS} cells")])


def _sheets(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    targets = {
        link.get("Id"): link.get("Target", "")
        for link in ET.fromstring(parts["xl/_rels/workbook.xml.rels"])  # noqa: S314 (entities are refused)
    }
    sheets = {}
    for sheet in ET.fromstring(parts["xl/workbook.xml"]).iterfind("{*}sheets/{*}sheet"):  # noqa: S314
        link = next((value for key, value in sheet.items() if key.endswith("}id")), None)
        sheets[sheet.get("name", "")] = _part(parts, targets.get(link, ""))
    return sheets


def _part(parts: Mapping[str, bytes], target: str) -> bytes:
    """The sheet that calamine will open: it heeds neither case nor the kind of stroke in a part's name.

    Raises:
        KeyError: there is none, so what it opens, if anything, would go unseen.
    """
    known = {name.lower(): part for name, part in parts.items()}
    path = target.replace("\\", "/").lower()
    inside = path.lstrip("/") if path.startswith(("/", "xl/")) else f"xl/{path}"
    return known[posixpath.normpath(inside)]


def _extent(xml: bytes) -> tuple[int, int]:
    """Rows and columns of the rectangle that holds every cell; never too few, perhaps too many.

    A cell or a row may leave its place out, and then stands behind the one before: so many are added to the furthest
    place. The same holds for what is not written as all programs do; a place in XML entities nobody writes.
    """
    cells = set(_CELL.findall(xml))
    rows = max({int(row) for _, row in cells} | set(map(int, _ROW.findall(xml))), default=0)
    columns = max((column_number(name.decode().upper()) for name in {name for name, _ in cells}), default=1)
    others = list(_OTHER.finditer(xml))
    if others:
        starts = np.array([match.start() for match in _ROW_START.finditer(xml)], np.int64)
        loose = np.array([m.start() for m in others if b"row" not in m[0]], np.int64)
        if _ENTITY.search(xml):
            raise ValueError
        rows += len(others) - len(loose)
        columns += int(np.bincount(np.searchsorted(starts, loose)).max(initial=0))
    if rows > MAX_ROWS:
        raise ValueError
    return rows, columns


def _check_count(part: bytes, place: Place) -> None:
    """Calamine makes room for as many shared strings as the part says that it has; a lie ends the whole process."""
    head = _STRINGS.search(part[:4096])
    if head is not None and max(map(int, _COUNT.findall(head[0])), default=0) > len(part):
        refuse([finding("workbook_damaged", [place])])


def _odd_cells(xml: bytes) -> list[Oddity]:
    found = []
    for match in _WHOLE_CELL.finditer(xml):
        attributes, content = match[1], match[2] or b""
        value = _VALUE.search(content)
        is_error = _IS_ERROR.search(attributes)
        if not is_error and (value is not None or b't="str"' in attributes or not _FORMULA.search(content)):
            continue
        at = _PLACE.search(attributes)
        if at is None:
            raise ValueError  # an error that we could not put back would be read as an empty cell
        odd = (Kind.ERROR, (value[1] if value else b"#N/A").decode()) if is_error else (Kind.FORMULA, "")
        found.append((int(at[2]) - 1, column_number(at[1].decode()) - 1, *odd))
    return found
