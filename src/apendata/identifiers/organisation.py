"""Organisation numbers (Enhetsregisteret): nine digits, the last of modulus 11 with the weights 3 2 7 6 5 4 3 2.

Those that exist begin with 8 or 9, and the synthetic ones of Skatteetaten's Tenor with 2 or 3. Written in one run or as
three groups of three, which is also how a person writes an amount: of random nine digits one in 28 passes.
"""

from typing import Final

import numpy as np

from apendata.identifiers.modulus11 import Bools, Integers, remainder, remainders

LENGTH: Final = 9
_WEIGHTS: Final = (3, 2, 7, 6, 5, 4, 3, 2, 1)
_FIRST_DIGITS: Final = "2389"


def is_organisation_number(digits: str) -> bool:
    """Whether nine ASCII digits are an organisation number."""
    return len(digits) == LENGTH and digits[0] in _FIRST_DIGITS and remainder(digits, _WEIGHTS) == 0


def are_organisation_numbers(numbers: Integers) -> Bools:
    """Which whole numbers of nine digits are organisation numbers."""
    first = np.isin(numbers // 10 ** (LENGTH - 1), [int(digit) for digit in _FIRST_DIGITS])
    found: Bools = first & (remainders(numbers, _WEIGHTS, LENGTH) == 0)
    return found
