"""The audit of everything that was ever published: the release ledger, and nothing else, is what a reader has.

All versions of all datasets that count the same people are one system, withdrawn ones too, with the facts that are
printed elsewhere. What a date was said to be at different times are different states of it, tied, as dates are, by how
many people can have moved. Whatever chose the hidden cells has no say here.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Final

from apendata.disclosure import facts as f
from apendata.disclosure.auditor import Auditor, Bar, FoundOut, Target
from apendata.disclosure.counts import Counted, Entries, by_date, rows_of, universe_of
from apendata.disclosure.insiders import people_alone
from apendata.disclosure.keys import keys
from apendata.disclosure.parts import point_of
from apendata.disclosure.record_sets import RecordSets, record_sets
from apendata.disclosure.system import Contradiction, system
from apendata.model import ExternalFact, Published

LATER: Final = "~"


@dataclass(frozen=True, repr=False)
class Ledger:
    """What readers were told of one group of people, state by state."""

    states: Mapping[str, Mapping[f.Count, int]]
    """Reference date, or a later state of it → every count that was shown of it."""
    targets: Mapping[f.Count, Bar]
    hidden: frozenset[f.Count]
    """Every count that has a row and no figure: a reader knows that it is there."""
    alone: frozenset[f.Count]
    """Hidden counts of one person."""
    elsewhere: tuple[f.Between, ...] = ()
    """What is printed elsewhere, of every state of its date."""
    groups: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    max_moves: int | None = None
    """So many people at most come or leave between two states; None: nothing is known of that."""

    @cached_property
    def sets(self) -> RecordSets:
        """The sets of people that anything published tells apart."""
        counts = [count for state in self.states.values() for count in state]
        counts += [*self.hidden, *(fact.count for fact in self.elsewhere)]
        return record_sets(universe_of(counts, self.groups), {count.cell for count in counts})

    @property
    def times(self) -> tuple[str, ...]:
        """All states, in order."""
        return tuple(sorted({*self.states, *(fact.count.time for fact in self.elsewhere)}))

    @property
    def facts(self) -> Iterator[f.Fact]:
        """All that a reader knows."""
        for shown in self.states.values():
            yield from (f.exactly(count, n) for count, n in shown.items())
        yield from self.elsewhere
        if self.max_moves is not None:
            yield from (f.MovesAtMost(before, after, self.max_moves) for before, after in pairwise(self.times))


@dataclass(frozen=True, repr=False)
class Audit:
    """What the auditor says of a ledger."""

    ledger: Ledger
    found_out: tuple[FoundOut, ...]


def audit_ledger(ledger: Ledger) -> Audit:
    """Return which protected counts a reader of the whole ledger learns too much of.

    Raises:
        Contradiction: no counts at all agree with everything that was published, printed elsewhere, and the most that
            can have moved.
    """
    given = system(ledger.sets, ledger.times, ledger.facts)
    point = point_of(given, {given.column(count): 1 for count in ledger.alone if given.column(count) >= 0})
    if point is None:
        raise Contradiction("no people at all agree with everything that was published of them")
    columns: dict[int, int | None] = {given.column(count): None for count in ledger.targets}
    columns |= {given.column(count): n for shown in ledger.states.values() for count, n in shown.items()}
    columns |= {given.column(count): 1 for count in ledger.alone}
    columns.pop(-1, None)
    auditor = Auditor(given, point, people_alone(ledger.sets, columns))
    targets = [Target(count, bar) for count, bar in sorted(ledger.targets.items(), key=lambda pair: pair[0])]
    return Audit(ledger, auditor.found_out(targets))


def ledger_of(
    published: Sequence[Published],
    elsewhere: Collection[ExternalFact] = (),
    *,
    groups: Mapping[str, Mapping[str, tuple[str, ...]]] | None = None,
    max_moves: int | None = None,
) -> Ledger:
    """Put together what was published of one group of people.

    Args:
        published: tables of versions, oldest first.
        elsewhere: counts that others have printed.
        groups: dimension → coarser code → the codes it is the sum of.
        max_moves: how many people at most come or leave between two reference dates, as the policy says.
    """
    told = _Told()
    for version in _versions(published):
        told.add_version(version)
    return Ledger(
        states=told.states,
        targets=told.targets,
        hidden=frozenset(told.hidden),
        alone=frozenset(told.alone),
        elsewhere=tuple(fact for one in elsewhere for fact in _of_every_state(one, told.states)),
        groups=groups or {},
        max_moves=max_moves,
    )


class _Told:
    """States of each date, as version after version says it."""

    def __init__(self) -> None:
        self.states: dict[str, dict[f.Count, int]] = {}
        self.targets: dict[f.Count, Bar] = {}
        self.hidden: set[f.Count] = set()
        self.alone: set[f.Count] = set()
        self._latest: dict[str, str] = {}

    def add_version(self, tables: Sequence[Published]) -> None:
        """Add all tables of one version; a date that it tells otherwise than before is a new state of that date."""
        marks = {table.name: _marks(table) for table in tables}
        for date, entries in by_date(e for table in tables for e in rows_of(_how(table), table.data)).items():
            shown = {count.cell: n for count, n in entries.truth.items()} | {c.cell: 0 for c in entries.nobody}
            state = self._state(date, shown)
            self.states.setdefault(state, {}).update({f.Count(state, cell): n for cell, n in shown.items()})
            self._add_hidden(state, entries, marks)

    def _state(self, date: str, shown: Mapping[tuple[tuple[str, str], ...], int]) -> str:
        latest = self._latest.setdefault(date, date)
        known = self.states.get(latest, {})
        if any(known.get(f.Count(latest, cell), n) != n for cell, n in shown.items()):
            latest = f"{date}{LATER}{1 + sum(state.startswith(date + LATER) for state in self.states)}"
            self._latest[date] = latest
        return latest

    def _add_hidden(self, state: str, entries: Entries, marks: Mapping[str, Mapping[int, tuple[Bar, bool]]]) -> None:
        self.hidden.update(f.Count(state, count.cell) for count in entries.missing)
        for count, rows in entries.by_count.items():
            for mark in (marks[row.table].get(row.row) for row in rows):
                if mark is not None:
                    bar, alone = mark
                    here = f.Count(state, count.cell)
                    self.targets[here] = max(bar, self.targets.get(here, bar), key=lambda b: b.high or 0)
                    self.alone.update([here] if alone else [])


def _versions(published: Iterable[Published]) -> Iterable[list[Published]]:
    versions: defaultdict[tuple[str, str], list[Published]] = defaultdict(list)
    for table in published:
        versions[table.dataset, table.version].append(table)
    return versions.values()


def _how(table: Published) -> Counted:
    policy = table.policy
    return Counted(
        table.name,
        policy.value or "",
        tuple(sorted(policy.dimensions)),
        policy.per,
        table.totals,
        policy.threshold or 0,
    )


def _marks(table: Published) -> Mapping[int, tuple[Bar, bool]]:
    """Row → what must stay possible of it, and whether one person is in it.

    A version that does not tell which of its hidden cells are protected is taken at its strictest: all are.
    """
    bar = Bar(0, table.policy.threshold or 0)
    if table.protected is None:
        return dict.fromkeys(table.hidden, (bar, False))
    places = {key: row for row, key in enumerate(keys(table.data, table.key))}
    return {places[mark.key]: (Bar(mark.low, mark.high), mark.alone) for mark in table.protected if mark.key in places}


def _of_every_state(fact: ExternalFact, states: Collection[str]) -> Iterator[f.Between]:
    cell = tuple(sorted(fact.cell.items()))
    dates = {fact.date, *(state for state in states if state.startswith(fact.date + LATER))}
    yield from (f.exactly(f.Count(date, cell), fact.value) for date in sorted(dates))
