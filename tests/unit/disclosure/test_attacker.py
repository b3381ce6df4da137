"""An attacker written apart from the auditor never pins a protected cell, whatever the table."""

import itertools

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from apendata.disclosure import protect
from apendata.disclosure.auditor import Bar, Target
from apendata.disclosure.facts import Count
from apendata.disclosure.linked import Linked, audit, protect as protect_linked
from apendata.disclosure.universe import Universe
from apendata.model import ValidTable
from tests.spec.disclosure.crosstabs import ALL, Crosstab, dataset

AREAS, SEXES = "ABCD", "KM"


def _text(numbers):
    """A crosstab with all totals, drawn from {(area, sex): count}."""
    areas = sorted({area for area, _ in numbers})
    lines = [["", *SEXES, ALL]]
    for area in [*areas, ALL]:
        mine = [numbers[a, s] if area != ALL else sum(numbers[x, s] for x in areas) for a, s in _row(area, areas)]
        lines.append([area, *mine, sum(mine)])
    return "\n".join("|".join(map(str, line)) for line in lines)


def _row(area, areas):
    return [(area if area != ALL else areas[0], sex) for sex in SEXES]


@st.composite
def staff(draw):
    areas = AREAS[: draw(st.integers(2, 4))]
    small = st.one_of(st.integers(0, 5), st.integers(0, 30))
    return {(area, sex): draw(small) for area in areas for sex in SEXES}


def _published(crosstab, protection):
    """(area, sex) → number or None, read off the safe tables as a reader would."""
    found = {}
    for name in crosstab.valid():
        for row in protection.tables[name].data.to_pylist():
            found[row["omraade"], row["kjoenn"]] = row["antall"]
    return found


def _extreme(published, cell, sign):
    """The least (sign 1) or greatest (sign −1) whole number that a cell can be, from the inner cells alone."""
    areas = sorted({a for a, _ in published if a != ALL})
    inner = [(a, s) for a in areas for s in SEXES]

    def members(wanted):
        return np.array([float(wanted[0] in {a, ALL} and wanted[1] in {s, ALL}) for a, s in inner])

    known = [(members(c), number) for c, number in published.items() if number is not None]
    rows, numbers = np.array([r for r, _ in known]), np.array([n for _, n in known])
    constraints = LinearConstraint(rows, numbers, numbers) if known else ()
    answer = milp(
        sign * members(cell), constraints=constraints, integrality=np.ones(len(inner)), bounds=Bounds(0, 10_000)
    )
    assert answer.success
    return round(sign * answer.fun)


@settings(max_examples=60, deadline=None)
@given(staff(), st.integers(3, 5))
def test_no_protected_cell_is_pinned(numbers, threshold):
    crosstab = Crosstab(_text(numbers), threshold=threshold)
    published = _published(crosstab, protect(dataset(*crosstab.tables), crosstab.valid(), {}))
    for cell, text in crosstab.numbers.items():
        if 1 <= int(text) < threshold:
            assert published[cell] is None
            assert _extreme(published, cell, 1) == 0
            assert _extreme(published, cell, -1) >= threshold
        else:
            assert published[cell] in {None, int(text)}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=12, max_size=12), st.integers(3, 5))
def test_three_dimensions_are_safe_in_whole_numbers_too(counts, threshold):
    codes = list(itertools.product("AB", "KM", "xyz"))
    linked = _cube(dict(zip(codes, counts, strict=True)), threshold)
    hidden = protect_linked(linked).hidden
    shown = [count for count in linked.truth if count not in hidden]
    for target in linked.targets:
        for sign, wanted in ((1, lambda v: v == 0), (-1, lambda v: v >= threshold)):
            assert wanted(_extreme_of(target.count, {c: linked.truth[c] for c in shown}, codes, sign))


def _extreme_of(count, shown, codes, sign):
    def members(cell):
        return np.array([float(set(cell) <= set(_pairs(code))) for code in codes])

    rows, numbers = np.array([members(c.cell) for c in shown]), np.array(list(shown.values()))
    constraints = LinearConstraint(rows, numbers, numbers) if shown else ()
    answer = milp(
        sign * members(count.cell), constraints=constraints, integrality=np.ones(len(codes)), bounds=Bounds(0, 10_000)
    )
    return round(sign * answer.fun)


def _pairs(code):
    return tuple((f"d{i}", c) for i, c in enumerate(code))


def _cube(counts, threshold):
    totals = {}
    for code, number in counts.items():
        for keep in itertools.product([False, True], repeat=len(code)):
            count = Count("d", tuple(pair for pair, kept in zip(_pairs(code), keep, strict=True) if kept))
            totals[count] = totals.get(count, 0) + number
    leaves = {f"d{i}": tuple(sorted({code[i] for code in counts})) for i in range(len(next(iter(counts))))}
    targets = tuple(Target(count, Bar(0, threshold)) for count, n in totals.items() if 1 <= n < threshold)
    return Linked(Universe(leaves), totals, targets)


@settings(max_examples=20, deadline=None)
@given(staff(), st.integers(3, 5), st.randoms())
def test_the_order_of_rows_changes_nothing(numbers, threshold, random):
    crosstab = Crosstab(_text(numbers), threshold=threshold)
    straight = protect(dataset(*crosstab.tables), crosstab.valid(), {})
    mixed = protect(dataset(*crosstab.tables), {n: _shuffled(t, random) for n, t in crosstab.valid().items()}, {})
    assert crosstab.shown(mixed) == crosstab.shown(straight)


def _shuffled(table, random):
    order = list(range(table.data.num_rows))
    random.shuffle(order)
    return ValidTable(table.name, table.data.take(pa.array(order)), table.origin)


@settings(max_examples=20, deadline=None)
@given(staff(), st.integers(3, 5))
def test_the_same_figures_next_night_hide_the_same_cells(numbers, threshold):
    crosstab = Crosstab(_text(numbers), threshold=threshold)
    first = protect(dataset(*crosstab.tables), crosstab.valid(), {})
    second = protect(dataset(*crosstab.tables), crosstab.valid(), crosstab.public(first))
    assert crosstab.shown(second) == crosstab.shown(first)


@pytest.mark.parametrize(
    "counts",
    [
        {("A", "K"): 18, ("A", "M"): 10, ("B", "K"): 3, ("B", "M"): 4, ("C", "K"): 4, ("C", "M"): 1},
        {("A", "K"): 18, ("A", "M"): 10, ("B", "K"): 3, ("B", "M"): 4, ("C", "K"): 1, ("C", "M"): 0},
    ],
    ids=["all-inner", "with-totals"],
)
def test_the_auditor_notices_every_cell_that_is_forgotten(counts):
    linked = _cube(counts, 5)
    pattern = protect_linked(linked)
    assert not pattern.verdict.counts
    for count in pattern.hidden:
        assert audit(linked, pattern.hidden - {count}).counts, count.cell
