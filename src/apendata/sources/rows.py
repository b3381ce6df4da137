"""Which rows are data: every other row is taken by one named rule, and all are counted."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from apendata.errors import InternalError
from apendata.model import MAX_PLACES, Finding, RowAccount, RowRule, Source
from apendata.sources import not_selected
from apendata.sources.codes import finding, refuse
from apendata.sources.conditions import Mask, rows_where
from apendata.sources.grid import Cells, Grid, Rows
from apendata.sources.names import Names

_ORDER = {"end": 0, "repeated_header": 1, "blank": 2}
"""These first, then the others as declared: a sum row below the end is no sum row."""


_WIDE: Final = 3
"""Columns of a table in which a row with one filled cell is none of data."""


@dataclass(frozen=True, slots=True)
class Selected:
    """The rows of one export, sorted by what they are."""

    data: Grid
    sums: Grid
    accounts: tuple[RowAccount, ...]
    findings: tuple[Finding, ...] = ()


def even(grid: Grid, source: Source, width: int) -> tuple[Grid, tuple[Finding, ...]]:
    """Refuse rows that are not of the header's width; too long ones are cut where `extra_fields` says why.

    Raises:
        SourceRejected: ragged rows. A line with nothing on it is a blank row, not a short one.
    """
    trimmed = replace(grid, columns=grid.columns[:width], names=grid.names[:width], widths=None)
    if grid.widths is None:
        return trimmed, ()
    empty = (grid.widths == 1) & _blank(grid)
    short = np.flatnonzero((grid.widths < width) & ~empty)
    long = np.flatnonzero(grid.widths > width)
    wrong = short if source.extra_fields is not None else np.sort(np.concatenate([short, long]))
    if len(wrong):
        widths = " / ".join(str(n) for n in np.unique(grid.widths[wrong])[:4])
        places = trimmed.places(wrong[:MAX_PLACES])
        refuse([finding("ragged_row", places, count=len(wrong), found=widths, expected=str(width))])
    if not len(long):
        return trimmed, ()
    note = finding(
        "extra_fields_cut", trimmed.places(long[:MAX_PLACES]), count=len(long), because=source.extra_fields or ""
    )
    return trimmed, (note,)


def select(grid: Grid, names: Names, source: Source, filled: Sequence[int]) -> Selected:
    """Sort the rows below the header; ``filled`` are the columns whose empty cells take the text above.

    Raises:
        SourceRejected: blank rows that no rule names; several versions; nothing to fill down.
        SourceChanged: no row is left.
    """
    free = np.ones(grid.height, np.bool_)
    accounts: list[RowAccount] = []
    sums = np.zeros(grid.height, np.bool_)
    for rule in sorted(source.rows, key=lambda rule: _ORDER.get(rule.kind, 3)):
        taken = _taken(rule, grid, names) & free
        free &= ~taken
        accounts.append(_account(grid, rule.kind, taken, rule.because))
        if rule.kind == "sum":
            sums |= taken
    found = _blank_rows(grid, free)
    notes: tuple[Finding, ...] = ()
    if source.only is not None:
        wanted = rows_where(source.only.where, _column(grid, names), grid.height)
        dropped = free & ~wanted
        accounts.append(_account(grid, "not_selected", dropped, source.only.because))
        notes = tuple(not_selected.told(grid, names, source.only, dropped))
        free &= wanted
        sums &= wanted
    refuse([*found, *_lone_texts(grid, free, sums), *notes])
    accounts.append(_account(grid, "out", free, None))
    whole = _filled_down(grid, free, sums, filled)
    data = whole.take(np.flatnonzero(free))
    # Where nothing is left, or too much, what was left out is the answer.
    refuse([*_left(data, names, source, accounts), *notes])
    return Selected(data, whole.take(np.flatnonzero(sums)), tuple(accounts), notes)


def check_balance(accounts: Sequence[RowAccount], rows_in: int, file: str) -> None:
    """Rows in = rows out + rows accounted for.

    Raises:
        InternalError: they are not; a defect of ours, whatever the export holds.
    """
    if sum(account.rows for account in accounts) != rows_in:
        raise InternalError(f"{file}: {rows_in} rows came in, but {sum(a.rows for a in accounts)} are accounted for")


def _taken(rule: RowRule, grid: Grid, names: Names) -> Mask:
    if rule.kind == "repeated_header" and not rule.where:
        return _repeats_header(grid)
    if rule.kind == "blank" and not rule.where:
        return _blank(grid)
    hit = rows_where(rule.where, _column(grid, names), grid.height)
    return np.maximum.accumulate(hit) if rule.kind == "end" else hit


def _column(grid: Grid, names: Names) -> Callable[[str], pa.ChunkedArray]:
    def column(name: str) -> pa.ChunkedArray:
        at = names.find(name)
        return pa.nulls(grid.height, pa.string()) if at is None else grid.columns[at].text

    return column


def _blank(grid: Grid) -> Mask:
    """Rows with nothing in any cell; most files are let go after their first column."""
    rows: Rows = np.arange(grid.height)
    for index, column in enumerate(grid.columns):
        cells = column if index == 0 else column.take(rows)
        mask = pc.equal(pc.utf8_trim_whitespace(cells.text), "").to_numpy(zero_copy_only=False).astype(bool)
        if cells.kinds is not None:
            mask &= cells.kinds == 0
        rows = rows[mask]
        if not len(rows):
            break
    blank = np.zeros(grid.height, np.bool_)
    blank[rows] = True
    return blank


def _repeats_header(grid: Grid) -> Mask:
    mask = np.ones(grid.height, np.bool_)
    for name, column in zip(grid.names, grid.columns, strict=True):
        if name is not None and not name.startswith("["):
            mask &= pc.equal(pc.utf8_trim_whitespace(column.text), name).to_numpy(zero_copy_only=False).astype(bool)
    return mask


def _blank_rows(grid: Grid, free: Mask) -> list[Finding]:
    blank = np.flatnonzero(_blank(grid) & free)
    return [finding("blank_row", grid.places(blank[:MAX_PLACES]), count=len(blank))] if len(blank) else []


def _lone_texts(grid: Grid, free: Mask, sums: Mask) -> list[Finding]:
    """Rows below the last sum row that hold one cell alone: a footnote that no rule names, and no row with gaps.

    Told at that cell: at the empty ones beside it, it would be as many mistakes as there are columns.
    """
    if not sums.any() or len(grid.columns) < _WIDE:
        return []
    below = free & (np.arange(grid.height) > np.flatnonzero(sums)[-1])
    rows = np.flatnonzero(below)
    if not len(rows):
        return []
    cells = [column.take(rows) for column in grid.columns]
    filled = np.array(
        [pc.not_equal(pc.utf8_trim_whitespace(one.text), "").to_numpy(zero_copy_only=False) for one in cells]
    )
    alone = np.flatnonzero(filled.astype(bool).sum(axis=0) == 1)
    places = [grid.place(int(rows[at]), int(np.argmax(filled[:, at]))) for at in alone]
    return [finding("lone_text", places)] if places else []


def _account(grid: Grid, rule: str, taken: Mask, because: str | None) -> RowAccount:
    return RowAccount(grid.file, grid.sheet, rule, int(np.count_nonzero(taken)), because)


def _filled_down(grid: Grid, data: Mask, sums: Mask, columns: Sequence[int]) -> Grid:
    """Empty cells take the text of the last data row above that has one; a sum row is filled but fills nothing."""
    if not columns:
        return grid
    found = []
    filled = list(grid.columns)
    for index in columns:
        empty = (
            pc.equal(pc.utf8_trim_whitespace(grid.columns[index].text), "").to_numpy(zero_copy_only=False).astype(bool)
        )
        givers = np.where(data & ~empty, np.arange(grid.height), -1)
        source = np.where(empty, np.maximum.accumulate(givers), np.arange(grid.height))
        if len(lost := np.flatnonzero((source < 0) & data)):
            found.append(
                finding(
                    "nothing_to_fill_down",
                    grid.places(lost[:MAX_PLACES], index),
                    count=len(lost),
                    column=_name(grid, index),
                )
            )
        filled[index] = _kept(grid.columns[index], source, data | sums)
    refuse(found)
    return replace(grid, columns=tuple(filled))


def _kept(cells: Cells, source: Rows, wanted: Mask) -> Cells:
    return cells.take(np.where(wanted & (source >= 0), source, np.arange(len(source))))


def _name(grid: Grid, index: int) -> str:
    return grid.names[index] or str(index + 1)


def _left(data: Grid, names: Names, source: Source, accounts: Sequence[RowAccount]) -> list[Finding]:
    """What is wrong with the rows that are left: there are none, or they are of several versions."""
    found = []
    if not data.height:
        counts = (
            ", ".join(f"{account.rule} {account.rows}" for account in accounts if account.rows)
            or "nothing below the header"
        )
        found.append(finding("no_data_rows", [data.place()], rows=counts))
    elif source.version_column is not None and (at := names.find(source.version_column)) is not None:
        versions = pc.count_distinct(pc.utf8_trim_whitespace(data.columns[at].text)).as_py()
        if versions > 1:
            found.append(
                finding(
                    "several_versions",
                    [data.place()],
                    column=source.version_column,
                    versions=str(versions),
                )
            )
    return found


def header_accounts(grid: Grid, source: Source, start: int) -> Iterator[RowAccount]:
    """The rows above the header, and those of the header."""
    if source.first_line is not None:
        yield RowAccount(grid.file, grid.sheet, "first_line", 1)
    yield RowAccount(grid.file, grid.sheet, "above_header", start)
    yield RowAccount(grid.file, grid.sheet, "header", source.header.rows if source.header else 0)
