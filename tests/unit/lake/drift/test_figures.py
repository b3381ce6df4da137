"""Figures as each language writes them, exact as far as the difference needs."""

from decimal import Decimal
from fractions import Fraction

import hypothesis.strategies as st
import pytest
from hypothesis import given

from apendata.lake.drift.figures import figure, percent_of, two_figures, unit

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("old", "new", "nb", "en"),
    [
        ("12000000", "13400000", ("12,0 mill", "13,4 mill"), ("12.0 million", "13.4 million")),
        ("12000000", "12010000", ("12,000 mill", "12,010 mill"), ("12.000 million", "12.010 million")),
        ("5234567890", "5234567891", ("5 234 567 890", "5 234 567 891"), ("5,234,567,890", "5,234,567,891")),
        ("999", "-1500.5", ("999", "−1 500,5"), ("999", "−1,500.5")),
        ("0", "412", ("0", "412"), ("0", "412")),
        ("0", "-2500000", ("0,0 mill", "−2,5 mill"), ("0.0 million", "−2.5 million")),
    ],
)
def test_two_sums_are_told_apart(old: str, new: str, nb: tuple[str, str], en: tuple[str, str]) -> None:
    both = two_figures(Fraction(old), Fraction(new))
    assert tuple(f"{part:nb}".replace(NBSP, " ") for part in both) == nb
    assert tuple(f"{part:en}".replace(NBSP, " ") for part in both) == en


@pytest.mark.parametrize(
    ("old", "new", "limit", "nb", "en"),
    [
        ("12000000", "13400000", "10", "+12 %", "+12 %"),
        ("1000", "1100.4", "10", "+10,04 %", "+10.04 %"),
        ("1000", "960", "3.5", "−4,0 %", "−4.0 %"),
        ("1000", "0", "50", "til null", "to zero"),
        ("-4811000000", "0", "50", "til null", "to zero"),
        ("-1000", "-500", "10", "+50 %", "+50 %"),
        ("-1000", "-1500", "10", "−50 %", "−50 %"),
        ("0", "7", "10", "fra null", "from zero"),
    ],
)
def test_a_share_shows_that_it_is_past_its_limit(old: str, new: str, limit: str, nb: str, en: str) -> None:
    said = percent_of(Fraction(new) - Fraction(old), Fraction(old), Fraction(limit))
    assert (f"{said:nb}".replace(NBSP, " "), f"{said:en}".replace(NBSP, " ")) == (nb, en)


@given(st.decimals(-(10**30), 10**30, places=2))
def test_a_figure_loses_no_digit(value: Decimal) -> None:
    assert Decimal(str(figure(Fraction(value)))) == value


def test_units_are_words_with_a_blank_before_them_or_nothing() -> None:
    assert [f"{unit(name):nb}" for name in ("NOK", "fte", "count", None)] == [" kroner", " årsverk", "", ""]
