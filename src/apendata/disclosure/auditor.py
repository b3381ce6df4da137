"""The auditor, which has the last word: what can a reader of everything know of a protected count.

A protected count is safe when whole tables exist that agree with all that she knows, one in which the count is low and
one in which it is high: then she cannot even tell that it is small (sdc.md §1.5, §2.3). She may also be the only person
in some cell, and then knows that cell. A count for which no such table was found counts as found out: a limit of the
solver refuses a release, it never lets one pass.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from apendata.disclosure.facts import Count
from apendata.disclosure.linear import Ints
from apendata.disclosure.movements import OUTSIDER, Insider, Movements
from apendata.disclosure.parts import ENDLESS, Deviation, Goal, Part, parts
from apendata.disclosure.system import System

_LISTED: Final = 40
"""So many values are tried one by one."""


@dataclass(frozen=True, slots=True)
class Bar:
    """What must stay possible."""

    low: int | None = None
    """The count could be this low,"""
    high: int | None = None
    """or this high;"""
    width: int = 0
    """and from the lowest to the highest it is so far."""


@dataclass(frozen=True, slots=True)
class Target:
    """A protected count."""

    count: Count
    bar: Bar


@dataclass(frozen=True, slots=True)
class FoundOut:
    """A protected count that is not safe."""

    count: Count
    insider: Insider
    """Who finds it out; nobody in particular where it is empty."""


class Auditor:
    """A reader with all the facts, and one point from which to look round."""

    def __init__(self, given: System, base: Ints, insiders: Sequence[Insider] = ()) -> None:
        """Take a system, a point of it, and who knows a part of that point to be true.

        Raises:
            ValueError: the point does not agree with the facts.
        """
        if not given.holds(base):
            raise ValueError("the point does not agree with the facts")
        self._given = given
        self._base = base
        self._parts = {int(column): part for part in parts(given, base) for column in part.columns}
        self.movements = Movements(insiders)
        """All that was found to be possible."""

    def suggest(self, deviations: Iterable[Deviation]) -> None:
        """Take over deviations that somebody else found; those that break a fact are left out."""
        for deviation in deviations:
            part = self._parts.get(next(iter(deviation), -1))
            if part is not None and part.allows(deviation):
                self.movements.add(deviation)

    def found_out(self, targets: Sequence[Target]) -> tuple[FoundOut, ...]:
        """Return the protected counts that some reader learns too much of, each with every reader who does."""
        return tuple(found for target in targets for found in self._readers_of(target))

    def interval(self, count: Count, insider: Insider = OUTSIDER) -> tuple[int, int | None]:
        """Return the lowest and the highest that a count could be; None: without end."""
        column = self._given.column(count)
        part = self._parts.get(column)
        if part is None or column in insider.knows:
            return (int(self._base[column]),) * 2 if column >= 0 else (0, 0)
        low, high = self._extreme(part, column, -1, insider), self._extreme(part, column, 1, insider)
        return low, None if high >= min(ENDLESS, part.base(column) + ENDLESS) else high

    def possible(self, count: Count, insider: Insider = OUTSIDER) -> tuple[int, ...] | None:
        """Return every value that a count could have; None where they are too many to try."""
        low, high = self.interval(count, insider)
        if high is None or high - low > _LISTED:
            return None
        return tuple(value for value in range(low, high + 1) if self._could_be(count, value, insider))

    def _readers_of(self, target: Target) -> Iterator[FoundOut]:
        column = self._given.column(target.count)
        if column < 0:
            return
        if not self._is_safe(column, target.bar, OUTSIDER):
            yield FoundOut(target.count, OUTSIDER)
            return
        for insider in self._doubtful(column, target.bar):
            if column not in insider.knows and not self._is_safe(column, _for(insider, column, target.bar), insider):
                yield FoundOut(target.count, insider)

    def _doubtful(self, column: int, bar: Bar) -> Iterator[Insider]:
        """Everybody whose own count moves in what answers for a target; all others are answered by the same."""
        moves = sorted(self.movements.of(column), key=len)
        here = int(self._base[column])
        down = next((d for d in moves if bar.low is None or here + d[column] <= bar.low), {})
        up = next((d for d in moves if bar.high is None or here + d[column] >= bar.high), {})
        widest = (min(moves, key=lambda d: d[column], default={}), max(moves, key=lambda d: d[column], default={}))
        answers = (down, up, *(widest if bar.width else ()))
        yield from dict.fromkeys(i for answer in answers for i in self.movements.touched_by(answer))

    def _is_safe(self, column: int, bar: Bar, insider: Insider) -> bool:
        part = self._parts.get(column)
        if part is None:
            here = int(self._base[column])
            return _reaches(here, here, bar)
        seen = self._seen(part, column, insider)
        if _reaches(*seen, bar):
            return True
        if bar.low is not None and seen[0] > bar.low:
            seen = self._moved(part, Goal(column, -ENDLESS, bar.low - part.base(column)), insider, seen)
        if bar.high is not None and seen[1] < bar.high:
            seen = self._moved(part, Goal(column, bar.high - part.base(column), ENDLESS), insider, seen)
        if seen[1] - seen[0] < bar.width and _reaches(*seen, Bar(bar.low, bar.high)):
            low, high = self._extreme(part, column, -1, insider), self._extreme(part, column, 1, insider)
            seen = (min(low, seen[0]), max(high, seen[1]))
        return _reaches(*seen, bar)

    def _moved(self, part: Part, goal: Goal, insider: Insider, seen: tuple[int, int]) -> tuple[int, int]:
        deviation = part.nearest([goal], insider.knows)
        if deviation is None:
            return seen
        self.movements.add(deviation)
        value = part.base(goal.column) + deviation.get(goal.column, 0)
        return min(seen[0], value), max(seen[1], value)

    def _seen(self, part: Part, column: int, insider: Insider) -> tuple[int, int]:
        here = part.base(column)
        steps = (0, *self.movements.steps(column, insider))
        return here + min(steps), here + max(steps)

    def _extreme(self, part: Part, column: int, sign: int, insider: Insider) -> int:
        deviation = part.extreme(column, sign, insider.knows)
        if deviation is None:
            return part.base(column)
        self.movements.add(deviation)
        return part.base(column) + deviation.get(column, 0)

    def _could_be(self, count: Count, value: int, insider: Insider) -> bool:
        column = self._given.column(count)
        part = self._parts.get(column)
        if part is None or value == part.base(column):
            return True
        step = value - part.base(column)
        return part.nearest([Goal(column, step, step)], insider.knows) is not None


def _for(insider: Insider, column: int, bar: Bar) -> Bar:
    """A count that has the reader herself in it cannot be without her: what must stay open is who else there is."""
    if bar.low is None or column not in insider.within:
        return bar
    return Bar(bar.low + 1, bar.high, bar.width)


def _reaches(low: int, high: int, bar: Bar) -> bool:
    return (bar.low is None or low <= bar.low) and (bar.high is None or high >= bar.high) and (high - low >= bar.width)
