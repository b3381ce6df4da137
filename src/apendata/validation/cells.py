"""One column of texts → one typed column, and every cell that breaks its field's rules.

The verdict is that of ``apendata validate`` (:mod:`apendata.tabular`): kernels accept, Frictionless decides the rest,
then the stricter rules. What is asked here besides is that a number can be kept exactly.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from apendata.validation.problems import Problem, Rows, rows_where, texts_at
from apendata.validation.table_schema import FieldRule
from apendata.validation.values import typed

CONSTRAINT_CODES: Final = {
    "required": "value_required",
    "enum": "not_in_enum",
    "pattern": "pattern_not_met",
    "minLength": "too_short",
    "maxLength": "too_long",
    "minimum": "below_minimum",
    "maximum": "above_maximum",
    "exclusiveMinimum": "not_above_minimum",
    "exclusiveMaximum": "not_below_maximum",
}
_CODES: Final = {"type": "wrong_type", **CONSTRAINT_CODES}
"""What a cell breaks → code of the finding; a stricter rule's name is its code."""
_CONSTRAINT_OF: Final = {code: name for name, code in CONSTRAINT_CODES.items()}


@dataclass(frozen=True, eq=False, repr=False)
class ReadColumn:
    """A typed column, null where a cell has no value or is refused."""

    values: pa.Array
    problems: tuple[Problem, ...]
    refused: npt.NDArray[np.bool_]
    """Rows whose cell has a text that is not accepted."""
    absent: npt.NDArray[np.bool_]
    """Rows without a value that must have one."""


def read_column(rule: FieldRule, column: pa.Array) -> ReadColumn:
    """Type one column of texts and tell every cell that breaks its field's rules.

    Args:
        rule: the field.
        column: string array, null where there is no value.
    """
    wrong = _judged(rule, column)
    values, inexact = typed(rule, _valid_texts(rule, column, wrong))
    wrong |= inexact
    refused, absent = np.zeros(len(column), dtype=bool), np.zeros(len(column), dtype=bool)
    for code, rows in wrong.items():
        (absent if code == "value_required" else refused)[rows] = True
    problems = [
        Problem(code, rows, rule.name, _params(rule, code), texts_at(column, rows)) for code, rows in wrong.items()
    ]
    if rule.unique and (repeated := _repeated(values)).size:
        problems.append(Problem("not_unique", repeated, rule.name, samples=texts_at(column, repeated)))
    return ReadColumn(values, tuple(problems), refused, absent)


def value_of(rule: FieldRule, text: str) -> Any:
    """The value that a text stands for in a field; None where it is not valid there."""
    return read_column(rule, pa.array([text], pa.string())).values[0].as_py()


def _judged(rule: FieldRule, column: pa.Array) -> dict[str, Rows]:
    """Code → the rows whose cell breaks that rule."""
    found: defaultdict[str, list[Rows]] = defaultdict(list)
    for index, rows in rule.judge.judge(column).wrong():
        for wrong in rule.judge.wrongs[index]:
            found[_CODES.get(wrong.rule, wrong.rule)].append(rows)
    return {code: np.sort(np.concatenate(parts)) for code, parts in found.items()}


def _valid_texts(rule: FieldRule, column: pa.Array, wrong: dict[str, Rows]) -> pa.Array:
    missing = rule.judge.where_missing(column)
    if not wrong and (missing is None or column.null_count == missing.true_count):
        return column
    nothing = np.zeros(len(column), dtype=bool) if missing is None else missing.to_numpy(zero_copy_only=False)
    for rows in wrong.values():
        nothing[rows] = True
    return pc.if_else(pa.array(nothing), pa.scalar(None, pa.string()), column)


def _params(rule: FieldRule, code: str) -> dict[str, str]:
    if code in _CONSTRAINT_OF and code != "value_required":
        return {"expected": rule.expected(_CONSTRAINT_OF[code])}
    if code == "wrong_type":
        return {"expected": rule.type}
    return {"decimals": str(rule.decimals)} if code in ("too_many_decimals", "number_too_large") else {}


def _repeated(values: pa.Array) -> Rows:
    """Rows whose value stood in an earlier row; nulls are not values."""
    codes = values.dictionary_encode().indices
    seen = codes.drop_null().to_numpy(zero_copy_only=False)
    rows = rows_where(values.is_valid())
    later = np.ones(len(seen), dtype=bool)
    later[np.unique(seen, return_index=True)[1]] = False
    return rows[later]
