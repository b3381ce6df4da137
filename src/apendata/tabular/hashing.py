"""64-bit hashes of whole columns, so that 10 million keys take 80 MB: equal values have equal hashes, always.

Unequal values may share one, so a hash only ever proves that a key is unique; rows that share one are read again and
compared by value (:mod:`.repeats`). Seed and multiplier are drawn anew in each process: no file can be written to
collide.
"""

import secrets
import sys
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from apendata.tabular.arrays import of_constant

Hashes = npt.NDArray[np.uint64]

_SEED: Final = secrets.randbits(63)
_MULTIPLIER: Final = np.uint64(secrets.randbits(63) | 1)
_MODULUS: Final = sys.hash_info.modulus
"""Python's hash of a number is its remainder, with its sign: equal for an integer, a float and a decimal."""
NOTHING: Final = np.uint64(0)
"""The hash of no value: no other value has it."""


def of_texts(texts: pa.Array) -> Hashes:
    """Hash a string column; null has :data:`NOTHING`."""
    if not len(texts):
        return np.zeros(0, dtype=np.uint64)
    offsets = np.frombuffer(texts.buffers()[1], dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    signs = np.frombuffer(texts.buffers()[2] or b"", dtype=np.uint8)
    hashes = _of_lengths(signs, offsets)
    if texts.null_count:
        hashes[texts.is_null().to_numpy(zero_copy_only=False)] = NOTHING
    return hashes


def of_integers(values: pa.Array) -> Hashes:
    """Hash an int64 column as :func:`of_values` hashes Python's integers; null has :data:`NOTHING`."""
    numbers = (values.fill_null(of_constant(0, values.type)) if values.null_count else values).to_numpy()
    remainders = np.fmod(numbers, _MODULUS)
    remainders[(remainders == -1) & (numbers != -1)] = -2  # as Python has it: -1 is no hash
    found = _mixed(remainders.view(np.uint64))
    if values.null_count:
        found[values.is_null().to_numpy(zero_copy_only=False)] = NOTHING
    return found


def of_values(values: list[object]) -> Hashes:
    """Hash Python values by their own hash, so that 1, 1.0 and Decimal("1") are one; None has :data:`NOTHING`."""
    found = np.fromiter((_of_value(value) for value in values), dtype=np.uint64, count=len(values))
    nothing = np.fromiter((value is None for value in values), dtype=bool, count=len(values))
    found = _mixed(found)
    found[nothing] = NOTHING
    return found


def combined(columns: list[Hashes]) -> Hashes:
    """One hash of several columns, row by row; :data:`NOTHING` where every column has no value."""
    together = columns[0].copy()
    nothing = columns[0] == NOTHING
    for column in columns[1:]:
        together = _mixed(together * _MULTIPLIER + column)
        nothing &= column == NOTHING
    together[nothing] = NOTHING
    return together


def shared(hashes: Hashes) -> Hashes:
    """The hashes that stand more than once, sorted; :data:`NOTHING` is none."""
    ordered = np.sort(hashes)
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    again = again[again != NOTHING]
    return np.unique(again) if len(again) else again


def _of_lengths(signs: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int32]) -> Hashes:
    """Texts of one length at a time, so that a text has the same hash whatever stands beside it."""
    lengths = np.diff(offsets)
    if (lengths == lengths[0]).all():
        return _of_equal(signs[offsets[0] : offsets[-1]].reshape(len(lengths), lengths[0]))
    hashes = np.empty(len(lengths), dtype=np.uint64)
    for length in np.unique(lengths).tolist():
        rows = np.flatnonzero(lengths == length)
        hashes[rows] = _of_equal(signs[offsets[rows][:, None] + np.arange(length)])
    return hashes


def _of_equal(signs: npt.NDArray[np.uint8]) -> Hashes:
    """Texts of one length, a row each, eight bytes at a time."""
    rows, width = signs.shape
    padded = np.zeros((rows, -(-max(width, 1) // 8) * 8), dtype=np.uint8)
    padded[:, :width] = signs
    words = padded.view(np.uint64)
    found = words[:, 0] + np.uint64(width)
    for position in range(1, words.shape[1]):
        found = _mixed(found) * _MULTIPLIER + words[:, position]
    return _mixed(found)


def _mixed(hashes: Hashes) -> Hashes:
    """SplitMix64's finaliser (Steele, Lea, Flood 2014, «Fast splittable pseudorandom number generators»)."""
    with np.errstate(over="ignore"):
        hashes = hashes + np.uint64(_SEED)
        hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        hashes ^= hashes >> np.uint64(31)
    return np.maximum(hashes, np.uint64(1))


def _of_value(value: object) -> int:
    try:
        found = hash(value)
    except TypeError:  # a list or an object: by what it says
        found = hash(repr(value))
    # All that equals -1 has Python's hash of -2: rows whose keys differ in that alone would all be read again.
    return (-1 if found == -2 and value == -1 else found) % (1 << 64)
