"""The zero that gives a group away: where all of a small group are of one kind, everybody in it is known to be that.

Group (attribute) disclosure, sdc.md §1.2: the counts may be large enough, but «0 of the others» says of each of the six
that she is temporary. So for a sensitive dimension those zeros are protected like small counts.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from apendata.disclosure.facts import Count
from apendata.disclosure.universe import Cell

_SMALL_GROUP: Final = 10
"""From so many on, that all are alike says little of one of them."""


def telling_zeros(truth: Mapping[Count, int], sensitive: Collection[str]) -> Iterator[Count]:
    """Yield the zeros that make a small group of people all alike in a sensitive dimension.

    Args:
        truth: every count that a table shows.
        sensitive: dimensions.
    """
    for dimension in sensitive:
        groups: defaultdict[tuple[str, Cell], dict[Count, int]] = defaultdict(dict)
        for count, n in truth.items():
            rest = tuple(pair for pair in count.cell if pair[0] != dimension)
            if len(rest) < len(count.cell):
                groups[count.time, rest][count] = n
        for counts in groups.values():
            some = [n for n in counts.values() if n]
            if len(some) == 1 < len(counts) and some[0] < _SMALL_GROUP:
                yield from (count for count, n in counts.items() if not n)
