"""From the rows of a table back to the places in the exports that they came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field as dataclass_field, replace
from typing import Any

from apendata.model import MAX_PLACES, Place, column_letters
from apendata.sources.grid import Rows


@dataclass(frozen=True, slots=True)
class Places:
    """Says where rows came from, in the order of a table that was put together from several exports."""

    files: tuple[tuple[str, str | None], ...]
    rows: Any
    columns: Mapping[str, tuple[str, int]] = dataclass_field(default_factory=dict)
    """Published column → (header, 1-based source column), for those that are read from one column."""

    def of(self, indices: Sequence[int] | Rows, column: str) -> list[Place]:
        """The cells of a published column in these rows; where it is read from no column, the rows."""
        if column not in self.columns:
            return self(indices)
        header, number = self.columns[column]
        return [
            replace(place, column=header or None, cell=f"{column_letters(number)}{place.row}" if place.sheet else None)
            for place in self(indices)
        ]

    def __call__(self, indices: Sequence[int] | Rows) -> list[Place]:
        """The first places of these rows; the cell is known where the row is an unpivoted value of a workbook."""
        return [self._place(int(index)) for index in indices[:MAX_PLACES]]

    def _place(self, index: int) -> Place:
        row = {name: self.rows[name][index].as_py() for name in ("file", "row", "column")}
        file, sheet = self.files[row["file"]]
        cell = f"{column_letters(row['column'])}{row['row']}" if sheet is not None and row["column"] else None
        return Place(file, sheet, row["row"], None, cell)
