"""Whole numbers as programs store them, in bytes of any kind: where a few given ones stand, at whatever offset."""

import struct
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]

BLOCK: Final = 1 << 22
_LONGEST: Final = 8
_MOST_DECIMALS: Final = 6
"""A decimal is stored as a whole number, so many places to the left."""
_SHIFT: Final = 12
_KEY: Final = 4


class BinaryForms:
    """Every form of some whole numbers, found in one pass.

    Looked for: int32 and int64 (the second begins, or ends, with the first), float32, float64 and decimals of up to six
    places, each in both byte orders. Four bytes of each form are its key; a table of one bit for the upper part of each
    possible key leaves few places that are compared at all.
    """

    def __init__(self, numbers: Collection[int]) -> None:
        self._forms: dict[int, list[tuple[int, bytes, int]]] = defaultdict(list)
        for number in numbers:
            for at, form in _forms(number):
                self._forms[int.from_bytes(form[at : at + _KEY], "little")].append((at, form, number))
        self._keys = np.array(sorted(self._forms), dtype=np.uint32)
        self._near = np.zeros(1 << (32 - _SHIFT), dtype=np.bool_)
        self._near[self._keys >> _SHIFT] = True

    def found_in(self, data: Bytes) -> set[int]:
        """Return which of the numbers stand somewhere in the data."""
        found: set[int] = set()
        for start in range(0, len(data), BLOCK):
            lead = min(start, _LONGEST)
            for at, key in self._hits(data[start - lead : start + BLOCK + _LONGEST]):
                found |= self._numbers(data, start - lead + at, key)
        return found

    def _hits(self, block: Bytes) -> Iterator[tuple[int, int]]:
        for offset in range(_KEY):
            words = block[offset : offset + (len(block) - offset) // _KEY * _KEY].view("<u4")
            near = np.flatnonzero(self._near[words >> _SHIFT])
            hits = near[np.isin(words[near], self._keys)]
            yield from zip((hits * _KEY + offset).tolist(), words[hits].tolist(), strict=True)

    def _numbers(self, data: Bytes, place: int, key: int) -> set[int]:
        return {
            number
            for at, form, number in self._forms[key]
            if place >= at and data[place - at : place - at + len(form)].tobytes() == form
        }


def _forms(number: int) -> Iterator[tuple[int, bytes]]:
    """(Where in it the key stands, a form) for each form of a number."""
    size = 4 if number < 1 << 31 else 8
    yield 0, number.to_bytes(size, "little")
    yield size - _KEY, number.to_bytes(size, "big")
    yield 0, struct.pack("<f", number)
    yield 0, struct.pack(">f", number)
    yield 4, struct.pack("<d", number)  # the lower half of a whole number is nearly always zero
    yield 0, struct.pack(">d", number)
    for places in range(1, _MOST_DECIMALS + 1):
        scaled = number * 10**places
        size = max(_KEY, (scaled.bit_length() + 8) // 8)  # with room for the sign
        if size <= _LONGEST:
            yield 0, scaled.to_bytes(size, "little")
            yield size - _KEY, scaled.to_bytes(size, "big")
