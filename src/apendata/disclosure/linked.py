"""Linked tables: everything that counts the same people, what of it is hidden, and whether that is enough.

This is where the suppressor, which proposes, and the auditor, which decides, are brought together.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import numpy as np

from apendata.disclosure import facts as f
from apendata.disclosure.auditor import Auditor, Bar, FoundOut, Target
from apendata.disclosure.insiders import people_alone
from apendata.disclosure.inversion import companion, hidden_with, telling
from apendata.disclosure.linear import Bools, Floats, Ints
from apendata.disclosure.movements import Insider
from apendata.disclosure.parts import Deviation, point_of
from apendata.disclosure.record_sets import RecordSets, record_sets
from apendata.disclosure.suppressor import Problem, suppress
from apendata.disclosure.system import Contradiction, System, system
from apendata.disclosure.universe import Universe

# Each dimension that is summed away makes a cell ten times as dear to hide: readers, and other tables, rest on totals.
_TOTAL_WEIGHT: Final = 10.0


@dataclass(frozen=True, repr=False)
class Linked:
    """All tables of the same people, as they are in truth."""

    universe: Universe
    truth: Mapping[f.Count, int]
    """Every count that a table shows, or would show if nothing were hidden."""
    targets: tuple[Target, ...]
    """The protected counts; each stands in some table, or is what no table may give away."""
    fixed: frozenset[f.Count] = frozenset()
    """Shown whatever comes of it: mandated, printed elsewhere, or public before. To the audit they are facts."""
    nobody: frozenset[f.Count] = frozenset()
    """Zeros that every reader knows: what cannot occur, and groups that a whole table leaves out."""
    kept: frozenset[f.Count] = frozenset()
    """Hidden before, and so for ever."""
    known: tuple[f.Fact, ...] = ()
    """What the reader knows besides: moves between times, facts of other publications."""
    thresholds: Mapping[f.Count, int] = field(default_factory=dict)
    """Counts from 1 to below it are hidden for their own sake, as the policy says and every reader knows."""
    zeros_may_hide: bool = True
    """Whether an ordinary zero may be hidden for another's sake; if not, readers know that nothing hidden is 0."""

    @cached_property
    def times(self) -> tuple[str, ...]:
        """All reference dates, and revisions of them, in order."""
        told = {count.time for count in self.nobody} | {
            count.time for fact in self.known for count in f.counts_in(fact)
        }
        linked = {t for fact in self.known for t in (getattr(fact, "before", None), getattr(fact, "after", None)) if t}
        return tuple(
            sorted({count.time for count in self.truth} | told | linked | {t.count.time for t in self.targets})
        )

    @cached_property
    def sets(self) -> RecordSets:
        """The sets of people that the tables tell apart."""
        cells = (
            {count.cell for count in self.everything} | f.cells_in(self.known) | {t.count.cell for t in self.targets}
        )
        return record_sets(self.universe, cells)

    def reader(self, hidden: Collection[f.Count]) -> System:
        """Return what a reader knows where this is hidden, and everything else shown.

        Raises:
            Contradiction: the counts do not add up.
        """
        return system(self.sets, self.times, self.told(hidden))

    def told(self, hidden: Collection[f.Count]) -> list[f.Fact]:
        """Return all facts of a reader from whom this is hidden."""
        shown = (f.exactly(count, n) for count, n in self.truth.items() if count not in hidden)
        return [*self.known, *(f.exactly(count, 0) for count in self.nobody), *self._of_zeros(hidden), *shown]

    @cached_property
    def everything(self) -> Mapping[f.Count, int]:
        """All counts that are known to us."""
        return {**dict.fromkeys(self.nobody, 0), **self.truth}

    def _of_zeros(self, hidden: Collection[f.Count]) -> Iterator[f.Fact]:
        if not self.zeros_may_hide:
            yield from (f.Between(count, 1, None) for count in hidden if self.truth.get(count))

    def whole(self, given: System) -> Ints:
        """Return the point of a system where every count is what it is in truth.

        Raises:
            Contradiction: there is none; totals are not the sums of their parts, or a known fact is not true.
        """
        known = {given.column(count): n for count, n in self.truth.items() if given.column(count) >= 0}
        point = point_of(given, known)
        if point is None:
            raise Contradiction("the tables are not the sums that they should be, or break a fact that is known")
        return point


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the auditor says of a pattern; empty where all is well."""

    found_out: tuple[FoundOut, ...] = ()
    """Protected counts that some reader learns too much of."""
    telling: tuple[f.Count, ...] = ()
    """Protected counts that the pattern itself tells of, to who knows the policy."""

    @property
    def counts(self) -> tuple[f.Count, ...]:
        """All counts that are not safe."""
        return tuple(sorted({*(found.count for found in self.found_out), *self.telling}))


@dataclass(frozen=True, repr=False)
class Pattern:
    """What is hidden, and what the auditor says of it."""

    hidden: frozenset[f.Count]
    verdict: Verdict
    whole: bool = False
    """No choice of cells was enough, so that everything that may be is hidden."""


def protect(linked: Linked) -> Pattern:
    """Choose what to hide, and have it audited.

    Where the pattern itself tells too much, the counts it tells of are given more room, and companions where they have
    none; where that is not enough either, everything goes that may.

    Raises:
        Contradiction: see :meth:`Linked.whole`.
    """
    hidden, movements = _chosen(linked)
    verdict = audit(linked, hidden, movements)
    if verdict.telling:
        roomier = replace(linked, targets=tuple(_roomier(t, verdict.telling) for t in linked.targets))
        hidden, movements = _chosen(roomier)
        verdict = audit(linked, hidden, movements)
    if verdict.telling and not verdict.found_out:
        hidden, pairs = _with_companions(linked, hidden, verdict.telling)
        verdict = audit(linked, hidden, movements, pairs)
    if not verdict.counts:
        return Pattern(hidden, verdict)
    everything = frozenset(linked.truth.keys() - linked.fixed)
    return Pattern(everything, audit(linked, everything, movements), whole=True)


def _with_companions(
    linked: Linked, hidden: frozenset[f.Count], telling: Collection[f.Count]
) -> tuple[frozenset[f.Count], tuple[frozenset[f.Count], ...]]:
    pairs: list[frozenset[f.Count]] = []
    alone = list(telling)
    while alone:
        count = alone.pop(0)
        shown = {c for c in linked.truth if c not in hidden and c not in linked.fixed}
        # Two that stand alone are each other's company; only an odd one takes something along that could be shown.
        if (beside := companion(count, alone) or companion(count, shown)) is not None:
            alone = [other for other in alone if other != beside]
            hidden |= {beside}
            pairs.append(frozenset([count, beside]))
    return hidden, tuple(pairs)


def _roomier(target: Target, telling: Collection[f.Count]) -> Target:
    if target.count not in telling:
        return target
    bar = target.bar
    return replace(target, bar=Bar(bar.low, 2 * bar.high if bar.high else None, 2 * bar.width))


def audit(
    linked: Linked,
    hidden: Collection[f.Count],
    movements: Iterable[Deviation] = (),
    together: Collection[frozenset[f.Count]] = (),
) -> Verdict:
    """Return which protected counts a reader of everything but the hidden learns too much of.

    Args:
        linked: the tables.
        hidden: what is not shown.
        movements: deviations that may help; each is checked.
        together: counts of which one is hidden for the other's sake, though no sum has both.

    Raises:
        Contradiction: see :meth:`Linked.whole`.
    """
    facts = linked.told(hidden)
    given = system(linked.sets, linked.times, facts)
    truth = linked.whole(given)
    auditor = Auditor(given, truth, insiders(linked, given))
    auditor.suggest(movements)
    found_out = auditor.found_out(linked.targets)
    why = replace(hidden_with(linked.thresholds, hidden, linked.kept), together=together)
    return Verdict(found_out, telling((given, truth, facts), linked.targets, why, auditor.movements))


def insiders(linked: Linked, given: System) -> tuple[Insider, ...]:
    """Return everybody who is alone in some cell of the tables."""
    columns = {column: n for count, n in linked.truth.items() if (column := given.column(count)) >= 0}
    return people_alone(linked.sets, columns)


def _chosen(linked: Linked) -> tuple[frozenset[f.Count], tuple[Deviation, ...]]:
    always = {count for count in linked.truth if count in linked.fixed or _never_hidden(linked, count)}
    given = linked.reader(linked.truth.keys() - always)
    truth = linked.whole(given)
    problem = Problem(
        given=given,
        truth=truth,
        shown=_mask(given, linked.truth.keys() - always),
        weights=_weights(linked, given),
        targets=linked.targets,
        kept=_mask(given, linked.kept),
        insiders=insiders(linked, given),
    )
    found = suppress(problem)
    counts = {count: given.column(count) for count in linked.truth.keys() - always}
    hidden = frozenset(count for count, column in counts.items() if column >= 0 and found.hidden[column])
    return hidden, tuple(found.movements)


def _never_hidden(linked: Linked, count: f.Count) -> bool:
    return not linked.zeros_may_hide and linked.truth[count] == 0 and all(t.count != count for t in linked.targets)


def _mask(given: System, counts: Iterable[f.Count]) -> Bools:
    columns = [column for count in counts if (column := given.column(count)) >= 0]
    mask = np.zeros(len(given.low), dtype=np.bool_)
    mask[columns] = True
    return mask


def _weights(linked: Linked, given: System) -> Floats:
    weights = np.ones(len(given.low))
    most = max((len(count.cell) for count in linked.truth), default=0)
    for count, n in linked.truth.items():
        if (column := given.column(count)) >= 0:
            weight = _TOTAL_WEIGHT ** (most - len(count.cell)) * (1 + math.log1p(n))
            weights[column] = max(weights[column], weight)
    return weights
