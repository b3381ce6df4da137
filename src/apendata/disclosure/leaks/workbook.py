"""A workbook read back, by other means than it was written with: the cells of its first sheet, as they stand there."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from xml.etree import ElementTree as ET

_NS: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRINGS: Final = "xl/sharedStrings.xml"
_SHEET: Final = "xl/worksheets/sheet"


@dataclass(frozen=True, slots=True, repr=False)
class Sheet:
    """What a sheet shows. A cell is (type, text): ``n`` a number, ``s`` a text, ``b`` a truth value; or None."""

    rows: tuple[tuple[tuple[str, str] | None, ...], ...]
    unused: int
    """Texts that the workbook keeps and no cell of any sheet shows."""
    strangers: tuple[str, ...]
    """Parts that may say something of cells and are no sheets: comments, caches of pivot tables, links, macros."""


def read_workbook(data: bytes) -> Sheet:
    """Return the first sheet.

    Raises:
        KeyError, ValueError, zipfile.BadZipFile, ET.ParseError: it is no workbook.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        names = book.namelist()
        strings = _strings(book) if _STRINGS in names else []
        used: set[int] = set()
        sheets = sorted(name for name in names if name.startswith(_SHEET))
        rows = [tuple(_rows(book.read(name), strings, used)) for name in sheets]
        return Sheet(rows[0], len(strings) - len(used), tuple(name for name in names if _is_strange(name)))


def _is_strange(name: str) -> bool:
    words = ("comment", "pivot", "externallink", "vbaproject", "customxml", "query", "connection")
    return any(word in name.casefold() for word in words)


def _strings(book: zipfile.ZipFile) -> list[str]:
    root = ET.fromstring(book.read(_STRINGS))  # noqa: S314 (what we wrote ourselves a moment ago)
    return ["".join(part.text or "" for part in item.iter(f"{_NS}t")) for item in root.iter(f"{_NS}si")]


def _rows(xml: bytes, strings: list[str], used: set[int]) -> Iterator[tuple[tuple[str, str] | None, ...]]:
    root = ET.fromstring(xml)  # noqa: S314 (as above)
    last = 0
    for row in root.iter(f"{_NS}row"):
        for _ in range(last + 1, number := int(row.get("r", last + 1))):
            yield ()
        last = number
        cells: dict[int, tuple[str, str] | None] = {
            _column(cell.get("r", "")): _cell(cell, strings, used) for cell in row.iter(f"{_NS}c")
        }
        yield tuple(cells.get(at) for at in range(1, max(cells, default=0) + 1))


def _cell(cell: Any, strings: list[str], used: set[int]) -> tuple[str, str] | None:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return "s", "".join(part.text or "" for part in cell.iter(f"{_NS}t"))
    value = cell.find(f"{_NS}v")
    if value is None or value.text is None:
        return None
    if kind == "s":
        used.add(int(value.text))
        return "s", strings[int(value.text)]
    return ("s" if kind == "str" else kind), value.text


def _column(place: str) -> int:
    """``AB12`` → 28."""
    number = 0
    for letter in place.rstrip("0123456789"):
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
