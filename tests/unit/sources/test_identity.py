"""Identity numbers: found in every written form, and not seen in amounts, ids and codes."""

import pytest
from hypothesis import given, strategies as st

from apendata.sources.identity import has_identity_number, without_numbers

NUMBERS = ["01010112377", "41010112018", "01810112170"]
"""An ordinary one, a D-number and a synthetic one (month + 80), all made up."""


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("form", ["{}", "fnr. {}.", "({})", "{},", "nr:{};", "x_{}_y"])
def test_written_forms(number: str, form: str) -> None:
    assert has_identity_number(form.format(number))
    assert has_identity_number(form.format(f"{number[:6]} {number[6:]}"))
    assert has_identity_number(form.format(f"{number[:6]}\u00a0{number[6:]}"))


@pytest.mark.parametrize(
    "text",
    [
        "22117033000",  # a code and an amount glued together, from a real budget
        "01010112377,50",
        "0.01010112377",
        "101010112377",
        "010101123771",
        "a01010112377f",
        "01 010 112 377",
        "2024-01-15 12377",
        "01010112376",
        "32010112377",
        "942110464",
    ],
)
def test_what_is_none(text: str) -> None:
    assert not has_identity_number(text)


@given(st.integers(10**10, 10**11 - 1).map(lambda n: n - n % 1000))
def test_amounts_in_whole_thousands_never_alarm(amount: int) -> None:
    assert not has_identity_number(str(amount))


def test_a_file_name_is_shown_without_it() -> None:
    assert without_numbers("lonn_01010112377.csv") == "lonn_(…).csv"
