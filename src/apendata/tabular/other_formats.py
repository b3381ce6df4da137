"""Files of formats with types of their own (workbooks): Frictionless opens them, and hands out their cells."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from apendata.tabular import theirs
from apendata.tabular.blocks import Block
from apendata.tabular.dialect import Dialect
from apendata.tabular.schema import Schema

FORMATS: Final = frozenset({"xlsx"})
"""Those for which Frictionless needs no further package."""
_ROWS: Final = 20_000


class OtherFile:
    """The rows of a file that is no delimited text; cells are Python values."""

    def __init__(self, path: Path, schema: Schema, dialect: Dialect) -> None:
        """Open a file.

        Raises:
            Refused: it is not of the format that its name says, or the schema or dialect is not valid.
        """
        self._resource = theirs.open_resource(path, schema.theirs, dialect.descriptor)

    def labels(self) -> list[str]:
        """The labels of its header."""
        return list(self._resource.labels)

    def blocks(self) -> Iterator[Block]:
        """Its rows."""
        with self._resource as resource:
            content = resource.dialect.read_enumerated_content_stream(resource.cell_stream)
            while rows := list(islice(content, _ROWS)):
                numbers = np.fromiter((number for number, _ in rows), dtype=np.int64, count=len(rows))
                yield Block(int(numbers[0]), None, rows=tuple(list(cells) for _, cells in rows), numbers=numbers)
