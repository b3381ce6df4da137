"""Sums that have moved too far, group by group, over the cells that are known in both versions.

A cell that is hidden or missing on one side is left out on both: a hidden number is not guessed, and one that comes to
light is no movement. Decimals all the way: a sum of amounts has no last digit that depends on the order of the rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from apendata.lake.drift.compared import Compared, Told, shortened
from apendata.lake.drift.figures import figure, percent_of, two_figures, unit
from apendata.lake.rows import STATUS, Mask, RowDifference, as_mask, comparable
from apendata.model import Finding, Said, SumLimit

RANK: Final = 3
_CANNOT_OCCUR: Final = "."
_DIGITS: Final = 38
_TINY: Final = 1e-9
"""More than a sum loses as a binary number; what is nearer to a limit than this is looked at exactly."""


@dataclass(frozen=True, slots=True)
class _Moved:
    """The sum of one group, before and now."""

    group: tuple[Any, ...]
    old: Fraction
    new: Fraction
    unknown: int

    @property
    def by(self) -> Fraction:
        return self.new - self.old


def sums(compared: Compared, rows: RowDifference, limit: SumLimit) -> Iterator[Told]:
    """Yield the sums that are past both limits, and a note of how many cells could not be compared."""
    table, groups = compared.table.name, _groups(rows, limit)
    unknown = pc.sum(groups["unknown_sum"]).as_py() or 0
    if unknown:
        column = {"column": compared.column(limit.value)}
        noted = Finding("drift_sum_unknown", "info", table=table, field=limit.value, count=unknown, params=column)
        yield Told(noted, (), RANK, Fraction(0))
    moved = sorted(_too_far(groups, limit), key=lambda part: (-abs(part.by), str(part.group)))
    if moved:
        words = _words(compared, limit)
        told = Finding("drift_sums_moved", table=table, field=limit.value, count=len(moved), params=words)
        private = [_private(compared, limit, part, words) for part in moved]
        yield Told(told, shortened(private), RANK, max(_times(part, limit) for part in moved))


def _too_far(groups: pa.Table, limit: SumLimit) -> Iterator[_Moved]:
    """Groups that the last release had, by whole fractions; first the few that can be too far at all."""
    amount, percent = Fraction(limit.max_amount), Fraction(limit.max_percent)
    rough = pc.abs(pc.cast(groups["delta_sum"], pa.float64()))
    near = pc.greater(rough, float(amount) * (1 - _TINY) - _TINY)
    had = pc.and_(pc.greater(groups["was_sum"], 0), pc.not_equal(rough, 0.0))
    for part in groups.filter(pc.and_(near, had)).to_pylist():
        old, by = Fraction(part["old_sum"]), Fraction(part["delta_sum"])
        if abs(by) > amount and abs(by) * 100 > percent * abs(old):
            group = tuple(part[name] for name in limit.per)
            yield _Moved(group, old, old + by, int(part["unknown_sum"]))


def _times(moved: _Moved, limit: SumLimit) -> Fraction:
    """How many times the limit it moved, by the one that it is least past."""
    amount = abs(moved.by) / Fraction(limit.max_amount or 1)
    share = abs(moved.by) * 100 / abs(moved.old) / Fraction(limit.max_percent or 1) if moved.old else amount
    return min(amount, share)


def _groups(rows: RowDifference, limit: SumLimit) -> pa.Table:
    """Per group: ``old_sum``, ``delta_sum``, ``was_sum`` (old rows that count), ``unknown_sum`` (rows that do not)."""
    old, new = _contributions(rows, limit.value)
    at_old, at_new = rows.pairs
    known_old, known_new = as_mask(pc.is_valid(old)), as_mask(pc.is_valid(new))
    both = known_old[at_old] & known_new[at_new]
    counts_old, counts_new = known_old.copy(), known_new.copy()
    counts_old[at_old], counts_new[at_new] = both, both
    only_new = np.zeros(rows.new.num_rows, dtype=np.bool_)
    only_new[rows.added] = True
    before = _side(old, counts_old, unknown=~counts_old, was=True)
    after = _side(new, counts_new, unknown=~counts_new & only_new, was=False)
    for name in limit.per:
        was, now = comparable(rows.old[name], rows.new[name])
        before, after = before.append_column(name, was), after.append_column(name, now)
    every = pa.concat_tables([before, after])
    none = pc.ScalarAggregateOptions(min_count=0)
    wanted = [(name, "sum", none) for name in ("old", "delta", "was", "unknown")]
    return every.group_by(list(limit.per)).aggregate(wanted)


def _side(values: pa.ChunkedArray, counts: Mask, *, unknown: Mask, was: bool) -> pa.Table:
    known = pc.if_else(pa.array(counts), values, pa.scalar(None, values.type))
    return pa.table(
        {
            "old": known if was else pa.chunked_array([pa.nulls(len(values), values.type)]),
            "delta": pc.negate(known) if was else known,
            "was": pa.array(counts.astype(np.int64) if was else np.zeros(len(values), dtype=np.int64)),
            "unknown": pa.array(unknown.astype(np.int64)),
        }
    )


def _contributions(rows: RowDifference, value: str) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """What each row adds to a sum, null where that is not known; both sides with the same number of decimals."""
    sides = [_contribution(table, value) for table in (rows.old, rows.new)]
    scale = max(side.type.scale if pa.types.is_decimal(side.type) else 0 for side in sides)
    old, new = (side.cast(pa.decimal128(_DIGITS, scale)) for side in sides)
    return old, new


def _contribution(table: pa.Table, value: str) -> pa.ChunkedArray:
    """A figure that cannot occur adds nothing, and that is known."""
    column, mark = table[value], value + STATUS
    if mark not in table.column_names:
        return column
    nothing = pc.fill_null(pc.equal(table[mark], _CANNOT_OCCUR), fill_value=False)
    return pc.if_else(nothing, pa.scalar(0, column.type), column)


def _words(compared: Compared, limit: SumLimit) -> dict[str, str]:
    return {
        "column": compared.column(limit.value),
        "per": compared.columns(limit.per),
        "percent": figure(Fraction(limit.max_percent)),
        "amount": figure(Fraction(limit.max_amount)),
        "unit": unit(compared.field(limit.value).get("unit")),
        "because": limit.because,
    }


def _private(compared: Compared, limit: SumLimit, moved: _Moved, words: dict[str, str]) -> Finding:
    old, new = two_figures(moved.old, moved.new)
    params = {
        **words,
        "titled": compared.titled,
        "group": _group(compared, limit, moved.group),
        "old": old,
        "new": new,
        "share": percent_of(moved.by, moved.old, Fraction(limit.max_percent)),
        "unknown": str(moved.unknown),
    }
    samples = (str(figure(moved.old)), str(figure(moved.new)))
    said = Finding("drift_sum_moved", table=compared.table.name, field=limit.value, params=params, samples=samples)
    return replace(said, code="drift_sum_moved_partly") if moved.unknown else said


def _group(compared: Compared, limit: SumLimit, group: tuple[Any, ...]) -> Said:
    """A group as people say it: «2024, HV Helse og velferd»; codes with their labels."""
    said: dict[str, list[str]] = {"nb": [], "en": []}
    for name, value in zip(limit.per, group, strict=True):
        labels = compared.field(name).get("labels", {}).get(str(value), {})
        for language, parts in said.items():
            parts.append(f"{value} {labels.get(language, '')}".strip())
    return Said(", ".join(str(part) for part in group), nb=", ".join(said["nb"]), en=", ".join(said["en"]))
