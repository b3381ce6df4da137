"""Unknown counts that are tied together, and how they can move away from one possible table to another.

A point is what the counts could be. All work is on *deviations* from one point that is known to be possible: the
smallest deviation that does what is asked moves a handful of counts, is found fast, and shows a person how it comes.
Each is checked in whole numbers, so that nothing rests on a solver's tolerance.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from apendata.disclosure.linear import Bools, Floats, Ints, LinearProgram
from apendata.disclosure.system import System

ENDLESS: Final = 10**9
"""As far as a count without an upper end is followed."""

Deviation = Mapping[int, int]
"""Column of the system → by how much it differs; columns that stay are left out."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A column that must differ by something from ``low`` to ``high``, both of one sign."""

    column: int
    low: int
    high: int


class Part:
    """Columns that are tied together by rows, and the point from which they move."""

    def __init__(self, given: System, columns: Ints, rows: Ints, base: Ints) -> None:
        self.columns = columns
        self._place = {int(column): i for i, column in enumerate(columns)}
        self._matrix = given.matrix[rows][:, columns].tocsr()
        at_base = given.matrix[rows] @ base
        self._rows = (given.row_low[rows] - at_base, given.row_high[rows] - at_base)
        here = base[columns]
        self._up = np.minimum(given.high[columns] - here, ENDLESS)
        self._down = np.minimum(here - given.low[columns], ENDLESS).astype(np.float64)
        self._weights = (columns < given.counts).astype(np.float64)
        self._base = here
        size = len(columns)
        self._program = LinearProgram(
            sparse.hstack([self._matrix, -self._matrix]),
            self._rows,
            (np.zeros(2 * size), np.concatenate([self._up, self._down])),
        )
        self._costs: Floats | None = None

    def __contains__(self, column: int) -> bool:
        return column in self._place

    def base(self, column: int) -> int:
        """Return a count where nothing moves."""
        return int(self._base[self._place[column]])

    def allows(self, deviation: Deviation) -> bool:
        """Whether a deviation leads to a point that agrees with every fact."""
        if not all(column in self._place for column in deviation):
            return False
        moved = np.zeros(len(self.columns), dtype=np.int64)
        moved[[self._place[column] for column in deviation]] = list(deviation.values())
        return self._possible(moved)

    def nearest(
        self, goals: Sequence[Goal], still: Collection[int] = (), costs: Floats | None = None
    ) -> Deviation | None:
        """Return the cheapest deviation that reaches the goals, or None where none was found.

        Args:
            goals: what must move.
            still: columns that may not.
            costs: per column of the part, for each step up or down; counts cost 1 where none are given.
        """
        self._set_costs(self._weights if costs is None else costs)
        return self._solved(goals, still)

    def extreme(self, column: int, sign: int, still: Collection[int] = ()) -> Deviation | None:
        """Return the deviation that takes a column furthest up (1) or down (−1), or None where none was found."""
        costs = np.zeros(2 * len(self.columns))
        place = self._place[column]
        costs[place], costs[place + len(self.columns)] = -sign, sign
        self._program.set_costs(costs)
        self._costs = None
        return self._solved((), still)

    def _set_costs(self, costs: Floats) -> None:
        if self._costs is not costs:
            self._program.set_costs(np.concatenate([costs, costs]))
            self._costs = costs

    def _solved(self, goals: Sequence[Goal], still: Collection[int]) -> Deviation | None:
        if not all(self._within(goal) for goal in goals):
            return None
        touched = [self._place[c] for c in (*(goal.column for goal in goals), *still) if c in self._place]
        if touched:
            self._bound(np.array(touched), *self._bounds(goals, touched))
        found = self._whole()
        if touched:
            places = np.array(touched)
            self._bound(places, np.zeros((2, len(places))), np.array([self._up[places], self._down[places]]))
        return found

    def _within(self, goal: Goal) -> bool:
        """Whether the count's own bounds let it get there."""
        place = self._place[goal.column]
        return bool(goal.low <= self._up[place] and -goal.high <= self._down[place])

    def _bounds(self, goals: Sequence[Goal], touched: Sequence[int]) -> tuple[Floats, Floats]:
        low, high = np.zeros((2, len(touched))), np.zeros((2, len(touched)))
        for i, goal in enumerate(goals):
            side, near, far = (0, goal.low, goal.high) if goal.low >= 0 else (1, -goal.high, -goal.low)
            most = (self._up, self._down)[side][touched[i]]
            low[side, i], high[side, i] = near, min(far, most)
        return low, high

    def _bound(self, places: Ints, low: Floats, high: Floats) -> None:
        both = np.concatenate([places, places + len(self.columns)])
        self._program.set_bounds(both, low.ravel(), high.ravel())

    def _whole(self) -> Deviation | None:
        """Return a point in whole numbers, checked exactly; the slow search only where the quick answer is broken."""
        for solve in (self._program.solve, self._program.solve_in_integers):
            point = solve()
            if point is None:
                return None
            moved = np.rint(point[: len(self.columns)] - point[len(self.columns) :]).astype(np.int64)
            if self._possible(moved):
                places = np.flatnonzero(moved)
                return dict(zip(self.columns[places].tolist(), moved[places].tolist(), strict=True))
        return None

    def _possible(self, moved: Ints) -> bool:
        rows = self._matrix @ moved
        return bool(
            (moved <= self._up).all()
            and (-moved <= self._down).all()
            and (rows >= self._rows[0]).all()
            and (rows <= self._rows[1]).all()
        )


def parts(given: System, base: Ints, movable: Bools | None = None) -> Iterator[Part]:
    """Yield the parts of a system that do not know of each other.

    Args:
        given: the system.
        base: a point of it.
        movable: which columns may move; those whose bounds leave them a choice, where none is given.
    """
    free = (given.low < given.high) if movable is None else movable
    columns = np.flatnonzero(free)
    left = given.matrix[:, columns].tocsr()
    used = np.flatnonzero(left.getnnz(axis=1) > 0)
    left = left[used]
    ties = sparse.bmat([[None, left], [left.T, None]]) if len(used) else sparse.csr_matrix((len(columns),) * 2)
    _, labels = connected_components(ties, directed=False)
    of_row, of_column = labels[: len(used)], labels[len(used) :]
    by_label = np.argsort(of_column, kind="stable")
    for mine in np.split(by_label, np.flatnonzero(np.diff(of_column[by_label])) + 1):
        if len(mine):
            yield Part(given, columns[mine], used[of_row == of_column[mine[0]]], base)


def neighbourhood(given: System, column: int, size: int) -> Bools:
    """Return which columns are nearest to one, by the rows that tie them together: about so many."""
    by_column = given.matrix.tocsc()
    near = np.zeros(given.matrix.shape[1], dtype=np.bool_)
    near[column] = True
    edge = np.array([column])
    while len(edge) and np.count_nonzero(near) < size:
        rows = np.unique(by_column[:, edge].indices)
        found = np.unique(given.matrix[rows].indices)
        edge = found[~near[found]]
        near[edge] = True
    free: Bools = near & (given.low < given.high)
    return free


def point_of(given: System, known: Mapping[int, int]) -> Ints | None:
    """Return some point with these counts, or None where none was found.

    ``known``: column → count.
    """
    low, high = given.low.copy(), np.minimum(given.high, ENDLESS)
    places = np.array(list(known), dtype=np.int64)
    low[places] = high[places] = list(known.values())
    if (low < given.low).any() or (high > given.high).any():
        return None
    program = LinearProgram(given.matrix, (given.row_low, given.row_high), (low, high))
    for solve in (program.solve, program.solve_in_integers):
        found: Any = solve()
        if found is None:
            return None
        point: Ints = np.rint(found).astype(np.int64)
        if given.holds(point):
            return point
    return None
