"""What every format gives: a rectangle of strings with the place of each cell, before anything in it is believed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from apendata.model import MAX_PLACES, Finding, Place, column_letters

Kinds = npt.NDArray[np.uint8]
Rows = npt.NDArray[np.int64]


class Kind(IntEnum):
    """What a workbook says that a cell is; in a text file every cell is a text."""

    TEXT = 0
    NUMBER = 1
    DATE = 2
    BOOL = 3
    ERROR = 4
    FORMULA = 5
    """A formula whose value is not stored."""
    EARLY_DATE = 6
    """Of a workbook that counts days: before 1 March 1900, where the count has a day that never was."""


@dataclass(frozen=True, slots=True)
class Cells:
    """One column: ``text`` (string, no nulls, "" where empty) and, for a workbook, what kind each cell is.

    Numbers are written without exponent, ``1209`` for 1209.0; dates in ISO 8601; errors as Excel shows them.
    """

    text: Any
    """pyarrow Array or ChunkedArray of strings."""
    kinds: Kinds | None = None

    def take(self, rows: Rows) -> "Cells":
        """The cells of these rows, in this order."""
        return Cells(self.text.take(pa.array(rows)), None if self.kinds is None else self.kinds[rows])

    def slice(self, start: int, stop: int | None = None) -> "Cells":
        """Rows from start up to stop; no copy."""
        length = None if stop is None else stop - start
        return Cells(self.text.slice(start, length), None if self.kinds is None else self.kinds[start:stop])


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet or a text file. ``numbers``: the rows' 1-based numbers, in a text file the line where each begins."""

    file: str
    sheet: str | None
    columns: tuple[Cells, ...]
    numbers: npt.NDArray[np.int32]
    first_column: int = 1
    """1-based source column of ``columns[0]``: 2 for a block ``B:I``."""
    widths: npt.NDArray[np.int32] | None = None
    """Fields in each row of a text file where they differ; shorter rows are filled with ""."""
    names: tuple[str | None, ...] = ()
    """The headers' texts once they are found; None for a column with neither header nor content."""
    workbook: bool = False
    notes: tuple[Finding, ...] = ()
    """What a person should know of the sheet, though nothing is wrong."""

    @property
    def height(self) -> int:
        """Number of rows."""
        return len(self.numbers)

    def take(self, rows: Rows) -> "Grid":
        """These rows only; the grid itself, uncopied, where they are all of them."""
        if len(rows) == self.height:
            return self
        if not len(rows) or int(rows[-1]) - int(rows[0]) + 1 == len(rows):  # no copy of what stands together
            return self.slice(int(rows[0]), int(rows[-1]) + 1) if len(rows) else self.slice(0, 0)
        widths = None if self.widths is None else self.widths[rows]
        columns = tuple(column.take(rows) for column in self.columns)
        return replace(self, columns=columns, numbers=self.numbers[rows], widths=widths)

    def slice(self, start: int, stop: int | None = None) -> "Grid":
        """Rows from start up to stop; no copy."""
        return replace(
            self,
            columns=tuple(column.slice(start, stop) for column in self.columns),
            numbers=self.numbers[start:stop],
            widths=None if self.widths is None else self.widths[start:stop],
        )

    def row(self, index: int) -> list[str]:
        """The texts of one row."""
        return [column.text[index].as_py() for column in self.columns]

    def place(self, row: int | None = None, column: int | None = None) -> Place:
        """Where a cell stands, by 0-based row and column of this grid."""
        number = None if row is None else int(self.numbers[row])
        letter = None if column is None else column_letters(self.first_column + column)
        header = self.names[column] if column is not None and column < len(self.names) else None
        if self.workbook and number is not None and letter is not None:
            return Place(self.file, self.sheet, number, header, f"{letter}{number}")
        return Place(self.file, self.sheet, number, header or (str(column + 1) if column is not None else None))

    def header_place(self, column: int, number: int | None) -> Place:
        """Where a header stands, in the row of that number, without its text: it may be a cell of data."""
        if self.workbook:
            return Place(self.file, self.sheet, number, None, f"{self._position(column)}{number or ''}")
        return Place(self.file, self.sheet, number, self._position(column))

    def positions(self, columns: Sequence[int]) -> str:
        """The columns' places in words: ``D, F`` in a workbook, ``4, 6`` in a text file."""
        named = [self._position(column) for column in columns[:MAX_PLACES]]
        return ", ".join(named + ["…"] * (len(columns) > MAX_PLACES))

    def _position(self, column: int) -> str:
        return column_letters(self.first_column + column) if self.workbook else str(self.first_column + column)

    def places(self, rows: Iterable[int], column: int | None = None) -> list[Place]:
        """Where the cells of one column, or whole rows, stand."""
        return [self.place(int(row), column) for row in rows]


def from_rows(file: str, rows: Sequence[Sequence[str]], lines: Sequence[int]) -> Grid:
    """Make the grid of a text file from its rows of fields; ragged rows are filled, their widths are kept."""
    widths = np.fromiter((len(row) for row in rows), np.int32, len(rows))
    width = int(widths.max(initial=0))
    padded = [row if len(row) == width else [*row, *[""] * (width - len(row))] for row in rows]
    columns = tuple(Cells(pa.array(column, pa.string())) for column in zip(*padded, strict=True))
    ragged = bool((widths != width).any())
    return Grid(file, None, columns, np.asarray(lines, np.int32), widths=widths if ragged else None)
