"""One column of texts → one typed column: kernels accept, Frictionless decides the rest, then our stricter rules."""

import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from apendata.validation.kernels import accept_all, accept_some
from apendata.validation.problems import Problem, Rows, rows_where, texts_at
from apendata.validation.table_schema import DECIMAL_DIGITS, FieldRule

CONSTRAINT_CODES: Final = {
    "enum": "not_in_enum",
    "pattern": "pattern_not_met",
    "minLength": "too_short",
    "maxLength": "too_long",
    "minimum": "below_minimum",
    "maximum": "above_maximum",
    "exclusiveMinimum": "not_above_minimum",
    "exclusiveMaximum": "not_below_maximum",
}
_CONSTRAINT_OF: Final = {code: name for name, code in CONSTRAINT_CODES.items()}
_INT64: Final = range(-(2**63), 2**63)


@dataclass(frozen=True, eq=False, repr=False)
class ReadColumn:
    """A typed column, null where a cell has no value or is refused."""

    values: pa.Array
    problems: tuple[Problem, ...]
    refused: npt.NDArray[np.bool_]
    """Rows whose cell has a text that is not accepted."""


def read_column(rule: FieldRule, column: pa.Array) -> ReadColumn:
    """Type one column of texts and tell every cell that breaks its field's rules.

    Args:
        rule: the field.
        column: string array, null where there is no value.
    """
    refused = np.zeros(len(column), dtype=bool)
    values = accept_all(rule, column)
    problems: list[Problem] = []
    if values is None:
        values, problems = _read_distinct(rule, column)
        for problem in problems:
            refused[problem.rows] = True
    if rule.required and values.null_count:
        absent = rows_where(values.is_null().to_numpy(zero_copy_only=False) & ~refused)
        if len(absent):
            problems.append(Problem("value_required", absent, rule.name))
    if rule.unique and (repeated := _repeated(values)).size:
        problems.append(Problem("not_unique", repeated, rule.name, samples=texts_at(column, repeated)))
    return ReadColumn(values, tuple(problems), refused)


def _read_distinct(rule: FieldRule, column: pa.Array) -> tuple[pa.Array, list[Problem]]:
    """Read each distinct text once, and spread the verdicts over the rows."""
    encoded = column.dictionary_encode()
    values, refused = _judge_distinct(rule, encoded.dictionary)
    indices = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    problems = [
        Problem(code, rows, rule.name, _params(rule, code), texts_at(column, rows))
        for code, positions in refused.items()
        if len(rows := np.flatnonzero(np.isin(indices, positions)))
    ]
    return values.take(encoded.indices), problems


def _judge_distinct(rule: FieldRule, distinct: pa.Array) -> tuple[pa.Array, dict[str, list[int]]]:
    """Distinct texts → typed values, and code → positions of the texts that are refused for it."""
    sure = accept_some(rule, distinct)
    in_doubt = rows_where(sure.is_null())
    values, refused = [], defaultdict(list)
    for position, text in zip(in_doubt.tolist(), distinct.take(pa.array(in_doubt)).to_pylist(), strict=True):
        value, codes = judge(rule, text)
        values.append(value)
        for code in codes:
            refused[code].append(position)
    return pc.replace_with_mask(sure, sure.is_null(), pa.array(values, rule.arrow)), refused


def judge(rule: FieldRule, text: str) -> tuple[Any, tuple[str, ...]]:
    """Return (value, codes of what is wrong): Frictionless' verdict, then the stricter rules.

    The value is None where there is a code, and where the text stands for a missing value.
    """
    value, notes = rule.read(text)
    if notes and "type" in notes:
        return None, ("wrong_type",)
    if value is None:
        return None, ()  # a missing value; ``required`` is judged for the whole column
    if code := _stricter(rule, text, value):
        return None, (code,)
    if notes:
        return None, tuple(CONSTRAINT_CODES[name] for name in notes)
    return (value.quantize(Decimal(1).scaleb(-rule.decimals)) if isinstance(value, Decimal) else value), ()


def _stricter(rule: FieldRule, text: str, value: str | int | Decimal | date) -> str | None:
    """What Frictionless accepts and we do not: Python's int() and Decimal() take more for a number than is one."""
    if rule.type in ("string", "boolean"):
        is_code = "pattern" in rule.constraints
        return "non_ascii_digits" if is_code and _has_foreign_digit(text) else None
    if _has_foreign_digit(text):
        return "non_ascii_digits"
    if "_" in text:
        return "digit_underscore"
    if rule.type == "integer" and value not in _INT64:
        return "number_too_large"
    return _not_exact(rule, value) if isinstance(value, Decimal) else None


def _has_foreign_digit(text: str) -> bool:
    return not text.isascii() and any(c > "9" and unicodedata.category(c) == "Nd" for c in text)


def _not_exact(rule: FieldRule, value: Decimal) -> str | None:
    """Why a number cannot be kept with the declared decimals. By its digits: 1e999999999 is never written out."""
    if not value.is_finite():
        return "not_finite"
    if not value:
        return None
    _, digits, exponent = value.as_tuple()
    trailing_zeros = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    if int(exponent) + trailing_zeros < -rule.decimals:
        return "too_many_decimals"
    return "number_too_large" if value.adjusted() >= DECIMAL_DIGITS - rule.decimals else None


def _params(rule: FieldRule, code: str) -> dict[str, str]:
    if code in _CONSTRAINT_OF:
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
