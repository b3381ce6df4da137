"""Chooses which further cells to hide, so that the protected ones cannot be computed from the rest.

The LP flow heuristic of Kelly, Golden and Assad: to let a protected cell be 0, or the threshold, other cells must be
able to move against it; the cheapest such movement names them. It bears no responsibility: ``adversary`` judges it.
"""

from typing import Final

import numpy as np
from scipy import sparse

from apendata.disclosure.adversary import Adversary
from apendata.disclosure.cells import Block
from apendata.disclosure.linear import Bools, Floats, LinearProgram

_MOVED: Final = 1e-6
# Above this, trying to show each hidden cell again takes longer than the gain is worth (measured: seconds at 1 000).
_PRUNED_CELLS: Final = 2_000


def suppress(block: Block, kept: Bools) -> Bools:
    """Return which cells of the block to hide: the protected ones, ``kept`` (hidden before), and what they need.

    The same block and ``kept`` always give the same answer.
    """
    fixed = block.protected | kept
    hidden = _add_flows(block, fixed)
    return _prune(block, hidden, fixed) if len(block.cells) <= _PRUNED_CELLS else hidden


def _add_flows(block: Block, fixed: Bools) -> Bools:
    hidden = fixed.copy()
    flow = _Flow(block)
    down, up = -block.values, block.thresholds - block.values
    needed = np.array([block.protected, block.protected])
    for cell in sorted(np.flatnonzero(block.protected), key=lambda i: (-max(up[i], -down[i]), i)):
        for side, amounts in enumerate((down, up)):
            if needed[side, cell]:
                moves = flow.cheapest(int(cell), float(amounts[cell]), hidden)
                hidden |= (np.abs(moves) > _MOVED) & block.published
                # One movement often serves many cells, and what it moves is hidden from now on.
                needed &= ~np.array([moves < down + _MOVED, moves > up - _MOVED])
    return hidden


class _Flow:
    """Movements of people between cells that leave every sum true: up and down as two columns per cell."""

    def __init__(self, block: Block) -> None:
        self._block = block
        self._size = len(block.cells)
        self._up = np.where(block.frozen, 0.0, np.inf)
        self._down = np.where(block.frozen, 0.0, block.values.astype(np.float64))
        matrix = sparse.hstack([block.sums, -block.sums])
        high = np.concatenate([self._up, self._down])
        self._program = LinearProgram(matrix, np.zeros(matrix.shape[0]), np.zeros(2 * self._size), high)

    def cheapest(self, cell: int, amount: float, hidden: Bools) -> Floats:
        """Return how each cell moves when ``cell`` moves by ``amount`` and hidden cells move for nothing."""
        costs = np.where(hidden | ~self._block.published, 0.0, self._block.weights)
        self._program.set_costs(np.concatenate([costs, costs]))
        self._fix(cell, max(amount, 0.0), max(-amount, 0.0))
        point = self._program.solve()
        self._program.set_bounds(cell, 0.0, self._up[cell])
        self._program.set_bounds(cell + self._size, 0.0, self._down[cell])
        if point is None:
            return np.zeros(self._size)
        moves: Floats = point[: self._size] - point[self._size :]
        return moves

    def _fix(self, cell: int, up: float, down: float) -> None:
        self._program.set_bounds(cell, up, up)
        self._program.set_bounds(cell + self._size, down, down)


def _prune(block: Block, hidden: Bools, fixed: Bools) -> Bools:
    """Show again what turned out not to be needed, the dearest first."""
    adversary = Adversary(block)
    adversary.unsafe(hidden)
    for cell in sorted(np.flatnonzero(hidden & ~fixed), key=lambda i: (-block.weights[i], i)):
        fewer = hidden.copy()
        fewer[cell] = False
        if not adversary.doubts(fewer):
            hidden = fewer
    return hidden
