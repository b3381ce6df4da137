"""Writes the tables of one dataset in all formats into a scratch folder, and hashes rows and files on the way."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from apendata.errors import InternalError
from apendata.lake import durable
from apendata.lake.formats_csv import write_csv
from apendata.lake.formats_parquet import write_parquet
from apendata.lake.formats_xlsx import fits_xlsx, write_xlsx
from apendata.lake.hashing import sha256_of_table, sha256_of_tables
from apendata.model import Dataset, FileRef, SafeTable, Table


@dataclass(frozen=True, slots=True, repr=False)
class Staged:
    """Tables written in all formats, not yet a version. Ends with the ``stage`` block that made it."""

    dataset: Dataset
    folder: Path
    tables: Mapping[str, pa.Table]
    """In the definition's order."""
    table_sha256s: Mapping[str, str]
    """Table name → hash of its logical rows."""
    files: tuple[FileRef, ...]
    """CSV, XLSX (where the table is small enough) and Parquet of each table."""
    data_sha256: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "data_sha256", sha256_of_tables(self.table_sha256s))


@dataclass(frozen=True, slots=True)
class _Job:
    format: Literal["csv", "xlsx", "parquet"]
    table: Table
    rows: pa.Table
    write: Callable[[pa.Table, Path], tuple[str, int]]


def write_tables(dataset: Dataset, tables: Mapping[str, SafeTable], folder: Path) -> Staged:
    """Write every table of a dataset into ``folder``, which must be there and empty.

    Raises:
        InternalError: tables are missing or too many, a column differs from the schema, or a text is empty; the
            modules before the lake should have seen to it.
    """
    _check_names(dataset, tables)
    plain = {table.name: _plain(table, tables[table.name].data) for table in dataset.tables}
    jobs = [job for table in dataset.tables for job in _jobs(table, plain[table.name])]
    # Two threads, since Arrow writes CSV and Parquet on one core each and lets go of the interpreter meanwhile.
    with ThreadPoolExecutor(max_workers=2) as pool:
        files = pool.map(lambda job: _run(job, folder), jobs)
        hashes = pool.map(sha256_of_table, plain.values())
        staged = Staged(dataset, folder, plain, dict(zip(plain, hashes, strict=True)), tuple(files))
    durable.sync_folder(folder)
    return staged


def _check_names(dataset: Dataset, tables: Mapping[str, SafeTable]) -> None:
    expected = {table.name for table in dataset.tables}
    if expected != set(tables):
        raise InternalError(
            f"{dataset.id}: tables to stage: {sorted(tables)}; tables of the definition: {sorted(expected)}."
        )


def _plain(table: Table, data: pa.Table) -> pa.Table:
    """The same rows in the types that are written: no dictionaries, no large texts, no metadata."""
    wanted = [str(part["name"]) for part in table.fields]
    if data.column_names != wanted:
        raise InternalError(f"table {table.name}: columns to stage: {data.column_names}; the schema's: {wanted}.")
    schema = pa.schema([pa.field(part.name, _plain_type(part.type)) for part in data.schema])
    plain = data.cast(schema).combine_chunks()
    for part in schema:
        if pa.types.is_string(part.type) and pc.any(pc.equal(pc.binary_length(plain[part.name]), 0)).as_py():
            raise InternalError(f"table {table.name}, column {part.name}: an empty text; a missing one must be null.")
    return plain


def _plain_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return _plain_type(kind.value_type)
    return pa.string() if pa.types.is_large_string(kind) or pa.types.is_null(kind) else kind


def _jobs(table: Table, rows: pa.Table) -> list[_Job]:
    def workbook(part: pa.Table, file: Path) -> tuple[str, int]:
        return write_xlsx(part, file, table.fields)

    jobs = [_Job("csv", table, rows, write_csv), _Job("parquet", table, rows, write_parquet)]
    return [*jobs, _Job("xlsx", table, rows, workbook)] if fits_xlsx(rows) else jobs


def _run(job: _Job, folder: Path) -> FileRef:
    name = f"{job.table.name}.{job.format}"
    sha256, size = job.write(job.rows, folder / name)
    return FileRef(name, job.format, job.table.name, sha256, size, job.rows.num_rows)
