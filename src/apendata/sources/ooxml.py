"""What python-calamine does not tell of an XLSX sheet: errors and formulas without a stored value, both "" to it."""

import re
from collections.abc import Mapping
from typing import Final
from xml.etree import ElementTree as ET

from apendata.model import Place
from apendata.sources.codes import finding, refuse
from apendata.sources.grid import Kind

MAX_CELLS: Final = 16 * 1024 * 1024
"""A whole sheet of 16 columns. Sheets are held as full rectangles, so one cell in XFD1048576 would take 400 GB."""
Oddity = tuple[int, int, Kind, str]
"""0-based row and column, kind, and the error's text."""

_ROW: Final = re.compile(rb"""<(?:\w+:)?row\b[^>]*?\br=["'](\d+)""")
_CELL: Final = re.compile(rb"""\br=["']([A-Z]{1,3})\d""")
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
    rows = max(map(int, _ROW.findall(xml)), default=0)
    columns = max(map(_number, set(_CELL.findall(xml))), default=0)
    if rows * columns > MAX_CELLS:
        refuse([finding("workbook_bomb", [place], limit=f"{MAX_CELLS} cells in a sheet")])


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
