"""Check digits against an oracle that knows no remainders: it makes the number, trying every digit it may have."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from apendata.identifiers import are_national_identity_numbers, is_national_identity_number
from apendata.identifiers.account import are_account_numbers, is_account_number
from apendata.identifiers.organisation import are_organisation_numbers, is_organisation_number

K1, K2 = (3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
OLD, NEW = (11,), (11, 12, 13, 14)

days = st.dates().map(lambda day: f"{day:%d%m}")
added = st.tuples(st.sampled_from([0, 40]), st.sampled_from([0, 40, 65, 80]))
births = st.builds(lambda day, more: f"{int(day[:2]) + more[0]:02}{int(day[2:]) + more[1]:02}", days, added)
rest = st.integers(0, 99_999).map("{:05}".format)


def control(digits, weights, base):
    """The published rule, word for word; None: void."""
    digit = base - sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11
    digit = digit - 11 if digit > 10 else digit
    return None if digit == 10 else str(digit)


def numbers_of(nine, bases):
    """Every number that the rule gives to a birth and an individual number."""
    firsts = {control(nine, K1, base) for base in bases} - {None}
    tens = [nine + first for first in firsts]
    return {ten + last for ten in tens if (last := control(ten, K2, 11)) is not None}


@given(births, rest)
def test_exactly_the_numbers_that_a_rule_gives_are_numbers(birth, five) -> None:
    nine = birth + five
    tried = [f"{nine}{last:02}" for last in range(100)]
    assert {n for n in tried if is_national_identity_number(n, rule_2032=False)} == numbers_of(nine, OLD)
    assert {n for n in tried if is_national_identity_number(n)} == numbers_of(nine, NEW)
    assert numbers_of(nine, OLD) <= numbers_of(nine, NEW)


@given(
    st.lists(st.one_of(st.integers(0, 10**11 - 1), st.integers(), births.map(lambda b: int(b) * 10**7)), max_size=30)
)
def test_a_column_of_whole_numbers_is_judged_as_its_texts(numbers) -> None:
    kept = [n for n in numbers if -(2**63) <= n < 2**63]
    wanted = [0 <= n < 10**11 and is_national_identity_number(f"{n:011}") for n in kept]
    assert are_national_identity_numbers(np.array(kept, np.int64)).tolist() == wanted


@pytest.mark.parametrize(
    "ddmm", ["0001", "3201", "3002", "3104", "0113", "0100", "7201", "0153", "0178", "0193", "4000"]
)
def test_a_day_that_does_not_exist_is_nobody_s(ddmm) -> None:
    assert not any(is_national_identity_number(f"{ddmm}{rest:07}") for rest in range(0, 10**7, 1009))


@given(st.integers(0, 10**10 - 1))
def test_one_last_digit_at_most_makes_an_account(ten) -> None:
    digits = f"{ten:010}"
    wanted = [digits + last] if (last := control(digits, K2, 11)) else []
    tried = [f"{digits}{last}" for last in range(10)]
    assert [n for n in tried if is_account_number(n)] == wanted
    assert np.array(tried)[are_account_numbers(np.array(tried).astype(np.int64))].tolist() == wanted


@given(st.integers(0, 10**8 - 1))
def test_an_organisation_begins_as_one_and_has_its_check_digit(eight) -> None:
    digits = f"{eight:08}"
    last = control(digits, (3, 2, 7, 6, 5, 4, 3, 2), 11)
    wanted = [digits + last] if last and digits[0] in "2389" else []
    tried = [f"{digits}{last}" for last in range(10)]
    assert [n for n in tried if is_organisation_number(n)] == wanted
    assert np.array(tried)[are_organisation_numbers(np.array(tried).astype(np.int64))].tolist() == wanted
