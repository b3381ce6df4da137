"""Every table that could be, one by one: an attacker who shares no line with the auditor agrees with it, both ways.

Small universes of people, with hierarchies that may overlap, two dates between which few can have moved, and any
pattern of hidden cells, ours or not. The attacker writes down all tables of the finest groups, keeps those that agree
with what she sees and is herself, and looks at what is left.
"""

import itertools
from collections.abc import Iterator, Mapping

from hypothesis import given, settings, strategies as st

from apendata.disclosure.auditor import Auditor, Bar, Target
from apendata.disclosure.facts import Count, MovesAtMost
from apendata.disclosure.insiders import people_alone
from apendata.disclosure.linked import Linked, audit, protect
from apendata.disclosure.universe import Universe

LEAVES = ("A", "B", "C", "D")
GROUPS = {"AB": ("A", "B"), "BC": ("B", "C"), "CD": ("C", "D")}
Table = tuple[int, ...]


def _cell(code: str) -> tuple[tuple[str, str], ...]:
    return () if code == "" else (("o", code),)


def _sum(table: Table, code: str) -> int:
    members = LEAVES if code == "" else GROUPS.get(code, (code,))
    return sum(table[LEAVES.index(leaf)] for leaf in members)


def _tables(shown: Mapping[str, int]) -> Iterator[Table]:
    """All tables of the leaves that agree with the shown counts; the total is shown, so that the list has an end."""
    for table in itertools.product(range(shown[""] + 1), repeat=len(LEAVES)):
        if all(_sum(table, code) == n for code, n in shown.items()):
            yield table


@st.composite
def _published(draw: st.DrawFn) -> tuple[Table, frozenset[str]]:
    table = tuple(draw(st.lists(st.integers(0, 3), min_size=4, max_size=4)))
    codes = [*LEAVES, *draw(st.sets(st.sampled_from(sorted(GROUPS))))]
    hidden = draw(st.sets(st.sampled_from(codes)))
    return table, frozenset(hidden) | {f"-{code}" for code in GROUPS if code not in codes}


def _linked(table: Table, without: frozenset[str], threshold: int) -> Linked:
    codes = ["", *LEAVES, *(code for code in GROUPS if f"-{code}" not in without)]
    truth = {Count("d", _cell(code)): _sum(table, code) for code in codes}
    targets = tuple(Target(count, Bar(0, threshold)) for count, n in truth.items() if 1 <= n < threshold)
    groups = {code: parts for code, parts in GROUPS.items() if f"-{code}" not in without}
    return Linked(Universe({"o": LEAVES}, {"o": groups}), truth, targets)


def _hidden(linked: Linked, pattern: frozenset[str]) -> frozenset[Count]:
    return frozenset(count for count in linked.truth if dict(count.cell).get("o", "") in pattern)


def _code(count: Count) -> str:
    return dict(count.cell).get("o", "")


@settings(max_examples=150, deadline=None)
@given(_published(), st.integers(2, 4))
def test_of_any_pattern_the_auditor_says_what_the_list_of_all_tables_says(
    published: tuple[Table, frozenset[str]], threshold: int
) -> None:
    table, pattern = published
    linked = _linked(table, pattern, threshold)
    hidden = _hidden(linked, pattern)
    shown = {_code(count): n for count, n in linked.truth.items() if count not in hidden}
    possible = list(_tables(shown))
    given_system = linked.reader(hidden)
    columns = {given_system.column(count): n for count, n in linked.truth.items()}
    auditor = Auditor(given_system, linked.whole(given_system), people_alone(linked.sets, columns))
    for count in linked.truth:
        values = {_sum(t, _code(count)) for t in possible}
        assert auditor.interval(count) == (min(values), max(values))
        assert auditor.possible(count) == tuple(sorted(values))
    found = {(f.count, bool(f.insider.knows)) for f in auditor.found_out(linked.targets)}
    for target in linked.targets:
        values = {_sum(t, _code(target.count)) for t in possible}
        assert ((target.count, False) in found) == (min(values) > 0 or max(values) < threshold)
        if (target.count, False) not in found:
            assert ((target.count, True) in found) == _an_insider_finds(linked, target.count, possible, threshold)


def _an_insider_finds(linked: Linked, count: Count, possible: list[Table], threshold: int) -> bool:
    """Whoever is alone in a cell knows all cells in which she is alone, and that 0 is not possible where she is."""
    alone = [c for c, n in linked.truth.items() if n == 1]
    for mine in (c for c in alone if not any(_members(other) < _members(c) for other in alone)):
        hers = [c for c, n in linked.truth.items() if n == 1 and _members(mine) <= _members(c)]
        if any(_members(count) <= _members(c) for c in hers):
            continue
        values = {_sum(t, _code(count)) for t in possible if all(_sum(t, _code(c)) == 1 for c in hers)}
        lowest = 1 if _members(mine) < _members(count) else 0
        if min(values) > lowest or max(values) < threshold:
            return True
    return False


def _members(count: Count) -> set[str]:
    code = _code(count)
    return set(LEAVES if code == "" else GROUPS.get(code, (code,)))


@settings(max_examples=150, deadline=None)
@given(_published(), st.integers(2, 4))
def test_what_the_suppressor_makes_and_the_auditor_passes_the_list_of_all_tables_cannot_pin(
    published: tuple[Table, frozenset[str]], threshold: int
) -> None:
    table, pattern = published
    linked = _linked(table, pattern, threshold)
    made = protect(linked)
    if made.verdict.counts:
        return
    shown = {_code(count): n for count, n in linked.truth.items() if count not in made.hidden}
    if "" not in shown:
        return  # without a total the list has no end; the counts are as free as can be
    possible = list(_tables(shown))
    for target in linked.targets:
        values = {_sum(t, _code(target.count)) for t in possible}
        assert min(values) == 0
        assert max(values) >= threshold
        assert not _an_insider_finds(linked, target.count, possible, threshold)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 3), min_size=3, max_size=3),
    st.lists(st.integers(-2, 2), min_size=3, max_size=3),
    st.sets(st.sampled_from(["A", "B", "C"])),
    st.integers(0, 3),
)
def test_what_few_can_have_moved_tells_of_the_date_before_is_what_the_list_of_all_pairs_says(
    first: list[int], moved: list[int], pattern: set[str], slack: int
) -> None:
    leaves = ("A", "B", "C")
    second = [max(0, n + step) for n, step in zip(first, moved, strict=True)]
    most = sum(abs(a - b) for a, b in zip(first, second, strict=True)) + slack
    truth = {Count("1", _cell(code)): n for code, n in zip(leaves, first, strict=True)}
    truth |= {Count("2", _cell(code)): n for code, n in zip(leaves, second, strict=True)}
    truth |= {Count("1", ()): sum(first), Count("2", ()): sum(second)}
    hidden = frozenset(count for count in truth if count.time == "1" and _code(count) in pattern)
    linked = Linked(Universe({"o": leaves}), truth, (), known=(MovesAtMost("1", "2", most),))
    given_system = linked.reader(hidden)
    auditor = Auditor(given_system, linked.whole(given_system))
    possible = [
        table
        for table in itertools.product(range(sum(first) + 1), repeat=3)
        if sum(table) == sum(first)
        and all(n == m for n, m, code in zip(table, first, leaves, strict=True) if code not in pattern)
        and sum(abs(a - b) for a, b in zip(table, second, strict=True)) <= most
    ]
    for i, code in enumerate(leaves):
        values = {table[i] for table in possible}
        assert auditor.interval(Count("1", _cell(code))) == (min(values), max(values))


@settings(max_examples=60, deadline=None)
@given(_published(), st.integers(3, 4))
def test_one_secondary_cell_less_is_noticed_whenever_it_gives_somebody_away(
    published: tuple[Table, frozenset[str]], threshold: int
) -> None:
    table, pattern = published
    linked = _linked(table, pattern, threshold)
    made = protect(linked)
    if made.verdict.counts or Count("d", ()) in made.hidden:
        return
    for dropped in made.hidden:
        hidden = made.hidden - {dropped}
        shown = {_code(count): n for count, n in linked.truth.items() if count not in hidden}
        possible = list(_tables(shown))
        pinned = False
        for target in linked.targets:
            values = {_sum(t, _code(target.count)) for t in possible}
            pinned |= min(values) > 0 or max(values) < threshold
        if pinned:
            assert audit(linked, hidden).counts
