"""Which rows a condition means; the same words for rows of an export and for rows of a table."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from apendata.model import Condition, Where

Mask = npt.NDArray[np.bool_]


def holds(condition: Condition, text: str) -> bool:
    """Whether all given parts of the condition are true of a cell's text, outer blanks removed."""
    text = text.strip()
    return (
        (condition.equals is None or text == condition.equals)
        and (not condition.one_of or text in condition.one_of)
        and (condition.starts_with is None or text.startswith(condition.starts_with))
        and (condition.matches is None or condition.matches.fullmatch(text) is not None)
        and (condition.empty is None or condition.empty == (not text))
        and (condition.at_least is None or text >= condition.at_least)
        and (condition.at_most is None or text <= condition.at_most)
    )


def rows_where(where: Where, column: Callable[[str], Any], height: int) -> Mask:
    """One truth value per row; ``column`` gives a pyarrow string column by name, null counts as ""."""
    mask = np.ones(height, np.bool_)
    for name, condition in where.items():
        mask &= _rows(condition, column(name))
    return mask


def _rows(condition: Condition, texts: pa.ChunkedArray) -> Mask:
    whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    encoded = whole.fill_null("").dictionary_encode()
    truth = np.fromiter((holds(condition, text) for text in encoded.dictionary.to_pylist()), np.bool_)
    return truth[encoded.indices.to_numpy()] if len(whole) else np.zeros(0, np.bool_)
