"""National identity numbers: fødselsnummer under the old rule and that of 2032, D- and H-numbers, synthetic series.

Eleven digits ``ddmmyyiiikk``. A D-number has 4 added to its first digit. The month has 40 added in an H-number (what a
hospital gives until the right number is known) and in NAV's synthetic series, 65 in Norsk helsenett's and 80 in that of
Skatteetaten (Tenor): synthetic ones are looked for too, since nobody can see that they are.

The two check digits are modulus 11: with s the weighted sum of the digits before it, k1 = 11 − (s mod 11) under the old
rule. For numbers issued from 1 January 2032, also to people born earlier, k1 is one of {11, 12, 13, 14} − (s mod 11),
minus 11 where that is above 10; 10 is void. k2 = 11 − (s mod 11) under both. Source: Skatteetaten, documentation of the
Folkeregister API, «Nytt fødselsnummer 2032». The rule of 2032 lets through whatever the old one does.

The year says nothing (the century is not readable, from 2032 on in no way), so 29 February is a day of every year.
"""

from typing import Final

import numpy as np

from apendata.identifiers.modulus11 import Bools, Integers, remainder, remainders

LENGTH: Final = 11
_FIRST: Final = (3, 7, 6, 1, 8, 9, 4, 5, 2)
_SECOND: Final = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_D_NUMBER: Final = 40
_MONTHS_ADDED: Final = (0, 40, 65, 80)
_RESTS_OLD: Final = (0,)
_RESTS_2032: Final = (0, 1, 2, 3)
"""(s + k1) mod 11, with k1 = 11 + rest − (s mod 11)."""


def _dates() -> frozenset[int]:
    """``ddmm`` of every day as each kind of number writes it."""
    return frozenset(
        (day + added_to_day) * 100 + month + added_to_month
        for month, days in enumerate(_DAYS, start=1)
        for day in range(1, days + 1)
        for added_to_day in (0, _D_NUMBER)
        for added_to_month in _MONTHS_ADDED
    )


_DATES: Final = _dates()
_IS_DATE: Final = np.isin(np.arange(10_000), list(_DATES))


def is_national_identity_number(digits: str, *, rule_2032: bool = True) -> bool:
    """Whether eleven ASCII digits are a national identity number.

    Args:
        digits: exactly the digits, without separators.
        rule_2032: whether numbers that only the rule of 2032 gives count as well.
    """
    if len(digits) != LENGTH or int(digits[:4]) not in _DATES:
        return False
    rests = _RESTS_2032 if rule_2032 else _RESTS_OLD
    return remainder(digits, (*_FIRST, 1)) in rests and remainder(digits, (*_SECOND, 1)) == 0


def are_national_identity_numbers(numbers: Integers) -> Bools:
    """Which whole numbers are national identity numbers, a lost leading zero put back; by both rules.

    Args:
        numbers: int64, of any size and sign.
    """
    fits = (numbers >= 0) & (numbers < 10**LENGTH)
    kept = np.where(fits, numbers, 0)
    first = np.isin(remainders(kept, (*_FIRST, 1), LENGTH), _RESTS_2032)
    found: Bools = fits & _IS_DATE[kept // 10**7] & first & (remainders(kept, (*_SECOND, 1), LENGTH) == 0)
    return found
