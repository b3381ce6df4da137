"""Rows that repeat a key of an earlier row: the few whose hash is shared are read again and compared by value."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from apendata.tabular.blocks import Block
from apendata.tabular.examining import Examined, Examiner, Part, split
from apendata.tabular.keys import Key, Values, rows_sharing, values_at
from apendata.tabular.listed import Listed


def told_repeats(examiner: Examiner, parts: Sequence[Examined], again: Callable[[], Iterator[Block]]) -> list[Listed]:
    """Every row that repeats the value of a key, in the rows' order; within a row in the keys' order.

    Args:
        examiner: whose keys are asked.
        parts: what was found in each block, with the hashes of every row.
        again: reads the file's blocks once more, if any hash is shared.
    """
    shared = [rows_sharing([part.hashes[at] for part in parts]) for at in range(len(examiner.keys))]
    if not any(rows.any() for rows in shared):
        return []
    memories: list[dict[Values, int]] = [{} for _ in examiner.keys]
    errors: list[Listed] = []
    start = 0
    for block in again():
        part = split(block, examiner.dialect, len(examiner.judges))
        end = start + len(part.numbers)
        asked = [rows[start:end] for rows in shared]
        errors += _of_part(examiner, part, asked, memories)
        start = end
    return errors


def _of_part(
    examiner: Examiner, part: Part, asked: Sequence[npt.NDArray[np.bool_]], memories: Sequence[dict[Values, int]]
) -> Iterator[Listed]:
    rows = np.flatnonzero(np.logical_or.reduce(asked))
    numbers = part.numbers[rows].tolist()
    for row, number, cells in zip(rows.tolist(), numbers, part.cells(rows), strict=True):
        for key, mask, memory in zip(examiner.keys, asked, memories, strict=True):
            if not mask[row]:
                continue
            values = values_at(key.positions, examiner.judges, part.columns, row)
            if (earlier := memory.get(values)) is not None:
                yield _told(key, Listed("", "", "", number, cells=cells), earlier, values)
            memory[values] = number


def _told(key: Key, row: Listed, earlier: int, values: Values) -> Listed:
    note = f"the same as in the row at position {earlier}"
    if key.kind == "primary":
        return row._replace(kind="primary-key", note=note, rule="primary-key")
    if key.kind == "unique":
        at, name = key.positions[0] + 1, key.names[0]
        told = row._replace(kind="unique-error", note=note, rule="unique")
        return told._replace(field_number=at, field_name=name, cell=str(values[0]))
    note = f'stricter rule "unique_keys" of apendata: {", ".join(key.names)} {note}'
    return row._replace(kind="row-constraint", note=note, rule="unique_keys")
