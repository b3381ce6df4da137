"""Whole numbers as people and programs write them out: digits, grouped or not, in UTF-8, Latin-1 and UTF-16."""

from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from apendata.disclosure.leaks.binary import BLOCK, Bytes

Integers = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_SPACES: Final = (
    *(space.encode() for space in "\u00a0\u2009\u202f\u2019"),
    *(b"&nbsp;", b"&thinsp;", b"&#160;", b"&#xa0;", b"&#8239;", b"&#x202f;"),
)
"""What stands between groups of digits in more than one byte."""
_WIDE: Final = tuple(
    (space.encode(order), " ".encode(order)) for space in "\u2009\u202f\u2019" for order in ("utf-16-le", "utf-16-be")
)
"""The same in UTF-16, where its upper byte is not zero."""
_BETWEEN: Final = np.isin(np.arange(256), np.frombuffer(b" ,.'_\xa0", dtype=np.uint8))
_POINT: Final = ord(".")
_NOTHING: Final = 0xFF
_GROUP: Final = 3


class WrittenForms:
    """The digits of some whole numbers, found in one pass over each way in which a text may be stored.

    Digits that stand inside more digits count too: ``0123456789`` and ``2024123456789`` tell the number as well.
    """

    def __init__(self, numbers: Collection[int]) -> None:
        self._by_length = {
            length: np.array(sorted(n for n in numbers if len(str(n)) == length), dtype=np.int64)
            for length in sorted({len(str(number)) for number in numbers})
        }

    def found_in(self, data: Bytes) -> set[int]:
        """Return which of the numbers are written somewhere in the data."""
        found: set[int] = set()
        for stream in _streams(data):
            for start in range(0, len(stream), BLOCK):
                lead = min(start, 2 * max(self._by_length, default=0))
                found |= self._in_block(stream[start - lead : start + BLOCK])
        return found

    def _in_block(self, block: Bytes) -> set[int]:
        digits = (block - np.uint8(ord("0"))) < 10
        found: set[int] = set()
        for length, numbers in self._by_length.items():
            for offsets in _layouts(length):
                places = _places(block, digits, offsets)
                if len(places):
                    written = _value(block, places, offsets)
                    found.update(written[np.isin(written, numbers)].tolist())
        return found


def _streams(data: Bytes) -> Iterator[Bytes]:
    """The bytes as they are, with one byte between groups; and every second one, where a text may be UTF-16."""
    raw = data.tobytes()
    yield _narrowed(raw)
    for space, plain in _WIDE:
        raw = raw.replace(space, plain)
    padded = np.frombuffer(raw + b"\0\0", dtype=np.uint8)
    for first in (0, 1):
        low, high = padded[first:-1:2], padded[first + 1 :: 2]
        if len(low) and np.count_nonzero(high) < len(high):
            yield _narrowed(np.where(high == 0, low, np.uint8(_NOTHING)).tobytes())


def _narrowed(text: bytes) -> Bytes:
    for space in _SPACES:
        if space[:1] in text:  # one byte is found far faster than several
            text = text.replace(space, b" ")
    return np.frombuffer(text, dtype=np.uint8)


def _layouts(length: int) -> Iterator[Integers]:
    """Where the digits of a number stand: together, in groups of three, after the first one's decimal point."""
    plain = np.arange(length)
    yield plain
    if length > _GROUP:
        yield plain + (plain + (-length % _GROUP)) // _GROUP
    if length > 1:
        yield plain + (plain > 0)


def _places(block: Bytes, digits: Bools, offsets: Integers) -> Integers:
    """Where a number of this layout may begin."""
    width = int(offsets[-1]) + 1
    count = len(block) - width + 1
    if count <= 0:
        return np.empty(0, dtype=np.int64)
    gaps = [int(a) + 1 for a, b in pairwise(offsets) if b - a > 1]
    if gaps:
        there = _BETWEEN[block[gaps[0] : gaps[0] + count]]
        places = np.flatnonzero(there)
        for at in (*gaps[1:], *offsets):
            places = places[_BETWEEN[block[places + at]] if at in gaps else digits[places + at]]
        return places if not _is_fraction(offsets) else places[block[places + 1] == _POINT]
    run, done = digits, 1
    while done < width:  # runs of 1, 2, 4 … digits: what is n long here and n long there
        step = min(done, width - done)
        run, done = run[:-step] & run[step:], done + step
    return np.flatnonzero(run)


def _is_fraction(offsets: Integers) -> bool:
    return len(offsets) > 1 and int(offsets[1]) == 2 and len(offsets) == int(offsets[-1])


def _value(block: Bytes, places: Integers, offsets: Integers) -> Integers:
    value = np.zeros(len(places), dtype=np.int64)
    for offset in offsets:
        value = value * 10 + (block[places + offset] - np.uint8(ord("0")))
    return value
