"""The labels of a header of one or more rows."""

from collections.abc import Sequence

from apendata.tabular import theirs
from apendata.tabular.dialect import Dialect


def labels_of(dialect: Dialect, head: Sequence[Sequence[str]]) -> list[str]:
    """The labels in the first rows of a file.

    Several header rows, and comments among them, are joined by Frictionless' own rules.
    """
    if dialect.header_rows == (1,) and not (dialect.comment_char or dialect.comment_rows):
        return [cell.strip() for cell in head[0]] if head else []
    return theirs.read_labels(dialect.descriptor, head)
