"""Rows of a table as texts, from the published CSV and from a DataStore's dump, and what makes the one of the other.

Both sides are CSV, so both are read by one reader and compared as texts: no number passes through a float, and `010`
cannot become 10 on the way.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TextIO

from apendata.errors import PortalRefused
from apendata.portals.ckan.tables import WantedTable

_BETWEEN: Final = "\x1f"
"""Between the cells of a line or key; a control character, which the readers of exports refuse in any cell."""
_ID: Final = "_id"
_CELL: Final = re.compile(r'(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r?\n|\Z)')

Record = Mapping[str, Any]


class HalfDump(Exception):
    """What should have been a whole table is a part of one."""


@dataclass(frozen=True, slots=True, repr=False)
class Rows:
    """Key → line, both as cells with :data:`_BETWEEN` between them; columns as wanted."""

    lines: Mapping[str, str]


@dataclass(frozen=True, slots=True, repr=False)
class LiveRows:
    """What stands in the DataStore. ``ids`` are its own numbers of the rows, by which exactly they can be deleted."""

    lines: Mapping[str, str]
    ids: Mapping[str, int]
    strays: tuple[int, ...]
    """Rows without a whole key, and second rows of one key: CKAN lets them in again and again."""

    @property
    def count(self) -> int:
        """How many rows the table has."""
        return len(self.lines) + len(self.strays)


@dataclass(frozen=True, slots=True, repr=False)
class Delta:
    """What to write and what to delete."""

    new: tuple[str, ...]
    """Lines whose key is not there."""
    changed: tuple[str, ...]
    vanished: tuple[int, ...]

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.vanished)

    def __str__(self) -> str:
        return f"{len(self.new)} new, {len(self.changed)} changed, {len(self.vanished)} to delete"


def wanted_rows(table: WantedTable) -> Rows:
    """Read the published rows.

    Raises:
        PortalRefused: a key has no value, or a value is not of its column's type: CKAN would take and spoil it.
    """
    lines: dict[str, str] = {}
    names = [column.name for column in table.columns]
    at_key = [names.index(name) for name in table.key]
    checks = [(i, _CHECKS[c.type]) for i, c in enumerate(table.columns) if c.type in _CHECKS]
    with table.csv.open(encoding="utf-8", newline="") as stream:
        reader = _parsed(stream)
        if next(reader, None) != names:
            raise PortalRefused(f"Table {table.table}: the published file has other columns than its contract.")
        for number, cells in enumerate(reader, 2):
            key = [cells[i] for i in at_key]
            if not all(key) or any(cells[i] and not check(cells[i]) for i, check in checks):
                raise PortalRefused(
                    f"Table {table.table}, line {number} of the published file: a key without a value, or a "
                    "value that is not of its column's type. CKAN would take it and spoil it; nothing was sent."
                )
            lines[_BETWEEN.join(key)] = _BETWEEN.join(cells)
    return Rows(lines)


def live_rows(dump: bytes, table: WantedTable) -> LiveRows:
    """Read what ``/datastore/dump`` gave. A column that is not there yet counts as empty in every row.

    Raises:
        HalfDump: it ends in the middle: a proxy cut it, and said nothing.
    """
    reader = _parsed(io.StringIO(dump.decode("utf-8", errors="replace"), newline=""))
    heading = next(reader, [])
    if heading[:1] != [_ID] or not dump.endswith(b"\n"):
        raise HalfDump
    places = [heading.index(c.name) if c.name in heading else None for c in table.columns]
    words = [_NORMAL.get(column.type) for column in table.columns]
    at_key = [i for i, column in enumerate(table.columns) if column.name in table.key]
    order = [table.key.index(table.columns[i].name) for i in at_key]
    at_key = [i for _, i in sorted(zip(order, at_key, strict=True))]
    lines: dict[str, str] = {}
    ids: dict[str, int] = {}
    strays: list[int] = []
    for raw in reader:
        if len(raw) != len(heading) or not _is_whole(raw[0]):
            raise HalfDump
        cells = [
            "" if place is None else normal(raw[place]) if normal else raw[place]
            for place, normal in zip(places, words, strict=True)
        ]
        key = [cells[i] for i in at_key]
        name, number = _BETWEEN.join(key), int(raw[0])
        if not all(key) or name in lines:
            strays.append(number)
            continue
        lines[name] = _BETWEEN.join(cells)
        ids[name] = number
    return LiveRows(lines, ids, tuple(strays))


def delta(live: LiveRows, wanted: Rows) -> Delta:
    """Return what makes ``wanted`` of ``live``."""
    return Delta(
        new=tuple(line for key, line in wanted.lines.items() if key not in live.lines),
        changed=tuple(line for key, line in wanted.lines.items() if live.lines.get(key, line) != line),
        vanished=(*live.strays, *(number for key, number in live.ids.items() if key not in wanted.lines)),
    )


def records(lines: Iterable[str], table: WantedTable) -> Iterator[Record]:
    """Yield lines as CKAN takes them: numeric as text, which it keeps exact to the last decimal."""
    makers = [(column.name, _VALUES.get(column.type, _text)) for column in table.columns]
    for line in lines:
        cells = line.split(_BETWEEN)
        yield {name: make(cell) if cell else None for (name, make), cell in zip(makers, cells, strict=True)}


def batches(parts: Iterable[Record], *, most_bytes: int, most_rows: int) -> Iterator[list[Record]]:
    """Yield records in lists whose JSON stays below a body's limit; one record is never split."""
    batch: list[Record] = []
    size = 0
    for record in parts:
        bytes_ = len(json.dumps(record)) + 2
        if batch and (size + bytes_ > most_bytes or len(batch) >= most_rows):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += bytes_
    if batch:
        yield batch


def _parsed(stream: TextIO) -> Iterator[list[str]]:
    """Yield the rows of a CSV. Python's reader gives up at a cell of 131 072 signs, and its limit is one for all."""
    done = 0
    try:
        for row in csv.reader(stream):
            yield row
            done += 1
    except csv.Error:
        stream.seek(0)
        yield from islice(_parsed_by_hand(stream.read()), done, None)


def _parsed_by_hand(text: str) -> Iterator[list[str]]:
    row: list[str] = []
    at = 0
    while at < len(text):
        cell = _CELL.match(text, at)
        if cell is None:
            raise HalfDump
        row.append(cell[2] if cell[1] is None else cell[1].replace('""', '"'))
        at = cell.end()
        if cell[3] != ",":
            yield row
            row = []


def _text(cell: str) -> str:
    return cell


def _is_true(cell: str) -> bool:
    return cell == "true"


def _is_whole(cell: str) -> bool:
    digits = cell.removeprefix("-")
    return digits.isascii() and digits.isdecimal() and len(digits) <= 19 and -(1 << 63) <= int(cell) < 1 << 63


def _is_decimal(cell: str) -> bool:
    whole, _, part = cell.removeprefix("-").partition(".")
    return (whole + part).isascii() and (whole + part).isdecimal()


def _is_day(cell: str) -> bool:
    parts: Sequence[str] = cell.split("-")
    return [len(part) for part in parts] == [4, 2, 2] and all(part.isdecimal() and part.isascii() for part in parts)


_CHECKS: Final[Mapping[str, Callable[[str], bool]]] = {
    "bigint": _is_whole,
    "numeric": _is_decimal,
    "bool": {"true": True, "false": True}.__contains__,
    "date": _is_day,
    "text": lambda cell: "\x00" not in cell and _BETWEEN not in cell,
}
_VALUES: Final[Mapping[str, Callable[[str], Any]]] = {"bigint": int, "bool": _is_true}
_NORMAL: Final[Mapping[str, Callable[[str], str]]] = {"bool": lambda cell: {"t": "true", "f": "false"}.get(cell, cell)}
"""How a dump writes what the published file writes otherwise."""
