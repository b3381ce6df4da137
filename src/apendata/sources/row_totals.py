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
    differing, unchecked = [], []
    with localcontext(prec=100):  # the usual 28 digits would round the sums of very long numbers
        for row, (total, *amounts) in enumerate(zip(totals, *parts, strict=True)):
            known = [Decimal(amount) for amount in amounts if amount is not None]
            if total is None or len(known) < len(amounts):
                unchecked.append(row)
            elif sum(known) != Decimal(total):
                differing.append(row)
    if differing:
        yield finding("row_total_differs", places(differing), column=name)
    if unchecked:
        yield finding("row_total_unchecked", places(unchecked), column=name)
