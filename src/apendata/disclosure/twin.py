"""A twin of a protected dataset: the same tables and the same pattern, with other values in all that is hidden.

Every hidden cell of the twin holds a number of its own that nothing else holds. Files that are made of both by the same
code must be the same, byte for byte; one that holds such a number, or differs, was made of what is hidden.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from apendata.disclosure.residue import published
from apendata.model import Protection, SafeTable, ValidTable

Integers = npt.NDArray[np.int64]

_FIRST: Final = 100_000_000
_LAST: Final = 999_999_999
_STEP: Final = 64
"""Numbers that differ by so much below 2³⁰ stay different as float32."""
_COUNT: Final = (_LAST - _FIRST) // _STEP + 1
_STRIDE: Final = 8_675_309
"""A prime that does not divide their number: all are met once, in no order that data have."""


@dataclass(frozen=True, slots=True, repr=False)
class Twin:
    """The twin's tables, as they were before protection and after."""

    tables: Mapping[str, ValidTable]
    protection: Protection
    sentinels: frozenset[int]
    """What its hidden cells held."""


def twin(tables: Mapping[str, ValidTable], protection: Protection) -> Twin:
    """Return the twin of a dataset's tables.

    Args:
        tables: as they are in truth.
        protection: of these tables; the pattern is taken from it, and not looked for again: other values would give
            another one.
    """
    numbers = _sentinels()
    used: set[int] = set()
    made = {}
    for name, table in tables.items():
        data = table.data
        for column, hidden in protection.hidden.get(name, {}).items():
            mine = np.fromiter((next(numbers) for _ in range(hidden.true_count)), dtype=np.int64)
            if (values := _as(mine, data.field(column).type)) is not None:
                used.update(mine.tolist())
                data = _with(data, column, hidden, values)
        made[name] = replace(table, data=data) if data is not table.data else table
    safe = {name: SafeTable(name, published(made[name].data, _rows(protection, name))) for name in tables}
    return Twin(made, replace(protection, tables=safe), frozenset(used))


def _sentinels() -> Iterator[int]:
    return (_FIRST + _STEP * (_STRIDE * number % _COUNT) for number in range(1, _COUNT))


def _rows(protection: Protection, name: str) -> dict[str, npt.NDArray[np.bool_]]:
    hidden = protection.hidden.get(name, {})
    return {column: rows.to_numpy(zero_copy_only=False) for column, rows in hidden.items()}


def _as(numbers: Integers, kind: pa.DataType) -> pa.Array | None:
    """The numbers in a column's type; None where it has no room for them (dates, truth values, many decimals)."""
    wide = pa.array(numbers)
    try:
        values = wide.cast(kind)
        return values if values.cast(wide.type).equals(wide) else None
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def _with(data: pa.Table, column: str, hidden: pa.BooleanArray, values: pa.Array) -> pa.Table:
    """``data`` with these values in the hidden rows of one column."""
    there = pc.replace_with_mask(data[column].combine_chunks(), hidden, values)
    return data.set_column(data.column_names.index(column), data.field(column), there)
