"""Judging the cells of a column: each distinct cell once, in plain Python, however many rows hold it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from apendata.model import MAX_PLACES, Finding
from apendata.sources.codes import finding
from apendata.sources.grid import Cells, Grid, Kind

Problem = tuple[str, dict[str, str]]
"""Code and params of a finding."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one cell means: a canonical text or null, a status mark where there is no number, or what is wrong."""

    value: str | None = None
    status: str | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A column after judgement: ``values`` and ``status`` as pyarrow string arrays; ``status`` None where all stand."""

    values: Any
    status: Any | None = None
    findings: tuple[Finding, ...] = ()


Judge = Callable[[Kind, str], Verdict]


def judged(cells: Cells, judge: Judge, grid: Grid, column: int) -> Judged:
    """Ask ``judge`` about every distinct cell; problems become findings with their places in ``grid``."""
    codes, distinct = _distinct(cells)
    verdicts = [judge(kind, text) for kind, text in distinct]
    values = pa.array([verdict.value for verdict in verdicts], pa.string()).take(codes)
    has_status = any(verdict.status for verdict in verdicts)
    status = pa.array([verdict.status for verdict in verdicts], pa.string()).take(codes) if has_status else None
    return Judged(values, status, tuple(_findings(verdicts, distinct, codes, (grid, column))))


def _distinct(cells: Cells) -> tuple[Any, list[tuple[Kind, str]]]:
    """(index of each row's cell, the distinct cells)."""
    texts = cells.text.combine_chunks() if isinstance(cells.text, pa.ChunkedArray) else cells.text
    if cells.kinds is None:
        encoded = texts.dictionary_encode()
        return encoded.indices, [(Kind.TEXT, text) for text in encoded.dictionary.to_pylist()]
    kinds = pc.cast(pa.array(cells.kinds), pa.string())
    encoded = pc.binary_join_element_wise(kinds, texts, "").dictionary_encode()
    return encoded.indices, [(Kind(int(text[0])), text[1:]) for text in encoded.dictionary.to_pylist()]


def _findings(
    verdicts: list[Verdict], distinct: list[tuple[Kind, str]], codes: pa.ChunkedArray, at: tuple[Grid, int]
) -> Iterator[Finding]:
    kinds: dict[tuple[str, tuple[tuple[str, str], ...]], list[int]] = {}
    for index, verdict in enumerate(verdicts):
        if verdict.problem is not None:
            code, params = verdict.problem
            kinds.setdefault((code, tuple(sorted(params.items()))), []).append(index)
    grid, column = at
    for (code, items), indices in kinds.items():
        numbers = codes.to_numpy()
        rows = np.flatnonzero(np.isin(numbers, indices))
        kept = rows[:MAX_PLACES]
        found = finding(
            code,
            grid.places(kept, column),
            count=len(rows),
            samples=[distinct[index][1] for index in indices],
            **dict(items),
        )
        yield replace(found, cells=tuple(distinct[number][1] for number in numbers[kept].tolist()))
