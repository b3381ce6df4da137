"""Kernels may only accept what Frictionless accepts, and must accept what exports are full of."""

import pyarrow as pa
import pytest

from apendata.validation.cells import judge
from apendata.validation.kernels import accept_all, accept_some
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
def test_a_pattern_accepts_nothing_that_python_refuses(pattern: str) -> None:
    code = rule("string", pattern=pattern)
    accepted = [text for text in TEXTS if accept_all(code, pa.array([text])) is not None]
    sure = accept_some(code, pa.array(TEXTS)).drop_null().to_pylist()
    assert [text for text in {*accepted, *sure} if judge(code, text)[0] is None] == []


@pytest.mark.parametrize(
    ("field_rule", "texts"),
    [
        (rule("string", pattern=r"^\d{3}$"), ["010", "195"]),
        (rule("string", pattern="[A-ZÆØÅ]{2}-[0-9]{1,4}"), ["ÅR-1", "AA-2023"]),
        (rule("string", enum=["K", "M"]), ["K", "M"]),
        (rule("integer", minimum=-5), ["-5", "007", "0"]),
        (rule("number", decimals=2, maximum=10), ["-1.5", "10.00", "3"]),
        (rule("date", minimum="2000-01-01"), ["2000-01-01", "2024-02-29"]),
        (rule("year"), ["1999", "2026"]),
        (rule("boolean"), ["true", "0"]),
    ],
)
def test_what_exports_are_full_of_is_accepted_at_once(field_rule: FieldRule, texts: list[str]) -> None:
    typed = accept_all(field_rule, pa.array([*texts, None]))
    assert typed is not None
    assert typed.to_pylist() == [*(judge(field_rule, text)[0] for text in texts), None]


def test_a_decimal_with_a_huge_exponent_never_reaches_arrow() -> None:
    assert accept_all(rule("number", decimals=1), pa.array(["1e-999999999"])) is None
