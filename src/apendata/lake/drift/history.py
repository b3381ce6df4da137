"""Rows that readers have relied on: which they are, and what of them is another than it was without a stated reason."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from apendata.lake.drift.compared import Compared, Told, reason, shortened
from apendata.lake.rows import STATUS, Mask, Positions, RowDifference
from apendata.lake.stated import stated
from apendata.model import Finding, HistoryRule, Revision

RANK: Final = 2
FLAG: Final = "_flagg"
_SAMPLES: Final = 5
"""So many rows of a period are shown as they were and are."""


def history_values(old: pa.Table, rule: HistoryRule) -> pa.Array:
    """Return the values of the rule's column whose rows are history, as texts; the newest ones are still open.

    In the order of their type and compared as texts: a year that was a number and is a text now is the same year.
    """
    every = pc.unique(old[rule.column])
    ordered = every.take(pc.array_sort_indices(every)).cast(pa.string())
    return ordered.slice(0, max(0, len(ordered) - rule.still_open))


def history_of(rows: pa.Table, closed: pa.Array, rule: HistoryRule) -> Mask:
    """Return which rows are history.

    A period that is not among ``closed`` is none: one that nobody published before is no restated one.
    """
    names, codes = _coded(rows[rule.column])
    known: Mask = pc.is_in(names, closed).to_numpy(zero_copy_only=False)[codes]
    return known


def history(compared: Compared, rows: RowDifference, rule: HistoryRule) -> Iterator[Told]:
    """Yield what has changed in history: cells, rows that are gone, rows that were put in afterwards.

    Where a reason is needed, what the table's ``revisions`` cover is left out. Flags are not counted: each has its own
    public reason.
    """
    revisions = compared.table.revisions if rule.needs_reason else ()
    parts = _parts(rows, rule, revisions)
    counts = {code: part.counts for code, part in parts.items()}
    total = sum(sum(found.values()) for found in counts.values())
    if not total:
        return
    table, field = compared.table.name, rule.column
    periods = sorted({period for found in counts.values() for period in found})
    words = {"column": compared.column(field), "periods": str(len(periods)), "because": reason(rule.because)}
    told = Finding("drift_history_changed", table=table, field=field, count=total, params=words)
    if not rule.needs_reason:
        seen = tuple(f"{period}: {sum(found[period] for found in counts.values())}" for period in periods)
        noted = replace(told, code="drift_history_touched", severity="warning", samples=seen)
        yield Told(noted, (), RANK, Fraction(total))
        return
    every = [
        Finding(code, table=table, field=field, count=found[period], params=_words(compared, rule, period))
        for period in periods
        for code, found in counts.items()
        if found[period]
    ]
    heaviest = shortened(sorted(every, key=lambda finding: -finding.count))
    private = (replace(f, samples=_samples(rows, parts, f)) if f.code in parts else f for f in heaviest)
    yield Told(told, tuple(private), RANK, Fraction(total))


def _parts(rows: RowDifference, rule: HistoryRule, revisions: Sequence[Revision]) -> Mapping[str, "_Part"]:
    """Code of a finding → the rows that it may be about."""
    closed = history_values(rows.old, rule)
    touched, times = _touched(rows)

    def part(side: pa.Table, positions: Positions, cells: Positions | None = None) -> _Part:
        found = side.take(pa.array(positions))
        meant = history_of(found, closed, rule) & _unexplained(found, revisions)
        return _Part(found[rule.column], positions, meant, cells)

    return {
        "drift_period_values": replace(part(rows.new, rows.pairs[1][touched], times), positions=touched),
        "drift_period_rows_gone": part(rows.old, rows.removed),
        "drift_period_rows_new": part(rows.new, rows.added),
    }


def _coded(column: pa.ChunkedArray) -> tuple[pa.Array, Positions]:
    """The column's values as texts, each once, and where each cell's stands among them."""
    coded = pa.concat_arrays([pa.array([], column.type), *column.chunks]).dictionary_encode()
    return coded.dictionary.cast(pa.string()), coded.indices.to_numpy(zero_copy_only=False)


@dataclass(frozen=True)
class _Part:
    """Rows of one kind that differ, and which of them are history that nobody has explained."""

    periods: pa.ChunkedArray = field(repr=False)
    positions: Positions
    """In the side that they are rows of; of changed ones among the pairs."""
    meant: Mask
    cells: Positions | None
    """How many changed cells each row has; None: the row itself is what counts."""

    @cached_property
    def counts(self) -> Counter[str]:
        """Period → how many cells, or rows."""
        names, codes = _coded(self.periods)
        weights = (self.cells if self.cells is not None else np.ones(len(self.meant), dtype=np.int64))[self.meant]
        counted = np.bincount(codes[self.meant], weights=weights, minlength=len(names))
        return Counter({p: int(count) for p, count in zip(names.to_pylist(), counted, strict=True) if count})

    def first(self, period: str) -> Positions:
        """The positions of the first rows of a period."""
        names, codes = _coded(self.periods)
        here = (codes == names.to_pylist().index(period)) & self.meant
        return self.positions[np.flatnonzero(here)[:_SAMPLES]]


def _touched(rows: RowDifference) -> tuple[Positions, Positions]:
    """Positions among the pairs of the rows with changed cells, and how many cells of each."""
    times = np.zeros(len(rows.pairs[1]), dtype=np.int64)
    for name, cell in rows.cells.items():
        if not name.endswith(FLAG):
            times += cell.value | cell.status | cell.hidden | cell.shown
    touched = np.flatnonzero(times)
    return touched, times[touched]


def _unexplained(rows: pa.Table, revisions: Sequence[Revision]) -> Mask:
    unexplained: Mask = stated(rows, revisions) < 0
    return unexplained


def _words(compared: Compared, rule: HistoryRule, period: str) -> dict[str, str]:
    return {"titled": compared.titled, "period": period, "because": reason(rule.because)}


def _samples(rows: RowDifference, parts: Mapping[str, _Part], finding: Finding) -> tuple[str, ...]:
    """The first rows that a finding is about: «2022, 0301: antall 12 → 13», or their keys alone."""
    first = parts[finding.code].first(finding.params["period"])
    if finding.code == "drift_period_rows_gone":
        return tuple(_key(rows.old, rows.key, int(at)) for at in first)
    if finding.code == "drift_period_rows_new":
        return tuple(_key(rows.new, rows.key, int(at)) for at in first)
    return tuple(_changes(rows, int(pair)) for pair in first)


def _changes(rows: RowDifference, pair: int) -> str:
    old, new = int(rows.pairs[0][pair]), int(rows.pairs[1][pair])
    names = [
        n for n, c in rows.cells.items() if (c.value | c.status | c.hidden | c.shown)[pair] and not n.endswith(FLAG)
    ]
    cells = (f"{name} {_cell(rows.old, name, old)} → {_cell(rows.new, name, new)}" for name in names)
    return f"{_key(rows.new, rows.key, new)}: {', '.join(cells)}"


def _key(table: pa.Table, key: Sequence[str], at: int) -> str:
    return ", ".join(str(table[name][at].as_py()) for name in key)


def _cell(table: pa.Table, name: str, at: int) -> str:
    """A cell's value, or the mark that stands in its place."""
    value = table[name][at].as_py()
    if value is None and name + STATUS in table.column_names:
        value = table[name + STATUS][at].as_py()
    return "–" if value is None else str(value)
