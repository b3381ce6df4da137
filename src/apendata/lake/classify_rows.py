"""What two sets of rows tell about a change: rows, cells, codes and periods that come and go."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from apendata.lake.classify import change, declared_codes, listed
from apendata.lake.rows import RowDifference
from apendata.model import Change

FEW: Final = 0.01
"""Share of the old rows that may go without breaking readers; a proposal of ours, see the rules' sources."""
_ROWS_PER_CODE: Final = 10
"""A text in the key with so many rows per value on average is a dimension, declared or not; else it names rows."""
_PERIODS: Final = ("year", "date")
_PERIOD_NAMES: Final = ("aar", "periode", "kvartal", "maaned")


def compare_rows(difference: RowDifference, schema: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return what differs between two sets of rows of one table.

    Args:
        difference: the rows; both sides have the key of ``schema``.
        schema: the new Table Schema.
    """
    fields = {field["name"]: field for field in schema["fields"]}
    return (
        *_whole_rows(difference, fields),
        *_codes(difference, fields, _dimensions(difference, schema)),
        *_cells(difference),
    )


def _whole_rows(difference: RowDifference, fields: Mapping[str, Any]) -> Iterator[Change]:
    name, added, removed = difference.name, len(difference.added), len(difference.removed)
    if added:
        yield change("rows_appended", name, count=added, details=_per_period(difference, fields))
    if removed:
        rule = "rows_removed" if removed <= FEW * difference.old.num_rows else "many_rows_removed"
        yield change(rule, name, count=removed)
    for column in _periods(difference.key, fields):
        gone = _gone(difference, column)
        if gone:
            yield change("period_removed", name, column, count=len(gone), details={"periods": listed(gone)})


def _cells(difference: RowDifference) -> Iterator[Change]:
    for column, cell in difference.cells.items():
        counts = {
            "values_revised": int((cell.value | cell.status).sum()),
            "values_hidden": int(cell.hidden.sum()),
            "values_shown": int(cell.shown.sum()),
        }
        yield from (change(rule, difference.name, column, count=count) for rule, count in counts.items() if count)


def _codes(difference: RowDifference, fields: Mapping[str, Any], columns: Sequence[str]) -> Iterator[Change]:
    """Codes that rows have; a declared list speaks for itself when codes are added (see ``compare_contracts``)."""
    for column in columns:
        gone = _gone(difference, column)
        if gone:
            yield change("code_removed", difference.name, column, count=len(gone), details={"codes": listed(gone)})
        added = [] if declared_codes(fields[column]) else _new(difference, column)
        if added:
            yield change("code_added", difference.name, column, count=len(added), details={"codes": listed(added)})


def _dimensions(difference: RowDifference, schema: Mapping[str, Any]) -> list[str]:
    """Columns of the key whose values are codes of something: declared so, or repeated often enough."""
    keys = [*schema.get("foreignKeys", ()), *schema.get("externalForeignKeys", ())]
    linked = {column for key in keys for column in key["fields"]}
    fields = {field["name"]: field for field in schema["fields"]}
    texts = [name for name in difference.key if fields[name]["type"] == "string" and name not in _PERIOD_NAMES]
    return [n for n in texts if declared_codes(fields[n]) or n in linked or _repeats(difference.old[n])]


def _repeats(column: pa.ChunkedArray) -> bool:
    return len(column) >= _ROWS_PER_CODE * max(1, int(pc.count_distinct(column).as_py()))


def _periods(key: Sequence[str], fields: Mapping[str, Any]) -> list[str]:
    return [name for name in key if fields[name]["type"] in _PERIODS or name in _PERIOD_NAMES]


def _gone(difference: RowDifference, column: str) -> list[str]:
    """Values that no row has any more; only the removed rows can hold one."""
    candidates = difference.old[column].take(pa.array(difference.removed))
    return _without(candidates, difference.new[column])


def _new(difference: RowDifference, column: str) -> list[str]:
    candidates = difference.new[column].take(pa.array(difference.added))
    return _without(candidates, difference.old[column])


def _without(candidates: pa.ChunkedArray, others: pa.ChunkedArray) -> list[str]:
    known = set(pc.unique(others.cast(pa.string())).to_pylist())
    return sorted(value for value in pc.unique(candidates.cast(pa.string())).to_pylist() if value not in known)


def _per_period(difference: RowDifference, fields: Mapping[str, Any]) -> dict[str, str]:
    """``{"periods": "2024: 12, 2025: 40"}`` of the first period column of the key; nothing where it has none."""
    columns = _periods(difference.key, fields)
    if not columns:
        return {}
    counted = difference.new[columns[0]].take(pa.array(difference.added)).cast(pa.string()).value_counts().to_pylist()
    return {"periods": listed(sorted(f"{part['values']}: {part['counts']}" for part in counted))}
