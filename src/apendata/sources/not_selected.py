"""What `only` leaves out, by its values: a misspelt one drops its rows as quietly as one that is not wanted."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from apendata.model import MAX_PLACES, Condition, Finding, Only
from apendata.sources.codes import finding
from apendata.sources.conditions import Mask
from apendata.sources.grid import Grid
from apendata.sources.names import Names

_LOOKS_LIKE_DIGITS: Final = str.maketrans("oil", "011")
_LONG_ENOUGH: Final = 4
"""Letters in which one that differs is a slip of the hand; «22R» and «22A» are two versions."""
_ALIKE: Final = 0.75


def told(grid: Grid, names: Names, only: Only, dropped: Mask) -> Iterator[Finding]:
    """Say which values the dropped rows have, and warn of those that are nearly wanted.

    The values stand in the private report. A refusal was rejected: `only` exists because exports hold more than is
    wanted, and nobody can list what else may come.
    """
    for column, condition in only.where.items():
        at = names.find(column)
        if at is None or not dropped.any():
            continue
        texts = pc.utf8_trim_whitespace(grid.columns[at].text)
        values = _by_count(texts.filter(pa.array(dropped)))
        yield finding("rows_not_selected", [grid.place()], count=int(dropped.sum()), samples=values, column=column)
        wanted = _wanted(condition)
        near = [value for value in values if any(_nearly(value, one) for one in wanted)]
        if near:
            rows = np.flatnonzero(dropped & pc.is_in(texts, pa.array(near)).to_numpy(zero_copy_only=False).astype(bool))
            cells = tuple(texts.take(pa.array(rows[:MAX_PLACES])).to_pylist())
            found = finding(
                "nearly_selected",
                grid.places(rows[:MAX_PLACES], at),
                count=len(rows),
                column=column,
                wanted=", ".join(wanted),
            )
            yield replace(found, cells=cells, known=wanted)


def _by_count(texts: pa.ChunkedArray) -> list[str]:
    counted = pc.value_counts(texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts).to_pylist()
    return [one["values"] for one in sorted(counted, key=lambda one: -one["counts"])]


def _wanted(condition: Condition) -> tuple[str, ...]:
    return (*condition.one_of, *(() if condition.equals is None else (condition.equals,)))


def _nearly(value: str, wanted: str) -> bool:
    """Alike but for case, signs between and letters that look like digits; or one letter of a word is wrong."""
    mine, other = (re.sub(r"[\W_]", "", text).casefold() for text in (value, wanted))
    if mine.translate(_LOOKS_LIKE_DIGITS) == other.translate(_LOOKS_LIKE_DIGITS):
        return bool(mine)
    letters = [re.sub("[0-9]", "", text) for text in (mine, other)]
    digits = [re.sub("[^0-9]", "", text) for text in (mine, other)]
    alike = difflib.SequenceMatcher(a=letters[0], b=letters[1]).ratio() >= _ALIKE
    return digits[0] == digits[1] and min(map(len, letters)) >= _LONG_ENOUGH and alike
