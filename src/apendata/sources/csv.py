"""Delimited text. pyarrow reads the files that are plainly rectangular; Python's csv decides about all others.

The fast way may only accept: quotes that open or close a whole field and nothing else, no blank lines, one row a line,
every row of equal width. Whatever it is not sure of is read again, exactly and with line numbers, which takes about ten
times as long and is what a person needs to be told.
"""

import csv
import io
import re
from typing import Final, Literal

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from apendata.errors import DefinitionError
from apendata.model import Place, Snapshot, Source
from apendata.sources.codes import finding, refuse
from apendata.sources.grid import Cells, Grid, from_rows
from apendata.sources.text import composed, utf8

_NO_LIMIT: Final = 2**31 - 1
"""Of a field: the text is in memory as it is, and no download is larger."""
_FIRST_LINE = re.compile(rb"[^\r\n]*")


def read(data: bytes, snapshot: Snapshot, source: Source) -> tuple[Grid, ...]:
    """Read one file of delimited text, headers and titles included.

    Raises:
        SourceUnreadable: see :func:`apendata.sources.text.utf8`; also a quoted field that is not closed.
        DefinitionError: no delimiter is declared.
    """
    if source.delimiter is None:
        raise DefinitionError(f"source {source.name}: `delimiter` is missing")
    text = composed(utf8(data, source, snapshot.name))
    first = 1 if source.first_line is None else 2
    quoted = source.quoted and b'"' in text
    sure = not quoted or _quotes_are_plain(text, source.delimiter)
    grid = _rectangle(text, source.delimiter, snapshot.name, first=first, quoted=quoted) if sure else None
    return (grid or _exact(text, source, snapshot.name, first),)


def _quotes_are_plain(text: bytes, delimiter: str) -> bool:
    """Whether quotes take turns to open a field, right behind a delimiter or a line's start, and to close it.

    A quote inside a field, doubled or not, breaks the turns; a line feed inside one is found by the number of rows,
    unless a lone carriage return ends another line.
    """
    if b"\r" in text and text.count(b"\r") != text.count(b"\r\n"):
        return False
    until_last = text[: text.rfind(b'"') + 2]  # most often the header alone is quoted
    signs = np.frombuffer(b"\n" + until_last + b"\n", dtype=np.uint8)
    quotes = np.flatnonzero(signs == ord('"'))
    before, after = signs[quotes[::2] - 1], signs[quotes[1::2] + 1]
    opened = np.isin(before, [ord(delimiter), ord("\n")]).all()
    closed = np.isin(after, [ord(delimiter), ord("\r"), ord("\n")]).all()
    return len(quotes) % 2 == 0 and bool(opened and closed)


def _rectangle(text: bytes, delimiter: str, file: str, *, first: int, quoted: bool) -> Grid | None:
    """All lines as they stand, or None where they are not all of one width, or a row is more than a line."""
    width = _FIRST_LINE.match(text).group().count(delimiter.encode()) + 1  # type: ignore[union-attr] # matches always
    names = [str(i) for i in range(width)]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(text),
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=1 << 22),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter, quote_char='"' if quoted else False, ignore_empty_lines=False
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    if quoted and table.num_rows != text.count(b"\n") + (not text.endswith(b"\n")):
        return None
    numbers = np.arange(first, first + table.num_rows, dtype=np.int32)
    return Grid(file, None, tuple(Cells(column) for column in table.columns), numbers)


def _exact(text: bytes, source: Source, file: str, first: int) -> Grid:
    stream = io.TextIOWrapper(io.BytesIO(text), encoding="utf-8", newline="")
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if source.quoted else csv.QUOTE_NONE
    reader = csv.reader(stream, delimiter=source.delimiter or ",", quoting=quoting, strict=True)
    csv.field_size_limit(_NO_LIMIT)  # one for the whole process; what Python calls an error is then in the quotes
    rows: list[list[str]] = []
    lines: list[int] = []
    line = first
    try:
        for row in reader:
            rows.append(row or [""])
            lines.append(line)
            line = first + reader.line_num
    except csv.Error:
        refuse([finding("unclosed_quote", [Place(file, row=line)])])
    return from_rows(file, rows, lines)
