"""Norwegian bank accounts: eleven digits, the last a check digit of modulus 11 (weights 5 4 3 2 7 6 5 4 3 2).

Written in one run, as ``1234.56.78903``, or as an IBAN (``NO93 8601 1117 947``). One in eleven random numbers passes.
The weights are those of the second check digit of a national identity number, so each of those written in one run is an
account as well; four, two and five digits with equal separators are an account and nothing else.
"""

from typing import Final

from apendata.identifiers.modulus11 import Bools, Integers, remainder, remainders

LENGTH: Final = 11
SHAPE: Final = (4, 2, 5)
"""How many digits stand between the separators of an account."""
_WEIGHTS: Final = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)


def is_account_number(digits: str) -> bool:
    """Whether eleven ASCII digits are an account number."""
    return len(digits) == LENGTH and remainder(digits, _WEIGHTS) == 0


def are_account_numbers(numbers: Integers) -> Bools:
    """Which whole numbers, leading zeros left out, are account numbers."""
    found: Bools = remainders(numbers, _WEIGHTS, LENGTH) == 0
    return found
