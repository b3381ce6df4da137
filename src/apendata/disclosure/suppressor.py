"""Chooses which further cells to hide, so that the protected ones cannot be computed from the rest.

The LP flow heuristic of Kelly, Golden and Assad (Networks 20, 1990): to let a protected count be low, or high, others
must be able to move against it; the cheapest such movement names them. The same for each person who is alone in a cell
and knows it: a movement that leaves her cell still. It bears no responsibility: the auditor judges what comes of it.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from apendata.disclosure.auditor import Target
from apendata.disclosure.linear import Bools, Floats, Ints
from apendata.disclosure.movements import OUTSIDER, Insider, Movements, Wish
from apendata.disclosure.parts import ENDLESS, Deviation, Goal, Part, neighbourhood, parts
from apendata.disclosure.system import System

# A short movement is found in the neighbourhood of what must move; only where there is none, everything is tried. On
# 10 143 cells in four dimensions, where the shortest has sixteen steps, a question takes a tenth of the time.
_NEAR: Final = 1_200
_CORE: Final = 2
_EVERYTHING: Final = 3_000
# Of what is hidden already, per step: so that movements stay short, and leave the most people's own cells alone.
_FREE: Final = 0.02
# Above this, trying to show each hidden cell again takes longer than the gain is worth.
_PRUNED: Final = 2_000


@dataclass(frozen=True, repr=False)
class Problem:
    """What is to be protected, and what may be hidden for it. Arrays have one entry per column of the system."""

    given: System
    """What the reader knows whatever is hidden: sums, frozen cells, moves between times."""
    truth: Ints
    shown: Bools
    """Columns that some table shows; the others are free to move."""
    weights: Floats
    """How much is lost by hiding a shown column."""
    targets: Sequence[Target]
    kept: Bools
    """Columns that were hidden before and stay hidden."""
    insiders: Sequence[Insider] = ()


@dataclass(frozen=True, repr=False)
class Suppression:
    """Which columns to hide, and the movements that show why that is enough."""

    hidden: Bools
    movements: Sequence[Deviation]
    """All that was found, for the auditor to look at."""
    refused: Sequence[Wish]
    """What nothing that may be hidden can grant."""


def suppress(problem: Problem) -> Suppression:
    """Return which columns to hide: the protected ones, those hidden before, and what they need.

    The same problem always gives the same answer.
    """
    suppressor = _Suppressor(problem)
    suppressor.grant_all()
    if np.count_nonzero(problem.shown) <= _PRUNED:
        suppressor.prune()
    return Suppression(suppressor.hidden, tuple(suppressor.found), tuple(suppressor.refused))


class _Suppressor:
    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        columns = {problem.given.column(target.count): target for target in problem.targets}
        protected = [column for column in columns if column >= 0]
        self.hidden = problem.kept & problem.shown
        self.hidden[protected] = problem.shown[protected]
        self.found: list[Deviation] = []
        self.refused: list[Wish] = []
        self._fixed = self.hidden.copy()
        self._shown_again: list[int] = []
        self._movements = Movements(problem.insiders)
        self._parts = {int(c): part for part in parts(problem.given, problem.truth) for c in part.columns}
        self._near: dict[int, Part] = {}
        wishes = [wish for c, t in columns.items() if c >= 0 for wish in wishes_of(c, t, int(problem.truth[c]))]
        self._wishes = sorted(wishes, key=lambda wish: (-_needed(wish), wish[0].column, wish[0].low))

    def grant_all(self) -> None:
        for wish in self._wishes:
            if not self._movements.grants(wish, OUTSIDER):
                self._grant(wish, OUTSIDER)
        for wish in self._wishes:
            for insider in list(self._movements.hindering(wish)):
                if not self._movements.grants(wish, insider):
                    self._grant(wish, insider)

    def _grant(self, wish: Wish, insider: Insider) -> None:
        cheapest = self._cheapest(wish, insider)
        if cheapest is None:
            self.refused.append(wish)
            return
        self._keep(cheapest)
        for column in cheapest:
            self.hidden[column] |= self._problem.shown[column]

    def _cheapest(self, wish: Wish, insider: Insider) -> Deviation | None:
        for part in self._places_to_look(wish[0].column):
            costs = self._costs(part)
            found = [part.nearest([goal], insider.knows, costs) for goal in insider.wishes(wish)]
            if any(found):
                return min((one for one in found if one is not None), key=self._price)
        return None

    def _places_to_look(self, column: int) -> Iterator[Part]:
        part = self._parts.get(column)
        if part is None:
            return
        if len(part.columns) > _EVERYTHING:
            yield self._neighbourhood(column)
        yield part

    def _neighbourhood(self, column: int) -> Part:
        if column not in self._near:
            given, truth = self._problem.given, self._problem.truth
            around = next(p for p in parts(given, truth, neighbourhood(given, column, _NEAR)) if column in p)
            core = map(int, np.flatnonzero(neighbourhood(given, column, _CORE)))
            self._near |= {c: around for c in core if c in around and c not in self._near}
        return self._near[column]

    def _other(self, wish: Wish, insider: Insider) -> Deviation | None:
        """Return some movement among what is still hidden."""
        part = self._parts.get(wish[0].column)
        still = [*insider.knows, *self._shown_again]
        found = (part.nearest([goal], still) for goal in insider.wishes(wish)) if part else ()
        return next((one for one in found if one is not None), None)

    def _keep(self, deviation: Deviation) -> None:
        self._movements.add(deviation)
        self.found.append(deviation)

    def _costs(self, part: Part) -> Floats:
        free = self.hidden[part.columns] | ~self._problem.shown[part.columns]
        costs: Floats = np.where(free, _FREE, self._problem.weights[part.columns])
        return costs

    def _price(self, deviation: Deviation) -> float:
        shown = ((c, step) for c, step in deviation.items() if self._problem.shown[c] and not self.hidden[c])
        return sum(abs(step) * float(self._problem.weights[column]) for column, step in shown)

    def prune(self) -> None:
        """Show again what turned out not to be needed, the dearest first.

        Only what is hidden may move from now on; that is a far smaller program than the one that chose it.
        """
        movable = (self.hidden | ~self._problem.shown) & (self._problem.given.low < self._problem.given.high)
        few = parts(self._problem.given, self._problem.truth, movable)
        self._parts = {int(c): part for part in few for c in part.columns}
        extra = np.flatnonzero(self.hidden & ~self._fixed)
        for column in sorted(extra, key=lambda c: (-self._problem.weights[c], c)):
            self._try_to_show(int(column))

    def _try_to_show(self, column: int) -> None:
        """Do without the movements of one column, and find others for whoever needed them."""
        lost = list(self._movements.of(column))
        self.hidden[column] = False
        self._shown_again.append(column)
        self._movements.drop(lost)
        instead: list[Deviation] = []
        for wish, reader in self._unanswered(lost):
            if self._movements.grants(wish, reader):
                continue
            other = self._other(wish, reader)
            if other is None:
                self._take_back(column, lost, instead)
                return
            self._movements.add(other)
            instead.append(other)
        gone = set(map(id, lost))
        self.found = [d for d in self.found if id(d) not in gone] + instead

    def _take_back(self, column: int, lost: Collection[Deviation], instead: Collection[Deviation]) -> None:
        self._movements.drop(instead)
        self.hidden[column] = True
        self._shown_again.remove(column)
        for deviation in lost:
            self._movements.add(deviation)

    def _unanswered(self, lost: Collection[Deviation]) -> Iterator[tuple[Wish, Insider]]:
        moved = {column for deviation in lost for column in deviation}
        near = [wish for wish in self._wishes if any(goal.column in moved for goal in wish)]
        for wish in near:
            if not self._movements.grants(wish, OUTSIDER):
                yield wish, OUTSIDER
            for insider in list(self._movements.hindering(wish)):
                yield wish, insider


def wishes_of(column: int, target: Target, here: int) -> Iterator[Wish]:
    """Yield what must be possible for a count that is ``here`` to keep its bar."""
    bar = target.bar
    if bar.low is not None and here > bar.low:
        yield (Goal(column, -ENDLESS, bar.low - here),)
    if bar.high is not None and here < bar.high:
        yield (Goal(column, bar.high - here, ENDLESS),)
    if bar.width and bar.low is None and bar.high is None:
        down = [Goal(column, -ENDLESS, -bar.width)] if here >= bar.width else []
        yield (Goal(column, bar.width, ENDLESS), *down)


def _needed(wish: Wish) -> int:
    """How far a wish must move its count at least."""
    return min(goal.low if goal.low > 0 else -goal.high for goal in wish)
