"""One sheet: the styles of marked cells, and cells where there were none."""

import string
from bisect import bisect
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter

from apendata.model import column_letters
from apendata.report.marking.mark import NotMarked, position
from apendata.report.marking.xml import Edit, Element, elements, with_attribute

Place = tuple[int, int]
"""1-based row and column."""

_LETTERS = string.ascii_uppercase
_BEHIND_LEGACY_DRAWING = frozenset(
    {"legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst"}
)
"""What follows ``legacyDrawing`` in a sheet (ECMA-376 part 1, 18.3.1.99)."""


@dataclass(frozen=True)
class Cells:
    """The rows and cells of a sheet that are asked for, where they stand in its bytes."""

    data: Element
    rows: Mapping[int, Element]
    cells: Mapping[Place, Element]

    def style(self, place: Place) -> int:
        """The index of a cell's style; of one that is not written, its row's."""
        if place in self.cells:
            return int(self.cells[place].attributes.get("s", "0"))
        row = self.rows.get(place[0])
        return int(row.attributes.get("s", "0")) if row and row.attributes.get("customFormat") == "1" else 0


def find_cells(part: bytes, wanted: Collection[int]) -> Cells:
    """Find the rows that are wanted, and their cells. One without a name stands behind the one before it.

    All rows are found where one that is wanted is not written, or where names are left out: a large sheet that Excel
    wrote has neither, and only the rows concerned are held in memory.

    Raises:
        NotMarked: the sheet has no data, or a name that is none.
    """
    names = frozenset(map(str, wanted))
    nameless = 0

    def among(name: str, attributes: Mapping[str, str]) -> bool:
        nonlocal nameless
        nameless += name != "sheetData" and "r" not in attributes
        number = attributes.get("r", "").lstrip(_LETTERS)
        return name == "sheetData" or number in names

    some = _cells(elements(part, _is_of_grid, among))
    if nameless or not some.rows.keys() >= set(wanted):
        return _cells(elements(part, _is_of_grid))
    return some


def _is_of_grid(name: str, _: int) -> bool:
    return name in ("sheetData", "row", "c")


def _cells(found: list[Element]) -> Cells:
    data = next((element for element in found if element.name == "sheetData"), None)
    if data is None:
        raise NotMarked("a sheet has no data")
    rows: dict[int, Element] = {}
    cells: dict[Place, Element] = {}
    waiting: list[Element] = []
    row = 0
    for element in found:  # cells end before their row does
        if element.name == "c":
            waiting.append(element)
        elif element.name == "row":
            row = int(element.attributes.get("r", row + 1))
            rows[row] = element
            cells |= dict(_named(row, waiting))
            waiting = []
    return Cells(data, rows, cells)


def _named(row: int, cells: list[Element]) -> Iterator[tuple[Place, Element]]:
    column = 0
    for cell in cells:
        try:
            column = position(cell.attributes["r"])[1] if "r" in cell.attributes else column + 1
        except ValueError:
            raise NotMarked("a cell has a name that is none") from None
        yield (row, column), cell


def styled(part: bytes, found: Cells, styles: Mapping[Place, int]) -> list[Edit]:
    """Give cells their styles; those that are not written yet are put in, without a value."""
    edits = [with_attribute(part, found.cells[p], "s", str(s)) for p, s in styles.items() if p in found.cells]
    absent: dict[int, list[tuple[int, int]]] = {}
    for (row, column), style in sorted(styles.items()):
        if (row, column) not in found.cells:
            absent.setdefault(row, []).append((column, style))
    if found.data.is_empty(part):
        rows = "".join(_row(found.data.prefix, row, cells) for row, cells in absent.items())
        name = f"{found.data.prefix}{found.data.name}"
        return [Edit(found.data.open_end - 2, found.data.open_end, f">{rows}</{name}>".encode())]
    there: dict[int, list[tuple[int, Element]]] = {}
    for (row, column), cell in sorted(found.cells.items(), key=itemgetter(0)):
        there.setdefault(row, []).append((column, cell))
    numbers = sorted(found.rows)
    for row, cells in absent.items():
        if row in found.rows:
            edits += _put_in(part, found.rows[row], _written(found.data.prefix, row, cells), there.get(row, []))
        else:
            at = bisect(numbers, row)
            following = [found.rows[numbers[at]]] if at < len(numbers) else []
            where = _before(part, found.data, following)
            edits.append(Edit(where, where, _row(found.data.prefix, row, cells).encode()))
    return edits


def _row(prefix: str, row: int, cells: list[tuple[int, int]]) -> str:
    return f'<{prefix}row r="{row}">{"".join(_written(prefix, row, cells).values())}</{prefix}row>'


def _written(prefix: str, row: int, cells: list[tuple[int, int]]) -> dict[int, str]:
    return {column: f'<{prefix}c r="{column_letters(column)}{row}" s="{style}"/>' for column, style in cells}


def _put_in(part: bytes, row: Element, written: Mapping[int, str], there: list[tuple[int, Element]]) -> Iterator[Edit]:
    """Put cells into a row that is written, before those with higher columns."""
    if row.is_empty(part):
        text = "".join(written.values())
        yield Edit(row.open_end - 2, row.open_end, f">{text}</{row.prefix}row>".encode())
        return
    for column, text in written.items():
        at = _before(part, row, [cell for number, cell in there if number > column])
        yield Edit(at, at, text.encode())


def _before(part: bytes, parent: Element, following: list[Element]) -> int:
    """Where something is put in: before what follows it, or last in its parent."""
    return following[0].start if following else part.rindex(b"</", parent.start, parent.end)


def with_legacy_drawing(part: bytes, relation: str) -> Edit:
    """Let a sheet show the shapes of its comments."""
    found = elements(part, lambda _, depth: depth <= 1)
    root = next(element for element in found if element.start == max(0, min(e.start for e in found)))
    following = [element for element in found if element.name in _BEHIND_LEGACY_DRAWING]
    at = min((e.start for e in following), default=part.rindex(b"</", root.start, root.end))
    namespace = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return Edit(at, at, f'<{root.prefix}legacyDrawing xmlns:ar="{namespace}" ar:id="{relation}"/>'.encode())
