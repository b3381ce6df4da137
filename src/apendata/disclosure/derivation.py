"""How a reader finds a count out: a short chain of sums that a person can follow.

Of all combinations of what is known that give the count, the one with the fewest steps: least Σ|λ| of the multipliers
λ with which the sums add up to the count alone. Where it follows only from that no count is below zero, there is none.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from scipy import sparse

from apendata.disclosure.facts import Count
from apendata.disclosure.linear import Floats, LinearProgram
from apendata.disclosure.system import System
from apendata.disclosure.universe import name

_NOTHING: Final = 1e-7


def derivation(given: System, count: Count) -> str | None:
    """Return «known ± known …», by names alone, or None where no combination of sums gives the count."""
    column = given.column(count)
    if column < 0 or given.low[column] == given.high[column]:
        return None
    multipliers = _fewest(given, column)
    if multipliers is None:
        return None
    weights = -(given.matrix.T @ multipliers)
    weights[column] += 1
    known = [(c, w) for c, w in enumerate(weights[: given.counts]) if abs(w) > _NOTHING]
    return " ".join(_signed(given, known))


def _fewest(given: System, column: int) -> Floats | None:
    unknown = np.flatnonzero(given.low < given.high)
    fixed_rows = np.flatnonzero(given.row_low == given.row_high)
    sums = given.matrix[fixed_rows][:, unknown].T.tocsr()
    wanted = (unknown == column).astype(np.float64)
    size = len(fixed_rows)
    program = LinearProgram(
        sparse.hstack([sums, -sums]), (wanted, wanted), (np.zeros(2 * size), np.full(2 * size, np.inf))
    )
    program.set_costs(np.ones(2 * size))
    found = program.solve()
    if found is None:
        return None
    multipliers = np.zeros(given.matrix.shape[0])
    multipliers[fixed_rows] = found[:size] - found[size:]
    return multipliers


def _signed(given: System, known: list[tuple[int, float]]) -> Iterator[str]:
    """The positive ones first, as one would say it."""
    names = {i: cells[0] for i, cells in enumerate(given.sets.cells) if cells}
    size = given.sets.size
    for i, (column, weight) in enumerate(sorted(known, key=lambda pair: (-pair[1], pair[0]))):
        sign = "−" if weight < 0 else "+" if i else ""
        times = "" if abs(abs(weight) - 1) < _NOTHING else f"{abs(weight):g} · "
        cell = names.get(column % size, ())
        yield f"{sign} {times}[{name(cell)}]".strip()
