"""Parquet with types: zstd, no metadata of Arrow's or pandas' own, the same bytes for the same table."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from apendata.lake import durable


def write_parquet(table: pa.Table, file: Path) -> tuple[str, int]:
    """Write a table as Parquet, synced; return sha256 and size in bytes.

    Statistics stay in: they make range queries cheap, and a hidden cell is null, so no minimum can hold it.
    """
    pq.write_table(table, file, compression="zstd", store_schema=False)
    durable.seal(file)
    return durable.sha256_of(file), file.stat().st_size
