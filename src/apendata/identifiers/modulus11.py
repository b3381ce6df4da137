"""Check digits by modulus 11, for one number as text and for many as whole numbers."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def remainder(digits: str, weights: Sequence[int]) -> int:
    """Σ digit · weight mod 11 over the first digits, as many as there are weights."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False)) % 11


def remainders(numbers: Integers, weights: Sequence[int], length: int) -> Integers:
    """The same for whole numbers that stand for texts of ``length`` digits, leading zeros left out."""
    total = np.zeros(len(numbers), np.int64)
    for place, weight in enumerate(weights):
        total += numbers // 10 ** (length - 1 - place) % 10 * weight
    return total % 11
