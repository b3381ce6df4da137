"""From snapshots to canonical tables: bytes, grid, header, rows, columns, and an account of every row."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import pyarrow as pa

from apendata.errors import ApendataError, SourceMissing, SourceUnavailable, gravest
from apendata.model import (
    Dataset,
    Finding,
    Format,
    Origin,
    RawTable,
    Reading,
    RowAccount,
    Snapshot,
    Source,
    Table,
    said_once,
)
from apendata.sources import csv, fixed, workbook
from apendata.sources.codes import refuse
from apendata.sources.columns import Export, Piece, piece, source_columns
from apendata.sources.finishing import in_schema_order, with_flags, with_keys_added_up, with_lookups
from apendata.sources.grid import Grid
from apendata.sources.header import block, find, named
from apendata.sources.identity import screen, screen_name
from apendata.sources.margins import with_margins
from apendata.sources.names import Names, named_columns, tables_of
from apendata.sources.places import Places
from apendata.sources.rows import check_balance, even, header_accounts, select

FORMATS: Final[dict[Format, Callable[[bytes, Snapshot, Source], tuple[Grid, ...]]]] = {
    "csv": csv.read,
    "xlsx": workbook.read,
    "xls": workbook.read,
    "ods": workbook.read,
    "fixed": fixed.read,
}

_One = TypeVar("_One")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class _Read:
    """One snapshot after reading, with its account."""

    export: Export
    accounts: tuple[RowAccount, ...]
    findings: tuple[Finding, ...]


def read(dataset: Dataset, snapshots: Sequence[Snapshot], codelists: Mapping[str, RawTable]) -> Reading:
    """Read all tables of a dataset from its exports.

    Args:
        dataset: says what stands in the exports and what becomes of it.
        snapshots: the exports, as :func:`apendata.sources.fetch` gives them; several of one source are put under one
            another.
        codelists: name in ``dataset.codelists`` → the code list as it was read from its owner's sources.

    Raises:
        SourceError: an export is not as declared; every finding of the stage that stopped is in the error.
        PersonalDataFound: a national identity number anywhere in an export or its name.
        DefinitionError: units, signs, flags or margins that cannot be.
        InternalError: the rows do not add up; a defect of ours.
    """
    reads = _all(lambda snapshot: _read(dataset, snapshot), snapshots)
    shaped = [table for table in dataset.tables if table.sources]
    made = _all(lambda table: _table(table, reads, codelists), shaped)
    tables = with_margins(dataset, {table.name: table for table, _, _ in made}, codelists)
    return Reading(
        tables={table.name: tables[table.name] for table in dataset.tables if table.name in tables},
        sum_rows={sums.name: sums for _, sums, _ in made if sums is not None},
        accounts=tuple(account for one in reads for account in one.accounts),
        findings=(*(f for one in reads for f in one.findings), *(f for _, _, found in made for f in found)),
    )


def _all(work: Callable[[_One], _Result], things: Sequence[_One]) -> list[_Result]:
    """Do the work on all things; if some fail, raise one error of the gravest class that tells of all."""
    results, errors = [], []
    for thing in things:
        try:
            results.append(work(thing))
        except ApendataError as error:
            errors.append(error)
    if (worst := gravest(errors)) is not None:
        message = "\n".join(dict.fromkeys(error.message for error in errors))
        raise type(worst)(message, findings=said_once(f for error in errors for f in error.findings)) from worst
    return results


def _read(dataset: Dataset, snapshot: Snapshot) -> _Read:
    screen_name(snapshot.name)
    with _unchanged(snapshot) as data:
        return _read_bytes(dataset, snapshot, data)


def _read_bytes(dataset: Dataset, snapshot: Snapshot, data: bytes) -> _Read:
    source = dataset.sources[snapshot.source]
    grids = FORMATS[source.format](data, snapshot, source)
    screen(grids)
    whole = block(grids[0], source)
    start = 0 if source.format == "fixed" else find(whole, source)
    body = whole if source.format == "fixed" else _below_header(whole, source, start)
    header_row = int(whole.numbers[start]) if whole.height else None
    names = named_columns(body, dataset, source, header_row)
    grid, cut = even(body, source, len(body.names))
    selected = select(grid, names, source, _filled(dataset, source, names))
    accounts = (*header_accounts(whole, source, start), *selected.accounts)
    check_balance(accounts, whole.height + (source.first_line is not None), snapshot.name)
    export = Export(source, names, selected.data, selected.sums, snapshot.placeholders)
    notes = (*whole.notes, *names.findings, *cut, *selected.findings)
    return _Read(export, tuple(a for a in accounts if a.rows), notes)


@contextmanager
def _unchanged(snapshot: Snapshot) -> Iterator[bytes]:
    """The very bytes that are parsed; their hash, taken beside the work, says whether they are still those fetched.

    Raises:
        SourceMissing, SourceUnavailable: they are not, whatever else was found in them.
    """
    try:
        data = snapshot.file.read_bytes()
    except OSError:
        raise SourceMissing(f"{snapshot.name}: the file went away while it was read; run again") from None
    with ThreadPoolExecutor(1) as pool:
        digest = pool.submit(lambda: hashlib.sha256(data).hexdigest())
        try:
            yield data
        finally:
            if digest.result() != snapshot.sha256:
                raise SourceUnavailable(
                    f"{snapshot.name}: the file was replaced while it was read; run again when the export is done"
                ) from None


def _below_header(whole: Grid, source: Source, start: int) -> Grid:
    """The rows below the header; columns are as many as the header has, further fields belong to too long rows."""
    header = source.header.rows if source.header else 0
    if whole.widths is not None:
        width = int(whole.widths[start : start + header].max())
        body = named(_narrowed(whole, width), source, start)
        return Grid(**{**_fields(body), "widths": whole.widths[start + header :]})
    return named(whole, source, start)


def _narrowed(grid: Grid, width: int) -> Grid:
    return Grid(**{**_fields(grid), "columns": grid.columns[:width]})


def _fields(grid: Grid) -> dict[str, Any]:
    return {name: getattr(grid, name) for name in grid.__slots__}


def _filled(dataset: Dataset, source: Source, names: Names) -> list[int]:
    columns = [column for table in tables_of(dataset, source) for column in table.columns if column.fill_down]
    return sorted({at for column in columns if (at := names.first(column.header)) is not None})


def _table(
    table: Table, reads: Sequence[_Read], codelists: Mapping[str, RawTable]
) -> tuple[RawTable, RawTable | None, tuple[Finding, ...]]:
    mine = [one.export for one in reads if one.export.source.name in table.sources]
    mine.sort(key=lambda export: table.sources.index(export.source.name))
    if not mine:
        raise SourceMissing(f"table {table.name}: none of its sources has an export")
    files = tuple((export.data.file, export.data.sheet) for export in mine)
    columns = {name: place for export in reversed(mine) for name, place in source_columns(table, export).items()}
    pieces = [piece(table, export, index) for index, export in enumerate(mine)]
    refuse([f for one in pieces for f in one.findings])
    data, rows = _concatenated(pieces)
    data, unmatched = with_lookups(data, table, codelists, Places(files, rows, columns))
    refuse(unmatched)
    data, rows, merged = with_keys_added_up(with_flags(data, table), rows, table, Places(files, rows))
    refuse(merged)
    raw = RawTable(table.name, in_schema_order(data, table), Origin(files, columns, rows))
    sums = _sum_rows(table, mine, Origin(files, columns, rows), codelists)
    return raw, sums, (*(f for one in pieces for f in one.findings), *merged)


def _sum_rows(
    table: Table, exports: Sequence[Export], origin: Origin, codelists: Mapping[str, RawTable]
) -> RawTable | None:
    if not any(export.sums.height for export in exports):
        return None
    pieces = [piece(table, export, index, sums=True) for index, export in enumerate(exports)]
    refuse([f for one in pieces for f in one.findings])
    data, rows = _concatenated(pieces)
    data, _ = with_lookups(data, table, codelists, Places(origin.files, rows))  # «Sum» is in no code list
    return RawTable(table.name, in_schema_order(data, table), Origin(origin.files, origin.columns, rows))


def _concatenated(pieces: Sequence[Piece]) -> tuple[Any, Any]:
    """Pieces under one another; a status column that only some exports needed is null in the others."""
    data = pa.concat_tables([one.data for one in pieces], promote_options="default")
    return data, pa.concat_tables([one.rows for one in pieces])
