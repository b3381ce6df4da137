"""What is done once a table's exports are under one another: lookups, flags, equal keys, the schema's order."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from apendata.errors import DefinitionError
from apendata.model import Finding, RawTable, Table
from apendata.sources.adding import added
from apendata.sources.codes import finding
from apendata.sources.columns import STATUS
from apendata.sources.conditions import Mask, rows_where
from apendata.sources.lookup import looked_up
from apendata.sources.places import Places

_FLAG = "_flagg"
_NUMBERS = ("integer", "number")


def with_lookups(
    data: pa.Table, table: Table, codelists: Mapping[str, RawTable], places: Places
) -> tuple[Any, list[Finding]]:
    """Add the columns that are found in code lists, in the order in which the definition names them."""
    found: list[Finding] = []
    for column in table.columns:
        if column.lookup is not None:
            values, problems = looked_up(data, column, codelists, places)
            found += [replace(problem, table=table.name) for problem in problems]
            data = data.append_column(column.name, pa.nulls(data.num_rows, pa.string()) if values is None else values)
    return data, found


def with_flags(data: pa.Table, table: Table) -> pa.Table:
    """Add the ``<value>_flagg`` columns that the schema has; a row of two kinds carries both letters, each once."""
    flagged = {field["name"] for field in table.fields if str(field["name"]).endswith(_FLAG)} - set(data.column_names)
    wanted = {flag.column if flag.column.endswith(_FLAG) else flag.column + _FLAG for flag in table.flags}
    if wanted - flagged - set(data.column_names):
        raise DefinitionError(f"table {table.name}: `flags` needs the field {min(wanted - flagged)} in the schema")
    made = {transformed.name for transformed in table.columns if transformed.transform}
    for name in sorted(flagged - made):
        flagged_rows: dict[str, Mask] = {}
        for flag in table.flags:
            if flag.column in (name, name.removesuffix(_FLAG)):
                meant = rows_where(flag.where, data.column, data.num_rows)
                flagged_rows[flag.flag] = flagged_rows.get(flag.flag, np.False_) | meant
        marks = np.full(data.num_rows, "", object)
        for letter, rows in flagged_rows.items():
            marks[rows] += letter
        texts = pa.array([mark or None for mark in marks], pa.string())
        data = data.append_column(name, pa.chunked_array([texts]))
    return data


def with_keys_added_up(data: pa.Table, rows: pa.Table, table: Table, places: Places) -> tuple[Any, Any, list[Finding]]:
    """Add up rows of equal keys where the definition says why; never drop any.

    Other columns must be equal within a key: they say something about the key, and which of two would be kept is a
    guess.
    """
    if table.same_key is None:
        return data, rows, []
    keys = list(table.primary_key)
    values = [str(f["name"]) for f in table.fields if f["type"] in _NUMBERS and f["name"] not in keys]
    values = [name for name in values if name in data.column_names]
    sums = added(data, keys, values)
    if sums.num_rows == data.num_rows:
        return data, rows, []
    kept = data.take(sums["first"])
    others = [name for name in data.column_names if name not in {*keys, *values, *(v + STATUS for v in values)}]
    found = _differences(data, others, table, places)
    for name in [*values, *(value + STATUS for value in values)]:
        if name in kept.column_names:
            kept = kept.set_column(kept.column_names.index(name), name, sums[name])
    merged = data.num_rows - sums.num_rows
    found.append(finding("rows_added_up", count=merged, table=table.name, because=table.same_key))
    return kept, rows.take(sums["first"]), found


def _differences(data: pa.Table, others: Sequence[str], table: Table, places: Places) -> list[Finding]:
    if not others:
        return []
    numbered = data.append_column("first", pa.array(np.arange(data.num_rows)))
    kinds = [(name, "count_distinct", pc.CountOptions(mode="all")) for name in others]
    counts = numbered.group_by(list(table.primary_key)).aggregate([("first", "min"), *kinds])
    found = []
    for name in others:
        groups = counts.filter(pc.greater(counts[f"{name}_count_distinct"], 1))
        if groups.num_rows:
            at = places(sorted(groups["first_min"].to_pylist()))
            found.append(finding("same_key_differs", at, count=groups.num_rows, column=name, table=table.name))
    return found


def in_schema_order(data: pa.Table, table: Table) -> pa.Table:
    """Columns in the schema's order; those that nobody sees but ``transform.py`` come last."""
    names = [str(field["name"]) for field in table.fields if field["name"] in data.column_names]
    return data.select([*names, *(name for name in data.column_names if name not in names)])
