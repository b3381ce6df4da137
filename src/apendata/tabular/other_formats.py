"""Files whose cells have types of their own (workbooks, JSON): Frictionless opens them, and hands out their cells."""

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final
from xml.etree import ElementTree as ET

import numpy as np

from apendata.tabular import theirs
from apendata.tabular.blocks import Block
from apendata.tabular.dialect import Dialect
from apendata.tabular.refused import refused
from apendata.tabular.schema import Schema
from apendata.tabular.stored import Part, Seen, opened

MAX_UNPACKED: Final = 1 << 30
MAX_ODS_CELLS: Final = 5_000_000
"""What ezodf holds of a sheet it holds as a tree, half a kilobyte a cell; a repeated cell is written once."""
_ROWS: Final = 20_000
_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


@contextmanager
def other_file(part: Part, schema: Schema, dialect: Dialect, seen: Seen) -> Iterator["OtherFile"]:
    """Open a file; ``seen`` is given its bytes at the end.

    Raises:
        Refused: it is not of the format that its name says, too large, or the schema or dialect is not valid.
        OSError: it cannot be read.
    """
    try:
        with _unpacked(part) as path:
            if part.format == "ods":
                _check_ods(path)
            yield OtherFile(path, part, schema, dialect)
    finally:
        with part.path.open("rb") as stream:
            while chunk := stream.read(1 << 22):
                seen(chunk)


@contextmanager
def _unpacked(part: Part) -> Iterator[Path]:
    if not part.compression:
        yield part.path
        return
    with tempfile.NamedTemporaryFile(suffix=f".{part.format}") as file:
        with opened(part, lambda _: None) as stream:
            _copy(stream, file, part)
        file.flush()
        yield Path(file.name)


def _copy(stream: BinaryIO, file: "tempfile._TemporaryFileWrapper[bytes]", part: Part) -> None:
    size = 0
    while chunk := stream.read(1 << 22):
        size += len(chunk)
        if size > MAX_UNPACKED:
            raise refused("compression-error", f"{part.place}: it unpacks to more than {MAX_UNPACKED >> 20} MiB")
        file.write(chunk)


def _check_ods(path: Path) -> None:
    """Count the cells of an ODS file before anything makes them; damage is told by who opens it."""
    try:
        with zipfile.ZipFile(path) as archive:
            large = archive.getinfo("content.xml").file_size > MAX_UNPACKED
            cells = 0 if large else _ods_cells(archive)
    except (zipfile.BadZipFile, KeyError, ET.ParseError, ValueError, OSError, RuntimeError):
        return
    if large or cells > MAX_ODS_CELLS:
        raise refused("source-error", f"the workbook has more than {MAX_ODS_CELLS} cells; save it as CSV")


def _ods_cells(archive: zipfile.ZipFile) -> int:
    """Cells that ezodf makes of all sheets: a repeated last row or cell stands once."""
    cells, of_row, repeated_cell, repeated_row = 0, 0, 0, 0
    with archive.open("content.xml") as content:
        for _, element in ET.iterparse(content):  # noqa: S314  # expat bounds what entities make
            if element.tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                of_row += max(repeated_cell, 1)
                repeated_cell = _repeats(element, "columns")
            elif element.tag == f"{_TABLE}table-row":
                cells += repeated_row
                repeated_row = (of_row + 1) * _repeats(element, "rows")
                of_row, repeated_cell = 0, 0
                element.clear()
            elif element.tag == f"{_TABLE}table":
                cells, repeated_row = cells + of_row, 0
    return cells


def _repeats(element: ET.Element, what: str) -> int:
    return int(element.get(f"{_TABLE}number-{what}-repeated", "1"))


class OtherFile:
    """The rows of a file that is no delimited text; cells are Python values."""

    def __init__(self, path: Path, part: Part, schema: Schema, dialect: Dialect) -> None:
        """Open a file.

        Args:
            path: the unpacked file.
            part: its format, and its name.
            schema: what it must obey.
            dialect: Frictionless' words for the format.

        Raises:
            Refused: it is not of the format that its name says, or the schema or dialect is not valid.
        """
        self._what = f"{part.place}: this is no {part.format.upper()} file that can be read"
        with theirs.foreign_faults(self._what):
            self._resource = theirs.open_resource(
                path, schema.theirs, dialect.descriptor, kind=part.format, encoding=dialect.encoding
            )

    def labels(self) -> list[str]:
        """The labels of its header."""
        return list(self._resource.labels)

    def blocks(self) -> Iterator[Block]:
        """Its rows.

        Raises:
            Refused: it is damaged.
        """
        with self._resource as resource:
            content = resource.dialect.read_enumerated_content_stream(resource.cell_stream)
            while rows := self._next(content):
                numbers = np.fromiter((number for number, _ in rows), dtype=np.int64, count=len(rows))
                yield Block(int(numbers[0]), None, rows=tuple(list(cells) for _, cells in rows), numbers=numbers)

    def _next(self, content: Iterator[tuple[int, list[object]]]) -> list[tuple[int, list[object]]]:
        with theirs.foreign_faults(self._what):
            return list(islice(content, _ROWS))
