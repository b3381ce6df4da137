"""Opens a table as rows, by the format that its name says."""

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from apendata.tabular.blocks import Block, RowsOfFile, TextFile
from apendata.tabular.decoding import as_utf8, one_after_another
from apendata.tabular.stored import Part, Seen, opened

if TYPE_CHECKING:
    from apendata.tabular.resources import Resource


@contextmanager
def open_rows(resource: "Resource", seen: Seen) -> Iterator[RowsOfFile]:
    """The rows of a resource's table.

    Raises:
        Refused: a file is not of the format that its name says.
        OSError: it cannot be read.
    """
    first = resource.parts[0]
    if first.is_text:
        with closing(_text(resource, seen)) as text:  # an error elsewhere leaves it open: what it shows must be whole
            yield TextFile(text, resource.dialect)
    else:
        from apendata.tabular.other_formats import other_file  # what it needs takes as long as 20 MB of CSV

        with other_file(first, resource.schema, resource.dialect, seen) as rows:
            yield rows


def _text(resource: "Resource", seen: Seen) -> Generator[bytes, None, None]:
    texts = [(part.place, _text_of(part, resource.dialect.encoding, seen)) for part in resource.parts]
    if len(texts) == 1:
        return texts[0][1]
    return one_after_another(texts, resource.dialect.first_content_row - 1)


def _text_of(part: Part, encoding: str, seen: Seen) -> Generator[bytes, None, None]:
    with opened(part, seen) as stream:
        yield from as_utf8(stream, encoding)


def blocks_again(resource: "Resource") -> Iterator[Block]:
    """The rows of a resource's table below its header, once more."""
    with open_rows(resource, lambda _: None) as rows:
        rows.labels()
        yield from rows.blocks()
