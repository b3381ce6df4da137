"""Vectorised acceptance of cells. A kernel may only accept what Frictionless surely accepts; in doubt it says nothing.

Every value that is not accepted here goes to Frictionless' own cell reader (:mod:`apendata.validation.cells`), so a
kernel that is too careful costs time and never a verdict.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from apendata.tabular.arrays import as_integers
from apendata.tabular.patterns import matches
from apendata.validation.table_schema import DECIMAL_DIGITS, FieldRule

_COMPARE: Final[dict[str, Callable[..., Any]]] = {
    "minimum": pc.greater_equal,
    "maximum": pc.less_equal,
    "exclusiveMinimum": pc.greater,
    "exclusiveMaximum": pc.less,
}


def accept_all(rule: FieldRule, column: pa.Array) -> pa.Array | None:
    """Return the whole column typed, or None where any cell is in doubt. Nulls stay nulls."""
    if not rule.plain:
        return None
    typed = _cast(rule, column)
    return typed if typed is not None and _all(_obeys(rule, column, typed)) else None


def accept_some(rule: FieldRule, values: pa.Array) -> pa.Array:
    """Return the values typed, null where they are in doubt."""
    form = _form(rule)
    if form is None or not rule.plain:
        return pa.nulls(len(values), rule.arrow)
    nothing = pa.scalar(None, pa.string())
    typed = pc.if_else(pc.match_substring_regex(values, form), values, nothing).cast(rule.arrow)
    return pc.if_else(_obeys(rule, values, typed), typed, pa.scalar(None, rule.arrow))


def _form(rule: FieldRule) -> str | None:
    """RE2 for texts that surely become a value of the type; None where only Frictionless knows (dates: 30 February)."""
    fraction = rf"(\.[0-9]{{1,{rule.decimals}}})?" if rule.decimals else ""
    forms = {
        "string": r"",
        "integer": r"^-?[0-9]{1,18}$",
        "number": rf"^-?[0-9]{{1,{DECIMAL_DIGITS - rule.decimals}}}{fraction}$",
        "year": r"^[0-9]{4}$",
    }
    return forms.get(rule.type)


def _cast(rule: FieldRule, column: pa.Array) -> pa.Array | None:
    """Cast all, or None where any text is in doubt."""
    if rule.type == "string":
        return column
    if rule.type == "boolean":
        return _boolean(column)
    # Arrow's grammar of integers and dates lies inside Frictionless', but for hexadecimal integers, so the cast itself
    # judges; of decimals and years it does not, and 1e-999999999 as a decimal makes pyarrow 26 crash the process.
    if rule.type == "integer":
        return as_integers(column)
    if rule.type in ("number", "year") and not _all(pc.match_substring_regex(column, _form(rule))):
        return None
    try:
        return column.cast(rule.arrow)
    except pa.ArrowInvalid:
        return None


def _all(mask: pa.Array) -> bool:
    """Whether a mask is nowhere false; nulls are not looked at."""
    return bool(pc.all(mask, min_count=0).as_py())


def _boolean(column: pa.Array) -> pa.Array | None:
    true = pc.is_in(column, pa.array(["true", "True", "TRUE", "1"]))
    false = pc.is_in(column, pa.array(["false", "False", "FALSE", "0"]))
    known = pc.or_(pc.or_(true, false), column.is_null())
    return pc.if_else(column.is_valid(), true, None) if _all(known) else None


def _without_foreign_digits(texts: pa.Array) -> pa.Array:
    """Where no digit of another script stands; by Unicode's class, less ASCII's own."""
    plain = pc.string_is_ascii(texts)
    if _all(plain):
        return plain
    return pc.invert(pc.match_substring_regex(pc.replace_substring_regex(texts, "[0-9]", ""), r"\p{Nd}"))


def _obeys(rule: FieldRule, texts: pa.Array, typed: pa.Array) -> pa.Array:
    """Where the constraints surely hold. ``required`` is not among them: it is judged for the whole column."""
    masks = [typed.is_valid()]
    missing = rule.missing if rule.type == "string" else rule.missing - {""}  # Arrow casts "" to nothing else
    if missing:
        masks.append(pc.invert(pc.is_in(texts, pa.array(sorted(missing), pa.string()))))
    if rule.type == "date":
        masks.append(pc.greater_equal(typed, pa.scalar(date.min)))  # Arrow has a year 0
    for name, bound in rule.bounds.items():
        masks.append(_COMPARE[name](typed, pa.scalar(bound)))
    if "enum" in rule.constraints:
        masks.append(pc.is_in(typed, pa.array(rule.constraints["enum"], rule.arrow)))
    if "pattern" in rule.constraints:
        masks.append(matches(rule.constraints["pattern"], texts))
        masks.append(_without_foreign_digits(texts))  # they may match it, and a stricter rule asks for them
    if "minLength" in rule.constraints:
        masks.append(pc.greater_equal(pc.utf8_length(texts), rule.constraints["minLength"]))
    if "maxLength" in rule.constraints:
        masks.append(pc.less_equal(pc.utf8_length(texts), rule.constraints["maxLength"]))
    obeys = masks[0]
    for mask in masks[1:]:
        obeys = pc.and_kleene(obeys, mask)
    return pc.or_kleene(obeys, texts.is_null())
