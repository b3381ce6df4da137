"""Delimited text as UTF-8: decoded strictly by its declared encoding, and several files put one after another."""

import codecs
from collections.abc import Generator, Iterator, Sequence
from itertools import chain
from typing import BinaryIO, Final

from apendata.tabular.refused import refused

BLOCK_BYTES: Final = 1 << 22
LONGEST_LINE: Final = 1 << 27


def as_utf8(stream: BinaryIO, encoding: str) -> Iterator[bytes]:
    """The bytes of a text as UTF-8, a chunk at a time; a byte order mark is no text, whatever form was named.

    Args:
        stream: the text.
        encoding: Python's name of its codec.

    Raises:
        UnicodeError: a byte does not belong to the encoding. Bytes that are said to be UTF-8 are not looked at.
    """
    chunk = stream.read(max(BLOCK_BYTES, 4))  # a mark may have four bytes
    if encoding in ("utf-8", "utf-8-sig"):
        chunk = chunk.removeprefix(codecs.BOM_UTF8)
        yield from filter(None, chain([chunk], iter(lambda: stream.read(BLOCK_BYTES), b"")))
        return
    decoder = codecs.getincrementaldecoder(_with_mark(encoding, chunk))("strict")
    while chunk:
        if text := decoder.decode(chunk).encode():
            yield text
        chunk = stream.read(BLOCK_BYTES)
    if rest := decoder.decode(b"", final=True).encode():
        yield rest


def _with_mark(encoding: str, first: bytes) -> str:
    marked = first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return "utf-16" if marked and encoding in ("utf-16-le", "utf-16-be") else encoding


def one_after_another(parts: Sequence[tuple[str, Iterator[bytes]]], header_lines: int) -> Generator[bytes, None, None]:
    """Several files as one text: the header of the first stands for all, and a last line without an end gets one.

    Frictionless drops the first line of every further file unseen, and glues its rows to a last line without an end;
    a file with other columns, or in another order, would then be read as if it had the first one's.

    Args:
        parts: the place of each file, and its text as UTF-8.
        header_lines: how many lines of each are its header.

    Raises:
        Refused: a file has not the header of the first.
    """
    first, end = b"", b"\n"
    for index, (place, chunks) in enumerate(parts):
        header, rest = _headed(chunks, header_lines)
        if index == 0:
            first, rest = header, chain([header], rest)
        elif header.splitlines() != first.splitlines():
            raise refused("source-error", f"{place}: its header is not that of the first file, {parts[0][0]}")
        rest = filter(None, rest)
        if end != b"\n" and (beginning := next(rest, b"")):  # an end that no row follows would be a blank row
            rest = chain([b"\n", beginning], rest)
        for chunk in rest:
            yield chunk
            end = chunk[-1:]


def _headed(chunks: Iterator[bytes], lines: int) -> tuple[bytes, Iterator[bytes]]:
    """The first lines of a text, and what stands below them."""
    if not lines:
        return b"", chunks
    text = b""
    for chunk in chunks:
        text += chunk
        if text.count(b"\n") >= lines or len(text) > LONGEST_LINE:
            break
    cut = 0
    for _ in range(lines):
        cut = (text.find(b"\n", cut) + 1) or len(text)
    return text[:cut], chain([text[cut:]], chunks)
