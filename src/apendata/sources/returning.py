"""Rows of an export as they stand in it, for the steward's eyes: whatever is wrong with them, nothing is judged."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from apendata.errors import ApendataError
from apendata.model import Snapshot, Source
from apendata.sources.grid import Grid
from apendata.sources.header import block, find, named
from apendata.sources.reading import FORMATS


@dataclass(frozen=True, slots=True, repr=False)
class Rows:
    """Some rows of one export. They hold cell values, and go into the private report only."""

    labels: tuple[str, ...]
    """The header's texts, "" where there is none."""
    cells: Mapping[int, tuple[str, ...]]
    """Number of the row in the file → its cells."""


def rows_at(snapshot: Snapshot, source: Source, numbers: Iterable[int]) -> Rows | None:
    """Return rows by their numbers in the file, or None where the file cannot be read at all."""
    try:
        grid = FORMATS[source.format](snapshot.file.read_bytes(), snapshot, source)[0]
        whole = block(grid, source)
    except (ApendataError, OSError):
        return None
    wanted = np.flatnonzero(np.isin(whole.numbers, list(numbers)))
    cells = {int(whole.numbers[row]): tuple(whole.row(row)) for row in wanted.tolist()}
    return Rows(_labels(whole, source), cells)


def _labels(whole: Grid, source: Source) -> tuple[str, ...]:
    if source.format == "fixed":
        return tuple(field.name for field in source.fields)
    try:
        names = named(whole, source, find(whole, source)).names
    except ApendataError:
        names = ()
    return tuple(name or "" for name in names) or ("",) * len(whole.columns)
