"""What other datasets show, and hide, of the same people at one date: it can neither be hidden nor given away here."""

from collections.abc import Mapping
from dataclasses import dataclass

from apendata.disclosure.auditor import Target
from apendata.disclosure.facts import Between, Count, counts_in, exactly
from apendata.disclosure.ledger import LATER, Ledger


@dataclass(frozen=True, repr=False)
class Elsewhere:
    """One date, as others tell of it."""

    facts: tuple[Between, ...]
    targets: tuple[Target, ...]
    """What they protect."""
    counts: frozenset[Count]
    """Every count that any of it speaks of."""

    @property
    def shown(self) -> frozenset[Count]:
        """The counts that readers know from there."""
        return frozenset(count for fact in self.facts for count in counts_in(fact))


def told_of(date: str, ledger: Ledger, truth: Mapping[Count, int]) -> Elsewhere:
    """Return what others tell of a date.

    What was said otherwise at another time than it is now is left out; the audit before the release reckons with it as
    the revision that it is.

    Args:
        date: the reference date.
        ledger: what was ever published elsewhere, or printed.
        truth: the counts of the date, as they are now.
    """
    states = [state for state in ledger.times if state == date or state.startswith(f"{date}{LATER}")]
    agreeing = [state for state in states if _agrees(date, ledger.states.get(state, {}), truth)]
    facts = {f.count.cell: f.low for f in ledger.elsewhere if f.count.time in states}
    for state in agreeing:
        facts |= {count.cell: n for count, n in ledger.states.get(state, {}).items()}
    told = {Count(date, cell): n for cell, n in facts.items() if truth.get(Count(date, cell), n) == n}
    targets = {Count(date, c.cell): bar for c, bar in ledger.targets.items() if c.time in agreeing}
    hidden = {Count(date, count.cell) for count in ledger.hidden if count.time in agreeing}
    return Elsewhere(
        facts=tuple(exactly(count, n) for count, n in sorted(told.items())),
        targets=tuple(Target(count, bar) for count, bar in sorted(targets.items(), key=lambda pair: pair[0])),
        counts=frozenset({*told, *targets, *hidden}),
    )


def _agrees(date: str, shown: Mapping[Count, int], truth: Mapping[Count, int]) -> bool:
    return all(truth.get(Count(date, count.cell), n) == n for count, n in shown.items())
