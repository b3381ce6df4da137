"""What `only` leaves out, by its values: a misspelt one drops its rows as quietly as one that is not wanted."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from apendata.model import MAX_PLACES, Condition, Finding, Only
from apendata.sources.codes import finding
from apendata.sources.conditions import Mask, rows_where
from apendata.sources.grid import Grid
from apendata.sources.names import Names

_LOOKS_LIKE_DIGITS: Final = str.maketrans("oil", "011")
_WORD: Final = 4
"""Letters in which one that differs is a slip of the hand; «22R» and «22A» are two versions."""
_ALIKE: Final = 0.75
_MOST_COMPARED: Final = 20_000
"""Pairs of a value and a wanted one: some tenths of a second. A column of free text has thousands of values."""


def told(grid: Grid, names: Names, only: Only, dropped: Mask) -> Iterator[Finding]:
    """Say which values the dropped rows have, and warn of those that are nearly wanted.

    Each column tells of the rows that it drops itself: in those that only another one drops, its value is wanted. The
    values stand in the private report. A refusal was rejected: `only` exists because exports hold more than is wanted,
    and nobody can list what else may come.
    """
    for column, condition in only.where.items():
        at = names.find(column)
        if at is None or not dropped.any():
            continue
        texts = pc.utf8_trim_whitespace(grid.columns[at].text)
        left = dropped & ~rows_where({column: condition}, {column: texts}.__getitem__, grid.height)
        if left.any():
            yield from _of_column(grid, at, texts, left=left, column=column, wanted=_wanted(condition))


def _of_column(
    grid: Grid, at: int, texts: pa.ChunkedArray, *, left: Mask, column: str, wanted: tuple[str, ...]
) -> Iterator[Finding]:
    values = _by_count(texts.filter(pa.array(left)))
    yield finding("rows_not_selected", [grid.place()], count=int(left.sum()), samples=values, column=column)
    if not wanted:
        return
    compared = values[: max(_MOST_COMPARED // len(wanted), 1)]
    near = _near(compared, wanted)
    if near:
        rows = np.flatnonzero(left & pc.is_in(texts, pa.array(near)).to_numpy(zero_copy_only=False).astype(bool))
        cells = tuple(texts.take(pa.array(rows[:MAX_PLACES])).to_pylist())
        found = finding(
            "nearly_selected",
            grid.places(rows[:MAX_PLACES], at),
            count=len(rows),
            column=column,
            wanted=", ".join(wanted),
        )
        yield replace(found, cells=cells, known=wanted)
    if more := len(values) - len(compared):
        yield finding("values_not_compared", [grid.place()], count=more, column=column, compared=str(len(compared)))


def _by_count(texts: pa.ChunkedArray) -> list[str]:
    counted = pc.value_counts(texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts).to_pylist()
    return [one["values"] for one in sorted(counted, key=lambda one: -one["counts"])]


def _wanted(condition: Condition) -> tuple[str, ...]:
    return (*condition.one_of, *(() if condition.equals is None else (condition.equals,)))


def _near(values: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Those alike but for case, signs between and letters that look like digits; or where one letter is wrong."""
    bare = [_bare(one) for one in wanted]
    spelt = {one.translate(_LOOKS_LIKE_DIGITS) for one in bare}
    words = [(_digits(one), difflib.SequenceMatcher(b=word)) for one in bare if len(word := _letters(one)) >= _WORD]

    def is_near(mine: str) -> bool:
        if mine and mine.translate(_LOOKS_LIKE_DIGITS) in spelt:
            return True
        digits, letters = _digits(mine), _letters(mine)
        return len(letters) >= _WORD and any(digits == theirs and _is_slip(letters, word) for theirs, word in words)

    return [value for value in values if value not in wanted and is_near(_bare(value))]


def _is_slip(letters: str, wanted: "difflib.SequenceMatcher[str]") -> bool:
    """Whether one letter or so is wrong. The cheap bounds come first: of thousands of values hardly any is like it."""
    wanted.set_seq1(letters)
    return wanted.real_quick_ratio() >= _ALIKE and wanted.quick_ratio() >= _ALIKE and wanted.ratio() >= _ALIKE


def _bare(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()


def _digits(bare: str) -> str:
    return re.sub("[^0-9]", "", bare)


def _letters(bare: str) -> str:
    return re.sub("[0-9]", "", bare)
