"""Rows of tables become counts of people; what they contradict each other in is refused by name."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import pyarrow as pa

from apendata.disclosure.facts import Count
from apendata.disclosure.keys import keys
from apendata.disclosure.linked import Linked
from apendata.disclosure.policy import STATUS
from apendata.disclosure.record_sets import RecordSets
from apendata.disclosure.universe import Cell, Universe, name
from apendata.errors import DisclosureRefused
from apendata.model import SHOWN_PLACES, Finding, Table

_CANNOT_OCCUR: Final = "."


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """One row of one table, read as a statement about a set of people."""

    table: str
    row: int
    count: Count
    value: int | None
    """None: missing, to us as to the reader."""
    impossible: bool
    """Cannot occur (``.``): a zero that every reader knows."""
    threshold: int


@dataclass(frozen=True, repr=False)
class Entries:
    """All rows that count the same people at one date."""

    all: tuple[Entry, ...]

    @cached_property
    def by_count(self) -> Mapping[Count, tuple[Entry, ...]]:
        """Count → the rows that show it."""
        found: defaultdict[Count, list[Entry]] = defaultdict(list)
        for entry in self.all:
            found[entry.count].append(entry)
        return {count: tuple(entries) for count, entries in found.items()}

    @cached_property
    def truth(self) -> Mapping[Count, int]:
        """Every count that is known and could be otherwise."""
        return {c: e[0].value for c, e in self.by_count.items() if e[0].value is not None and not e[0].impossible}

    @property
    def _near_missing(self) -> Collection[Count]:
        return self.by_count if self.missing else ()

    @cached_property
    def missing(self) -> tuple[Count, ...]:
        """Counts that the source does not tell."""
        return tuple(count for count, entries in self.by_count.items() if entries[0].value is None)

    @cached_property
    def nobody(self) -> frozenset[Count]:
        """Counts that every reader knows to be zero: marked so, or without a row in one of the finest tables."""
        marked = {count for count, entries in self.by_count.items() if entries[0].impossible}
        return frozenset(marked | set(self._absent()))

    def thresholds(self) -> Mapping[Count, int]:
        """Return the strictest threshold of the tables that show a count: the rule follows the cell (sdc.md a24)."""
        return {count: max(entry.threshold for entry in entries) for count, entries in self.by_count.items()}

    def _absent(self) -> Iterator[Count]:
        """A group without a row, in the finest tables: that there is no row says that there is nobody."""
        for dimensions in self.finest:
            here = [count for count in self.by_count if _dimensions(count.cell) == dimensions]
            codes = {d: sorted({dict(count.cell)[d] for count in here}) for d in sorted(dimensions)}
            times = {count.time for count in here}
            yield from (c for c in _grid(times, codes) if c not in self.by_count)

    @cached_property
    def finest(self) -> tuple[frozenset[str], ...]:
        """The dimensions of the finest tables, none within another."""
        shapes = {_dimensions(count.cell) for count in self.by_count}
        return tuple(sorted((s for s in shapes if not any(s < other for other in shapes)), key=sorted))

    def check(self) -> None:
        """Refuse rows that say different things of the same people.

        Raises:
            DisclosureRefused: a negative count, or two rows that disagree.
        """
        negative = [e.count for e in self.all if e.value is not None and e.value < 0]
        self.refuse("disclosure.negative_count", "A count of people is below zero. Correct the source.", negative)
        differing = [count for count, entries in self.by_count.items() if len({e.value for e in entries}) > 1]
        self.refuse(
            "disclosure.cells_differ",
            "Rows that count the same people say different things: two tables, or two rows of one, disagree. "
            "Correct the source, or give `people` another name where they are not the same people.",
            differing,
        )

    def check_sums(self, linked: Linked) -> None:
        """Refuse totals that are not the sums of their parts, or that would give a missing part away.

        Raises:
            DisclosureRefused: there is such a total.
        """
        atoms = {count: frozenset(linked.universe.atoms(count.cell).tolist()) for count in self._near_missing}
        resting = [c for c in self.truth if self.missing and any(atoms[part] < atoms[c] for part in self.missing)]
        self.refuse(
            "disclosure.missing_in_sum",
            "A total is published although one of its parts is missing or was hidden by the source: the part could be "
            "computed. Give the total the status `..` too, or leave out the table of totals.",
            resting,
        )
        self.refuse(
            "disclosure.sum_differs",
            "A total is not the sum of its parts. Totals must be true: a reader subtracts them.",
            list(_broken_sums(linked)),
        )

    def refuse(self, code: str, message: str, counts: Sequence[Count]) -> None:
        """Stop the dataset for these counts, if there are any.

        Raises:
            DisclosureRefused: with the table that shows the first of them.
        """
        if not counts:
            return
        table = self.by_count[counts[0]][0].table if counts[0] in self.by_count else self.all[0].table
        samples = tuple(sorted(name(count.cell) for count in counts)[:SHOWN_PLACES])
        finding = Finding(code, table=table, count=len(counts), samples=samples)
        raise DisclosureRefused(f"Table «{table}», {len(counts)} cells: {message}", findings=[finding])


@dataclass(frozen=True, slots=True)
class Counted:
    """How the rows of a table count people."""

    table: str
    value: str
    dimensions: tuple[str, ...]
    per: tuple[str, ...]
    """The reference date."""
    totals: Mapping[str, str]
    """Dimension → the code that stands for everybody."""
    threshold: int


def counted(table: Table) -> Counted:
    """Return how a table counts people, by its definition."""
    policy, totals = table.disclosure, table.margins.totals if table.margins else {}
    dimensions = tuple(sorted(policy.dimensions))
    return Counted(table.name, policy.value or "", dimensions, policy.per, dict(totals), policy.threshold or 0)


def entries_of(tables: Iterable[Table], data: Mapping[str, pa.Table]) -> Mapping[str, Entries]:
    """Return the rows of tables that count the same people, by reference date."""
    return by_date(entry for table in tables for entry in rows_of(counted(table), data[table.name]))


def by_date(entries: Iterable[Entry]) -> Mapping[str, Entries]:
    """Return rows by their reference date, in its order."""
    dates: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        dates[entry.count.time].append(entry)
    return {date: Entries(tuple(dates[date])) for date in sorted(dates)}


def rows_of(how: Counted, data: pa.Table) -> Iterator[Entry]:
    """Yield each row of a table as a statement about a set of people."""
    mark = f"{how.value}{STATUS}"
    statuses = data[mark].to_pylist() if mark in data.column_names else [None] * data.num_rows
    read = zip(keys(data, how.per), keys(data, how.dimensions), data[how.value].to_pylist(), statuses, strict=True)
    for row, (date, codes, value, status) in enumerate(read):
        impossible = value is None and status == _CANNOT_OCCUR
        cell = tuple((d, code) for d, code in zip(how.dimensions, codes, strict=True) if how.totals.get(d) != code)
        count = Count(" ".join(date), cell)
        yield Entry(how.table, row, count, 0 if impossible else value, impossible, how.threshold)


def universe_of(counts: Collection[Count], groups: Mapping[str, Mapping[str, tuple[str, ...]]]) -> Universe:
    """Return the universe of all codes in these counts; a code with a group is the sum of the group's.

    Raises:
        TooManyAtoms, NotInUniverse: see :class:`Universe`.
    """
    codes: defaultdict[str, set[str]] = defaultdict(set)
    for count in counts:
        for dimension, code in count.cell:
            codes[dimension].add(code)
    leaves = {d: tuple(sorted(_leaves(codes[d], groups.get(d, {})))) for d in codes}
    return Universe(leaves, {d: groups[d] for d in codes if d in groups})


def _leaves(codes: set[str], groups: Mapping[str, tuple[str, ...]]) -> set[str]:
    inside = {code for parts in groups.values() for code in parts}
    return (codes | inside) - groups.keys()


def _dimensions(cell: Cell) -> frozenset[str]:
    return frozenset(dimension for dimension, _ in cell)


def _grid(times: Collection[str], codes: Mapping[str, Sequence[str]]) -> Iterator[Count]:
    cells: list[Cell] = [()]
    for dimension in sorted(codes):
        cells = [(*cell, (dimension, code)) for cell in cells for code in codes[dimension]]
    return (Count(time, cell) for time in sorted(times) for cell in cells)


def _broken_sums(linked: Linked) -> Iterator[Count]:
    """Totals that are not the sum of their parts, as far as the parts are known."""
    for time in linked.times:
        known = {linked.sets.index[count.cell]: n for count, n in linked.everything.items() if count.time == time}
        for total, parts in _from_parts_up(linked.sets):
            if all(part in known for part in parts):
                computed = sum(known[part] for part in parts)
                if known.setdefault(total, computed) != computed:
                    yield Count(time, linked.sets.cells[total][0])


def _from_parts_up(sets: RecordSets) -> Iterator[tuple[int, list[int]]]:
    """Every total and its parts, the small ones first, so that a part that is a total has come before."""
    sums = sets.sums
    for row in sorted(range(sums.shape[0]), key=lambda row: len(sets.smallest[_total(sums, row)])):
        columns, ones = sums.indices[sums.indptr[row] : sums.indptr[row + 1]], _ones(sums, row)
        yield _total(sums, row), columns[ones > 0].tolist()


def _total(sums: Any, row: int) -> int:
    return int(sums.indices[sums.indptr[row] : sums.indptr[row + 1]][_ones(sums, row) < 0][0])


def _ones(sums: Any, row: int) -> Any:
    return sums.data[sums.indptr[row] : sums.indptr[row + 1]]
