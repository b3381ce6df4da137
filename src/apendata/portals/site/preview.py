"""The first look at a table: its newest rows, in the words and number forms of one language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from apendata.portals.site import forms
from apendata.portals.site.texts import Texts

if TYPE_CHECKING:
    import pyarrow as pa

ROWS: Final = 12
STATUS: Final = {":": "hidden", "..": "missing", ".": "cannot_occur"}
COMPANIONS: Final = ("_status", "_flagg")
"""Columns that say something of another column: a preview puts it into words beside the value."""
Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell shows. ``mark`` is ``hidden``, ``missing``, ``cannot_occur`` or ``empty``, where no value is."""

    text: str
    label: str = ""
    mark: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """Some rows of a table, and the fields that are their columns."""

    fields: tuple[Schema, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int
    newest: bool
    """The rows are those of the newest dates or years, not just the first ones."""


def preview(file: Path, schema: Schema, language: str) -> Preview:
    """Read a Parquet file's newest rows.

    Args:
        file: the table's Parquet file.
        schema: its Table Schema.
        language: ``nb`` or ``en``.
    """
    rows, total, newest = _some_rows(file, _time_field(schema))
    names = {field["name"] for field in schema["fields"]}
    shown = tuple(field for field in schema["fields"] if not _is_companion(field["name"], names))
    cells = tuple(tuple(_cell(row, field, language) for field in shown) for row in rows.to_pylist())
    return Preview(fields=shown, rows=cells, total=total, newest=newest)


def period(file: Path, schema: Schema) -> tuple[str, ...]:
    """Return the first and last date or year that a table tells of, ``("2017", "2019")``; or nothing."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    time = _time_field(schema)
    if time is None:
        return ()
    ends = pc.min_max(pq.read_table(file, columns=[time])[time]).as_py()
    return () if ends["min"] is None else (str(ends["min"]), str(ends["max"]))


def _time_field(schema: Schema) -> str | None:
    """The first date or year of the key."""
    types = {field["name"]: field["type"] for field in schema["fields"]}
    return next((name for name in schema["primaryKey"] if types[name] in {"date", "year"}), None)


def _some_rows(file: Path, time: str | None) -> "tuple[pa.Table, int, bool]":
    """At most ``ROWS`` rows, the number of all rows, and whether the rows are the newest ones.

    A table that fits is shown whole as it stands, and so is the beginning of one that has neither dates nor years.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    source = pq.ParquetFile(file)
    total: int = source.metadata.num_rows
    if time is not None and total > ROWS:
        return _newest_rows(file, time), total, True
    head = next(source.iter_batches(batch_size=ROWS), None)
    return (pa.table({}) if head is None else pa.Table.from_batches([head])), total, False


def _newest_rows(file: Path, time: str) -> "pa.Table":
    """``ROWS`` rows, the newest periods first and in the file's order within each.

    Only the column of dates is read in full: a ledger of a million rows is looked at without being loaded.
    """
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    periods = pq.read_table(file, columns=[time])[time]
    order = pc.array_sort_indices(periods, order="descending")  # stable: equal periods stay in the file's order
    least = periods[order[ROWS - 1].as_py()]
    wanted = pq.read_table(file, filters=pc.field(time) >= least)
    return wanted.take(pc.array_sort_indices(wanted[time], order="descending")[:ROWS])


def _is_companion(name: str, names: set[str]) -> bool:
    return any(name.endswith(end) and name.removesuffix(end) in names for end in COMPANIONS)


def _cell(row: Mapping[str, Any], field: Schema, language: str) -> Cell:
    t = Texts(language)
    name, value = field["name"], row[field["name"]]
    flag = row.get(f"{name}_flagg")
    notes = tuple(t(f"flag_{letter}") for letter in (flag or ""))
    if value is None:
        mark = STATUS.get(row.get(f"{name}_status") or "", "empty")
        return Cell(t(mark), mark=mark, notes=notes)
    label = field.get("labels", {}).get(str(value), {}).get(language, "")
    return Cell(shown(value, field, language), label=label, notes=notes)


def shown(value: Any, field: Schema, language: str) -> str:
    """Write a value as people read it; a year and a code are no quantities and get no thousand marks."""
    if isinstance(value, bool):
        return Texts(language)("yes" if value else "no")
    if isinstance(value, date):
        return forms.short(value, language)
    if field["type"] in {"integer", "number"} and isinstance(value, int | float | Decimal):
        if field.get("unit") == "years":
            return str(value)
        return forms.number(value, language, decimals=field.get("decimals"))
    return str(value)
