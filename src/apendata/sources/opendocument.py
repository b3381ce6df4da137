"""What python-calamine does not tell of an ODS sheet: errors, formulas without a value, and how far repeats reach."""

from collections.abc import Mapping
from typing import Final
from xml.etree import ElementTree as ET

from apendata.model import Place
from apendata.sources.codes import finding, refuse
from apendata.sources.grid import Kind
from apendata.sources.identity import has_identity_number, screen_sheet_names
from apendata.sources.ooxml import MAX_CELLS, Inside, Oddity

MAX_BLANKS: Final = 32_767
"""As many characters as a cell of any spreadsheet program holds."""
_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_VALUES: Final = tuple(f"{_OFFICE}{kind}value" for kind in ("", "string-", "date-", "time-", "boolean-"))


def oddities(parts: Mapping[str, bytes], file: str) -> dict[str, Inside]:
    """Sheet → its error cells, its formulas without a value, and how many rows are hidden.

    Raises:
        SourceUnreadable: no content, broken XML, encrypted, or sheets too large to be held.
        PersonalDataFound: a national identity number in a sheet's name or a comment.
    """
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        refuse([finding("workbook_encrypted", [Place(file)])])
    try:
        content = ET.fromstring(parts["content.xml"])  # noqa: S314 (entities are refused)
        _check_spaces(content, Place(file))
        tables = {table.get(f"{_TABLE}name", ""): table for table in content.iter(f"{_TABLE}table")}
        screen_sheet_names(tables, file)
        _screen_comments(content, Place(file))
        return _inside(tables, Place(file))
    except (KeyError, ValueError, ET.ParseError):
        refuse([finding("workbook_damaged", [Place(file)])])
        raise  # not reached: refuse has raised


def _check_spaces(content: ET.Element, place: Place) -> None:
    """Runs of blanks are written as a number; nobody means millions."""
    if any(int(space.get(f"{_TEXT}c", "1")) > MAX_BLANKS for space in content.iter(f"{_TEXT}s")):
        refuse([finding("workbook_bomb", [place], limit=f"{MAX_BLANKS} blanks in a row")])


def _screen_comments(content: ET.Element, place: Place) -> None:
    if any(has_identity_number("".join(comment.itertext())) for comment in content.iter(f"{_OFFICE}annotation")):
        refuse([finding("identity_number", [place])])


def _inside(tables: Mapping[str, ET.Element], place: Place) -> dict[str, Inside]:
    found, room = {}, MAX_CELLS
    for name, table in tables.items():
        found[name], taken = _look_through(table, room, place)
        room -= taken
    return found


def _look_through(table: ET.Element, room: int, place: Place) -> tuple[Inside, int]:
    """What calamine does not tell of a sheet, and its rows × columns, of which there may be ``room``."""
    odd: list[Oddity] = []
    row = width = last = hidden = 0
    for line in table.iter(f"{_TABLE}table-row"):
        column = 0
        if line.get(f"{_TABLE}visibility", "visible") != "visible" and any(map(_holds_something, line)):
            hidden += _repeats(line, "rows")
        for cell in line:
            if _holds_something(cell):
                width, last = max(width, column + _repeats(cell, "columns")), row + _repeats(line, "rows")
                if width * last > room:
                    refuse([finding("workbook_bomb", [place], limit=f"{MAX_CELLS} cells")])
                if (what := _oddity(cell)) is not None:
                    odd.append((row, column, *what))
            column += _repeats(cell, "columns")
        row += _repeats(line, "rows")
    return Inside(odd, hidden), width * last


def _repeats(element: ET.Element, what: str) -> int:
    return int(element.get(f"{_TABLE}number-{what}-repeated", "1"))


def _holds_something(cell: ET.Element) -> bool:
    return len(cell) > 0 or f"{_OFFICE}value-type" in cell.attrib or f"{_TABLE}formula" in cell.attrib


def _oddity(cell: ET.Element) -> tuple[Kind, str] | None:
    """An error is a formula whose shown text is an error's, by whatever attribute the program says so."""
    if f"{_TABLE}formula" not in cell.attrib:
        return None
    paragraph = cell.find(f"{_TEXT}p")
    shown = "" if paragraph is None else "".join(paragraph.itertext())
    if any(key.endswith("value-type") and value == "error" for key, value in cell.items()) or shown.startswith("#"):
        return Kind.ERROR, shown or "#N/A"
    if not shown and not any(cell.get(key) for key in _VALUES) and cell.get(f"{_OFFICE}value-type") != "string":
        return Kind.FORMULA, ""
    return None
