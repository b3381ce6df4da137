"""What a reader is told, or knows: each fact narrows what the counts behind the tables could be (sdc.md §2.2)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal

from apendata.disclosure.universe import Cell


@dataclass(frozen=True, slots=True, order=True, repr=False)
class Count:
    """How many people are in a cell at one time: a reference date, or one revision of it."""

    time: str
    cell: Cell


@dataclass(frozen=True, slots=True, repr=False)
class Between:
    """``low ≤ count ≤ high``: both ends the same of a published count, ``r ∓ (b−1)`` of one rounded to the base b."""

    count: Count
    low: int
    high: int | None
    """None: no upper end."""


@dataclass(frozen=True, slots=True, repr=False)
class OneOf:
    """The count is one of these."""

    count: Count
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True, repr=False)
class NoneOf:
    """The count is none of these."""

    count: Count
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Share:
    """``part / whole`` was published as a percentage with some decimals, rounded in whichever way."""

    part: Count
    whole: Count
    percent: Decimal
    decimals: int


@dataclass(frozen=True, slots=True, repr=False)
class AtLeastOther:
    """``count ≥ other + gap``: what an order of rows by size gives away."""

    count: Count
    other: Count
    gap: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class SomeOf:
    """At least one of the counts lies between the two numbers beside it: why else would anything be hidden."""

    options: tuple[tuple[Count, int, int], ...]


@dataclass(frozen=True, slots=True, repr=False)
class SmallestOf:
    """The smallest of the counts is this: a column's profile."""

    counts: tuple[Count, ...]
    value: int


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Nobody moved between two times: another grouping of the same people at the same date."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class MovesAtMost:
    """At most so many people came to, or left, a group that any table could tell apart."""

    before: str
    after: str
    moves: int


@dataclass(frozen=True, slots=True)
class OnlyGrows:
    """A register that is cumulative within the year: nobody leaves it."""

    before: str
    after: str


Fact = (
    Between | OneOf | NoneOf | Share | AtLeastOther | SomeOf | SmallestOf | Unchanged | MovesAtMost | OnlyGrows
)  # fmt: skip


def exactly(count: Count, value: int) -> Between:
    """Return the fact that a count was published as it is."""
    return Between(count, value, value)


def counts_in(fact: Fact) -> Iterator[Count]:
    """Yield the counts that a fact speaks of; none where it speaks of two whole times."""
    match fact:
        case Between(count) | OneOf(count) | NoneOf(count):
            yield count
        case Share(part, whole):
            yield from (part, whole)
        case AtLeastOther(count, other):
            yield from (count, other)
        case SomeOf(options):
            yield from (count for count, _, _ in options)
        case SmallestOf(counts):
            yield from counts


def cells_in(facts: Collection[Fact]) -> set[Cell]:
    """Return all cells that the facts speak of."""
    return {count.cell for fact in facts for count in counts_in(fact)}
