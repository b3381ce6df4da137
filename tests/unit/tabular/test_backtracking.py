"""A pattern that Python might match for ever is held against RE2: with the same verdict, and at once."""

import re
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import assume, given, settings, strategies as st

from apendata.errors import DefinitionError
from apendata.tabular.backtracking import EVERY, LATIN, as_re2, risk_of
from apendata.tabular.schema import read_schema
from apendata.validation import check_definition
from tests.unit.tabular.made import V2, Made
from tests.unit.tabular.oracle import errors_of, ours, report, theirs, write
from tests.unit.validation.made import dataset, field, table

ENDLESS = ["(a+)+b", r"(\w+\s?)+x", "(a|aa)+b", "(.*,)*x", r"([\w-]{1,63}\.)+[a-z]{2,}", "(a?){40}a{40}b"]


@pytest.mark.parametrize("pattern", ENDLESS)
@pytest.mark.parametrize("strict", [True, False])
def test_a_match_ends(tmp_path: Path, pattern: str, strict: bool) -> None:
    fields = [{"name": "f", "type": "string", "constraints": {"pattern": pattern}}]
    texts = ["a" * 5000, "a," * 5000, "å" * 5000, "\u0915" * 5000, "a"]
    made = Made({"$schema": V2, "fields": fields}, {"delimiter": ";"}, "\n".join(["f", *texts, ""]))
    assert ours(write(tmp_path, made), strict=strict).errors == len(texts)


@pytest.mark.parametrize("pattern", [*ENDLESS, "[A-Z]+-[0-9]+", ".*a.*b", r"\d*\d*x"])
def test_its_verdict_and_its_words_are_frictionless_own(tmp_path: Path, pattern: str) -> None:
    words: dict[str, Any] = {"constraints": {"pattern": pattern, "minLength": 2, "enum": ["ab", "aax"]}}
    texts = ["aab", "aax", "ab", "a", "", "a,x", "a b x", "æ.no", "A-1", "-", ":"]
    if pattern not in ENDLESS:  # Frictionless would not come back
        texts += ["x" * 300, "1" * 300, "ab" * 150]
    schema = {"$schema": V2, "fields": [{"name": "f", "type": "string", **words}], "missingValues": ["-"]}
    made = Made(schema, {"delimiter": ";"}, "\n".join(["f", *texts, ""]))
    path = write(tmp_path, made)
    assert errors_of(report(ours(path))) == errors_of(theirs(path, made))


@pytest.mark.parametrize("pattern", [r"(?=a)(a+)+b", r"(a)(b+)+\1", "(?i:(a+)+)b"])
def test_what_re2_does_not_know_is_refused_with_its_place(tmp_path: Path, pattern: str) -> None:
    fields = [{"name": "f", "type": "string", "constraints": {"pattern": pattern}}]
    path = write(tmp_path, Made({"$schema": V2, "fields": fields}, {}, "f\naaa\n"))
    with pytest.raises(DefinitionError, match="field «f»: the pattern repeats a piece that varies itself"):
        ours(path)
    with pytest.raises(DefinitionError, match=r"t\.schema\.json, field «a»: the pattern repeats"):
        check_definition(dataset(table("t", [field("a", pattern=pattern)], ["a"])))


@pytest.mark.parametrize(
    "pattern", [r"\d{3}", "[A-Z]{2}[0-9]+", "(?=a)ab+", "(ab|cd)", r"(a)\1", "[^0-9]+", "(a{3}){9,}"]
)
def test_an_ordinary_pattern_is_python_s_own(pattern: str) -> None:
    assert risk_of(pattern) == "none"


PIECES = st.sampled_from(
    [
        *"ab1 æ-",
        ".",
        r"\d",
        r"\w",
        r"\s",
        r"\D",
        r"\W",
        r"\S",
        "[ab]",
        "[^a]",
        r"[^\d]",
        r"[\w-]",
        r"[\W1]",
        "^",
        "$",
        r"\.",
    ]
)
PATTERNS = st.recursive(
    PIECES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{2,}", "*?", "+?"])).map(
            lambda parts: f"(?:{parts[0]}){parts[1]}"
        ),
    ),
    max_leaves=6,
)
SIGNS = st.sampled_from([*"ab1 æ-.\n\r\t_²½", "\x85", "\u00a0", "\u0661", "\u0915", "\u2028", "\U0001d7d8", "\x00"])


@given(
    PATTERNS, st.lists(st.text(SIGNS | st.characters(exclude_categories=["Cs"]), max_size=7), min_size=1, max_size=12)
)
@settings(max_examples=500, deadline=None)
def test_re2_says_of_every_text_what_python_says(pattern: str, texts: list[str]) -> None:
    for last in (LATIN, EVERY):
        expression = as_re2(pattern, last)
        assume(expression is not None)
        mine = [text for text in texts if not text or ord(max(text)) <= last]
        found = pc.match_substring_regex(pa.array(mine, pa.string()), expression).to_pylist()
        assert found == [re.match(f"^{pattern}$", text) is not None for text in mine]


@pytest.mark.parametrize("pattern", [r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", ".", "[^a]"])
def test_every_sign_is_of_the_same_class(pattern: str) -> None:
    signs = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    found = pc.match_substring_regex(pa.array(signs), as_re2(pattern, EVERY)).to_pylist()
    expression = re.compile(f"^{pattern}$")
    assert found == [expression.match(sign) is not None for sign in signs]


def test_a_schema_with_such_a_pattern_is_read() -> None:
    assert read_schema(
        {"$schema": V2, "fields": [{"name": "f", "type": "string", "constraints": {"pattern": "(a+)+"}}]}
    )
