"""Which rows a check means: one value, a list of values, or a range, for each column that it names."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from apendata.validation.cells import value_of
from apendata.validation.problems import Rows, rows_where
from apendata.validation.table_schema import FieldRule, TableRules
from apendata.validation.tables import Checked

_BOUNDS: Final = frozenset({"from", "to"})
_ORDERED: Final = frozenset({"integer", "number", "year", "date", "string"})


def is_condition(rule: FieldRule, asked: object) -> bool:
    """Whether a condition of a definition can be asked of a column: every value in it is of the column's type."""
    if isinstance(asked, Mapping):
        bounds = bool(asked) and set(asked) <= _BOUNDS and rule.type in _ORDERED
        return bounds and all(_value(rule, text) is not None for text in asked.values())
    if isinstance(asked, list | tuple):
        return bool(asked) and all(_value(rule, text) is not None for text in asked)
    return _value(rule, asked) is not None


def are_conditions(fields: TableRules, asked: object) -> bool:
    """Whether a mapping of columns to conditions can be asked of a table."""
    return isinstance(asked, Mapping) and all(
        name in fields.by_name and is_condition(fields.by_name[name], condition) for name, condition in asked.items()
    )


def rows_meant(table: Checked, where: Mapping[str, Any]) -> Rows:
    """The rows that meet every condition; texts are read as values of their column's type.

    A range holds both its ends; codes are compared as texts, which is right where they are of one length.
    """
    meant = pa.repeat(pa.scalar(value=True), table.data.num_rows)
    for name, asked in where.items():
        rule = table.rules.by_name[name]
        meant = pc.and_(meant, _meets(table.data[name], rule, asked))
    return rows_where(meant)


def _meets(column: pa.ChunkedArray, rule: FieldRule, asked: Any) -> pa.ChunkedArray:
    if isinstance(asked, Mapping):
        mask = column.is_valid()
        if "from" in asked:
            mask = pc.and_(mask, pc.greater_equal(column, _scalar(rule, asked["from"])))
        if "to" in asked:
            mask = pc.and_(mask, pc.less_equal(column, _scalar(rule, asked["to"])))
        return mask
    values: Sequence[object] = asked if isinstance(asked, list | tuple) else [asked]
    return pc.is_in(column, pa.array([_value(rule, value) for value in values], rule.arrow))


def _scalar(rule: FieldRule, text: object) -> pa.Scalar:
    return pa.scalar(_value(rule, text), rule.arrow)


def _value(rule: FieldRule, text: object) -> Any:
    return None if isinstance(text, Mapping | list | tuple) else value_of(rule, str(text))
