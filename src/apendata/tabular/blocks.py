"""A delimited text file as blocks of whole rows: pyarrow reads the plain ones, Python's ``csv`` all others.

Python's ``csv.reader`` is what Frictionless reads with, so its rows are the verdict. A block is plain when quotes take
turns to open and close whole fields, none holds a line end, and no line ends by a lone carriage return; there the two
agree (``tests/unit/tabular/test_blocks.py`` tries every short text), and pyarrow is ten times faster. A row
that leaves its block is read on until it is whole, and the next block begins behind it.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from apendata.tabular import decoding
from apendata.tabular.arrays import always, of_constant, only_chunk
from apendata.tabular.dialect import Dialect
from apendata.tabular.labels import labels_of
from apendata.tabular.refused import Refused, refused

_HEAD: Final = 1 << 18
_NO_BYTES: Final = of_constant(0, pa.int32())
Row = list[Any]
"""Texts; in other formats than delimited text cells of any type."""


@dataclass(frozen=True, eq=False, repr=False)
class Block:
    """Whole rows that stand together, not yet split into columns."""

    first_row: int
    """1-based number of the first row as Frictionless counts: header, blank and comment rows included."""
    text: bytes | None
    """UTF-8, one line a row; None where ``rows`` are given."""
    lines: int = 0
    """How many lines ``text`` has."""
    rows: tuple[Row, ...] = ()
    """Rows that Python's ``csv`` read, of any width."""
    numbers: npt.NDArray[np.int64] | None = None
    """The rows' numbers where they do not follow one another: rows that are no content are left out already."""


class RowsOfFile(Protocol):
    """What every format gives."""

    def labels(self) -> list[str]:
        """The labels of the header; none where there is no header. Asked before the rows."""
        ...

    def blocks(self) -> Iterator[Block]:
        """All rows that are no header."""
        ...


class TextFile:
    """The rows of delimited text."""

    def __init__(self, chunks: Iterator[bytes], dialect: Dialect) -> None:
        """Read from a text in UTF-8, as :mod:`.decoding` hands it out chunk by chunk."""
        self._chunks, self._dialect = chunks, dialect
        self._pending, self._ended = b"", False
        self._rows_before = 0

    def labels(self) -> list[str]:
        """Take the rows of the header, and give its labels.

        Raises:
            Refused: as :meth:`blocks`.
        """
        count, text = self._dialect.first_content_row - 1, self._whole_lines()
        head = _first_lines(text, count)
        if self._dialect.is_simple and b'"' not in head:  # a line is a row: Python need not take the block apart
            text, self._pending = head, text[len(head) :] + self._pending
        return labels_of(self._dialect, self._exact(text, count))

    def blocks(self) -> Iterator[Block]:
        """Take all other rows.

        Raises:
            Refused: bytes that do not belong to the encoding, or a line or cell longer than
                :data:`.decoding.LONGEST_LINE`.
        """
        while text := self._whole_lines():
            first = self._rows_before + 1
            if self._dialect.is_simple and _is_plain(text, self._dialect.delimiter):
                lines = _count(text)
                self._rows_before += lines
                yield Block(first, text, lines)
            else:
                yield Block(first, None, rows=tuple(self._exact(text)))

    def _exact(self, text: bytes, count: int | None = None) -> list[Row]:
        """Rows of a text by Python's ``csv``; what is left of it, or of the lines that a row took, is kept."""
        feed = _Feed(self._unicode(text), lambda: self._unicode(self._whole_lines()))
        reader = _reader(feed, self._dialect)
        rows: list[Row] = []
        try:
            while feed.left and (count is None or len(rows) < count):
                rows.append(next(reader))
        except csv.Error:
            raise _too_long(self._rows_before + len(rows) + 1) from None
        self._pending = feed.rest().encode() + self._pending
        self._rows_before += len(rows)
        return rows

    def _unicode(self, text: bytes) -> str:
        return _unicode(text, self._rows_before + 1)

    def _whole_lines(self) -> bytes:
        """At least a block of whole lines, or all that is left."""
        parts, size = [self._pending], len(self._pending)
        while not self._ended and (size < decoding.BLOCK_BYTES or b"\n" not in parts[-1]):
            if size > decoding.LONGEST_LINE:
                raise refused("source-error", f"a line is longer than {decoding.LONGEST_LINE >> 20} MiB")
            parts.append(self._more())
            size += len(parts[-1])
        text = b"".join(parts)
        cut = len(text) if self._ended else text.rfind(b"\n") + 1
        self._pending = text[cut:]
        return text[:cut]

    def _more(self) -> bytes:
        try:
            chunk = next(self._chunks, b"")
        except UnicodeError:
            note = f"near line {self._rows_before + 1}: a byte does not belong to {self._dialect.encoding}"
            raise refused("encoding-error", note) from None
        self._ended = not chunk
        return chunk


class _Feed:
    """Lines for a ``csv.reader``, which takes one more only where a row is not whole."""

    def __init__(self, text: str, more: Callable[[], str]) -> None:
        self._lines, self._more, self._at = _lines(text), more, 0
        self._first = len(self._lines)

    @property
    def left(self) -> bool:
        """Whether lines of the first text are left."""
        return self._at < self._first

    def rest(self) -> str:
        """The lines that were not taken."""
        return "".join(self._lines[self._at :])

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._at == len(self._lines):
            self._lines += _lines(self._more())
            if self._at == len(self._lines):
                raise StopIteration
        self._at += 1
        return self._lines[self._at - 1]


def _reader(lines: Iterable[str], dialect: Dialect) -> Iterator[list[str]]:
    """Python's reader of rows; a cell that it takes to be too long, for a quote that nothing ends, is its only error.

    The limit is one for the whole process, and Frictionless takes it away where it is imported.
    """
    csv.field_size_limit(decoding.LONGEST_LINE)
    return csv.reader(lines, **dialect.of_python())


def _too_long(row: int) -> Refused:
    longest = f"a cell is longer than {decoding.LONGEST_LINE >> 20} MiB"
    return refused("source-error", f"in row {row} or near it: {longest}; is a quote opened that nothing closes?")


def _unicode(text: bytes, first_row: int) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        line = first_row + text.count(b"\n", 0, error.start)
        raise refused("encoding-error", f"near line {line}: a byte does not belong to utf-8") from None


def _lines(text: str) -> list[str]:
    return io.StringIO(text, newline="").readlines()


def _first_lines(text: bytes, count: int) -> bytes:
    """So many lines of a text, or all that it has."""
    end = 0
    for _ in range(count):
        if (end := text.find(b"\n", end) + 1) == 0:
            return text
    return text[:end]


def _is_plain(text: bytes, delimiter: str) -> bool:
    if b"\x00" in text or (b"\r" in text and text.count(b"\r") != text.count(b"\r\n")):
        return False
    return b'"' not in text or _quotes_are_plain(text.replace(b'""', b"\x00\x00"), delimiter)


def _quotes_are_plain(text: bytes, delimiter: str) -> bool:
    """Whether quotes, but for doubled ones, open and close whole fields in turn and hold no line end."""
    signs = np.frombuffer(b"\n" + text + b"\n", dtype=np.uint8)
    quotes = np.flatnonzero(signs == ord('"'))
    if len(quotes) % 2:
        return False
    before, after = signs[quotes[::2] - 1], signs[quotes[1::2] + 1]
    if not np.isin(before, [ord(delimiter), ord("\n")]).all():
        return False
    if not np.isin(after, [ord(delimiter), ord("\r"), ord("\n")]).all():
        return False
    inside = np.searchsorted(quotes, np.flatnonzero(signs == ord("\n"))) % 2
    return not inside.any()


def _count(text: bytes) -> int:
    """Lines of a text; by numpy, which takes half the time of ``bytes.count`` where lines are short."""
    ends = np.count_nonzero(np.frombuffer(text, dtype=np.uint8) == ord("\n"))
    return int(ends) + (not text.endswith(b"\n"))


def head_of(block: Block) -> Block:
    """The first rows of a block."""
    if block.text is None or len(block.text) <= _HEAD:
        return block
    text = block.text[: block.text.rfind(b"\n", 0, _HEAD) + 1] or block.text
    return Block(block.first_row, text, _count(text))


def rectangle(block: Block, dialect: Dialect, width: int) -> pa.Table | None:
    """A plain block as string columns named by position, or None where a row is not of that width, or not UTF-8."""
    text = block.text or b""
    names = [str(position) for position in range(width)]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(text),
            read_options=arrow_csv.ReadOptions(column_names=names, use_threads=False, block_size=len(text) + 1),
            parse_options=arrow_csv.ParseOptions(
                delimiter=dialect.delimiter, quote_char='"' if b'"' in text else False, ignore_empty_lines=False
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=not text.isascii()
            ),
        )
    except pa.ArrowInvalid:
        return None
    return table if table.num_rows == block.lines and not _may_hold_blank_line(table) else None


def _may_hold_blank_line(table: pa.Table) -> bool:
    """Whether a row has no text at all: to Python's ``csv`` a blank line is a row without cells, not of empty ones."""
    empty = always(value=True, rows=table.num_rows)
    for column in table.columns:
        empty = pc.and_(empty, pc.equal(pc.binary_length(only_chunk(column)), _NO_BYTES))
        if not empty.true_count:
            return False
    return True


def rows_of(text: bytes, dialect: Dialect, first_row: int) -> tuple[Row, ...]:
    """The rows of a plain block, that begins with the row ``first_row``, by Python's ``csv``.

    Raises:
        Refused: a byte is no UTF-8, or a cell is longer than a line may be.
    """
    try:
        return tuple(_reader(_lines(_unicode(text, first_row)), dialect))
    except csv.Error:
        raise _too_long(first_row) from None
