"""The difference between two tables is a table: where it counts fewer than the threshold, it tells of those who moved.

Every count may be large and still say, beside what was shown before, that one man left area A (sdc.md §2.7, P17). So a
shown count may not come to differ by less than the threshold from what readers have of the same date, nor from a date
less than a quarter of a year before; over longer times so many move that a net difference says little of anybody.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Final

import pyarrow as pa

from apendata.disclosure.counts import Counted, counted, rows_of
from apendata.disclosure.facts import Count
from apendata.disclosure.keys import rows_found
from apendata.disclosure.linear import Bools
from apendata.errors import DisclosureRefused
from apendata.model import History, Shown, Table

_QUARTER_DAYS: Final = 90


def check_differences(
    group: Sequence[Table], data: Mapping[str, pa.Table], hidden: Mapping[str, Bools], history: History
) -> None:
    """Refuse counts that differ by a few from what is public.

    Args:
        group: tables that count the same people.
        data: their rows, as yet unprotected.
        hidden: which rows will be hidden.
        history: what the public versions show.

    Raises:
        DisclosureRefused: a shown count differs by less than the threshold from what a public version shows of the same
            date, or from the last date less than a quarter before it.
    """
    for table in group:
        how = counted(table)
        now = _shown(how, data[table.name], hidden[table.name])
        before = [_before(how, shown) for shown in history.get(table.name, ())]
        known = set().union(*(shown.keys() for shown in before))
        few = {count for shown in before for count in _few(how, shown, now)}
        few |= {
            later
            for earlier, later in _soon_after(now)
            if later not in known and _is_few(how, now[earlier], now[later])
        }
        if few:
            keys = sorted((count.time, *(code for _, code in count.cell)) for count in few)
            raise DisclosureRefused(
                f"Table «{table.name}»: {len(few)} counts differ by fewer than {how.threshold} persons from what is "
                "public, of the same date or of one less than a quarter before it; the difference would tell of those "
                "persons. Gather corrections until they are more, take them back, or leave a quarter between dates.",
                findings=[rows_found("disclosure.small_difference", table, keys)],
            )


def _shown(how: Counted, data: pa.Table, hidden: Bools) -> dict[Count, int]:
    rows = rows_of(how, data)
    return {e.count: e.value for e in rows if e.value is not None and not e.impossible and not hidden[e.row]}


def _before(how: Counted, shown: Shown) -> dict[Count, int]:
    if not {how.value, *how.per, *how.dimensions} <= set(shown.data.column_names):
        return {}
    return {e.count: e.value for e in rows_of(how, shown.data) if e.value is not None and not e.impossible}


def _few(how: Counted, before: Mapping[Count, int], now: Mapping[Count, int]) -> Iterator[Count]:
    return (count for count, n in now.items() if count in before and _is_few(how, before[count], n))


def _is_few(how: Counted, before: int, now: int) -> bool:
    return 0 < abs(now - before) < how.threshold


def _soon_after(now: Mapping[Count, int]) -> Iterator[tuple[Count, Count]]:
    """The same cell at one date and at the next, where that is less than a quarter later."""
    cells: defaultdict[object, list[tuple[date, Count]]] = defaultdict(list)
    for count in now:
        if (day := _day(count.time)) is not None:
            cells[count.cell].append((day, count))
    for dated in cells.values():
        for (one, before), (other, after) in pairwise(sorted(dated)):
            if (other - one).days < _QUARTER_DAYS:
                yield before, after


def _day(time: str) -> date | None:
    try:
        return date.fromisoformat(time)
    except ValueError:
        return None
