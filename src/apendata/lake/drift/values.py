"""Values of a column that are gone, or that nobody has seen before: an area, a fund, a kind of case."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from apendata.lake.drift.compared import Compared, Told, reason, shortened
from apendata.lake.rows import comparable
from apendata.model import Finding, Said, ValuesLimit

GONE, NEW = 1, 5


def values(compared: Compared, limit: ValuesLimit) -> Iterator[Told]:
    """Yield the values that have vanished, and those that have appeared, where the limit does not let them."""
    old, new = comparable(compared.old[limit.column], compared.new[limit.column])
    if not limit.may_vanish and (gone := _without(old, new)):
        yield _told(compared, limit, gone, side=compared.old, new=False)
    if not limit.may_appear and (added := _without(new, old)):
        yield _told(compared, limit, added, side=compared.new, new=True)


def vanished(compared: Compared, limit: ValuesLimit) -> frozenset[str]:
    """The values that :func:`values` tells to have vanished."""
    if limit.may_vanish:
        return frozenset()
    return frozenset(_without(*comparable(compared.old[limit.column], compared.new[limit.column])))


def _without(column: pa.ChunkedArray, other: pa.ChunkedArray) -> dict[str, int]:
    """Value → its rows, for the values that the other column does not have; most rows first. No value is no value."""
    alone = column.filter(pc.and_(pc.is_valid(column), pc.invert(pc.is_in(column, pc.unique(other)))))
    counted = {str(part["values"]): int(part["counts"]) for part in alone.cast(pa.string()).value_counts().to_pylist()}
    return dict(sorted(counted.items(), key=lambda part: (-part[1], part[0])))


def _told(compared: Compared, limit: ValuesLimit, found: Mapping[str, int], *, side: pa.Table, new: bool) -> Told:
    table, field, rows = compared.table.name, limit.column, sum(found.values())
    words = {"column": compared.column(field), "rows": str(rows), "because": reason(limit.because)}
    if new:
        told = Finding("drift_values_new", table=table, field=field, count=len(found), params=words)
        one = Finding("drift_value_new", table=table, field=field)
    else:
        told = Finding("drift_values_gone", table=table, field=field, count=len(found), params=words)
        one = Finding("drift_value_gone", table=table, field=field)
    name = _names(compared, limit, side, found)
    private = [
        replace(one, count=count, params={**words, "titled": compared.titled, "value": name(value)})
        for value, count in found.items()
    ]
    return Told(told, shortened(private), NEW if new else GONE, Fraction(rows))


def _names(compared: Compared, limit: ValuesLimit, side: pa.Table, found: Mapping[str, int]) -> Callable[[str], Said]:
    """How a value is said: with the name beside it, or with its label in each language."""
    labels: Mapping[str, Any] = compared.field(limit.column).get("labels", {})
    beside: dict[str, str] = {}
    if limit.named_by is not None and limit.named_by in side.column_names:
        texts = side.select([limit.column, limit.named_by]).cast(
            pa.schema([(limit.column, pa.string()), (limit.named_by, pa.string())])
        )
        meant = texts.filter(pc.is_in(texts[limit.column], pa.array(list(found), pa.string())))
        # Backwards, so that the first row with a value names it.
        for part in reversed(meant.to_pylist()):
            beside[part[limit.column]] = part[limit.named_by] or ""

    def said(value: str) -> Said:
        label = labels.get(value, {})
        nb, en = (beside.get(value) or label.get(language, "") for language in ("nb", "en"))
        return Said(value, nb=f"{value} {nb}".strip(), en=f"{value} {en}".strip())

    return said
