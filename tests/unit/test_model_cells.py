"""Excel's names of columns, there and back."""

from itertools import product
from string import ascii_uppercase

import pytest

from apendata.model import column_letters, column_number


@pytest.mark.parametrize(("number", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (28, "AB"), (16_384, "XFD")])
def test_a_column_has_the_name_that_excel_shows(number: int, letters: str) -> None:
    assert (column_letters(number), column_number(letters)) == (letters, number)


def test_names_follow_one_another_in_excels_order() -> None:
    names = ["".join(letters) for length in (1, 2, 3) for letters in product(ascii_uppercase, repeat=length)]
    numbers = range(1, len(names) + 1)
    assert [column_letters(number) for number in numbers] == names
    assert [column_number(name) for name in names] == list(numbers)
