"""Numbers: what is written under declared marks reads back exactly, and nothing else reads as a number at all."""

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from apendata.model import Marks
from apendata.sources import numbers
from apendata.sources.grid import Kind
from apendata.sources.numbers import NumberReader

DECIMALS = {"comma": ",", "point": "."}


@st.composite
def marks_and_number(draw: st.DrawFn) -> tuple[Marks, Decimal, str]:
    """Marks, a number, and how an export with those marks writes it."""
    decimal = draw(st.sampled_from(["comma", "point", None]))
    groups = [mark for mark in (" ", "\u00a0", "\u202f", ".", ",", "'") if decimal is None or mark != DECIMALS[decimal]]
    thousands = draw(st.sampled_from([None, *groups]))
    minus = draw(st.sampled_from(["-", "\u2212"]))
    places = draw(st.integers(1, 4)) if decimal else 0
    number = Decimal(draw(st.integers(-(10**12), 10**12))).scaleb(-places)
    whole, _, fraction = f"{abs(number):f}".partition(".")
    if thousands is not None:
        whole = f"{int(whole):,}".replace(",", thousands)
    text = (minus if number < 0 else "") + whole + (DECIMALS[decimal] + fraction if decimal else "")
    made = Marks(decimal=decimal, thousands=(thousands,) if thousands else (), minus=(minus,))
    return made, number, draw(st.sampled_from(["", " ", "\u00a0"])) + text + draw(st.sampled_from(["", " "]))


@given(marks_and_number())
def test_what_is_written_under_the_marks_reads_back_exactly(made: tuple[Marks, Decimal, str]) -> None:
    marks, number, text = made
    value = NumberReader(marks).read(Kind.TEXT, text).value
    assert value is not None
    assert Decimal(value) == number
    assert value == numbers.plain(value if "." in value else value + ".")


@given(st.text(alphabet="0123456789 .,-+eE_xX\u00a0\u2212%knaNI１２٣'", max_size=12))
def test_garbage_never_reads_as_a_number(text: str) -> None:
    """Whatever is accepted under the strictest marks is, to the letter, ASCII digits with a minus and a point."""
    value = NumberReader(Marks(decimal="point")).read(Kind.TEXT, text).value
    if value is not None:
        assert set(text.strip(" \u00a0")) <= set("0123456789.-")
        assert Decimal(text.strip(" \u00a0")) == Decimal(value)


@given(
    st.lists(st.text(alphabet="0123456789.,- xe", max_size=8), max_size=6), st.sampled_from(["comma", "point", None])
)
def test_the_fast_way_accepts_only_what_the_exact_way_reads_alike(texts: list[str], decimal: str | None) -> None:
    marks = Marks(decimal=decimal, missing=("",))  # type: ignore[arg-type] # one of the three
    fast = numbers.fast(pa.chunked_array([pa.array(texts, pa.string())]), marks)
    if fast is not None:
        exact = [NumberReader(marks).read(Kind.TEXT, text) for text in texts]
        assert not [verdict for verdict in exact if verdict.problem]
        assert fast.values.to_pylist() == [verdict.value for verdict in exact]
        status = [None] * len(texts) if fast.status is None else fast.status.to_pylist()
        assert status == [verdict.status for verdict in exact]


@pytest.mark.parametrize("column", [["1", "-20", "0"], ["1,50", "-0,25", "10,00"], ["7", "", "8"]])
def test_plain_columns_take_the_fast_way(column: list[str]) -> None:
    assert numbers.fast(pa.chunked_array([pa.array(column)]), Marks(decimal="comma", missing=("",))) is not None


@pytest.mark.parametrize(
    ("text", "marks", "value"),
    [
        ("42.578", Marks(thousands=(".",)), "42578"),
        ("11 116", Marks(thousands=(" ",)), "11116"),
        ("3592", Marks(thousands=(" ",)), "3592"),
        ("11\u00a0116", Marks(thousands=("\u00a0",)), "11116"),
        ("11\u202f116", Marks(thousands=("\u202f",)), "11116"),
        ("\u2212259 038", Marks(thousands=(" ",), minus=("\u2212",)), "-259038"),
        (" -   ", Marks(zero=("-",)), "0"),
        ("-0,00", Marks(decimal="comma"), "0"),
        ("1.1mill", Marks(decimal="point", scale_words={"mill": 10**6, "k": 1000}), "1100000"),
        ("200 k", Marks(scale_words={"mill": 10**6, "k": 1000}), "200000"),
        ("70,9 %", Marks(decimal="comma", percent_sign=True), "70.9"),
        ("000120", Marks(), "120"),
    ],
)
def test_acceptance_cases(text: str, marks: Marks, value: str) -> None:
    assert NumberReader(marks).read(Kind.TEXT, text).value == value


@pytest.mark.parametrize(
    ("text", "marks", "key"),
    [
        ("42.578", Marks(), "decimal`, `thousands"),
        ("12.34", Marks(decimal="comma", thousands=(".",)), "decimal`, `thousands"),
        ("1 23", Marks(thousands=(" ",)), "decimal`, `thousands"),
        ("1.234 567", Marks(thousands=(".", " ")), "decimal`, `thousands"),
        ("0 123", Marks(thousands=(" ",)), "decimal`, `thousands"),
        ("\u2212259", Marks(), "minus"),
        ("70%", Marks(), "percent_sign"),
        ("1mill", Marks(), "scale_words"),
        ("", Marks(), "missing"),
        ("*", Marks(), "zero`, `missing` or `hidden"),
        ("12,", Marks(decimal="comma"), "decimal`, `thousands"),
        ("9" * 31, Marks(), "decimal`, `thousands"),
    ],
)
def test_refusals_name_the_key_to_write(text: str, marks: Marks, key: str) -> None:
    assert NumberReader(marks).read(Kind.TEXT, text).problem == ("undeclared_mark", {"key": key})


def test_the_same_sign_may_be_zero_here_and_hidden_there() -> None:
    assert NumberReader(Marks(zero=("-",))).read(Kind.TEXT, " - ").value == "0"
    assert NumberReader(Marks(hidden=("-",))).read(Kind.TEXT, "-").status == ":"


@given(st.integers(-(10**29), 10**29), st.sampled_from([1000, 1_000_000, -1]))
def test_scaling_is_exact_however_long_the_number(number: int, factor: int) -> None:
    assert numbers.scaled(str(number), Decimal(factor)) == str(number * factor)


def test_scaling_to_a_larger_unit_keeps_every_digit() -> None:
    assert numbers.scaled("123456789012345678901234567", Decimal("0.001")) == "123456789012345678901234.567"
