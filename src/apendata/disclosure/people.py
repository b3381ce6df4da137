"""``method: suppression``: all tables of the same people together, one date after another."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa

from apendata.disclosure.auditor import Bar, Target
from apendata.disclosure.counts import Entries, entries_of, universe_of
from apendata.disclosure.elsewhere import Elsewhere, told_of
from apendata.disclosure.facts import Count
from apendata.disclosure.homogeneous import telling_zeros
from apendata.disclosure.keys import keys
from apendata.disclosure.ledger import ledger_of
from apendata.disclosure.linear import Bools
from apendata.disclosure.linked import Linked, Pattern, protect
from apendata.disclosure.system import Contradiction
from apendata.disclosure.universe import MOST_ATOMS, NotInUniverse, TooManyAtoms, Universe, names
from apendata.errors import DefinitionError, DisclosureRefused
from apendata.model import SHOWN_PLACES, ExternalFact, Finding, Protected, Published, Table

# Of one date; measured in benchmarks/.
_CELLS_LIMIT: Final = 12_000

_AGGREGATE: Final = 0.2
"""Share of hidden counts above which coarser groups would tell readers more (sdc.md §1.4)."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the policies of all tables of the same people say together."""

    groups: Mapping[str, Mapping[str, tuple[str, ...]]]
    """Dimension → coarser code → the codes that it is the sum of."""
    sensitive: tuple[str, ...]
    facts: tuple[ExternalFact, ...]


def terms_of(tables: Sequence[Table], elsewhere: Sequence[Published] = ()) -> Terms:
    """Return what the policies of tables of the same people say together: what one says holds for all."""
    policies = [*(table.disclosure for table in tables), *(table.policy for table in elsewhere)]
    groups: dict[str, dict[str, tuple[str, ...]]] = {}
    for policy in policies:
        for dimension, codes in policy.hierarchies.items():
            groups.setdefault(dimension, {}).update(codes)
    sensitive = {dimension for table in tables for dimension in table.disclosure.sensitive}
    facts = {(f.date, tuple(sorted(f.cell.items()))): f for policy in policies for f in policy.external_facts}
    return Terms(groups, tuple(sorted(sensitive)), tuple(facts.values()))


@dataclass(frozen=True, repr=False)
class Before:
    """What public versions hide and show; table → one truth value a row."""

    hidden: Mapping[str, Bools]
    shown: Mapping[str, Bools]


@dataclass(frozen=True, repr=False)
class Hiding:
    """Table → the rows to hide, and those of them whose count no reader may learn."""

    rows: Mapping[str, Bools]
    protected: Mapping[str, tuple[Protected, ...]]
    findings: tuple[Finding, ...] = ()


def hide_people(
    tables: Sequence[Table], data: Mapping[str, pa.Table], before: Before, elsewhere: Sequence[Published] = ()
) -> Hiding:
    """Return which rows to hide; certified for a reader of all these tables.

    ``tables`` count the same people; ``before``: what was hidden stays so; what was shown stays, where that can be.
    ``elsewhere``: what other datasets ever published of the same people; it can neither be hidden nor given away.

    Raises:
        DisclosureRefused: the tables contradict each other, are too large, or no pattern could be certified.
    """
    hidden = {table.name: np.zeros(data[table.name].num_rows, dtype=np.bool_) for table in tables}
    protected: dict[str, list[Protected]] = {table.name: [] for table in tables}
    places = {table.name: keys(data[table.name], table.primary_key) for table in tables}
    terms = terms_of(tables, elsewhere)
    ledger = ledger_of(elsewhere, terms.facts)
    findings: list[Finding] = []
    for date, entries in entries_of(tables, data).items():
        entries.check()
        linked = _linked(entries, before, terms, told_of(date, ledger, entries.truth))
        pattern = _pattern(entries, linked)
        findings += _told(date, entries, pattern)
        for entry in (e for count in pattern.hidden for e in entries.by_count[count]):
            hidden[entry.table][entry.row] = True
        for target in linked.targets:
            for entry in entries.by_count.get(target.count, ()):
                bar, alone = target.bar, linked.truth[target.count] == 1
                mark = Protected(places[entry.table][entry.row], bar.low or 0, bar.high or 0, alone)
                protected[entry.table].append(mark)
    return Hiding(hidden, {table: tuple(marks) for table, marks in protected.items()}, tuple(findings))


def _told(date: str, entries: Entries, pattern: Pattern) -> Iterator[Finding]:
    """What a steward should know of a pattern that hides much; dates and shares, no cell."""
    table, share = entries.all[0].table, len(pattern.hidden) / max(len(entries.truth), 1)
    params = {"date": date, "percent": f"{100 * share:.0f}"}
    if pattern.whole:
        yield Finding("disclosure.whole_block", "warning", table, params=params)
    elif share > _AGGREGATE:
        yield Finding("disclosure.aggregate_first", "info", table, params=params)


def _pattern(entries: Entries, linked: Linked) -> Pattern:
    entries.check_sums(linked)
    try:
        pattern = protect(linked)
        if pattern.verdict.counts and linked.fixed:
            # What is public would have to be hidden: it is refused as that, and not as cells that cannot be protected.
            pattern = protect(replace(linked, fixed=frozenset()))
    except Contradiction:
        raise _refused(entries, Finding("disclosure.sum_differs"), (), "the figures contradict each other.") from None
    if pattern.verdict.counts:
        raise _refused(
            entries,
            Finding("disclosure.uncertified"),
            pattern.verdict.counts,
            f"{len(pattern.verdict.counts)} protected cells could not be shown to be safe, whatever else was hidden. "
            "Publish fewer dimensions or coarser groups.",
        )
    return pattern


def _linked(entries: Entries, before: Before, terms: Terms, elsewhere: Elsewhere) -> Linked:
    _check_size(entries)
    thresholds = entries.thresholds()
    small = [count for count, n in entries.truth.items() if 1 <= n < thresholds[count]]
    small += telling_zeros(entries.truth, terms.sensitive)
    return Linked(
        universe=_universe(entries, terms, elsewhere),
        truth=entries.truth,
        targets=(*(Target(count, Bar(0, thresholds[count])) for count in small), *elsewhere.targets),
        known=elsewhere.facts,
        nobody=entries.nobody,
        kept=_marked(entries, before.hidden),
        fixed=(_marked(entries, before.shown) - _marked(entries, before.hidden)) | elsewhere.shown,
        thresholds=thresholds,
    )


def _marked(entries: Entries, rows: Mapping[str, Bools]) -> frozenset[Count]:
    return frozenset(c for c, found in entries.by_count.items() if any(rows[e.table][e.row] for e in found))


def _universe(entries: Entries, terms: Terms, elsewhere: Elsewhere) -> Universe:
    try:
        return universe_of({*entries.by_count, *elsewhere.counts}, terms.groups)
    except NotInUniverse as error:
        raise DefinitionError(f"`hierarchies` cannot be followed: {error}.") from None
    except TooManyAtoms:
        text = f"all their dimensions crossed are more than {MOST_ATOMS} groups. Publish fewer dimensions."
        raise _refused(entries, Finding("disclosure.too_large"), (), text) from None


def _check_size(entries: Entries) -> None:
    size = len(entries.all)
    if size > _CELLS_LIMIT:
        text = (
            f"and those of the same people have {size} cells at one date; at most {_CELLS_LIMIT} can be made safe "
            "together. Publish fewer dimensions or coarser groups."
        )
        params = {"cells": str(size), "limit": str(_CELLS_LIMIT)}
        raise _refused(entries, Finding("disclosure.too_large", params=params), (), text)


def _refused(entries: Entries, finding: Finding, counts: Sequence[Count], text: str) -> DisclosureRefused:
    """A refusal that says how many, and names the cells in the private report alone."""
    table = entries.by_count[counts[0]][0].table if counts else entries.all[0].table
    samples = names(count.cell for count in counts)[:SHOWN_PLACES]
    told = replace(finding, table=table, count=max(len(counts), 1), samples=samples)
    return DisclosureRefused(f"Table «{table}»: {text}", findings=[told])
