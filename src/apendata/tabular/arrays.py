"""Arrow arrays made of buffers and not by ``pa.array`` or ``pa.scalar``.

Those import pandas wherever it is installed, to ask whether they were given a piece of it: 0.3 s, as long as checking
half a million rows, which a run that has no use for pandas need not pay.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


def of_texts(texts: Sequence[str]) -> pa.Array:
    """A string array of a few texts."""
    encoded = [text.encode() for text in texts]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(encoded), buffers)


def of_constants(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """An array of a few values that a schema names, by what they are as texts."""
    return of_texts([str(value) for value in values]).cast(kind)


def of_constant(value: object, kind: pa.DataType) -> pa.Scalar:
    """One value that a schema names."""
    return of_constants([value], kind)[0]


def of_rows(rows: npt.NDArray[np.int64]) -> pa.Array:
    """Row indices, without a copy."""
    rows = np.ascontiguousarray(rows, dtype=np.int64)
    return pa.Array.from_buffers(pa.int64(), len(rows), [None, pa.py_buffer(rows)])


def only_chunk(column: pa.ChunkedArray) -> pa.Array:
    """A column that was read as one block, without the copy of ``combine_chunks``."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def always(value: bool, rows: int) -> pa.Array:  # noqa: FBT001 (it is what the array holds)
    """A mask that is the same in every row."""
    return pa.repeat(TRUE if value else FALSE, rows)


def or_false(mask: pa.Array) -> pa.Array:
    """A mask whose nulls are false."""
    return mask.fill_null(FALSE) if mask.null_count else mask


def as_integers(texts: pa.Array) -> pa.Array | None:
    """Texts as 64-bit integers, or None where one is none; of all texts that Arrow takes, only ``0x1F`` is none."""
    if any(pc.any(pc.match_substring(texts, x)).as_py() for x in "xX"):
        return None
    try:
        return texts.cast(pa.int64())
    except pa.ArrowInvalid:
        return None


TRUE = of_constant("true", pa.bool_())
FALSE = of_constant("false", pa.bool_())
NO_TEXT = pa.nulls(1, pa.string())[0]
"""The null of string columns."""
