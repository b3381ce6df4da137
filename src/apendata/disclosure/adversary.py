"""What a reader can know: the auditor that has the last word over every release.

The reader knows every published cell, every sum and that no count is below zero. A protected cell is safe when two
whole tables exist that both agree with all of it, one in which the cell is 0 and one in which it is the threshold or
more: then she cannot even tell that the cell is small. Each such table is checked in integer arithmetic, so nothing
rests on a solver's tolerance, and a cell for which none is found counts as unsafe.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from apendata.disclosure.cells import Block
from apendata.disclosure.linear import Bools, Ints, LinearProgram

_REMEMBERED: Final = 1024


class Adversary:
    """A reader of one block, who may be shown one pattern of hidden cells after another."""

    def __init__(self, block: Block) -> None:
        self._block = block
        self._protected = block.protected
        self._tables = np.zeros((0, len(block.cells)), dtype=np.int64)
        """Tables that the reader once could not tell from the true one; they spare most questions to the solver."""

    def unsafe(self, hidden: Bools) -> tuple[int, ...]:
        """Return the protected cells that are shown, or of which a reader of the rest learns too much.

        ``hidden``: one truth value per cell of the block.
        """
        return tuple(sorted(set(self._found_out(hidden, thorough=True))))

    def doubts(self, hidden: Bools) -> bool:
        """Return whether some protected cell is perhaps unsafe.

        Quick: stops at the first, and doubts where only a search in whole numbers could tell.
        """
        return any(True for _ in self._found_out(hidden, thorough=False))

    def _found_out(self, hidden: Bools, *, thorough: bool) -> Iterator[int]:
        unknown = hidden | ~self._block.published
        yield from map(int, np.flatnonzero(self._protected & ~unknown))
        unsettled = self._unsettled(unknown)
        for part in _parts(self._block, unknown):
            program = part.program()
            for column, cell in enumerate(part.cells):
                for side in (0, 1):
                    if not unsettled[side, cell]:
                        continue
                    table = self._table_where(part, program, (column, side), thorough=thorough)
                    if table is None:
                        yield int(cell)
                    else:
                        unsettled &= ~self._settled_by(table[np.newaxis])

    def _unsettled(self, unknown: Bools) -> Bools:
        """Return, for side 0 (could it be 0?) and side 1 (could it be the threshold?), the cells still to be tried."""
        same = ~((self._tables != self._block.values) & ~unknown).any(axis=1)
        bound = np.asarray(self._block.sums.getnnz(axis=0) > 0)
        unsettled: Bools = self._protected & unknown & bound & ~self._settled_by(self._tables[same])
        return unsettled

    def _settled_by(self, tables: Ints) -> Bools:
        return np.array([(tables == 0).any(axis=0), (tables >= self._block.thresholds).any(axis=0)])

    def _table_where(
        self, part: "_Part", program: LinearProgram, goal: tuple[int, int], *, thorough: bool
    ) -> Ints | None:
        column, side = goal
        threshold = float(self._block.thresholds[part.cells[column]])
        program.set_bounds(column, *((threshold, np.inf) if side else (0.0, 0.0)))
        found = _whole(part, program, thorough=thorough)
        program.set_bounds(column, 0.0, np.inf)
        if found is None:
            return None
        table = self._block.values.copy()
        table[part.cells] = found
        self._tables = np.vstack([self._tables, table])[-_REMEMBERED:]
        return table


@dataclass(frozen=True, slots=True)
class _Part:
    """Unknown cells that are tied together, the sums over them, and what those are short of by the published cells."""

    cells: Ints
    matrix: Any
    right: Ints

    def program(self) -> LinearProgram:
        size = len(self.cells)
        return LinearProgram(self.matrix, self.right.astype(np.float64), np.zeros(size), np.full(size, np.inf))


def _parts(block: Block, unknown: Bools) -> Iterator[_Part]:
    cells = np.flatnonzero(unknown)
    left = block.sums[:, cells].tocsr()
    left = left[left.getnnz(axis=1) > 0]
    if not left.shape[0]:
        return
    ties = sparse.bmat([[None, left], [left.T, None]])
    _, labels = connected_components(ties, directed=False)
    of_row, of_column = labels[: left.shape[0]], labels[left.shape[0] :]
    for label in np.unique(of_row):
        mine = cells[of_column == label]
        matrix = left[of_row == label][:, of_column == label]
        yield _Part(mine, matrix, matrix @ block.values[mine])


def _whole(part: _Part, program: LinearProgram, *, thorough: bool) -> Ints | None:
    """Return a point in whole numbers, checked exactly; the slow search only where the quick answer is broken."""
    for solve in (program.solve, program.solve_in_integers) if thorough else (program.solve,):
        point = solve()
        if point is None:
            return None
        table = np.rint(point).astype(np.int64)
        if np.array_equal(part.matrix @ table, part.right) and table.min() >= 0:
            return table
    return None
