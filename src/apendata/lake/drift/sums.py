"""Sums that have moved too far, group by group, over the cells that are known in both versions.

A cell that is hidden or missing on one side is left out on both: a hidden number is not guessed, and one that comes to
light is no movement. Decimals all the way: a sum of amounts has no last digit that depends on the order of the rows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from apendata.lake.drift.compared import SHOWN, Compared, Told, reason, shortened
from apendata.lake.drift.figures import figure, percent_of, two_figures, unit
from apendata.lake.rows import STATUS, Mask, RowDifference, as_mask, comparable
from apendata.model import Finding, Said, SumLimit

RANK: Final = 3
_CANNOT_OCCUR: Final = "."
_DIGITS: Final = 38
_EXACT: Final = 120
"""Digits of a product of two sums, and many more."""
_TINY: Final = 1e-9
"""More than a sum loses as a binary number; what is nearer to a limit than this share of it is looked at exactly."""

Floats = npt.NDArray[np.float64]


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


def sums(
    compared: Compared, rows: RowDifference, limit: SumLimit, gone: Mapping[str, frozenset[str]]
) -> Iterator[Told]:
    """Yield the sums that are past both limits, and a note of how many cells could not be compared.

    Args:
        compared: the table, and its last release.
        rows: its rows against those of that.
        limit: how far a sum may move.
        gone: column → values that have vanished from it, which is told already: their sums are not told again.
    """
    table, groups = compared.table.name, _groups(rows, limit)
    unknown = pc.sum(groups["unknown_sum"]).as_py() or 0
    if unknown:
        column = {"column": compared.column(limit.value)}
        noted = Finding("drift_sum_unknown", "info", table=table, field=limit.value, count=unknown, params=column)
        yield Told(noted, (), RANK, Fraction(0))
    far = groups.filter(pa.array(_too_far(groups, limit) & ~_of_values(groups, limit, gone)))
    if far.num_rows:
        words = _words(compared, limit)
        told = Finding("drift_sums_moved", table=table, field=limit.value, count=far.num_rows, params=words)
        moved = _heaviest(far, limit)
        private = [_private(compared, limit, part, words) for part in moved]
        size = max(_times(part, limit) for part in moved)
        yield Told(told, shortened(private, far.num_rows), RANK, size)


def _too_far(groups: pa.Table, limit: SumLimit) -> Mask:
    """Which groups of the last release moved by more than both limits.

    By binary numbers where these leave no doubt, and exactly where they do: a million decimals in Python take a minute.
    """
    old, by = (np.abs(groups[name].cast(pa.float64()).to_numpy()) for name in ("old_sum", "delta_sum"))
    past = [(by, float(limit.max_amount)), (by * 100, old * float(limit.max_percent))]
    sure = np.logical_and.reduce([moved > bound + _doubt(moved, bound) for moved, bound in past])
    perhaps = np.logical_and.reduce([moved > bound - _doubt(moved, bound) for moved, bound in past])
    near = np.flatnonzero(perhaps & ~sure)
    doubtful = groups.take(pa.array(near)).select(["old_sum", "delta_sum"])
    with localcontext(prec=_EXACT):
        pairs = zip(*(column.to_pylist() for column in doubtful.columns), strict=True)
        sure[near] = [_is_past(was, moved, limit) for was, moved in pairs]
    far: Mask = sure & (groups["was_sum"].to_numpy() > 0)
    return far


def _of_values(groups: pa.Table, limit: SumLimit, values: Mapping[str, frozenset[str]]) -> Mask:
    """Which groups have one of these values."""
    mask = np.zeros(groups.num_rows, dtype=np.bool_)
    for name in limit.per:
        if some := values.get(name):
            mask |= as_mask(pc.is_in(groups[name].cast(pa.string()), pa.array(sorted(some))))
    return mask


def _doubt(moved: Floats, bound: Floats | float) -> Floats:
    """More than what binary numbers of this size may be wrong by."""
    return _TINY * (moved + bound) + _TINY


def _is_past(old: Decimal, by: Decimal, limit: SumLimit) -> bool:
    return abs(by) > limit.max_amount and abs(by) * 100 > limit.max_percent * abs(old)


def _heaviest(far: pa.Table, limit: SumLimit) -> list[_Moved]:
    """The groups that moved most, as many as are told one by one."""
    by = np.abs(far["delta_sum"].cast(pa.float64()).to_numpy())
    first = far.take(pa.array(np.argsort(-by, kind="stable")[:SHOWN])).to_pylist()
    return [
        _Moved(
            tuple(part[name] for name in limit.per),
            Fraction(part["old_sum"]),
            Fraction(part["old_sum"]) + Fraction(part["delta_sum"]),
            int(part["unknown_sum"]),
        )
        for part in first
    ]


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
        "because": reason(limit.because),
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
        if value is None:
            said["nb"].append("uten verdi")
            said["en"].append("no value")
            continue
        labels = compared.field(name).get("labels", {}).get(str(value), {})
        for language, parts in said.items():
            parts.append(f"{value} {labels.get(language, '')}".strip())
    return Said(", ".join(str(part) for part in group), nb=", ".join(said["nb"]), en=", ".join(said["en"]))
