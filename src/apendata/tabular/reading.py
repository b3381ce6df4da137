"""Opens a file as rows, by the format that its name says."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from apendata.tabular.blocks import Block, RowsOfFile, TextFile
from apendata.tabular.other_formats import FORMATS, OtherFile

if TYPE_CHECKING:
    from apendata.tabular.resources import Resource

Seen = Callable[[bytes], None]
"""Given every chunk of bytes that is read."""


@contextmanager
def open_rows(resource: "Resource", seen: Seen) -> Iterator[RowsOfFile]:
    """The rows of a resource's file.

    Raises:
        Refused: the file is not of the format that its name says.
        OSError: it cannot be read.
    """
    with resource.path.open("rb") as stream:
        if resource.path.suffix.lower().removeprefix(".") in FORMATS:
            yield OtherFile(resource.path, resource.schema, resource.dialect)
        else:
            yield TextFile(stream, resource.dialect, seen)
        while chunk := stream.read(1 << 22):  # what was not read: sizes and hashes are of the whole file
            seen(chunk)


def blocks_again(resource: "Resource") -> Iterator[Block]:
    """The rows of a resource's file below its header, once more."""
    with open_rows(resource, lambda _: None) as rows:
        rows.labels()
        yield from rows.blocks()
