"""Rows that readers have relied on: which they are, and what of them is another than it was without a stated reason."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from apendata.lake.drift.compared import Compared, Told, shortened
from apendata.lake.rows import Mask, Positions, RowDifference, as_mask
from apendata.lake.stated import stated
from apendata.model import Finding, HistoryRule, Revision

RANK: Final = 2
FLAG: Final = "_flagg"


def history_values(old: pa.Table, rule: HistoryRule) -> pa.Array:
    """Return the values of the rule's column whose rows are history; the newest ones of ``old`` are still open."""
    every = pc.unique(old[rule.column])
    if not rule.still_open:
        return every
    ordered = every.take(pc.array_sort_indices(every))
    return ordered.slice(0, max(0, len(ordered) - rule.still_open))


def history_of(rows: pa.Table, closed: pa.Array, rule: HistoryRule) -> Mask:
    """Return which rows are history.

    A period that is not among ``closed`` is none: one that nobody published before is no restated one.
    """
    return as_mask(pc.is_in(rows[rule.column].cast(closed.type), closed))


def history(compared: Compared, rows: RowDifference, rule: HistoryRule) -> Iterator[Told]:
    """Yield what has changed in history: cells, rows that are gone, rows that were put in afterwards.

    Where a reason is needed, what the table's ``revisions`` cover is left out. Flags are not counted: each has its own
    public reason.
    """
    needed = compared.table.revisions if rule.needs_reason else ()
    closed = history_values(rows.old, rule)
    touched, times = _touched(rows)
    kinds = {
        "values": _per_period(rows.new.take(pa.array(touched)), closed, rule, needed, times=times),
        "gone": _per_period(rows.old.take(pa.array(rows.removed)), closed, rule, needed),
        "new": _per_period(rows.new.take(pa.array(rows.added)), closed, rule, needed),
    }
    total = sum(sum(counts.values()) for counts in kinds.values())
    if total:
        yield _told(compared, rule, kinds, total)


def _touched(rows: RowDifference) -> tuple[Positions, Positions]:
    """Positions in the new table of the rows with changed cells, and how many cells of each."""
    times = np.zeros(len(rows.pairs[1]), dtype=np.int64)
    for name, cell in rows.cells.items():
        if not name.endswith(FLAG):
            times += cell.value | cell.status | cell.hidden | cell.shown
    touched = np.flatnonzero(times)
    return rows.pairs[1][touched], times[touched]


def _per_period(
    rows: pa.Table,
    closed: pa.Array,
    rule: HistoryRule,
    revisions: Sequence[Revision],
    *,
    times: Positions | None = None,
) -> Counter[str]:
    """Period → how many cells, or rows, of history are changed and have no stated reason."""
    meant = history_of(rows, closed, rule)
    if revisions:
        meant &= stated(rows, revisions) < 0
    periods = rows[rule.column].cast(pa.string()).combine_chunks().dictionary_encode()
    weights = (times if times is not None else np.ones(rows.num_rows, dtype=np.int64))[meant]
    codes = periods.indices.to_numpy(zero_copy_only=False)[meant]
    counted = np.bincount(codes, weights=weights, minlength=len(periods.dictionary))
    named = zip(periods.dictionary.to_pylist(), counted, strict=True)
    return Counter({str(period): int(count) for period, count in named if count})


def _told(compared: Compared, rule: HistoryRule, kinds: Mapping[str, Counter[str]], total: int) -> Told:
    table = compared.table.name
    periods = sorted({period for counts in kinds.values() for period in counts})
    words = {"column": compared.column(rule.column), "periods": str(len(periods)), "because": rule.because}
    told = Finding("drift_history_changed", table=table, field=rule.column, count=total, params=words)
    if not rule.needs_reason:
        seen = tuple(f"{period}: {sum(counts[period] for counts in kinds.values())}" for period in periods)
        return Told(
            replace(told, code="drift_history_touched", severity="warning", samples=seen), (), RANK, Fraction(total)
        )
    private = [part for period in periods for part in _private(compared, rule, kinds, period)]
    return Told(told, shortened(sorted(private, key=lambda part: -part.count)), RANK, Fraction(total))


def _private(
    compared: Compared, rule: HistoryRule, kinds: Mapping[str, Counter[str]], period: str
) -> Iterator[Finding]:
    words = {"titled": compared.titled, "period": period, "because": rule.because}
    for told, kind in (
        (Finding("drift_period_values"), "values"),
        (Finding("drift_period_rows_gone"), "gone"),
        (Finding("drift_period_rows_new"), "new"),
    ):
        if count := kinds[kind][period]:
            yield replace(told, table=compared.table.name, field=rule.column, count=count, params=words)
