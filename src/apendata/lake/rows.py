"""Finds which rows of a table are new, gone or changed since an earlier version, without a loop over rows.

Numbers and not texts are joined: every key column of both tables is coded together, the codes are combined into one
integer per row, and the integers are intersected. Arrow's join was tried first; it needs equal types on both sides and
returns rows in an order of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

HIDDEN: Final = ":"
STATUS: Final = "_status"
_MAX_CODE: Final = 1 << 62

Positions = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class RowDifference:
    """One table against an earlier version of itself with the same key; cells are compared where a row is in both."""

    name: str
    key: tuple[str, ...]
    old: pa.Table = field(repr=False)
    new: pa.Table = field(repr=False)

    @cached_property
    def pairs(self) -> tuple[Positions, Positions]:
        """Positions in ``old`` and in ``new`` of the rows that are in both, in the new table's order."""
        if self._same_keys:
            everything = np.arange(self.new.num_rows)
            return everything, everything
        old, new = _row_codes([comparable(self.old[name], self.new[name]) for name in self.key])
        _, at_old, at_new = np.intersect1d(old, new, assume_unique=True, return_indices=True)
        order = np.argsort(at_new)
        return at_old[order], at_new[order]

    @cached_property
    def added(self) -> Positions:
        """Positions in ``new`` of the rows that were not there before."""
        return np.setdiff1d(np.arange(self.new.num_rows), self.pairs[1], assume_unique=True)

    @cached_property
    def removed(self) -> Positions:
        """Positions in ``old`` of the rows that are gone."""
        return np.setdiff1d(np.arange(self.old.num_rows), self.pairs[0], assume_unique=True)

    @cached_property
    def cells(self) -> Mapping[str, "CellDifference"]:
        """Column → its changed cells, for the columns that have some; in the new table's order."""
        return {cell.column: cell for cell in self._cells() if cell.any}

    @cached_property
    def changed_rows(self) -> int:
        """How many rows are in both and differ in a cell."""
        masks = [cell.value | cell.status | cell.hidden | cell.shown for cell in self.cells.values()]
        return int(np.count_nonzero(np.logical_or.reduce(masks))) if masks else 0

    @property
    def _same_keys(self) -> bool:
        return self.old.num_rows == self.new.num_rows and all(
            self.old[name].equals(self.new[name]) for name in self.key
        )

    def _cells(self) -> Iterator["CellDifference"]:
        common = [name for name in self.new.column_names if name in self.old.column_names and name not in self.key]
        marks = {name + STATUS for name in self.new.column_names} | {name + STATUS for name in self.old.column_names}
        for name in common:
            if name not in marks:
                yield self._cell(name)

    def _cell(self, name: str) -> "CellDifference":
        old, new = comparable(self.old[name], self.new[name])
        old_status, new_status = _status(self.old, name), _status(self.new, name)
        at_old, at_new = self.pairs
        was, now = (_is_hidden(old_status, at_old), _is_hidden(new_status, at_new))
        # What is hidden now or was hidden then is told as a change of its mark alone: its number must never appear.
        open_cell = ~(was | now)
        return CellDifference(
            column=name,
            value=_differs(old, new, self.pairs) & open_cell,
            status=_differs(old_status, new_status, self.pairs) & open_cell,
            hidden=now & ~was,
            shown=was & ~now,
        )


@dataclass(frozen=True, slots=True)
class CellDifference:
    """The changed cells of one value column; each mask is as long as ``RowDifference.pairs``."""

    column: str
    value: Mask
    """The value differs, and it is hidden in neither version."""
    status: Mask
    """The mark differs, and it is the mark of a hidden value in neither version."""
    hidden: Mask
    """Hidden now, and was not."""
    shown: Mask
    """Was hidden, and is no more."""

    @property
    def any(self) -> bool:
        """Whether there is a changed cell."""
        return bool((self.value | self.status | self.hidden | self.shown).any())


def comparable(old: pa.ChunkedArray, new: pa.ChunkedArray) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """Return two columns in one type: the new one's where the old values fit, else as texts."""
    if old.type == new.type:
        return old, new
    try:
        return old.cast(new.type), new
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return old.cast(pa.string()), new.cast(pa.string())


def _row_codes(columns: Sequence[tuple[pa.ChunkedArray, pa.ChunkedArray]]) -> tuple[Positions, Positions]:
    """One integer per row of either table, equal exactly where all key columns are equal."""
    length = len(columns[0][0])
    codes = np.zeros(length + len(columns[0][1]), dtype=np.int64)
    size = 1
    for old, new in columns:
        part = pa.chunked_array([*old.chunks, *new.chunks], old.type).combine_chunks().dictionary_encode()
        part = part.combine_chunks() if isinstance(part, pa.ChunkedArray) else part
        width = len(part.dictionary) or 1
        if size * width > _MAX_CODE:
            codes = np.unique(codes, return_inverse=True)[1].astype(np.int64)
            size = len(codes)
        codes = codes * width + part.indices.to_numpy(zero_copy_only=False)
        size *= width
    return codes[:length], codes[length:]


def _differs(old: pa.ChunkedArray, new: pa.ChunkedArray, pairs: tuple[Positions, Positions]) -> Mask:
    left, right = _taken(old, pairs[0]), _taken(new, pairs[1])
    unequal = pc.fill_null(pc.not_equal(left, right), fill_value=False)
    one_is_null: Mask = as_mask(pc.is_null(left)) != as_mask(pc.is_null(right))
    return as_mask(unequal) | one_is_null


def _is_hidden(status: pa.ChunkedArray, positions: Positions) -> Mask:
    return as_mask(pc.fill_null(pc.equal(_taken(status, positions), HIDDEN), fill_value=False))


def _status(table: pa.Table, name: str) -> pa.ChunkedArray:
    if name + STATUS in table.column_names:
        return table[name + STATUS]
    return pa.chunked_array([pa.nulls(table.num_rows, pa.string())])


def _taken(column: pa.ChunkedArray, positions: Positions) -> pa.ChunkedArray:
    """The cells at these positions; all of them in order are the column itself, which spares a copy."""
    everything = len(positions) == len(column) and np.array_equal(positions, np.arange(len(column)))
    return column if everything else column.take(pa.array(positions))


def as_mask(array: pa.ChunkedArray) -> Mask:
    """Return an Arrow column of truth values as a numpy mask."""
    return np.asarray(array.to_numpy(), dtype=np.bool_)
