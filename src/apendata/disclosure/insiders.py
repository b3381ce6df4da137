"""The reader who is herself in the tables: whoever is alone in a cell knows that cell (sdc.md a10)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from apendata.disclosure.movements import Insider
from apendata.disclosure.record_sets import RecordSets

_ALONE: Final = 1


def people_alone(sets: RecordSets, columns: Mapping[int, int | None]) -> tuple[Insider, ...]:
    """Return everybody who is alone in some cell, by the columns that she therefore knows.

    A cell of one person within another of one person is the same person, who knows both; and she knows that nobody else
    is in any part of a cell where she is alone, which gives nobody away. Where she stands in a crossing that no table
    shows is not known here, and not reckoned with.

    ``columns``: column of a shown or hidden cell → how many are in it; None where only readers of the true tables know.
    """
    inside = _Inside(sets, columns)
    alone = [column for column in sorted(columns) if columns[column] == _ALONE]
    wider = {column: [o for o in inside.around(column) if columns[o] == _ALONE] for column in alone}
    narrowest = set(alone).difference(*wider.values())
    return tuple(
        Insider(
            knows=frozenset(c for o in (column, *wider[column]) for c in (o, *inside.within(o))),
            within=frozenset(c for c in inside.around(column) if columns[c] != _ALONE),
        )
        for column in alone
        if column in narrowest
    )


class _Inside:
    """Which columns have the people of another among theirs."""

    def __init__(self, sets: RecordSets, columns: Iterable[int]) -> None:
        self._people = {column: (column // sets.size, sets.smallest[column % sets.size]) for column in columns}
        self._having: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
        for column, (time, people) in self._people.items():
            for one in people:
                self._having[time, one].add(column)

    def around(self, column: int) -> Collection[int]:
        """Return the columns that have these people and others."""
        time, people = self._people[column]
        return set.intersection(*(self._having[time, one] for one in people)) - {column}

    def within(self, column: int) -> Collection[int]:
        """Return the columns that have some of these people and nobody else."""
        time, people = self._people[column]
        near = set().union(*(self._having[time, one] for one in people)) - {column}
        return {other for other in near if self._people[other][1] < people}
