"""Fixed-width text, such as KOSTRA's records: every line is a record, every position belongs to a field or is blank."""

import unicodedata

import numpy as np
import pyarrow as pa

from apendata.model import MAX_PLACES, FixedField, Said, Snapshot, Source
from apendata.sources.codes import finding, refuse
from apendata.sources.grid import Cells, Grid
from apendata.sources.text import utf8


def read(data: bytes, snapshot: Snapshot, source: Source) -> tuple[Grid, ...]:
    """Read one file of records; the padding of a field is not part of its value, so outer spaces are removed.

    A record that is too short is refused even if only blanks seem to be missing: a transfer that cut the last digit off
    an amount looks just the same.

    Raises:
        SourceUnreadable: see :func:`apendata.sources.text.utf8`.
        SourceRejected: records of another length, or text between the declared fields.
    """
    text = utf8(data, source, snapshot.name).decode()
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    first = 1 if source.first_line is None else 2
    numbers = np.arange(first, first + len(lines), dtype=np.int32)
    columns = tuple(Cells(pa.array([_cut(line, field) for line in lines], pa.string())) for field in source.fields)
    grid = Grid(snapshot.name, None, columns, numbers, names=tuple(field.name for field in source.fields))
    _check(lines, source, grid)
    return (grid,)


def _cut(line: str, field: FixedField) -> str:
    # Composed (see text.composed) after the cut: the record's positions count what its writer wrote.
    return unicodedata.normalize("NFC", line[field.start - 1 : field.end].strip(" "))


def _check(lines: list[str], source: Source, grid: Grid) -> None:
    length = max((field.end or field.start for field in source.fields), default=0)
    is_open = any(field.end is None for field in source.fields)
    lengths = np.fromiter(map(len, lines), np.int64, len(lines))
    blank = np.fromiter((not line.strip() for line in lines), bool, len(lines))
    wrong = np.flatnonzero(~blank & ((lengths < length) if is_open else (lengths != length)))
    gaps = [i for i, line in enumerate(lines) if _outside(line, source.fields)]
    found = []
    if len(wrong):
        expected = _length(length, is_open=is_open)
        found.append(finding("record_length", grid.places(wrong[:MAX_PLACES]), count=len(wrong), expected=expected))
    if gaps:
        found.append(finding("undeclared_positions", grid.places(gaps[:MAX_PLACES]), count=len(gaps)))
    refuse(found)


def _length(length: int, *, is_open: bool) -> Said:
    nb, en = f"{length} tegn", f"{length} characters"
    return Said(f"at least {en}", nb=f"minst {nb}", en=f"at least {en}") if is_open else Said(en, nb=nb, en=en)


def _outside(line: str, fields: tuple[FixedField, ...]) -> bool:
    """Whether anything but blanks stands where no field is."""
    at = 0
    for field in sorted(fields, key=lambda field: field.start):
        if line[at : field.start - 1].strip():
            return True
        at = len(line) if field.end is None else max(at, field.end)
    return False
