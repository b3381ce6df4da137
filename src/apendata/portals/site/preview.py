"""The first look at a table: its newest rows, in the words and number forms of one language."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from apendata.portals.site.columns import Column, Schema, columns
from apendata.portals.words import forms
from apendata.portals.words.periods import newest_rows, time_fields, whole
from apendata.portals.words.texts import Texts

if TYPE_CHECKING:
    import pyarrow as pa

ROWS: Final = 12
STATUS: Final = {":": "hidden", "..": "missing", ".": "cannot_occur"}
FEW_DECIMALS: Final = 2
"""Columns with so many decimals keep them all, so that the figures stand under one another."""
WAYS: Final = (str.maketrans("æøå", "aoa"), str.maketrans({"æ": "ae", "ø": "oe", "å": "aa"}))
"""The two ways in which codes write Norwegian names in ASCII."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell shows. ``mark`` is ``hidden``, ``missing``, ``cannot_occur`` or ``empty``, where no value is."""

    text: str
    label: str = ""
    mark: str = ""
    notes: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """How many characters it shows, notes aside."""
        return len(self.text) + (1 + len(self.label) if self.label else 0)


@dataclass(frozen=True, slots=True)
class Preview:
    """Some rows of a table, and what their columns are; the columns stand in the file's order."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    keys: tuple[str, ...]
    """For each row the cells of its key, as a JSON list of texts: for programs, and for who reads the page back."""
    total: int
    newest: bool
    """The rows are those of the newest dates or years, not just the first ones."""

    @property
    def merged(self) -> bool:
        """Whether some code stands together with its name."""
        return any(column.name for column in self.columns)


def preview(file: Path, schema: Schema, language: str) -> Preview:
    """Read a Parquet file's newest rows.

    Args:
        file: the table's Parquet file.
        schema: its Table Schema.
        language: ``nb`` or ``en``.
    """
    rows, total, newest = _some_rows(file, time_fields(schema))
    shown = columns(schema)
    found = rows.to_pylist()
    cells = tuple(tuple(_cell(row, column, language) for column in shown) for row in found)
    return Preview(shown, cells, tuple(_key(row, schema["primaryKey"]) for row in found), total=total, newest=newest)


def _some_rows(file: Path, times: list[str]) -> "tuple[pa.Table, int, bool]":
    """At most ``ROWS`` rows, the number of all rows, and whether the rows are the newest ones.

    A table that fits is shown whole as it stands, and so is the beginning of one that has neither dates nor years.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with whole(file):
        source = pq.ParquetFile(file)
    total: int = source.metadata.num_rows
    if times and total > ROWS:
        return newest_rows(file, times, ROWS), total, True
    head = next(source.iter_batches(batch_size=ROWS), None)
    return (pa.table({}) if head is None else pa.Table.from_batches([head])), total, False


def _cell(row: Mapping[str, Any], column: Column, language: str) -> Cell:
    if column.name is not None:
        code, name = row[column.field["name"]], row[column.name["name"]]
        found = [part for part in (code, name) if part is not None]
        return _named(*found) if found else Cell(Texts(language)("empty"), mark="empty")
    return _plain_cell(row, column.field, language)


def _key(row: Mapping[str, Any], key: str | list[str]) -> str:
    names = [key] if isinstance(key, str) else key
    return json.dumps([str(row[name]) for name in names], ensure_ascii=False)


def _named(code: str, name: str = "") -> Cell:
    """A code and its name; the name alone where the code is the name in plain letters."""
    small = name.casefold()
    if code.replace("_", " ").casefold() in {small, *(small.translate(way) for way in WAYS)}:
        return Cell(name)
    return Cell(code, label=name)


def _plain_cell(row: Mapping[str, Any], field: Schema, language: str) -> Cell:
    t = Texts(language)
    name, value = field["name"], row[field["name"]]
    flag = row.get(f"{name}_flagg")
    notes = tuple(t(f"flag_{letter}") for letter in (flag or ""))
    if value is None:
        mark = STATUS.get(row.get(f"{name}_status") or "", "empty")
        return Cell(t(mark), mark=mark, notes=notes)
    if label := field.get("labels", {}).get(str(value), {}).get(language, ""):
        return replace(_named(str(value), label), notes=notes)
    return Cell(shown(value, field, language), notes=notes)


def shown(value: Any, field: Schema, language: str) -> str:
    """Write a value as people read it; a year and a code are no quantities and get no thousand marks."""
    if isinstance(value, bool):
        return Texts(language)("yes" if value else "no")
    if isinstance(value, date):
        return forms.short(value, language)
    if field["type"] in {"integer", "number"} and isinstance(value, int | float | Decimal):
        if field.get("unit") == "years":
            return str(value)
        decimals = field.get("decimals")
        return forms.number(value, language, decimals=decimals, trimmed=(decimals or 0) > FEW_DECIMALS)
    return str(value)
