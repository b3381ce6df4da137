"""What mandated figures determine together: computed, said aloud, and signed by somebody before the first release.

Each figure is ordered by a decision; none can be hidden. But four of four of one kind, and one of them anonymous, say
of the anonymous one what it was about, though no table crosses the two. The auditor finds every such pair (sdc.md §4).
"""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import pyarrow as pa

from apendata.disclosure import facts as f
from apendata.disclosure.auditor import Auditor
from apendata.disclosure.keys import rows_found
from apendata.disclosure.mandated import LONG, values_of, years_of
from apendata.disclosure.parts import point_of
from apendata.disclosure.record_sets import record_sets
from apendata.disclosure.system import Contradiction, system
from apendata.disclosure.universe import Cell, Universe, cell_of
from apendata.errors import DisclosureRefused
from apendata.model import Dataset, Finding, Table

_REST: Final = "(…)"
"""All that a dimension does not name."""

Told = dict[f.Count, int]


def check_signed(dataset: Dataset, data: Mapping[str, pa.Table]) -> tuple[Finding, ...]:
    """Check that somebody has signed for every pair that the mandated figures of a dataset determine together.

    Raises:
        DisclosureRefused: a pair is determined that nobody has signed for; the private report names it.
    """
    tables = [table for table in dataset.tables if table.disclosure.method == "mandated"]
    found = set(determined(tables, data))
    signed = {f.Count(str(s.year), cell_of(cell)) for t in tables for s in t.disclosure.signed for cell in s.cells}
    unsigned = sorted(found - signed)
    if unsigned:
        keys = [(count.time, *(f"{d}: {code}" for d, code in count.cell)) for count in unsigned]
        raise DisclosureRefused(
            f"Table «{tables[-1].name}»: the mandated figures together tell of {len(unsigned)} groups of cases that no "
            "figure shows by itself. The private report names them. Whoever answers for the figures signs for them "
            "under `signed`, or the figures wait.",
            findings=[rows_found("disclosure.not_signed", tables[-1], keys)],
        )
    return (Finding("disclosure.signed", "info", tables[-1].name, count=len(found)),) if found else ()


def determined(tables: Sequence[Table], data: Mapping[str, pa.Table]) -> Iterator[f.Count]:
    """Yield each pair of categories, of two dimensions in one year, of which the figures tell how many are both.

    Pairs of which there are none are left out: they tell of nobody.

    Raises:
        DisclosureRefused: the figures contradict each other.
    """
    years: defaultdict[str, Told] = defaultdict(dict)
    for table in tables:
        for count, n in _told(table, data[table.name]):
            years[count.time][count] = n
    for year in sorted(years):
        try:
            yield from _determined(year, years[year])
        except Contradiction:
            raise DisclosureRefused(
                f"The mandated figures of {year} contradict each other. Correct the source.",
                findings=[Finding("disclosure.sum_differs", table=tables[0].name)],
            ) from None


def _told(table: Table, data: pa.Table) -> Iterator[tuple[f.Count, int]]:
    (year,), (value,) = years_of(table), values_of(table)
    one_way = table.disclosure.one_way
    for row in data.to_pylist():
        if row[value] is None:
            continue
        codes = {row["dimensjon"]: row["kategori"]} if set(one_way) == LONG else {d: row[d] for d in one_way}
        yield f.Count(str(row[year]), cell_of(codes)), int(row[value])


def _determined(year: str, told: Told) -> Iterator[f.Count]:
    codes: defaultdict[str, list[str]] = defaultdict(list)
    for count in told:
        for dimension, code in count.cell:
            codes[dimension].append(code)
    pairs: list[Cell] = [
        tuple(sorted([(a, one), (b, other)]))
        for a, b in itertools.combinations(sorted(codes), 2)
        for one, other in itertools.product(codes[a], codes[b])
    ]
    if not pairs:
        return
    universe = Universe({d: (*sorted(named), _REST) for d, named in codes.items()})
    sets = record_sets(universe, {count.cell for count in told} | set(pairs))
    given = system(sets, [year], [f.exactly(count, n) for count, n in told.items()])
    point = point_of(given, {})
    if point is None:
        raise Contradiction(year)
    auditor = Auditor(given, point)
    for pair in sorted(pairs):
        low, high = auditor.interval(f.Count(year, pair))
        if low == high != 0:
            yield f.Count(year, pair)
