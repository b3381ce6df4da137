"""Rows that repeat a key of an earlier row: the few whose hash is shared are read again and compared by value."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field as dataclass_field
from itertools import islice
from typing import NamedTuple

import numpy as np

from apendata.tabular.blocks import Block
from apendata.tabular.examining import Examined, Examiner, Part, split
from apendata.tabular.judging import Rows
from apendata.tabular.keys import Key, Values, rows_sharing, values_of
from apendata.tabular.listed import Listed
from apendata.tabular.task import FIRST_ROWS, First, Told


@dataclass(eq=False, repr=False)
class Repeats:
    """What was found: all of it counted, and the first ones listed."""

    counts: Counter[Told] = dataclass_field(default_factory=Counter)
    first_rows: dict[Told, tuple[First, ...]] = dataclass_field(default_factory=dict)
    listed: list[Listed] = dataclass_field(default_factory=list)
    """In the rows' order; within a row in the keys' order."""

    def count(self, key: Key, repeats: "Sequence[_Repeat]", count: int) -> None:
        """Count what a block holds of a key; ``repeats`` are the first of them."""
        if repeats:
            told = (*_TOLD[key.kind], key.positions[0] + 1 if key.kind == "unique" else 0)
            first = [First(one.number, ", ".join(map(str, one.values))) for one in repeats[:FIRST_ROWS]]
            self.counts[told] += count
            self.first_rows[told] = tuple(sorted((*self.first_rows.get(told, ()), *first))[:FIRST_ROWS])


def find_repeats(examiner: Examiner, parts: Sequence[Examined], again: Callable[[], Iterator[Block]]) -> Repeats:
    """Find every row that repeats the value of a key.

    Args:
        examiner: whose keys are asked, and how much is listed.
        parts: what was found in each block, with the hashes of every row.
        again: reads the file's blocks once more, if any hash is shared.
    """
    found = Repeats()
    shared = [rows_sharing([part.hashes[at] for part in parts]) for at in range(len(examiner.keys))]
    if not any(rows.any() for rows in shared):
        return found
    memories: list[dict[Values, int]] = [{} for _ in examiner.keys]
    start = 0
    for block in again():
        part = split(block, examiner.dialect, len(examiner.judges))
        end = start + len(part.numbers)
        left = None if examiner.limit is None else max(examiner.limit - len(found.listed), 0)
        listed: list[tuple[int, int, Listed]] = []
        for index, (key, rows, memory) in enumerate(zip(examiner.keys, shared, memories, strict=True)):
            asked = np.flatnonzero(rows[start:end])
            values = values_of(key, examiner.judges, part.columns, asked)
            repeats = _compare(part, asked, values, memory)
            first = list(islice(repeats, None if left is None else max(left, FIRST_ROWS)))
            found.count(key, first, len(first) + sum(1 for _ in repeats))
            listed += [(one.row, index, told) for one, told in _told(key, part, first[:left])]
        found.listed += [told for _, _, told in sorted(listed, key=lambda one: one[:2])]
        start = end
    return found


class _Repeat(NamedTuple):
    """A row of a block whose key's values an earlier row has."""

    row: int
    number: int
    earlier: int
    values: Values


def _compare(part: Part, rows: Rows, values: Sequence[Values], memory: dict[Values, int]) -> Iterator[_Repeat]:
    """Compare rows with all before them, as ``memory`` has their values and the last row of each."""
    numbers = part.numbers[rows].tolist()
    before: list[int | None] = []
    for number, mine in zip(numbers, values, strict=True):
        before.append(memory.get(mine))
        memory[mine] = number
    every = zip(rows.tolist(), numbers, before, values, strict=True)
    return (_Repeat(row, number, earlier, mine) for row, number, earlier, mine in every if earlier is not None)


_TOLD = {
    "primary": ("primary-key", "primary-key"),
    "unique": ("unique-error", "unique"),
    "unique_keys": ("row-constraint", "unique_keys"),
}
"""Kind of a key → kind and rule of the error."""


def _told(key: Key, part: Part, repeats: Sequence[_Repeat]) -> Iterator[tuple[_Repeat, Listed]]:
    kind, rule = _TOLD[key.kind]
    every = part.cells(np.array([one.row for one in repeats], dtype=np.int64))
    for one, cells in zip(repeats, every, strict=True):
        note = f"the same as in the row at position {one.earlier}"
        told = Listed(kind, note, rule, one.number, cells=cells)
        if key.kind == "unique":
            at, name = key.positions[0] + 1, key.names[0]
            told = told._replace(field_number=at, field_name=name, cell=str(one.values[0]))
        if key.kind == "unique_keys":
            told = told._replace(note=f'stricter rule "unique_keys" of apendata: {", ".join(key.names)} {note}')
        yield one, told
