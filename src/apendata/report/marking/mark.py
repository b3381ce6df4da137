"""What is marked: a cell, how bad it is, and what its comment says."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from apendata.model import column_number

MAX_COMMENTS: Final = 2_000
"""Of one workbook: Excel draws each comment as a shape, and ten thousand take minutes to open. All are coloured."""

_PLACE: Final = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


class NotMarked(Exception):
    """The workbook is of a form that is not patched; its rows are handed back in a workbook of their own."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One cell. The text goes into the steward's private workbook and may hold the cell's value."""

    sheet: str
    cell: str
    """``B12``."""
    severity: Literal["error", "warning"]
    text: str

    @property
    def position(self) -> tuple[int, int]:
        """1-based row and column."""
        return position(self.cell)


def position(cell: str) -> tuple[int, int]:
    """1-based row and column of a cell's name.

    Raises:
        ValueError: it is no name of a cell.
    """
    found = _PLACE.fullmatch(cell)
    if not found:
        raise ValueError("no name of a cell")
    return int(found[2]), column_number(found[1])
