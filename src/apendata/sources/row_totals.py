"""A total column beside columns that become rows: it must be their exact sum, row by row."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal, localcontext

from apendata.model import Finding, Place
from apendata.sources.codes import finding

Parts = Sequence[Sequence[str | None]]
"""The unpivoted columns, each with one canonical number per row."""


def compared(
    parts: Parts, totals: Sequence[str | None], places: Callable[[Sequence[int]], list[Place]], name: str
) -> Iterator[Finding]:
    """Yield the rows whose total differs, and those where a hidden or missing part leaves nothing to compare."""
    differing: dict[int, str] = {}
    unchecked = []
    with localcontext(prec=100):  # the usual 28 digits would round the sums of very long numbers
        for row, (total, *amounts) in enumerate(zip(totals, *parts, strict=True)):
            known = [Decimal(amount) for amount in amounts if amount is not None]
            if total is None or len(known) < len(amounts):
                unchecked.append(row)
            elif (made := sum(known)) != Decimal(total):
                differing[row] = f"{total} ≠ {made}"
    if differing:
        where = places(list(differing))
        told = [f"{_short(place)}: {both}" for place, both in zip(where, differing.values(), strict=False)]
        yield finding("row_total_differs", where, samples=told, column=name)
    if unchecked:
        yield finding("row_total_unchecked", places(unchecked), column=name)


def _short(place: Place) -> str:
    return place.cell or str(place.row)
