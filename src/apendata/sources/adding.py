"""Exact sums of rows that share a key, and what a sum is where one of its parts is hidden or missing."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from apendata.sources.columns import STATUS
from apendata.sources.numbers import CANNOT_OCCUR, HIDDEN, MISSING, plain

_DIGITS = 38


def added(data: pa.Table, keys: Sequence[str], values: Sequence[str]) -> pa.Table:
    """One row per key: keys, values with their status columns, ``first`` (its first row) and ``rows`` (their number).

    A sum with a hidden part is hidden, one with a missing part is missing: null either way, since a sum of the rest
    would pass for the whole. A part that cannot occur adds nothing; a sum of such parts alone cannot occur either.
    """
    columns = {key: data[key] for key in keys} | {"first": pa.array(np.arange(data.num_rows))}
    sums: list[tuple[str, str]] = [("first", "min"), ("first", "count")]
    for name in values:
        status = data[name + STATUS] if name + STATUS in data.column_names else pa.nulls(data.num_rows, pa.string())
        columns[name] = _decimals(data[name])
        columns[name + ":"] = pc.fill_null(pc.equal(status, HIDDEN), False)  # noqa: FBT003
        columns[name + "."] = pc.fill_null(pc.equal(status, CANNOT_OCCUR), False)  # noqa: FBT003
        sums += [(name, "sum"), (name, "count"), (name + ":", "any"), (name + ".", "sum")]
    grouped = pa.table(columns).group_by(list(keys), use_threads=False).aggregate(sums)
    made = {key: grouped[key] for key in keys} | {"first": grouped["first_min"], "rows": grouped["first_count"]}
    for name in values:
        made |= _with_status(grouped, name)
    return pa.table(made)


def _with_status(grouped: pa.Table, name: str) -> dict[str, Any]:
    parts, standing, impossible = grouped["first_count"], grouped[f"{name}_count"], grouped[f"{name}._sum"]
    is_hidden = grouped[f"{name}:_any"]
    is_impossible = pc.equal(pc.cast(impossible, pa.int64()), parts)
    is_missing = pc.less(pc.add(standing, pc.cast(impossible, pa.int64())), parts)
    nothing = pa.scalar(None, pa.string())
    status = pc.if_else(
        is_hidden, HIDDEN, pc.if_else(is_missing, MISSING, pc.if_else(is_impossible, CANNOT_OCCUR, nothing))
    )
    values = pc.if_else(pc.is_null(status), _texts(grouped[f"{name}_sum"]), nothing)
    return {name: values, name + STATUS: status}


def _decimals(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Canonical numbers as decimals of the scale that the longest of them needs."""
    points = pc.find_substring(texts, ".")
    decimals = pc.if_else(pc.greater_equal(points, 0), pc.subtract(pc.subtract(pc.utf8_length(texts), points), 1), 0)
    return pc.cast(texts, pa.decimal128(_DIGITS, int(pc.max(decimals).as_py() or 0)))


def _texts(numbers: pa.ChunkedArray) -> pa.ChunkedArray:
    if numbers.type.scale == 0:
        return pc.cast(numbers, pa.string())
    texts = [None if number is None else plain(format(number, "f")) for number in numbers.to_pylist()]
    return pa.chunked_array([pa.array(texts, pa.string())])
