"""Deviations that were found, by the columns they move: one often answers for many counts and for many readers."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from apendata.disclosure.parts import Deviation, Goal

Wish = tuple[Goal, ...]
"""Movements of which one must be possible."""


@dataclass(frozen=True, slots=True)
class Insider:
    """A person who is alone in some cell."""

    knows: frozenset[int] = frozenset()
    """The columns that she therefore knows."""
    within: frozenset[int] = frozenset()
    """The columns that have her and others: they cannot be without her, so that 1 is to her what 0 is to others."""

    def wishes(self, wish: Wish) -> Wish:
        """Return what of a wish can be hers; nothing where it is granted without a movement."""
        if wish[0].column not in self.within:
            return wish
        own = tuple(goal if goal.low > 0 else Goal(goal.column, goal.low, goal.high + 1) for goal in wish)
        return () if any(goal.low <= 0 <= goal.high for goal in own) else own


OUTSIDER: Final = Insider()


class Movements:
    """All deviations found so far from one point."""

    def __init__(self, insiders: Iterable[Insider] = ()) -> None:
        self._by_column: defaultdict[int, list[Deviation]] = defaultdict(list)
        self._insiders: defaultdict[int, list[Insider]] = defaultdict(list)
        for insider in insiders:
            for column in insider.knows:
                self._insiders[column].append(insider)

    def add(self, deviation: Deviation) -> None:
        """Keep a deviation."""
        for column in deviation:
            self._by_column[column].append(deviation)

    def drop(self, deviations: Collection[Deviation]) -> None:
        """Let go of deviations that are not allowed any more."""
        gone = set(map(id, deviations))
        for column in {column for deviation in deviations for column in deviation}:
            self._by_column[column] = [d for d in self._by_column[column] if id(d) not in gone]

    def of(self, column: int) -> Sequence[Deviation]:
        """Return those that move a column."""
        return self._by_column[column]

    def steps(self, column: int, insider: Insider) -> Iterator[int]:
        """Yield how far a column was moved while a person's own stayed."""
        return (d[column] for d in self._by_column[column] if insider.knows.isdisjoint(d))

    def grants(self, wish: Wish, insider: Insider) -> bool:
        """Whether a wish is granted for a reader."""
        own = insider.wishes(wish)
        return not own or any(insider.knows.isdisjoint(deviation) for deviation in self._granting(own))

    def hindering(self, wish: Wish) -> Iterator[Insider]:
        """Yield the people for whom no deviation grants a wish: each of those that do moves what she knows."""
        granting = sorted(self._granting(wish), key=len)
        known = {goal.column for goal in wish}
        if granting:
            for insider in self.touched_by(granting[0]):
                if insider.knows.isdisjoint(known) and not self.grants(wish, insider):
                    yield insider

    def touched_by(self, deviation: Deviation) -> Collection[Insider]:
        """Return the people who know that this is not how it is: it moves what is theirs."""
        found: Mapping[Insider, None] = dict.fromkeys(i for column in deviation for i in self._insiders.get(column, ()))
        return found.keys()

    def _granting(self, wish: Wish) -> Iterator[Deviation]:
        for goal in wish:
            yield from (d for d in self._by_column[goal.column] if goal.low <= d[goal.column] <= goal.high)
