"""Valid texts become exact values, by Arrow where it surely reads them as Frictionless does, and else by Python."""

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest

from apendata.validation.cells import read_column, value_of
from apendata.validation.table_schema import FieldRule, read_rules
from tests.unit.validation.made import field, table

# Python and RE2 part over these: other digits, braces that are no counts, possessive and lazy counts, word borders.
PATTERNS = [
    r"\D+",
    r"[^\d]+",
    r"a{,2}",
    "a{2}+",
    "a*+a",
    "a+?",
    r"\W",
    r"\bå",
    "(?i:k)",
    "a|b",
    "^a|b$",
    r"\s",
    "(?=a)a",
]
TEXTS = ["०१०", "a{,2}", "aa", "aaaa", "é", "å", "\u212a", "xb", "ax", "b\n", "\x1c", "a", "", "k"]


def rule(type_: str, **properties: object) -> FieldRule:
    return read_rules(table("t", [field("x", type_, **properties)], ["x"])).fields[0]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_column_has_the_verdict_of_each_of_its_texts(pattern: str) -> None:
    code = rule("string", pattern=pattern)
    values = read_column(code, pa.array([*TEXTS, *TEXTS])).values.to_pylist()
    assert values == [value_of(code, text) for text in TEXTS] * 2


@pytest.mark.parametrize(
    ("field_rule", "texts", "values"),
    [
        (rule("string", pattern=r"^\d{3}$"), ["010", "195"], ["010", "195"]),
        (rule("string", pattern="[A-ZÆØÅ]{2}-[0-9]{1,4}"), ["ÅR-1", "AA-2023"], ["ÅR-1", "AA-2023"]),
        (rule("integer", minimum=-5), ["-5", "007", "+7", " 7 "], [-5, 7, 7, 7]),
        (rule("number", decimals=2), ["-1.5", "10.00", "3"], [Decimal("-1.50"), Decimal("10.00"), Decimal("3.00")]),
        (rule("number", decimals=1), ["1.5", "1e1", "2.0000", "-0"], [Decimal("1.5"), Decimal(10), Decimal(2), 0]),
        (rule("date"), ["2000-01-01", "2024-02-29"], [dt.date(2000, 1, 1), dt.date(2024, 2, 29)]),
        (rule("date"), ["2019-1-5", "2024-02-29"], [dt.date(2019, 1, 5), dt.date(2024, 2, 29)]),
        (rule("year"), ["1999", "2026"], [1999, 2026]),
        (rule("boolean"), ["true", "0", "FALSE"], [True, False, False]),
    ],
)
def test_each_form_of_a_value_is_that_value(field_rule: FieldRule, texts: list[str], values: list[object]) -> None:
    read = read_column(field_rule, pa.array([*texts, None]))
    assert read.problems == ()
    assert read.values.type == field_rule.arrow
    assert read.values.to_pylist() == [*values, None]


@pytest.mark.parametrize(
    ("text", "code"),
    [("1e-999999999", "too_many_decimals"), ("1e999999999", "number_too_large"), ("1.25", "too_many_decimals")],
)
def test_a_number_that_cannot_be_kept_is_refused_by_its_digits(text: str, code: str) -> None:
    read = read_column(rule("number", decimals=1), pa.array(["1.5", text]))
    assert [(problem.code, problem.rows.tolist()) for problem in read.problems] == [(code, [1])]
    assert read.refused.tolist() == [False, True]
