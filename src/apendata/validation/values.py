"""Valid texts → the values that are published: exact, in the Arrow type of their field, or told why that cannot be.

What is valid was judged before (:mod:`apendata.tabular`). Here only those numbers are refused that would be rounded.
"""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from apendata.tabular.arrays import as_integers
from apendata.validation.problems import Rows, rows_where
from apendata.validation.table_schema import DECIMAL_DIGITS, FieldRule

_INT64: Final = range(-(2**63), 2**63)
_TRUE: Final = pa.array(["true", "True", "TRUE", "1"])
_FALSE: Final = pa.array(["false", "False", "FALSE", "0"])
Inexact = Mapping[str, Rows]
"""Code of a finding → the rows of a column whose number cannot be kept."""


def typed(rule: FieldRule, texts: pa.Array) -> tuple[pa.Array, Inexact]:
    """Type a column.

    Args:
        rule: the field.
        texts: string array, null where there is no value or none that is valid.

    Returns:
        The values, null where ``texts`` is null or a number cannot be kept; and those rows.
    """
    values = _cast(rule, texts)
    if values is not None:
        return values, {}
    encoded = texts.dictionary_encode()
    values, inexact = _of_distinct(rule, encoded.dictionary)
    indices = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return values.take(encoded.indices), {
        code: np.flatnonzero(np.isin(indices, positions)) for code, positions in inexact.items()
    }


def _cast(rule: FieldRule, texts: pa.Array) -> pa.Array | None:
    """Cast all, or None where Arrow does not read every valid text (« 7 », «1e3», «+7»)."""
    if rule.type == "string":
        return texts
    if rule.type == "boolean":
        is_true = pc.is_in(texts, _TRUE)
        known = pc.or_(is_true, pc.is_in(texts, _FALSE))
        return pc.if_else(known, is_true, None) if known.true_count + texts.null_count == len(texts) else None
    if rule.type == "integer":
        return as_integers(texts)
    if rule.type in ("number", "year") and not _all_match(texts, _form(rule)):
        return None
    try:
        return texts.cast(rule.arrow)
    except pa.ArrowInvalid:  # «2019-1-5» is a date to Frictionless
        return None


def _form(rule: FieldRule) -> str:
    """RE2 for numbers and years that Arrow casts exactly; 1e-999999999 as a decimal makes pyarrow 26 crash."""
    if rule.type == "year":
        return r"^[0-9]{4}$"
    fraction = rf"(\.[0-9]{{1,{rule.decimals}}})?" if rule.decimals else ""
    return rf"^-?[0-9]{{1,{DECIMAL_DIGITS - rule.decimals}}}{fraction}$"


def _all_match(texts: pa.Array, form: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(texts, form), min_count=0).as_py())


def _of_distinct(rule: FieldRule, distinct: pa.Array) -> tuple[pa.Array, dict[str, list[int]]]:
    """Distinct texts → values, and code → positions of those that cannot be kept. Python reads the odd ones alone."""
    plain = pc.match_substring_regex(distinct, _form(rule)) if rule.type in ("number", "year") else pc.is_null(distinct)
    values = pc.if_else(plain, distinct, pa.scalar(None, pa.string())).cast(rule.arrow)
    odd = rows_where(pc.invert(plain))
    read, inexact = [], defaultdict(list)
    for position, text in zip(odd.tolist(), distinct.take(pa.array(odd)).to_pylist(), strict=True):
        value, code = _exact(rule, rule.judge.value(text))
        read.append(value)
        if code is not None:
            inexact[code].append(position)
    return pc.replace_with_mask(values, pc.invert(plain), pa.array(read, rule.arrow)), inexact


def _exact(rule: FieldRule, value: Any) -> tuple[Any, str | None]:
    """A value as it is kept, or None and why it cannot be."""
    if rule.type == "integer":
        return (value, None) if value in _INT64 else (None, "number_too_large")
    if not isinstance(value, Decimal):
        return value, None
    code = _not_exact(value, rule.decimals)
    return (value.quantize(Decimal(1).scaleb(-rule.decimals)), None) if code is None else (None, code)


def _not_exact(value: Decimal, decimals: int) -> str | None:
    """Why a number cannot be kept with its decimals. By its digits: 1e999999999 is never written out."""
    if not value:
        return None
    _, digits, exponent = value.as_tuple()
    trailing_zeros = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    if int(exponent) + trailing_zeros < -decimals:
        return "too_many_decimals"
    return "number_too_large" if value.adjusted() >= DECIMAL_DIGITS - decimals else None
