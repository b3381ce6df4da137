"""From the columns of an export to the columns of a table: each published column from its one origin."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from apendata.model import MAX_PLACES, Column, Finding, Source, Table
from apendata.sources import numbers, texts
from apendata.sources.codes import finding
from apendata.sources.dates import PERIODS, period_judge
from apendata.sources.grid import Cells, Grid, Kind
from apendata.sources.judging import Judge, Judged, Verdict, judged
from apendata.sources.names import Names, unpivoted
from apendata.sources.row_totals import compared
from apendata.sources.units import factor, multiplied

STATUS: Final = "_status"
_NUMBERS: Final = frozenset({"integer", "number"})
_MEANINGS: Final = {numbers.HIDDEN: "hidden", numbers.MISSING: "missing", numbers.CANNOT_OCCUR: "cannot-occur"}


@dataclass(frozen=True, slots=True)
class Export:
    """One export that was read: its rows of data, where its columns stand, and what its path says."""

    source: Source
    names: Names
    data: Grid
    sums: Grid
    placeholders: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Piece:
    """What one export gives to one table: published columns as strings, and the place of each row."""

    data: Any
    rows: Any
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Task:
    """One table read from one grid; ``lenient`` for sum rows, whose codes and dates need not be any."""

    table: Table
    export: Export
    grid: Grid
    lenient: bool = False

    def type_of(self, column: Column) -> str:
        field = next((f for f in self.table.fields if f["name"] == column.name), None)
        return str(field.get("type", "string")) if field else "string"


def piece(table: Table, export: Export, file_index: int, *, sums: bool = False) -> Piece:
    """Make all columns of a table that come from an export; lookups and flags come after, over all exports."""
    task = _Task(table, export, export.sums if sums else export.data, lenient=sums)
    pivoted: Sequence[int | None] = unpivoted(task.grid, table) or [None]
    columns: dict[str, Any] = {}
    found: list[Finding] = []
    read = [column for column in table.columns if column.lookup is None and not column.transform]
    with ThreadPoolExecutor() as pool:  # Arrow and numpy leave the other cores free
        every = list(pool.map(lambda column: list(_parts(task, column, pivoted)), read))
    for column, parts in zip(read, every, strict=True):
        columns[column.name] = _joined([part.values for part in parts])
        if any(part.status is not None for part in parts):
            columns[column.name + STATUS] = _joined([_status(part) for part in parts])
        found += [f for part in _distinct_parts(parts) for f in part.findings]
    columns = _with_declared_status(columns, table, task.grid.height * len(pivoted))
    if not sums:
        found += _check_row_totals(task, columns, pivoted)
    return Piece(
        pa.table(columns), _origins(task.grid, file_index, pivoted), tuple(replace(f, table=table.name) for f in found)
    )


def source_columns(table: Table, export: Export) -> dict[str, tuple[str, int]]:
    """Published column → (header, 1-based source column) for the columns that are read from one column."""
    found = {}
    for column in table.columns:
        if column.header and (at := export.names.first(column.header)) is not None:
            found[column.name] = (export.data.names[at] or "", export.data.first_column + at)
    return found


def _parts(task: _Task, column: Column, pivoted: Sequence[int | None]) -> Iterator[Judged]:
    """The column's values under each unpivoted source column in turn."""
    height = task.grid.height
    if column.unpivot is not None:
        yield from (_unpivoted(task, column, at) for at in pivoted if at is not None)
    elif column.header:
        at = task.export.names.first(column.header)
        whole = _absent(task, column, height) if at is None else _read(task, column, task.grid.columns[at], at)
        yield from [whole] * len(pivoted)
    else:
        text = column.constant if column.path is None else task.export.placeholders[column.path]
        yield from [Judged(pa.repeat(pa.scalar(text, pa.string()), height))] * len(pivoted)


def _unpivoted(task: _Task, column: Column, at: int) -> Judged:
    if column.unpivot == "value":
        return _read(task, column, task.grid.columns[at], at)
    match = task.table.unpivot.pattern.fullmatch(task.grid.names[at] or "") if task.table.unpivot else None
    text = match.groupdict().get(column.unpivot or "") if match else None
    header = replace(task.grid, columns=(), numbers=np.zeros(1, np.int32))
    one = _read(replace(task, grid=header, lenient=False), column, Cells(pa.array([text or ""])), at)
    return Judged(pa.repeat(one.values[0], task.grid.height), None, one.findings)


def _absent(task: _Task, column: Column, height: int) -> Judged:
    nothing = pa.nulls(height, pa.string())
    has_status = task.type_of(column) in _NUMBERS and _has_field(task.table, column.name + STATUS)
    return Judged(nothing, pa.repeat(pa.scalar(numbers.MISSING), height) if has_status else None)


def _read(task: _Task, column: Column, cells: Cells, at: int) -> Judged:
    kind = task.type_of(column)
    read = _read_numbers if kind in _NUMBERS else _read_texts if kind not in PERIODS else _read_periods
    result = read(task, column, cells, at)
    name = task.grid.names[at] or column.name
    return replace(result, findings=tuple(_with_column(f, column, name) for f in result.findings))


def _with_column(found: Finding, column: Column, header: str) -> Finding:
    return replace(found, field=column.name, params={"column": header, **found.params})


def _read_texts(task: _Task, column: Column, cells: Cells, at: int) -> Judged:
    plain = cells.kinds is None and column.split is None and not column.codes and column.pad is None
    if plain and (values := texts.fast(cells.text)) is not None:
        return Judged(values)
    judge = texts.part_judge(column, texts.text_judge(column, task.export.source))
    return judged(cells, _lenient(judge) if task.lenient else judge, task.grid, at)


def _read_periods(task: _Task, column: Column, cells: Cells, at: int) -> Judged:
    marks = column.marks or task.export.source.marks
    judge = _after_part(column, task, period_judge(column, task.type_of(column), marks))
    result = judged(cells, _lenient(judge) if task.lenient else judge, task.grid, at)
    return replace(result, findings=(*result.findings, *_two_kinds(cells, task, at)))


def _two_kinds(cells: Cells, task: _Task, at: int) -> Iterator[Finding]:
    """Real dates beside dates as text: Excel did not take those for dates, and swapped day and month of others."""
    if cells.kinds is None or task.lenient or not (cells.kinds == Kind.DATE).any():
        return
    filled = pc.not_equal(pc.utf8_trim_whitespace(cells.text), "").to_numpy(zero_copy_only=False).astype(bool)
    if len(rows := np.flatnonzero(filled & (cells.kinds == Kind.TEXT))):
        yield finding("two_kinds_of_dates", task.grid.places(rows[:MAX_PLACES], at), count=len(rows))


def _read_numbers(task: _Task, column: Column, cells: Cells, at: int) -> Judged:
    marks = column.marks or task.export.source.marks
    by = factor(column, task.table, task.export.source)
    plain = cells.kinds is None and column.split is None and not column.codes
    result = numbers.fast(cells.text, marks) if plain else None
    if result is None:
        judge = _after_part(column, task, numbers.NumberReader(marks).read)
        result = judged(cells, judge, task.grid, at)
    values = multiplied(result.values, by)
    found = [*result.findings, *_unwelcome_status(task, column, result, at)]
    if column.sign_from is not None:
        values, wrong = _directed(task, column, values)
        found += wrong
    found += _not_whole(task, column, values, at)
    return Judged(values, result.status if _has_field(task.table, column.name + STATUS) else None, tuple(found))


def _after_part(column: Column, task: _Task, judge: Judge) -> Judge:
    """Take the declared part of a text cell before judging it as a number or a date."""
    if column.split is None and not column.codes:
        return judge
    part = texts.part_judge(column, texts.text_judge(column, task.export.source))

    def judge_part(kind: Kind, text: str) -> Verdict:
        verdict = part(kind, text)
        return verdict if verdict.problem else judge(Kind.TEXT, verdict.value or "")

    return judge_part


def _lenient(judge: Judge) -> Judge:
    def judge_leniently(kind: Kind, text: str) -> Verdict:
        verdict = judge(kind, text)
        return Verdict() if verdict.problem else verdict

    return judge_leniently


def _unwelcome_status(task: _Task, column: Column, result: Judged, at: int) -> Iterator[Finding]:
    """Marks in a column whose schema has nowhere to say them."""
    if result.status is None or _has_field(task.table, column.name + STATUS):
        return
    for mark, meaning in _MEANINGS.items():
        hit = pc.fill_null(pc.equal(result.status, mark), False).to_numpy(zero_copy_only=False)  # noqa: FBT003
        if len(rows := np.flatnonzero(hit)):
            places = task.grid.places(rows[:MAX_PLACES], at)
            yield finding("no_status_column", places, count=len(rows), meaning=meaning, field=column.name + STATUS)


def _directed(task: _Task, column: Column, values: pa.ChunkedArray) -> tuple[Any, list[Finding]]:
    """Numbers times the 1 or -1 of their row's direction text; where there is no number, no direction is needed."""
    name, directions = column.sign_from or ("", {})
    at = task.export.names.find(name)
    if at is None:
        return values, []

    def judge(_: Kind, text: str) -> Verdict:
        sign = directions.get(text.strip(), None if text.strip() else "")
        return Verdict(str(sign)) if sign is not None else Verdict(problem=("no_direction", {}))

    direction = judged(task.grid.columns[at], judge, task.grid, at)
    if direction.findings:
        return values, list(direction.findings)
    lost = pc.and_(pc.equal(direction.values, ""), pc.is_valid(values)).to_numpy(zero_copy_only=False)
    if len(rows := np.flatnonzero(lost)):
        places = task.grid.places(rows[:MAX_PLACES], at)
        return values, [finding("no_direction", places, count=len(rows), column=column.name)]
    flipped = multiplied(values, Decimal(-1))
    return pc.if_else(pc.equal(direction.values, "-1"), flipped, values), []


def _not_whole(task: _Task, column: Column, values: pa.ChunkedArray, at: int) -> Iterator[Finding]:
    if task.type_of(column) != "integer":
        return
    broken = pc.fill_null(pc.match_substring(values, "."), False)  # noqa: FBT003
    if pc.any(broken).as_py():
        rows = np.flatnonzero(broken.to_numpy(zero_copy_only=False))
        unit = next(
            (str(f["unit"]) for f in task.table.fields if f["name"] == column.name and "unit" in f), "whole numbers"
        )
        yield finding("not_whole", task.grid.places(rows[:MAX_PLACES], at), count=len(rows), unit=unit)


def _check_row_totals(task: _Task, columns: Mapping[str, Any], pivoted: Sequence[int | None]) -> list[Finding]:
    unpivot = task.table.unpivot
    value = next((column for column in task.table.columns if column.unpivot == "value"), None)
    at = task.export.names.find(unpivot.row_total) if unpivot is not None and unpivot.row_total is not None else None
    if unpivot is None or value is None or at is None:
        return []
    name = unpivot.row_total or ""
    total = _read_numbers(task, value, task.grid.columns[at], at)
    if total.findings:
        return [_with_column(found, value, name) for found in total.findings]
    height = task.grid.height
    parts = [columns[value.name].slice(index * height, height).to_pylist() for index in range(len(pivoted))]
    return list(compared(parts, total.values.to_pylist(), partial(task.grid.places, column=at), name))


def _joined(parts: Sequence[Any]) -> pa.ChunkedArray:
    chunks = [chunk for part in parts for chunk in (part.chunks if isinstance(part, pa.ChunkedArray) else [part])]
    return pa.chunked_array(chunks, pa.string())


def _status(part: Judged) -> pa.ChunkedArray:
    return pa.nulls(len(part.values), pa.string()) if part.status is None else part.status


def _distinct_parts(parts: Sequence[Judged]) -> list[Judged]:
    return list({id(part): part for part in parts}.values())


def _has_field(table: Table, name: str) -> bool:
    return any(field["name"] == name for field in table.fields)


def _with_declared_status(columns: dict[str, Any], table: Table, height: int) -> dict[str, Any]:
    """A status column that the schema has is there even where every value stands."""
    wanted = [f"{name}{STATUS}" for name in columns if _has_field(table, f"{name}{STATUS}")]
    nothing = {name: pa.nulls(height, pa.string()) for name in wanted if name not in columns}
    return {**columns, **nothing}


def _origins(grid: Grid, file_index: int, pivoted: Sequence[int | None]) -> pa.Table:
    numbers_ = pa.chunked_array([pa.array(grid.numbers)] * len(pivoted), pa.int32())
    height = grid.height
    column = [pa.repeat(pa.scalar(0 if at is None else grid.first_column + at, pa.int32()), height) for at in pivoted]
    files = pa.repeat(pa.scalar(file_index, pa.int32()), height * len(pivoted))
    return pa.table({"file": files, "row": numbers_, "column": pa.chunked_array(column, pa.int32())})
