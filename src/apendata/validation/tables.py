"""One table: its columns, cells, statuses and keys against its Table Schema; typed and in key order."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from apendata.errors import DefinitionError
from apendata.model import Finding, Origin, RawTable
from apendata.validation.cells import ReadColumn, read_column
from apendata.validation.keys import key_order, null_keys, repeated_keys
from apendata.validation.problems import Problem, finding, rows_where, texts_at
from apendata.validation.table_schema import TableRules

STATUSES: Final = (":", "..", ".")
"""Hidden, missing, cannot occur."""


@dataclass(frozen=True, eq=False, repr=False)
class Checked:
    """A table whose cells and keys are valid: what rules over whole tables work on."""

    rules: TableRules
    data: pa.Table
    """Typed columns in the schema's order, rows in key order."""
    origin: Origin

    def __repr__(self) -> str:
        return f"Checked({self.rules.table.name}, rows={self.data.num_rows})"


def check_table(rules: TableRules, raw: RawTable) -> Checked | tuple[Finding, ...]:
    """Check one table by itself.

    Returns:
        The typed table, or what is wrong with it.

    Raises:
        DefinitionError: the table does not consist of texts with a place for each row (a transform made it so).
    """
    if raw.origin.rows.num_rows != raw.data.num_rows:
        raise DefinitionError(
            f"table «{raw.name}» has {raw.data.num_rows} rows and places for {raw.origin.rows.num_rows}. "
            "A transform must keep one row of `origin` for each row of `data`."
        )
    findings = _column_findings(rules, raw)
    if findings:
        return findings
    with ThreadPoolExecutor() as pool:  # Arrow leaves the other cores free
        read = pool.map(lambda rule: read_column(rule, texts(raw, rule.name)), rules.fields)
        columns = dict(zip(rules.by_name, read, strict=True))
    typed = pa.table({name: column.values for name, column in columns.items()})
    key = rules.table.primary_key
    problems = [problem for column in columns.values() for problem in column.problems]
    problems += _status_problems(rules, raw, columns)
    problems += null_keys(typed, key, {name: column.refused | column.absent for name, column in columns.items()})
    if problems:
        return tuple(finding(problem, rules.table, raw.origin) for problem in problems)
    return _in_key_order(rules, typed, raw.origin, key)


def _in_key_order(
    rules: TableRules, typed: pa.Table, origin: Origin, key: Sequence[str]
) -> Checked | tuple[Finding, ...]:
    found = key_order(typed, key)
    if found.order is not None:
        typed = typed.take(found.order)
        origin = Origin(origin.files, origin.columns, origin.rows.take(found.order))
    problems = repeated_keys(found.repeats, key)
    if problems:
        return tuple(finding(problem, rules.table, origin) for problem in problems)
    return Checked(rules, typed, origin)


def texts(raw: RawTable, column: str) -> pa.Array:
    """Return one column of a raw table as one string array.

    Raises:
        DefinitionError: it is not made of texts.
    """
    array = raw.data[column].combine_chunks()
    if pa.types.is_null(array.type) or pa.types.is_large_string(array.type) or pa.types.is_string_view(array.type):
        array = array.cast(pa.string())
    if not pa.types.is_string(array.type):
        raise DefinitionError(
            f"table «{raw.name}», column «{column}»: texts in canonical form were expected, found {array.type}. "
            "A transform must return texts, null where there is no value."
        )
    return array


def _column_findings(rules: TableRules, raw: RawTable) -> tuple[Finding, ...]:
    wanted, found, table = list(rules.by_name), raw.data.column_names, rules.table.name
    missing = [Finding("column_missing", table=table, field=name) for name in wanted if name not in found]
    extra = [Finding("column_unknown", table=table, field=name) for name in found if name not in wanted]
    twice = [Finding("column_repeated", table=table, field=n) for n in wanted if found.count(n) > 1]
    empty = [Finding("table_empty", table=table)] if not raw.data.num_rows else []
    return (*missing, *extra, *twice, *empty)


def _status_problems(rules: TableRules, raw: RawTable, columns: Mapping[str, ReadColumn]) -> list[Problem]:
    """A value is null exactly where its status says why. Zero is a value, a status beside a value a contradiction."""
    problems = []
    for name, status_name in rules.statuses.items():
        value, status = columns[name], columns[status_name]
        known = pc.is_in(status.values, pa.array(STATUSES))
        absent = value.values.is_null()
        told = pa.array(value.refused | status.refused)
        wrong = {
            "status_unknown": (status_name, pc.and_(status.values.is_valid(), pc.invert(known))),
            "status_missing": (name, pc.and_(absent, status.values.is_null())),
            "status_beside_value": (name, pc.and_(pc.invert(absent), known)),
        }
        for code, (field, mask) in wrong.items():
            rows = rows_where(pc.and_not(mask, told))
            if len(rows):
                params = {"status": status_name, "expected": " ".join(STATUSES)}
                problems.append(Problem(code, rows, field, params, texts_at(texts(raw, status_name), rows)))
    return problems


def only_columns(raw: RawTable, names: Sequence[str], rules: TableRules) -> Checked | tuple[Finding, ...]:
    """Type some columns of a table's sum rows, which have neither a whole key nor every column.

    Args:
        raw: the sum rows.
        names: the columns that are needed.
        rules: of the table whose sum rows these are.
    """
    table = rules.table
    absent = [Finding("column_missing", table=table.name, field=n) for n in names if n not in raw.data.column_names]
    if absent:
        return tuple(absent)
    columns = {name: read_column(rules.by_name[name], texts(raw, name)) for name in names}
    whole_column = ("value_required", "not_unique")
    problems = [p for column in columns.values() for p in column.problems if p.code not in whole_column]
    if problems:
        return tuple(finding(problem, table, raw.origin) for problem in problems)
    return Checked(rules, pa.table({name: column.values for name, column in columns.items()}), raw.origin)
