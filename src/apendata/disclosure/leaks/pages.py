"""The pages of a Parquet file, unpacked: a dictionary may hold what no row shows, and no reader of rows tells of it.

Page headers are Thrift's compact protocol (apache/parquet-format, ``parquet.thrift``), of which as much is read here as
leads from one page to the next.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

import pyarrow as pa

_DATA, _DICTIONARY, _DATA_V2 = 0, 2, 3
_CODECS: Final = {"SNAPPY": "snappy", "GZIP": "gzip", "ZSTD": "zstd", "BROTLI": "brotli", "LZ4": "lz4_raw"}
_NESTED: Final = 12


class NotAPage(Exception):
    """The bytes are no page header."""


def pages(data: bytes, metadata: Any) -> Iterator[bytes]:
    """Yield the content of every page of every column.

    Args:
        data: the whole file.
        metadata: its ``pyarrow.parquet.FileMetaData``.

    Raises:
        NotAPage: the columns do not consist of pages, one after the other.
        KeyError: a codec that nobody knows.
    """
    for group in range(metadata.num_row_groups):
        for number in range(metadata.num_columns):
            column = metadata.row_group(group).column(number)
            first = column.data_page_offset
            if column.has_dictionary_page and column.dictionary_page_offset:
                first = min(first, column.dictionary_page_offset)
            yield from _pages_between(data, first, first + column.total_compressed_size, column.compression)


def _pages_between(data: bytes, at: int, end: int, compression: str) -> Iterator[bytes]:
    while at < end:
        reader = _Compact(data, at)
        header = reader.struct()
        try:
            kind, full, packed = header[1], header[2], header[3]
        except KeyError:
            raise NotAPage from None
        content = data[reader.at : reader.at + packed]
        at = reader.at + packed
        if kind == _DATA_V2:  # levels are not compressed, and may stand alone
            about = header.get(8, {})
            levels = about.get(5, 0) + about.get(6, 0)
            yield content[:levels]
            content, full = content[levels:], full - levels
            compression_here = compression if about.get(7, True) else "UNCOMPRESSED"
        else:
            compression_here = compression
        yield _unpacked(content, full, compression_here)


def _unpacked(content: bytes, size: int, compression: str) -> bytes:
    if compression == "UNCOMPRESSED" or not content:
        return content
    unpacked: bytes = pa.decompress(content, decompressed_size=size, codec=_CODECS[compression], asbytes=True)
    return unpacked


class _Compact:
    """Reads one struct of Thrift's compact protocol: field id → value."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self.at = at

    def struct(self, depth: int = 0) -> dict[int, Any]:
        if depth > _NESTED:
            raise NotAPage
        found: dict[int, Any] = {}
        field = 0
        while head := self._byte():
            field = field + (head >> 4) if head >> 4 else self._signed()
            found[field] = self._value(head & 15, depth)
        return found

    def _value(self, kind: int, depth: int) -> Any:
        readers: dict[int, Callable[[], Any]] = {
            1: lambda: True,
            2: lambda: False,
            3: self._byte,
            4: self._signed,
            5: self._signed,
            6: self._signed,
            7: lambda: self._take(8),
            8: lambda: self._take(self._varint()),
            9: lambda: self._list(depth + 1),
            10: lambda: self._list(depth + 1),
            12: lambda: self.struct(depth + 1),
        }
        if kind not in readers:
            raise NotAPage
        return readers[kind]()

    def _list(self, depth: int) -> list[Any]:
        head = self._byte()
        count = head >> 4 if head >> 4 != 15 else self._varint()
        return [self._value(head & 15, depth) for _ in range(count)]

    def _byte(self) -> int:
        if self.at >= len(self._data):
            raise NotAPage
        self.at += 1
        return self._data[self.at - 1]

    def _take(self, size: int) -> bytes:
        self.at += size
        return self._data[self.at - size : self.at]

    def _varint(self) -> int:
        value = shift = 0
        while (byte := self._byte()) & 128:
            value |= (byte & 127) << shift
            shift += 7
        return value | byte << shift

    def _signed(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)
