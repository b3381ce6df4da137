"""The reader who knows the policy: hidden cells that hang together are hidden because one of them at least is small.

So she leaves out every table in which none is. What is left must still be as wide as the threshold and reach up to it
(sdc.md §1.5, «policy-aware»); she may then know that a count is not 0, but not that it is small. She is not assumed to
run the suppressor on every table that could be, and ask which of them give this very pattern.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from apendata.disclosure import facts as f
from apendata.disclosure.auditor import Auditor, Bar, Target
from apendata.disclosure.linear import Ints
from apendata.disclosure.movements import Movements
from apendata.disclosure.parts import Deviation, parts, point_of
from apendata.disclosure.system import System, system


@dataclass(frozen=True, repr=False)
class Hidden:
    """What is hidden, and what may be known of why."""

    small: Mapping[f.Count, range]
    """Hidden count → the values for which it would be hidden for its own sake; none where it may be hidden for other
    reasons, as it was hidden before: nothing is known then of what hangs together with it."""
    together: Collection[frozenset[f.Count]] = ()
    """Counts of which one is hidden for the other's sake, though no sum has both."""


@dataclass(frozen=True, repr=False)
class _Group:
    """Hidden cells that hang together."""

    options: Mapping[int, tuple[f.Count, range]]
    """Column → its count, and the values for which it would be hidden for its own sake."""
    small: frozenset[int]
    """The columns that have such a value in truth."""

    @property
    def fact(self) -> f.SomeOf:
        """What the reader knows."""
        return f.SomeOf(tuple((count, small[0], small[-1]) for count, small in self.options.values()))

    def keeps_one_small(self, deviation: Deviation, truth: Ints) -> bool:
        """Whether at least one is small where things are so far from the truth."""
        if not self.small.issubset(deviation):
            return True
        moved = (c for c in deviation if c in self.options)
        return any(int(truth[c]) + deviation[c] in self.options[c][1] for c in moved)


def telling(
    known: tuple[System, Ints, Sequence[f.Fact]],
    targets: Sequence[Target],
    hidden: Hidden,
    movements: Movements,
) -> tuple[f.Count, ...]:
    """Return the protected counts of which a reader learns too much who knows why anything is hidden.

    Args:
        known: what she knows besides, its point that is the truth, and the facts behind it.
        targets: the protected counts.
        hidden: what is hidden, and what may be known of why.
        movements: what is known to be possible.
    """
    given, truth, facts = known
    groups = {column: group for group in _groups(given, truth, hidden) for column in group.options}
    asked = [(t, column) for t in targets if (column := given.column(t.count)) in groups]
    unsure = [t for t, c in asked if not _seen_to_be_safe(groups[c], c, t.bar, (truth, movements))]
    if not unsure:
        return ()
    told = {id(group): group.fact for group in groups.values()}
    aware = system(given.sets, given.times, [*facts, *told.values()])
    base = point_of(aware, {column: int(truth[column]) for column in range(given.counts)})
    if base is None:
        return tuple(target.count for target in unsure)
    asked_of = [Target(t.count, _bar(t.bar)) for t in unsure]
    return tuple(found.count for found in Auditor(aware, base).found_out(asked_of))


def _groups(given: System, truth: Ints, hidden: Hidden) -> Iterator[_Group]:
    columns = {column: (count, v) for count, v in hidden.small.items() if (column := given.column(count)) >= 0}
    tied = [frozenset(map(int, part.columns)) & columns.keys() for part in parts(given, truth)]
    tied += [frozenset(given.column(count) for count in pair) for pair in hidden.together]
    for group in _joined(tied):
        options = {c: columns[c] for c in sorted(group)}
        there = frozenset(c for c, (_, values) in options.items() if int(truth[c]) in values)
        if there and all(values for _, values in options.values()):
            yield _Group(options, there)


def _joined(sets: Collection[frozenset[int]]) -> list[frozenset[int]]:
    """Sets that share a member are one."""
    found: list[frozenset[int]] = []
    for one in sets:
        touching = [other for other in found if not other.isdisjoint(one)]
        found = [other for other in found if other not in touching]
        found.append(one.union(*touching))
    return [one for one in found if one]


def _seen_to_be_safe(group: _Group, column: int, bar: Bar, seen: tuple[Ints, Movements]) -> bool:
    truth, movements = seen
    steps = [0, *(d[column] for d in movements.of(column) if group.keeps_one_small(d, truth))]
    wanted, here = _bar(bar), int(truth[column])
    reaches = wanted.high is None or here + max(steps) >= wanted.high
    return reaches and max(steps) - min(steps) >= wanted.width


def _bar(bar: Bar) -> Bar:
    """The bar of this reader: not to 0, but up to the threshold, and as wide as it."""
    return bar if bar.high is None else Bar(high=bar.high, width=bar.high)


def hidden_with(thresholds: Mapping[f.Count, int], hidden: Collection[f.Count], kept: Collection[f.Count]) -> Hidden:
    """Return what a reader may know: each hidden count with a threshold t might be hidden for being ``1 … t−1``."""
    return Hidden({count: range(1, 1 if count in kept else thresholds.get(count, 1)) for count in hidden})


def companion(count: f.Count, others: Collection[f.Count]) -> f.Count | None:
    """Return the count to hide beside one that stands alone: a small count in no sum is else known to be small.

    The most alike in its codes, since readers miss it least there; the first of several.
    """
    codes = dict(count.cell)
    alike = [c for c in others if c.time == count.time and dict(c.cell).keys() == codes.keys()]
    return min(alike, key=lambda c: (sum(codes[d] != code for d, code in c.cell), c), default=None)
