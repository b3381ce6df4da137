"""Which of a table's stated reasons, ``revisions``, holds for a row."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from apendata.lake.rows import Mask, Positions, as_mask
from apendata.model import Condition, Revision


def stated(rows: pa.Table, revisions: Sequence[Revision]) -> Positions:
    """Return per row the index of the first revision whose conditions all hold; -1 where there is none."""
    found = np.full(rows.num_rows, -1, dtype=np.int64)
    for index in reversed(range(len(revisions))):
        found[_holds(rows, revisions[index].where)] = index
    return found


def per_value(column: pa.ChunkedArray, function: Callable[[Any], Any], kind: pa.DataType) -> pa.ChunkedArray:
    """Return the function's result for each cell, computed once per distinct value."""
    coded = pa.concat_arrays([pa.array([], column.type), *column.chunks]).dictionary_encode()
    results = pa.array([function(value) for value in coded.dictionary.to_pylist()], kind)
    return pa.chunked_array([results.take(coded.indices)])


def _holds(rows: pa.Table, where: Mapping[str, Condition]) -> Mask:
    held = np.ones(rows.num_rows, dtype=np.bool_)
    for name, condition in where.items():
        there = name in rows.column_names  # rows that are gone may be older than the column
        cells = rows[name].cast(pa.string()) if there else pa.chunked_array([pa.nulls(rows.num_rows, pa.string())])
        texts = pc.fill_null(cells, "")
        held &= as_mask(per_value(texts, partial(_meets, condition), pa.bool_()))
    return held


def _meets(condition: Condition, text: str) -> bool:
    """Whether a cell's text meets a condition; see ``Condition`` for the words."""
    return (
        (condition.equals is None or text == condition.equals)
        and (not condition.one_of or text in condition.one_of)
        and (condition.starts_with is None or text.startswith(condition.starts_with))
        and (condition.matches is None or condition.matches.fullmatch(text) is not None)
        and (condition.empty is None or (text == "") == condition.empty)
        and (condition.at_least is None or text >= condition.at_least)
        and (condition.at_most is None or text <= condition.at_most)
    )
