"""Identity numbers: found in every written form, and not seen in amounts, ids and codes."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from apendata.sources.grid import Cells, Kind
from apendata.sources.identity import has_identity_number, rows_with_numbers, without_numbers

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
        "231180-62000",  # likewise, the amount below zero
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


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("mark", [*" .-–\u2011/_\u00a0\u00ad\u200b\u202f\u2009", "  ", " - ", "\n"])
def test_the_usual_ways_to_part_it(number: str, mark: str) -> None:
    assert has_identity_number(f"se {number[:6]}{mark}{number[6:]}.")
    assert has_identity_number(f"{number[:6]}{mark}{number[6:9]} {number[9:]}")
    if len(mark) == 1:
        day, month, year = number[:2], number[2:4], number[4:6]
        assert has_identity_number(f"{day}{mark}{month}{mark}{year} {number[6:]}")
        assert has_identity_number(f"{day}{mark}{month}{mark}{year}{mark}{number[6:9]}{mark}{number[9:]}")


@pytest.mark.parametrize(
    "text",
    [
        "0101 01 12377",  # the form of a bank account
        "0101.01.12377",
        "010101    12377",
        "010101,12377",
        "01.01-01 12377",
        "1010101-12377",
        "010101-123771",
        "010101-12377,5",
    ],
)
def test_separators_elsewhere_are_something_else(text: str) -> None:
    assert not has_identity_number(text)


@given(
    st.lists(st.one_of(st.sampled_from(["010101-12377", "x 41 01 01 120 18", "01010112377", ""]), st.text(max_size=30)))
)
def test_columns_are_screened_as_their_cells(texts: list[str]) -> None:
    rows = list(rows_with_numbers(Cells(pa.chunked_array([pa.array(["010", *texts], pa.string())]).slice(1))))
    assert rows == [index for index, text in enumerate(texts) if has_identity_number(text)]


def test_a_number_cell_is_no_written_form() -> None:
    texts = pa.array(["010101.12377", "410101.12018"])
    assert list(rows_with_numbers(Cells(texts))) == [0, 1]
    assert not list(rows_with_numbers(Cells(texts, np.full(2, Kind.NUMBER, np.uint8))))


def test_a_file_name_is_shown_without_it() -> None:
    assert without_numbers("lonn_01010112377.csv") == "lonn_(…).csv"
    assert without_numbers("uttrekk_202401_12345.csv") == "uttrekk_202401_12345.csv"
