"""What python-calamine does not tell of an XLSX sheet: errors and formulas without a stored value, both "" to it."""

import re
from collections.abc import Mapping
from typing import Final
from xml.etree import ElementTree as ET

from apendata.model import Place
from apendata.sources.codes import finding, refuse
from apendata.sources.grid import Kind

MAX_CELLS: Final = 8 * 1024 * 1024
"""400 000 rows of 20 columns take about 1 GB here. Sheets are held as full rectangles, so that one cell in XFD1048576
would take 400 GB."""
Oddity = tuple[int, int, Kind, str]
"""0-based row and column, kind, and the error's text."""

MAX_ROWS: Final = 1024 * 1024
_ROW: Final = re.compile(rb"""<(?:\w+:)?row\b[^>]*?\br\s*=\s*["'](\d+)""")
_CELL: Final = re.compile(rb"""\br\s*=\s*["']([A-Za-z]+)(\d+)""")
_STRINGS: Final = re.compile(rb"""<(?:\w+:)?sst\b[^>]*>""")
_COUNT: Final = re.compile(rb"""[cC]ount\s*=\s*["'](\d+)""")
_ODD: Final = re.compile(rb"""\bt=["']e["']|<(?:\w+:)?f[\s/>]""")
_WHOLE_CELL: Final = re.compile(rb"""<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)""", re.DOTALL)
_PLACE: Final = re.compile(rb"""\br=["']([A-Z]{1,3})(\d+)["']""")
_VALUE: Final = re.compile(rb"""<(?:\w+:)?v\b[^>]*>([^<]+)<""")
_FORMULA: Final = re.compile(rb"""<(?:\w+:)?f[\s/>]""")
_IS_ERROR: Final = re.compile(rb"""\bt=["']e["']""")


def oddities(parts: Mapping[str, bytes], file: str) -> dict[str, list[Oddity]]:
    """Sheet → its error cells and its formulas without a value.

    Raises:
        SourceUnreadable: no workbook part, broken XML, or a sheet too large to be held.
    """
    try:
        sheets = _sheets(parts)
    except (KeyError, ET.ParseError):
        refuse([finding("workbook_damaged", [Place(file)])])
        raise  # not reached: refuse has raised
    for name, xml in sheets.items():
        _check_size(xml, Place(file, name))
    for part in parts.values():
        _check_count(part, Place(file))
    return {name: _odd_cells(xml) if _ODD.search(xml) else [] for name, xml in sheets.items()}


def _sheets(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    targets = {
        link.get("Id"): link.get("Target", "")
        for link in ET.fromstring(parts["xl/_rels/workbook.xml.rels"])  # noqa: S314 (entities are refused)
    }
    sheets = {}
    for sheet in ET.fromstring(parts["xl/workbook.xml"]).iterfind("{*}sheets/{*}sheet"):  # noqa: S314
        link = next((value for key, value in sheet.items() if key.endswith("}id")), None)
        target = targets.get(link, "")
        part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        sheets[sheet.get("name", "")] = parts.get(part, b"")
    return sheets


def _check_size(xml: bytes, place: Place) -> None:
    cells = set(_CELL.findall(xml))
    rows = max({int(row) for _, row in cells} | set(map(int, _ROW.findall(xml))), default=0)
    columns = max((_number(letters.upper()) for letters, _ in cells), default=1)
    if rows * columns > MAX_CELLS or rows > MAX_ROWS:
        refuse([finding("workbook_bomb", [place], limit=f"{MAX_CELLS} cells in a sheet")])


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
        at = _PLACE.search(attributes)
        if at is None:
            continue
        row, column = int(at[2]) - 1, _number(at[1]) - 1
        if _IS_ERROR.search(attributes):
            found.append((row, column, Kind.ERROR, (value[1] if value else b"#N/A").decode()))
        elif _FORMULA.search(content) and value is None and b't="str"' not in attributes:
            found.append((row, column, Kind.FORMULA, ""))
    return found


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
