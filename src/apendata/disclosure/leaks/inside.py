"""What a file holds: its bytes, and what they are unpacked to, down to Parquet's pages and Arrow's buffers."""

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from apendata.disclosure.leaks.pages import NotAPage, pages

Parts = Iterator[tuple[str, bytes]]

_DEPTH: Final = 4
"""A zip in a zip in a zip; whoever packs deeper hides something."""
_BROKEN: Final = (OSError, EOFError, ValueError, LookupError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotAPage)
"""How the readers of packed files say that they are none; Arrow's errors are among the first three."""


class Sealed(Exception):
    """A file says that it is packed, and cannot be unpacked: nobody knows what is in it."""


def parts_of(name: str, data: bytes, depth: int = 0) -> Parts:
    """Yield a file's own bytes, and those of everything that is packed in it.

    Args:
        name: of the file; parts are named after it, «tall.xlsx!xl/worksheets/sheet1.xml».
        data: its bytes.
        depth: how many times it was packed.

    Raises:
        Sealed: it cannot be unpacked, or is packed too deep.
    """
    yield name, data
    for begin, unpacked in _PACKED.items():
        if data.startswith(begin):
            if depth == _DEPTH:
                raise Sealed(name)
            try:
                inner = list(unpacked(data))
            except _BROKEN:
                raise Sealed(name) from None
            for part, content in inner:
                yield from parts_of(f"{name}!{part}", content, depth + 1)


def _of_zip(data: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        yield "comment", book.comment
        for member in book.infolist():
            yield member.filename, book.read(member)


def _of_parquet(data: bytes) -> Parts:
    file = pq.ParquetFile(io.BytesIO(data))
    metadata: Mapping[bytes, bytes] = file.metadata.metadata or {}
    for key, value in metadata.items():
        yield f"metadata {key.decode(errors='replace')}", value
    schema = file.schema_arrow  # what the metadata holds in base64
    yield "schema", repr([schema.metadata, *((f.name, f.metadata) for f in schema)]).encode()
    yield "statistics", repr(file.metadata.to_dict()).encode()
    for number, page in enumerate(pages(data, file.metadata)):
        yield f"page {number}", page
    yield from _of_table(file.read())


def _of_arrow(data: bytes) -> Parts:
    with pa.ipc.open_file(io.BytesIO(data)) as file:
        yield "schema", repr([file.schema.metadata, *((f.name, f.metadata) for f in file.schema)]).encode()
        for number in range(file.num_record_batches):
            yield from _of_arrays(f"batch {number}", file.get_batch(number).columns)


def _of_table(table: pa.Table) -> Parts:
    for name, column in zip(table.column_names, table.columns, strict=True):
        yield from _of_arrays(f"column {name}", column.chunks)


def buffers_of(table: pa.Table) -> Parts:
    """Yield the buffers of a table in memory by their columns, whatever they hold beside the table's values."""
    for name, column in zip(table.column_names, table.columns, strict=True):
        yield from _of_arrays(name, column.chunks)


def _of_arrays(name: str, arrays: Any) -> Parts:
    for array in arrays:
        for buffer in array.buffers():
            if buffer is not None:
                yield name, buffer.to_pybytes()
        if pa.types.is_dictionary(array.type):
            yield from _of_arrays(f"dictionary of {name}", [array.dictionary])


def _one(unpack: Callable[[bytes], bytes]) -> Callable[[bytes], Parts]:
    return lambda data: iter([("unpacked", unpack(data))])


def _of_zstd(data: bytes) -> bytes:
    with pa.CompressedInputStream(io.BytesIO(data), "zstd") as stream:
        content: bytes = stream.read()
    return content


_PACKED: Final[Mapping[bytes, Callable[[bytes], Parts]]] = {
    b"PK\x03\x04": _of_zip,
    b"\x1f\x8b": _one(gzip.decompress),
    b"BZh": _one(bz2.decompress),
    b"\xfd7zXZ\x00": _one(lzma.decompress),
    b"\x28\xb5\x2f\xfd": _one(_of_zstd),
    b"PAR1": _of_parquet,
    b"ARROW1": _of_arrow,
}
