"""Files whose cells have types of their own (workbooks, JSON): Frictionless opens them, and hands out their cells."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from apendata.tabular import theirs
from apendata.tabular.blocks import Block
from apendata.tabular.bombs import MAX_UNPACKED, refuse_bombs
from apendata.tabular.dialect import Dialect
from apendata.tabular.refused import refused
from apendata.tabular.schema import Schema
from apendata.tabular.stored import Part, Seen, chunks_of, opened, opened_as_it_is

_ROWS: Final = 20_000


@contextmanager
def other_file(part: Part, schema: Schema, dialect: Dialect, seen: Seen) -> Iterator["OtherFile"]:
    """Open a file; ``seen`` is given its bytes at the end.

    Raises:
        Refused: it is not of the format that its name says, too large, may not be opened, or the schema or dialect
            is not valid.
        OSError: it cannot be read.
    """
    with opened_as_it_is(part) as stream:
        try:
            with _unpacked(part) as path:
                refuse_bombs(path, part.format)
                yield OtherFile(path, part, schema, dialect)
        finally:
            for chunk in chunks_of(stream):
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
    for chunk in chunks_of(stream):
        size += len(chunk)
        if size > MAX_UNPACKED:
            raise refused("compression-error", f"{part.place}: it unpacks to more than {MAX_UNPACKED >> 20} MiB")
        file.write(chunk)


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
