"""Vectorised acceptance: which texts of a column are surely valid. In doubt it says no, and Frictionless decides.

A kernel that is too careful costs time and never a verdict; one that accepts what Frictionless refuses would be a
defect (the property tests of ``tests/unit/tabular`` look for it). So every form below lies well inside what
Frictionless reads: plain ASCII digits, full ISO dates, marks at every third digit.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from apendata.tabular.arrays import NO_TEXT, always, as_integers, of_constant, of_constants, or_false
from apendata.tabular.patterns import matches
from apendata.tabular.schema import Field

_COMPARE: Final[Mapping[str, Callable[..., Any]]] = {
    "minimum": pc.greater_equal,
    "maximum": pc.less_equal,
    "exclusiveMinimum": pc.greater,
    "exclusiveMaximum": pc.less,
}
_LENGTHS: Final = ("minLength", "maxLength")
_BY_VALUE: Final = frozenset({*_COMPARE, "enum"})
_DIGITS: Final = 15
_DECIMALS: Final = 10
_DATE: Final = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_TIME: Final = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_FIRST_DAY: Final = of_constant(date.min, pa.date32())
_PARTS_OF_DATE: Final = {"%d": "([0-9]{2})", "%m": "([0-9]{2})", "%Y": "([0-9]{4})"}


@dataclass(frozen=True, eq=False)
class Acceptance:
    """What is surely valid of one field."""

    form: Callable[[pa.Array], tuple[pa.Array, pa.Array]]
    """Texts → (where the form is right, the values; null or meaningless elsewhere)."""
    obeyed: tuple[Callable[[pa.Array, pa.Array], pa.Array], ...]
    """Each constraint: (texts, values) → where it holds."""

    def __call__(self, texts: pa.Array) -> pa.Array:
        """Where texts are surely valid, whatever else the schema says of missing values."""
        sure, values = self.form(texts)
        for constraint in self.obeyed:
            sure = pc.and_(sure, or_false(constraint(texts, values)))
        return sure


def acceptance(field: Field) -> Acceptance | None:
    """The kernel of a field, or None where only Frictionless knows."""
    make = _FORMS.get(field.type)
    found = make(field) if make else None
    if found is None:
        return None
    form, value_of = found
    obeyed = []
    for name, asked in field.constraints.items():
        if name in ("required", "unique"):
            continue  # judged for missing texts, and over all rows
        constraint = _constraint(name, asked, value_of)
        if constraint is None:
            return None
        obeyed.append(constraint)
    return Acceptance(form, tuple(obeyed))


_Form = Callable[[pa.Array], tuple[pa.Array, pa.Array]]
_ValueOf = Callable[[Any], Any]
"""A bound or a value of ``enum``, as declared → as Arrow compares it, or None where only Frictionless knows."""
_Made = tuple[_Form, _ValueOf]


def _constraint(name: str, asked: Any, value_of: _ValueOf) -> Callable[[pa.Array, pa.Array], pa.Array] | None:
    if name == "pattern":
        return lambda texts, _: matches(asked, texts)
    if name in _LENGTHS and type(asked) is int:
        compare = pc.greater_equal if name == "minLength" else pc.less_equal
        return lambda texts, _: compare(pc.utf8_length(texts), of_constant(asked, pa.int32()))
    if name == "enum":
        known = [value_of(value) for value in asked]
        if None in known or not known:
            return None
        return lambda _, values: pc.is_in(values, of_constants(known, values.type))
    if name in _COMPARE and (bound := value_of(asked)) is not None:
        return lambda _, values: _COMPARE[name](values, of_constant(bound, values.type))
    return None


def _all(texts: pa.Array) -> pa.Array:
    return always(value=True, rows=len(texts))


def _only(texts: pa.Array, sure: pa.Array) -> pa.Array:
    return pc.if_else(sure, texts, NO_TEXT)


def _string(field: Field) -> _Made | None:
    if field.format == "uuid":
        hexadecimal = r"^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
        return lambda texts: (pc.match_substring_regex(texts, hexadecimal), texts), _text
    return (lambda texts: (_all(texts), texts), _text) if field.format == "default" else None


def _any(field: Field) -> _Made | None:
    return (lambda texts: (_all(texts), texts), _text) if field.format == "default" else None


def _integer(field: Field) -> _Made | None:
    if not field.words.get("bareNumber", True) or field.words.get("groupChar"):
        return None

    def form(texts: pa.Array) -> tuple[pa.Array, pa.Array]:
        if (values := as_integers(texts)) is not None:
            return _all(texts), values
        sure = pc.match_substring_regex(texts, r"^-?[0-9]{1,18}$")
        return sure, _only(texts, sure).cast(pa.int64())

    return form, _whole


def _number(field: Field) -> _Made | None:
    """A bound that is written as text is read with the field's marks («1.25» with group mark «.» is 125): not here."""
    words = field.words
    if not words.get("bareNumber", True) or words.get("floatNumber", False):
        return None
    decimal, group = words.get("decimalChar", "."), words.get("groupChar", "")
    if len(decimal) != 1 or len(group) > 1 or decimal == group or (decimal + group).isalnum():
        return None
    whole = rf"[0-9]{{1,{_DIGITS}}}"
    if group:
        whole = rf"({whole}|[0-9]{{1,3}}({re.escape(group)}[0-9]{{3}}){{1,4}})"
    pattern = rf"^-?{whole}({re.escape(decimal)}[0-9]{{1,{_DECIMALS}}})?$"
    valued = not _BY_VALUE.isdisjoint(field.constraints)
    typed = pa.decimal128(_DIGITS + _DECIMALS + 3, _DECIMALS)

    def form(texts: pa.Array) -> tuple[pa.Array, pa.Array]:
        if decimal == "." and not group and not valued and _all_finite(texts):
            return _all(texts), texts
        sure = pc.match_substring_regex(texts, pattern)
        if not valued:
            return sure, texts
        plain = _only(texts, sure)
        if group:
            plain = pc.replace_substring(plain, group, "")
        if decimal != ".":
            plain = pc.replace_substring(plain, decimal, ".")
        return sure, plain.cast(typed)

    has_marks = bool(group) or decimal != "."
    return form, lambda value: None if has_marks and isinstance(value, str) else _decimal(value)


def _all_finite(texts: pa.Array) -> bool:
    """Whether all texts are numbers in the plainest sense: what Arrow reads as a float, ``Decimal`` reads too."""
    try:
        return bool(pc.all(pc.is_finite(texts.cast(pa.float64())), min_count=0).as_py())
    except pa.ArrowInvalid:
        return False


def _boolean(field: Field) -> _Made | None:
    if "enum" in field.constraints:
        return None
    true = field.words.get("trueValues", ["true", "True", "TRUE", "1"])
    false = field.words.get("falseValues", ["false", "False", "FALSE", "0"])
    words = of_constants([*true, *false], pa.string())
    return lambda texts: (pc.is_in(texts, words), texts), _text


def _date(field: Field) -> _Made | None:
    if field.format == "default":
        return _iso_date, _day
    parts = re.findall("%.", field.format)
    if sorted(parts) != sorted(_PARTS_OF_DATE) or "%" in re.sub("%[dmY]", "", field.format):
        return None
    pattern = re.sub("%[dmY]", lambda part: _PARTS_OF_DATE[part[0]], re.escape(field.format))
    order = "-".join(rf"\{parts.index(part) + 1}" for part in ("%Y", "%m", "%d"))

    def form(texts: pa.Array) -> tuple[pa.Array, pa.Array]:
        plain = _only(texts, pc.match_substring_regex(texts, f"^{pattern}$"))
        return _iso_date(pc.replace_substring_regex(plain, f"^{pattern}$", order))

    return form, _no_value


def _iso_date(texts: pa.Array) -> tuple[pa.Array, pa.Array]:
    try:  # Arrow's grammar of dates lies inside that of ``strptime``, but for its year 0
        values = texts.cast(pa.date32())
        return or_false(pc.greater_equal(values, _FIRST_DAY)), values
    except pa.ArrowInvalid:
        pass
    sure = or_false(pc.match_substring_regex(texts, f"^{_DATE}$"))
    return _dates(texts, sure)


def _datetime(field: Field) -> _Made | None:
    if field.format != "default" or not _BY_VALUE.isdisjoint(field.constraints):
        return None
    return lambda texts: _dates(
        pc.utf8_slice_codeunits(texts, 0, 10),
        pc.match_substring_regex(texts, f"^{_DATE}T{_TIME}Z?$"),
    ), _no_value


def _dates(texts: pa.Array, sure: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Days that there are: Arrow refuses a 30 February, and refuses all with it, so that each is asked alone then."""
    plain = _only(texts, sure)
    try:
        values = plain.cast(pa.date32())
    except pa.ArrowInvalid:
        real = of_constants([bool(text and _day(text)) for text in plain.to_pylist()], pa.bool_())
        values = _only(plain, real).cast(pa.date32())
    return pc.and_(sure, or_false(pc.greater_equal(values, _FIRST_DAY))), values


def _time(field: Field) -> _Made | None:
    if field.format != "default" or not _BY_VALUE.isdisjoint(field.constraints):
        return None
    return lambda texts: (pc.match_substring_regex(texts, f"^{_TIME}$"), texts), _no_value


def _year(_: Field) -> _Made | None:
    def form(texts: pa.Array) -> tuple[pa.Array, pa.Array]:
        sure = pc.match_substring_regex(texts, r"^[0-9]{4}$")
        return sure, _only(texts, sure).cast(pa.int64())

    return form, _whole


def _yearmonth(field: Field) -> _Made | None:
    if not _BY_VALUE.isdisjoint(field.constraints):
        return None
    return lambda texts: (pc.match_substring_regex(texts, r"^[0-9]{4}-(0[1-9]|1[0-2])$"), texts), _no_value


_FORMS: Final[Mapping[str, Callable[[Field], _Made | None]]] = {
    "string": _string,
    "any": _any,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "time": _time,
    "year": _year,
    "yearmonth": _yearmonth,
}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _whole(value: Any) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value, re.ASCII):
        return int(value)
    return value if type(value) is int and abs(value) < 10**18 else None


def _decimal(value: Any) -> Decimal | None:
    text = str(value)
    plain = isinstance(value, int | float | str) and not isinstance(value, bool)
    form = rf"-?[0-9]{{1,{_DIGITS}}}(\.[0-9]{{1,{_DECIMALS}}})?"
    return Decimal(text) if plain and re.fullmatch(form, text, re.ASCII) else None


def _day(value: Any) -> date | None:
    try:
        return datetime.strptime(value, "%Y-%m-%d").date() if re.fullmatch(_DATE, value) else None  # noqa: DTZ007
    except (TypeError, ValueError):
        return None


def _no_value(_: Any) -> None:
    """Bounds and ``enum`` of this form are Frictionless' to compare."""
