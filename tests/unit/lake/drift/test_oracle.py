"""The guard says of any two small tables what a loop over their rows says, cell by cell."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import hypothesis.strategies as st
from hypothesis import given, settings

from apendata.model import Condition, Revision, Text, ValuesLimit
from tests.unit.lake.builders import Row
from tests.unit.lake.drift.tables import WHY, history, keyed, limited, sums, told

YEARS = (2021, 2022, 2023, 2024)
CODES = ("0301", "0302", "0400")


def cells() -> st.SearchStrategy[tuple[int | None, str | None]]:
    """A count, or a mark in its place."""
    counts = st.integers(-30, 30).map(lambda count: (count, None))
    return st.one_of(counts, st.sampled_from([(None, ":"), (None, ".."), (None, ".")]))


def rows() -> st.SearchStrategy[list[Row]]:
    amounts = st.none() | st.decimals(-100, 100, places=2)
    one = st.tuples(st.sampled_from(YEARS), st.sampled_from(CODES), cells(), amounts, st.sampled_from(["a", "b", None]))
    made = st.lists(one, min_size=1, max_size=12, unique_by=lambda row: row[:2])
    return made.map(lambda found: sorted((y, c, *cell, amount, text) for y, c, cell, amount, text in found))


# ------------------------------------------------------------------------------------------------ what a loop says


def known(row: Row, column: int) -> Fraction | None:
    """What a row adds to a sum; None where nobody knows."""
    if column == 2 and row[3] == ".":
        return Fraction(0)
    return None if row[column] is None else Fraction(row[column])


def moved(old: Sequence[Row], new: Sequence[Row], column: int, per: Sequence[int]) -> dict[Any, tuple[Any, ...]]:
    """Group → (sum before, sum now, rows left out), for groups that had a known row before."""
    before, after = keyed(old), keyed(new)
    sums_of: dict[Any, list[Any]] = defaultdict(lambda: [Fraction(0), Fraction(0), 0, 0])
    for key in {**before, **after}:
        row = before.get(key) or after[key]
        group = sums_of[tuple(row[part] for part in per)]
        sides = [known(side[key], column) for side in (before, after) if key in side]
        if None in sides:
            group[2] += 1
            continue
        if key in before:
            group[0] += known(before[key], column)
            group[3] += 1
        if key in after:
            group[1] += known(after[key], column)
    return {group: tuple(found[:3]) for group, found in sums_of.items() if found[3]}


def gone(old: Sequence[Row], new: Sequence[Row], column: int) -> Counter[str]:
    there = {row[column] for row in new}
    return Counter(str(row[column]) for row in old if row[column] is not None and row[column] not in there)


def changed_history(old: Sequence[Row], new: Sequence[Row], still_open: int, reasons: Mapping[int, str]) -> Any:
    """(period, kind) → how many cells or rows, of what was published and closed and nobody has explained."""
    years = sorted({row[0] for row in old})
    closed = set(years[: max(0, len(years) - still_open)]) - set(reasons)
    before, after = keyed(old), keyed(new)
    found: Counter[tuple[int, str]] = Counter()
    for key in {**before, **after}:
        year = key[0]
        if year not in closed:
            continue
        if key not in after:
            found[year, "drift_period_rows_gone"] += 1
        elif key not in before:
            found[year, "drift_period_rows_new"] += 1
        else:
            was, now = before[key], after[key]
            differing = [(was[2:4] != now[2:4]), *(a != b for a, b in zip(was[4:], now[4:], strict=True))]
            found[year, "drift_period_values"] += sum(differing)
    return {place: count for place, count in found.items() if count}


# ------------------------------------------------------------------------------------------------ and what is told


@settings(max_examples=150, deadline=None)
@given(rows(), rows(), st.sampled_from(["0", "3", "12.5", "100"]), st.sampled_from(["0", "4", "9.99", "40"]))
def test_sums(old: list[Row], new: list[Row], percent: str, amount: str) -> None:
    for value, column, per, places in (
        ("antall", 2, ("aar",), (0,)),
        ("beloep", 4, ("kode",), (1,)),
        ("beloep", 4, ("aar", "kode"), (0, 1)),
    ):
        found = told(limited(sums(value, per, percent, amount)), old, new)
        everything = moved(old, new, column, places)
        wanted = {
            ", ".join(map(str, group)): (before, now, left_out)
            for group, (before, now, left_out) in everything.items()
            if abs(now - before) > Decimal(amount) and abs(now - before) * 100 > Fraction(percent) * abs(before)
        }
        said = [finding for part in found if part.stops for finding in part.private]
        assert {
            str(f.params["group"]): (Fraction(f.samples[0]), Fraction(f.samples[1]), int(f.params["unknown"]))
            for f in said
        } == wanted
        left_out = sum(1 for key in {**keyed(old), **keyed(new)} if _unknown(key, old, new, column))
        assert [part.open.count for part in found if not part.stops] == ([left_out] if left_out else [])


def _unknown(key: Any, old: Sequence[Row], new: Sequence[Row], column: int) -> bool:
    return any(known(side[key], column) is None for side in (keyed(old), keyed(new)) if key in side)


@settings(max_examples=150, deadline=None)
@given(rows(), rows())
def test_values_that_come_and_go(old: list[Row], new: list[Row]) -> None:
    for name, column in (("kode", 1), ("aar", 0), ("merknad", 5)):
        limit = ValuesLimit(name, may_vanish=False, may_appear=False, because=WHY)
        found = {part.open.code: part for part in told(limited(limit), old, new)}
        for code, one, wanted in (
            ("drift_values_gone", "drift_value_gone", gone(old, new, column)),
            ("drift_values_new", "drift_value_new", gone(new, old, column)),
        ):
            said = found[code].private if code in found else ()
            assert {str(f.params["value"]): f.count for f in said} == wanted
            assert {f.code for f in said} <= {one}
            assert [f.count for f in said] == sorted((f.count for f in said), reverse=True), "the heaviest first"


@settings(max_examples=150, deadline=None)
@given(rows(), rows(), st.integers(0, 3), st.sets(st.sampled_from(YEARS)))
def test_history(old: list[Row], new: list[Row], still_open: int, explained: set[int]) -> None:
    reasons = dict.fromkeys(sorted(explained), "rettet etter revisjonen")
    revisions = [Revision(Text(why, why), {"aar": Condition(equals=str(year))}) for year, why in reasons.items()]
    found = told(limited(history(still_open=still_open), revisions=revisions), old, new)
    said = {(int(f.params["period"]), f.code): f.count for part in found for f in part.private}
    assert said == changed_history(old, new, still_open, reasons)
    assert [part.open.count for part in found] == ([sum(said.values())] if said else [])

    noted = told(limited(history(still_open=still_open, needs_reason=False), revisions=revisions), old, new)
    everything = changed_history(old, new, still_open, {})
    assert [part.open.count for part in noted] == ([sum(everything.values())] if everything else [])
    assert not any(part.stops for part in noted)
