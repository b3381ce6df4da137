"""Hashes of logical rows: equal values give an equal hash, whatever chunks, offsets or library made the table."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def sha256_of_json(value: Any) -> str:
    """Return the sha256 of a value's canonical JSON: sorted keys, no blanks, UTF-8."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def canonical_json(value: Any) -> bytes:
    """Return a value as JSON in one fixed form."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256_of_tables(table_sha256s: Mapping[str, str]) -> str:
    """Return the hash of all tables of a version, from those of each; the order of the tables does not count."""
    return sha256_of_json(dict(table_sha256s))


def sha256_of_table(table: pa.Table) -> str:
    """Return the hash of a table's column names, types, row order and values."""
    columns = [[field.name, str(field.type), _sha256_of_column(table.column(field.name))] for field in table.schema]
    return sha256_of_json({"rows": table.num_rows, "columns": columns})


def _sha256_of_column(column: pa.ChunkedArray) -> str:
    digest = hashlib.sha256()
    array = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    for buffer in _canonical_buffers(array):
        digest.update(len(buffer).to_bytes(8, "little"))
        digest.update(buffer)
    return digest.hexdigest()


def _canonical_buffers(array: pa.Array) -> Iterable[memoryview]:
    """Which values are there, then the values with zero in the empty slots, then (texts) their lengths."""
    if array.null_count:
        yield np.packbits(pc.is_valid(array).to_numpy(zero_copy_only=False)).data
    if array.null_count == len(array):
        return
    if pa.types.is_string(array.type):
        filled = pc.fill_null(array, "") if array.null_count else array
        yield _texts(filled)
        yield np.asarray(pc.binary_length(filled)).view(np.uint8).data
    else:
        yield _values(array)


def _texts(array: pa.Array) -> memoryview:
    offsets = np.frombuffer(array.buffers()[1], dtype=np.int32)[array.offset : array.offset + len(array) + 1]
    data = array.buffers()[2]
    return memoryview(data)[offsets[0] : offsets[-1]] if data is not None else memoryview(b"")


def _values(array: pa.Array) -> memoryview:
    if pa.types.is_boolean(array.type):
        return np.packbits(pc.fill_null(array, fill_value=False).to_numpy(zero_copy_only=False)).data
    width = array.type.bit_width // 8
    raw = np.frombuffer(array.buffers()[1], dtype=np.uint8)[array.offset * width : (array.offset + len(array)) * width]
    if array.null_count:
        valid = pc.is_valid(array).to_numpy(zero_copy_only=False)
        raw = np.where(valid[:, np.newaxis], raw.reshape(-1, width), np.uint8(0)).reshape(-1)
    return raw.data
