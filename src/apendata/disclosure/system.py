"""All that a reader knows, as one system of linear constraints over whole numbers."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

import numpy as np
from scipy import sparse

from apendata.disclosure import facts as f
from apendata.disclosure.linear import Floats, Ints
from apendata.disclosure.record_sets import RecordSets
from apendata.disclosure.universe import name

# For either-or facts about a count that nothing else bounds; a larger number would drown in the solver's tolerance. A
# point that is found is checked in whole numbers all the same: too small a number here refuses, it never lets pass.
_LARGEST: Final = 10_000
_ROOM: Final = 4
_MOST_PASSES: Final = 30
_ROUNDING: Final = 1e-9

Terms = Mapping[int, int]
"""Column → coefficient."""


class Contradiction(ValueError):
    """No counts at all agree with the facts: somewhere a wrong number was published or registered."""


@dataclass(frozen=True, repr=False)
class System:
    """``row_low ≤ matrix·y ≤ row_high`` and ``low ≤ y ≤ high``, y whole numbers."""

    sets: RecordSets
    times: tuple[str, ...]
    matrix: Any
    """Sparse int64 (rows, columns)."""
    row_low: Floats
    row_high: Floats
    low: Floats
    high: Floats

    @property
    def counts(self) -> int:
        """The first so many columns are counts, time by time; the others only help to say facts."""
        return len(self.times) * self.sets.size

    def column(self, count: f.Count) -> int:
        """Return a count's column; −1 where nobody can be."""
        variable = self.sets.index[count.cell]
        return self._offsets[count.time] + variable if variable >= 0 else -1

    @cached_property
    def _offsets(self) -> Mapping[str, int]:
        return {time: i * self.sets.size for i, time in enumerate(self.times)}

    def holds(self, point: Ints) -> bool:
        """Whether counts agree with every fact, in exact arithmetic."""
        rows = self.matrix @ point
        return bool(
            (point >= self.low).all()
            and (point <= self.high).all()
            and (rows >= self.row_low).all()
            and (rows <= self.row_high).all()
        )


def system(sets: RecordSets, times: Sequence[str], facts: Iterable[f.Fact], *, narrowed: bool = True) -> System:
    """Return the system of all facts about some people at some times.

    Args:
        sets: of all cells that the facts speak of.
        times: all that the facts speak of.
        facts: what the reader knows.
        narrowed: whether what follows from single sums is put into the bounds; without it they say what was told.

    Raises:
        Contradiction: two facts about a cell, or all of them together, cannot be true.
    """
    builder = _Builder(sets, times)
    either_or = [fact for fact in facts if not builder.add(fact)]
    if narrowed or either_or:
        builder.tighten()
    for fact in either_or:
        builder.add_either_or(fact)
    if narrowed:
        builder.tighten()
    return builder.system()


class _Builder:
    def __init__(self, sets: RecordSets, times: Sequence[str]) -> None:
        self._sets = sets
        self._times = tuple(times)
        self._places = {time: i * sets.size for i, time in enumerate(times)}
        self._rows: list[tuple[Terms, float, float]] = []
        self._low = np.zeros(len(times) * sets.size)
        self._high = np.full(len(times) * sets.size, np.inf)
        self._additive = sparse.block_diag([sets.sums] * len(times), format="csr", dtype=np.int64)

    def add(self, fact: f.Fact) -> bool:
        """Add a fact that needs no either-or; return whether it was one."""
        match fact:
            case f.Between(count, low, high):
                self._between(count, low, np.inf if high is None else high)
            case f.Share():
                self._share(fact)
            case f.AtLeastOther(count, other, gap):
                self._row(_less(self._terms(count), self._terms(other)), gap, np.inf)
            case f.Unchanged(before, after):
                self._each(before, after, 0, 0)
            case f.OnlyGrows(before, after):
                self._each(before, after, 0, np.inf)
            case f.MovesAtMost(before, after, moves):
                self._moves(before, after, moves)
            case _:
                return False
        return True

    def add_either_or(self, fact: f.Fact) -> None:
        """Add a fact that says one thing or another, by helping columns of 0 or 1."""
        match fact:
            case f.OneOf(count, values):
                chosen = [self._helper(1) for _ in values]
                self._row(_less(self._terms(count), dict(zip(chosen, values, strict=True))), 0, 0)
                self._row(dict.fromkeys(chosen, 1), 1, 1)
            case f.NoneOf(count, values):
                self._in_a_run(count, _gaps(values, self._top(count)))
            case f.SomeOf(options):
                self._row({self._if_in(count, (low, high)): 1 for count, low, high in options}, 1, np.inf)
            case f.SmallestOf(counts, value):
                for count in counts:
                    self._between(count, value, np.inf)
                self._row({self._if_in(count, (value, value)): 1 for count in counts}, 1, np.inf)

    def tighten(self) -> None:
        """Narrow every count as far as single facts do.

        Raises:
            Contradiction: a count is left without a value.
        """
        built = self.system()
        self._low, self._high = tightened(built)

    def system(self) -> System:
        matrix, low, high = self._built()
        return System(self._sets, self._times, matrix, low, high, self._low, self._high)

    def _built(self) -> tuple[Any, Floats, Floats]:
        size, known = len(self._low), self._additive.shape[0]
        self._additive.resize((known, size))
        own = sparse.csr_matrix(
            (
                np.array([a for terms, _, _ in self._rows for a in terms.values()], dtype=np.int64),
                (
                    [i for i, (terms, _, _) in enumerate(self._rows) for _ in terms],
                    [column for terms, _, _ in self._rows for column in terms],
                ),
            ),
            shape=(len(self._rows), size),
        )
        lows = np.concatenate([np.zeros(known), [low for _, low, _ in self._rows]])
        highs = np.concatenate([np.zeros(known), [high for _, _, high in self._rows]])
        return sparse.vstack([self._additive, own], format="csr", dtype=np.int64), lows, highs

    def _column(self, count: f.Count) -> int:
        variable = self._sets.index[count.cell]
        return self._places[count.time] + variable if variable >= 0 else -1

    def _terms(self, count: f.Count) -> Terms:
        column = self._column(count)
        return {column: 1} if column >= 0 else {}

    def _row(self, terms: Terms, low: float, high: float) -> None:
        self._rows.append(({column: a for column, a in terms.items() if a}, low, high))

    def _helper(self, high: float) -> int:
        self._low = np.append(self._low, 0.0)
        self._high = np.append(self._high, high)
        return len(self._low) - 1

    def _between(self, count: f.Count, low: float, high: float) -> None:
        column = self._column(count)
        if column < 0:
            low, high, standing = max(low, 0.0), min(high, 0.0), "nobody can be in it"
        else:
            low, high = max(low, self._low[column]), min(high, self._high[column])
            self._low[column], self._high[column] = low, high
            standing = "two facts about it differ"
        if low > high:
            raise Contradiction(f"{count.time}: {name(count.cell)}: {standing}")

    def _share(self, share: f.Share) -> None:
        """``(p − ½·10⁻ᵈ)·whole ≤ 100·part ≤ (p + ½·10⁻ᵈ)·whole``, times 2·10ᵈ so that all is whole."""
        scale = 10**share.decimals
        percent = int(share.percent * 2 * scale)
        part = dict.fromkeys(self._terms(share.part), 200 * scale)
        for edge, low, high in ((percent - 1, 0.0, np.inf), (percent + 1, -np.inf, 0.0)):
            self._row(_less(part, dict.fromkeys(self._terms(share.whole), edge)), low, high)

    def _each(self, before: str, after: str, low: float, high: float) -> None:
        for was, now in self._pairs(before, after):
            self._row({now: 1, was: -1}, low, high)

    def _moves(self, before: str, after: str, moves: int) -> None:
        came_and_left: dict[int, int] = {}
        for was, now in self._pairs(before, after):
            came, left = self._helper(moves), self._helper(moves)
            self._row({now: 1, was: -1, came: -1, left: 1}, 0, 0)
            came_and_left |= {came: 1, left: 1}
        self._row(came_and_left, 0, moves)

    def _pairs(self, before: str, after: str) -> list[tuple[int, int]]:
        was, now = self._places[before], self._places[after]
        return [(was + i, now + i) for i, parts in enumerate(self._sets.smallest) if parts == {i}]

    def _top(self, count: f.Count) -> int:
        column = self._column(count)
        return int(min(self._high[column], _LARGEST)) if column >= 0 else 0

    def _in_a_run(self, count: f.Count, runs: Sequence[tuple[int, int]]) -> None:
        chosen = [self._helper(1) for _ in runs]
        self._row(dict.fromkeys(chosen, 1), 1, 1)
        for end, low, high in ((0, 0.0, np.inf), (1, -np.inf, 0.0)):
            ends = {column: run[end] for column, run in zip(chosen, runs, strict=True)}
            self._row(_less(self._terms(count), ends), low, high)

    def _if_in(self, count: f.Count, run: tuple[int, int]) -> int:
        """Return a column that may be 1 only where the count is within the run."""
        chosen, top = self._helper(1), max(self._top(count), _ROOM * run[1])
        self._row(_less(self._terms(count), {chosen: run[0]}), 0, np.inf)
        self._row(_less(self._terms(count), {chosen: run[1] - top}), -np.inf, top)
        return chosen


def _less(terms: Terms, other: Terms) -> dict[int, int]:
    found = dict(terms)
    for column, a in other.items():
        found[column] = found.get(column, 0) - a
    return found


def _gaps(values: Collection[int], top: int) -> list[tuple[int, int]]:
    edges = [-1, *sorted({v for v in values if 0 <= v <= top}), top + 1]
    return [(a + 1, b - 1) for a, b in pairwise(edges) if a + 1 <= b - 1]


def tightened(given: System) -> tuple[Floats, Floats]:
    """Return narrower bounds of all columns, by going through the rows until none says more.

    Raises:
        Contradiction: a column is left without a value.
    """
    entries = given.matrix.tocoo()
    low, high = given.low.copy(), given.high.copy()
    for _ in range(_MOST_PASSES):
        before = (low.copy(), high.copy())
        for sign, right in ((1, given.row_high), (-1, -given.row_low)):
            _narrow((entries.row, entries.col, sign * entries.data), right, (low, high))
        if (low > high).any():
            raise Contradiction("the published figures contradict each other")
        if np.array_equal(before[0], low) and np.array_equal(before[1], high):
            break
    return low, high


def _narrow(entries: tuple[Ints, Ints, Ints], right: Floats, bounds: tuple[Floats, Floats]) -> None:
    """Every row ``a·x ≤ right``: what is left for one column when all others are as small as they can be."""
    (row, column, a), (low, high) = entries, bounds
    least = a * np.where(a > 0, low[column], high[column])
    endless = np.isinf(least)
    finite = np.where(endless, 0.0, least)
    many = np.bincount(row, endless, len(right))[row]
    rest = np.bincount(row, finite, len(right))[row] - finite
    useful = ((many == 0) | ((many == 1) & endless)) & np.isfinite(right[row])
    limit = (right[row] - rest)[useful] / a[useful]
    at, up = column[useful], a[useful] > 0
    np.minimum.at(high, at[up], np.floor(limit[up] + _ROUNDING))
    np.maximum.at(low, at[~up], np.ceil(limit[~up] - _ROUNDING))
