"""Tables of margins: the totals of another table, with every subset of its dimensions summed away."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

import pyarrow as pa

from apendata.errors import DefinitionError
from apendata.model import Dataset, Margins, Origin, RawTable, Table
from apendata.sources.adding import added
from apendata.sources.codes import refuse
from apendata.sources.columns import STATUS
from apendata.sources.finishing import in_schema_order, with_flags, with_lookups
from apendata.sources.places import Places


def with_margins(
    dataset: Dataset, tables: Mapping[str, RawTable], codelists: Mapping[str, RawTable]
) -> dict[str, RawTable]:
    """``tables`` and, after them, each table of margins made anew from the table it is of.

    A margin is exact. Where a part of it is hidden it is hidden too, where a part is missing it is missing: see
    :func:`apendata.sources.adding.added`.
    """
    made = dict(tables)
    for table in dataset.tables:
        if table.margins is not None and table.margins.of in made:
            made[table.name] = _margins(table, table.margins, made[table.margins.of], codelists)
    return made


def _margins(table: Table, margins: Margins, base: RawTable, codelists: Mapping[str, RawTable]) -> RawTable:
    kept = [key for key in table.primary_key if key not in margins.totals]
    lacking = [name for name in (*kept, *margins.totals, margins.value) if name not in base.data.column_names]
    if lacking:
        raise DefinitionError(f"table {table.name}: `margins` needs the column {lacking[0]} in table {base.name}")
    dimensions = list(margins.totals)
    parts = [
        _summed(base.data, kept, margins, away)
        for size in range(1, len(dimensions) + 1)
        for away in combinations(dimensions, size)
    ]
    whole = pa.concat_tables(part.select(parts[0].column_names) for part in parts)
    rows = base.origin.rows.take(whole["first"])
    data, found = with_lookups(_constants(whole, table, margins), table, codelists, Places(base.origin.files, rows))
    refuse(found)
    origin = replace(base.origin, rows=rows) if base.data.num_rows else Origin(base.origin.files, {}, rows)
    return RawTable(table.name, in_schema_order(with_flags(data, table), table), origin)


def _summed(data: pa.Table, kept: list[str], margins: Margins, away: tuple[str, ...]) -> pa.Table:
    keys = [*kept, *(dimension for dimension in margins.totals if dimension not in away)]
    sums = added(data, keys, [margins.value]) if keys else _grand(data, margins.value)
    for dimension in away:
        total = pa.repeat(pa.scalar(margins.totals[dimension], pa.string()), sums.num_rows)
        sums = sums.append_column(dimension, total)
    return sums


def _grand(data: pa.Table, value: str) -> pa.Table:
    """Everything in one row: grouped under a key that is the same for all."""
    constant = data.append_column("", pa.repeat(pa.scalar("", pa.string()), data.num_rows))
    return added(constant, [""], [value]).drop_columns([""])


def _constants(whole: pa.Table, table: Table, margins: Margins) -> pa.Table:
    names = {str(field["name"]) for field in table.fields}
    wanted = [*table.primary_key, margins.value, margins.value + STATUS]
    data = whole.select([name for name in wanted if name in names and name in whole.column_names])
    for column in table.columns:
        if column.constant is not None and column.name not in data.column_names:
            data = data.append_column(column.name, pa.repeat(pa.scalar(column.constant), whole.num_rows))
    return data
