"""The cells of all tables: each distinct text is looked at once, and counted as often as it stands there."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from apendata.disclosure.gate.refusal import FORMULA, IDENTIFIER, TOO_LONG, WAS_PUBLIC
from apendata.disclosure.gate.triggers import would_run_each
from apendata.identifiers import are_national_identity_numbers, kinds_in_each, without_identifiers
from apendata.identifiers.modulus11 import Bools, Integers
from apendata.model import Column, Dataset, Finding, SafeTable, Table

_PERSON: Final = "national_identity_number"
_MONEY: Final = ("NOK", "kNOK", "MNOK")
_FEWEST_DIGITS: Final = 10**9
"""Ten digits: a number cell has lost the zero with which the days 01 to 09 begin."""
_CHANCE: Final = 0.1
"""About one in a hundred amounts of so many digits looks like an identity number; ten times as many is no chance."""

Texts = Mapping[str, pa.Table]
"""Table → its columns of free texts, as they stand in a release."""


def found_in_tables(dataset: Dataset, tables: Mapping[str, SafeTable]) -> tuple[Finding, ...]:
    """Look at every text of every table, and at whole numbers that may be a person's.

    Args:
        dataset: the definition; it says which columns are free texts and which identifiers are allowed where.
        tables: table name → the table as it would be published.

    Returns:
        Errors, with table, column and number of cells.
    """
    return tuple(
        finding
        for table in dataset.tables
        for name in tables[table.name].data.column_names
        for finding in _in_column(dataset, table, name, tables[table.name].data[name])
    )


def found_in_changes(dataset: Dataset, before: Mapping[str, pa.Table]) -> tuple[Finding, ...]:
    """Look at the rows that changes are told against, for persons' numbers alone.

    What stood there and stands there no longer is told once more as an old value or a removed row.

    Args:
        dataset: the definition.
        before: table → its rows in the version before; only tables whose rows differ.

    Returns:
        Errors, with table, column and number of cells.
    """
    return tuple(
        replace(finding, code=WAS_PUBLIC)
        for table in dataset.tables
        if table.name in before
        for name in sorted({field["name"] for field in table.fields} & set(before[table.name].column_names))
        for finding in _in_column(dataset, table, name, before[table.name][name])
        if finding.params.get("found") == _PERSON
    )


def new_texts(dataset: Dataset, before: Texts, now: Mapping[str, SafeTable]) -> tuple[Finding, ...]:
    """Tell how many free texts readers do not have yet: somebody should read them before readers do.

    Args:
        dataset: the definition.
        before: what readers have; a table or column that is not there had no texts.
        now: the tables as they would be published.

    Returns:
        A warning for each column of free texts with new ones.
    """
    return tuple(
        Finding("disclosure.new_texts", "warning", table.name, column.name, count=count)
        for table in dataset.tables
        for column in table.columns
        if column.text is not None
        if (count := _new(before.get(table.name), now[table.name].data[column.name], column.name))
    )


def _new(before: pa.Table | None, now: pa.ChunkedArray, name: str) -> int:
    texts = pc.unique(now).drop_null()
    if before is None or name not in before.column_names:
        return len(texts)
    known = pc.is_in(texts, pc.unique(before[name]).cast(pa.string()))
    return len(texts) - int(known.true_count)


def _in_column(dataset: Dataset, table: Table, name: str, values: pa.ChunkedArray) -> Iterator[Finding]:
    if _is_text(values.type):
        yield from _in_texts(table, _column(dataset, table, name), name, values)
    elif pa.types.is_integer(values.type) or pa.types.is_decimal(values.type):
        field = next(field for field in table.fields if field["name"] == name)
        if count := _people(values, is_money=field.get("unit") in _MONEY):
            yield _stop(IDENTIFIER, table, name, count, found=_PERSON)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind))


def _in_texts(table: Table, column: Column | None, name: str, values: pa.ChunkedArray) -> Iterator[Finding]:
    counted = pc.value_counts(values.cast(pa.string()))
    texts, counts = counted.field(0), counted.field(1).to_numpy()
    allowed = {one.kind for one in column.allow_identifiers} if column else set()
    for kind, rows in kinds_in_each(texts).items():
        if kind not in allowed:
            yield _stop(IDENTIFIER, table, name, int(counts[rows].sum()), found=kind)
    if (runs := would_run_each(texts)).any():
        yield _stop(FORMULA, table, name, int(counts[runs].sum()))
    if column is not None and column.text is not None:
        limit = column.text.max_length
        long = pc.fill_null(pc.greater(pc.utf8_length(texts), limit), fill_value=False).to_numpy(zero_copy_only=False)
        if long.any():
            yield _stop(TOO_LONG, table, name, int(counts[long].sum()), limit=str(limit))


def _stop(code: str, table: Table, name: str, count: int, **params: str) -> Finding:
    """A column is told by its name, unless that identifies somebody."""
    return Finding(
        code, table=without_identifiers(table.name), field=without_identifiers(name), count=count, params=params
    )


def _column(dataset: Dataset, table: Table, name: str) -> Column | None:
    """The column's definition; a table of totals has those of the table that it adds up."""
    of = table if table.margins is None else dataset.table(table.margins.of)
    return next((column for column in of.columns if column.name == name), None)


def _people(values: pa.ChunkedArray, *, is_money: bool) -> int:
    """How many whole numbers are identity numbers.

    A lone one among amounts of money is what chance gives, and nothing could let it through; the screen of the exports
    has looked at it already. Amounts are stopped where they are too often what an amount seldom is.
    """
    numbers = _whole(values)
    numbers = numbers[numbers >= _FEWEST_DIGITS]
    hits: Bools = are_national_identity_numbers(numbers)
    if not is_money:
        return int(np.count_nonzero(hits))
    distinct, people = len(np.unique(numbers)), len(np.unique(numbers[hits]))
    return int(np.count_nonzero(hits)) if people > max(1, _CHANCE * distinct) else 0


def _whole(values: pa.ChunkedArray) -> Integers:
    """The values without a fraction as int64; beyond that no identity number is."""
    kept = values.drop_null()
    if pa.types.is_decimal(kept.type):
        wide = kept.cast(pa.decimal128(38, kept.type.scale))
        kept = wide.filter(pc.equal(wide, pc.floor(wide)))
    numbers: Integers = kept.cast(pa.int64(), safe=False).to_numpy()
    return numbers
