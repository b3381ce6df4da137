"""Where a version comes from: sources by hash, an account of every row, the cells of every column. Internal."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, astuple, dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from apendata.errors import LakeCorrupt
from apendata.lake import durable
from apendata.lake.hashing import sha256_of_json
from apendata.lake.records import pretty
from apendata.model import Origin, Protected, RowAccount, Snapshot

RECORD_FILE: Final = "record.json"
LAST_BUILD_FILE: Final = "last_build.json"
"""Beside the record where a later build gave the same version: what that build was made from. The version's own record
stays as it was, for it tells where the published rows come from."""


class LastSource(NamedTuple):
    """One export of the last build."""

    dataset: str | None
    """Whose; None in records that were written before this was kept."""
    source: str
    placeholders: Mapping[str, str]
    name: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """What the pipeline knows of one build."""

    build_key: str
    engine: str
    """Version of apendata."""
    snapshots: tuple[Snapshot, ...]
    """All that were read, also those of other datasets' code lists."""
    accounts: tuple[RowAccount, ...] = ()
    origins: Mapping[str, Origin] = field(default_factory=dict)
    """Table → where its rows come from; tables of margins have none."""
    samples: tuple[Snapshot, ...] = ()
    """Those of ``snapshots`` that are samples."""
    protected: Mapping[str, tuple[Protected, ...]] = field(default_factory=dict)
    """Table of counts of people → the rows that no reader may learn; for the audits of later releases."""


def write_provenance(folder: Path, provenance: Provenance, *, definition_sha256: str, created: str) -> None:
    """Write the record, and per table a Parquet file with file, row and source column of each published row."""
    durable.make_folder(folder)
    for table, origin in provenance.origins.items():
        file = folder / f"{table}.rows.parquet"
        pq.write_table(origin.rows, file, compression="zstd", store_schema=False)
        durable.seal(file)
    tables = {table: list(_columns(origin)) for table, origin in provenance.origins.items()}
    protected = {table: [list(astuple(mark)) for mark in marks] for table, marks in provenance.protected.items()}
    record = _record(provenance, definition_sha256, created) | {"tables": tables, "protected": protected}
    durable.write_file(folder / RECORD_FILE, [pretty(record)])
    durable.sync_folder(folder)


def write_last_build(folder: Path, provenance: Provenance, *, definition_sha256: str, created: str) -> None:
    """Write, beside a version's record, what a later build of the same version was made from."""
    durable.replace_file(folder / LAST_BUILD_FILE, pretty(_record(provenance, definition_sha256, created)))


def read_last_build(folder: Path) -> Mapping[str, Any]:
    """Read what the last build of a version was made from: a later build's record, or the version's own.

    Raises:
        LakeCorrupt: it is missing or no JSON.
    """
    return _read(folder, LAST_BUILD_FILE if (folder / LAST_BUILD_FILE).exists() else RECORD_FILE)


def protected_of(record: Mapping[str, Any]) -> Mapping[str, tuple[Protected, ...]]:
    """Return the protected rows by table, from a version's record; of older versions there are none to read."""
    told = record.get("protected", {})
    return {t: tuple(Protected(tuple(key), *rest) for key, *rest in marks) for t, marks in told.items()}


def read_provenance(folder: Path) -> Mapping[str, Any]:
    """Read the record of one version.

    Raises:
        LakeCorrupt: it is missing or no JSON.
    """
    return _read(folder, RECORD_FILE)


def last_sources(record: Mapping[str, Any]) -> tuple[LastSource, ...]:
    """Return the exports of a record."""
    parts = record["sources"]
    return tuple(LastSource(p.get("dataset"), p["source"], p["placeholders"], p["name"]) for p in parts)


def samples_of(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Return which exports of a record were samples, each as dataset and file; of an old record nobody knows."""
    return tuple(f"{part['dataset']}: {part['name']}" for part in record["sources"] if part.get("sample"))


def inputs_of(record: Mapping[str, Any]) -> str:
    """Return a hash of what people feed into a build: the sources and the definition, not the engine."""
    sources = sorted([source["source"], source["name"], source["sha256"]] for source in record["sources"])
    return sha256_of_json([sources, record["definition_sha256"]])


def _record(provenance: Provenance, definition_sha256: str, created: str) -> dict[str, Any]:
    return {
        "build_key": provenance.build_key,
        "engine": provenance.engine,
        "created": created,
        "definition_sha256": definition_sha256,
        "sources": [_source(one) | {"sample": one in provenance.samples} for one in provenance.snapshots],
        "rows": [asdict(account) for account in provenance.accounts],
    }


def _read(folder: Path, name: str) -> Mapping[str, Any]:
    try:
        record: Mapping[str, Any] = json.loads((folder / name).read_bytes())
    except (OSError, ValueError):
        raise LakeCorrupt(f"provenance of {folder.name}: missing, or not what apendata wrote.") from None
    return record


def _source(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "dataset": snapshot.dataset,
        "source": snapshot.source,
        "name": snapshot.name,
        "sha256": snapshot.sha256,
        "bytes": snapshot.bytes,
        "placeholders": dict(snapshot.placeholders),
    }


def _columns(origin: Origin) -> Iterator[dict[str, Any]]:
    """Per published column and file: header, source column (or columns, where they became rows), first and last row."""
    for index, (file, sheet) in enumerate(origin.files):
        rows = origin.rows.filter(pc.equal(origin.rows["file"], index))
        if not rows.num_rows:
            continue
        first, last = _range(rows["row"])
        for column, (header, number) in origin.columns.items():
            yield _column(column, header, number, number) | _where(file, sheet, first, last)
        unpivoted = rows.filter(pc.greater(rows["column"], 0))["column"]
        if len(unpivoted):
            yield _column("*", None, *_range(unpivoted)) | _where(file, sheet, first, last)


def _column(column: str, header: str | None, first: int, last: int) -> dict[str, Any]:
    """``*`` stands for the columns of a table that were made from several source columns."""
    return {"column": column, "header": header, "first_source_column": first, "last_source_column": last}


def _where(file: str, sheet: str | None, first: int, last: int) -> dict[str, Any]:
    return {"file": file, "sheet": sheet, "first_row": first, "last_row": last}


def _range(column: pa.ChunkedArray) -> tuple[int, int]:
    found = pc.min_max(column).as_py()
    return found["min"], found["max"]
