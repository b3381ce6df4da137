"""Amounts that too few people make up: which cells are sensitive by themselves.

The rules of Hundepool et al., Statistical Disclosure Control (2012), ch. 4. A cell of amounts is protected where its
largest contributors could work out each other's share. Which further cells go with it, and whether that is enough, is
the same question as for counts: amounts add up like people, in a unit small enough that all of them are whole.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from apendata.disclosure.auditor import Bar
from apendata.disclosure.universe import Cell

_PERCENT: Final = 100


@dataclass(frozen=True, slots=True)
class FewContributors:
    """Sensitive with so many contributors or fewer, but not with none."""

    most: int

    def is_sensitive(self, contributions: Sequence[Decimal]) -> bool:
        """Whether a cell with these contributions is."""
        return 0 < len(contributions) <= self.most


@dataclass(frozen=True, slots=True)
class Dominance:
    """(n, k): sensitive where the n largest contribute more than k per cent."""

    n: int
    k: Decimal

    def is_sensitive(self, contributions: Sequence[Decimal]) -> bool:
        """Whether a cell with these contributions is."""
        total, largest = sum(contributions), sum(sorted(contributions, reverse=True)[: self.n])
        return total > 0 and largest * _PERCENT > self.k * total


@dataclass(frozen=True, slots=True)
class PPercent:
    """p %: sensitive where the second largest could estimate the largest to within p per cent of it."""

    p: Decimal

    def is_sensitive(self, contributions: Sequence[Decimal]) -> bool:
        """Whether a cell with these contributions is."""
        ordered = sorted(contributions, reverse=True)
        return bool(ordered) and sum(ordered[2:]) * _PERCENT < self.p * ordered[0]


Rule = FewContributors | Dominance | PPercent


def sensitive(contributions: Mapping[Cell, Sequence[Decimal]], rules: Iterable[Rule]) -> frozenset[Cell]:
    """Return the cells that some rule makes sensitive.

    Args:
        contributions: cell → the amount of each contributor, none below zero.
        rules: one is enough.
    """
    every = tuple(rules)
    return frozenset(cell for cell, amounts in contributions.items() if any(r.is_sensitive(amounts) for r in every))


def bar(amount: int, percent: int) -> Bar:
    """Return what must stay possible of a sensitive amount: from lowest to highest so many per cent of it."""
    return Bar(width=max(1, math.ceil(amount * percent / _PERCENT)))


def in_whole_units(amounts: Iterable[Decimal]) -> int:
    """Return by how much all amounts must be multiplied to be whole."""
    return int(10 ** max((-int(amount.as_tuple().exponent) for amount in amounts), default=0))
