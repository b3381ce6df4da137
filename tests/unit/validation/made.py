"""Small datasets and readings, as catalog and sources would make them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from apendata.model import (
    Check,
    Column,
    Contact,
    Dataset,
    Disclosure,
    DriftLimits,
    Origin,
    Publisher,
    RawTable,
    Reading,
    Table,
    Text,
)

FILE, SHEET, FIRST_ROW = "hr-2019.xlsx", "Uttrekk", 5
V2 = "https://datapackage.org/profiles/2.0/tableschema.json"
_TEXT = Text("nb", "en")

Cells = Mapping[str, Sequence[str | None]]


def field(name: str, type_: str = "string", **properties: Any) -> dict[str, Any]:
    constraints = {k: properties.pop(k) for k in list(properties) if k not in ("decimals", "unit", "format")}
    return {"name": name, "type": type_, **properties, **({"constraints": constraints} if constraints else {})}


def table(
    name: str,
    fields: Sequence[Mapping[str, Any]],
    key: Sequence[str],
    *,
    checks: Sequence[Check] = (),
    columns: Sequence[Column] = (),
    foreign_keys: Sequence[Mapping[str, Any]] = (),
) -> Table:
    schema = {"$schema": V2, "fields": list(fields), "primaryKey": list(key), "missingValues": [""]}
    if foreign_keys:
        schema["foreignKeys"] = list(foreign_keys)
    return Table(
        name=name,
        title=_TEXT,
        description=_TEXT,
        schema=schema,
        sources=("hr",),
        columns=tuple(columns),
        disclosure=Disclosure("none", because=_TEXT),
        drift=DriftLimits(0.1, None, None, "prøve"),
        checks=tuple(checks),
    )


def dataset(*tables: Table) -> Dataset:
    return Dataset(
        id="prove",
        folder=Path(),
        title=_TEXT,
        description=_TEXT,
        coverage=_TEXT,
        limitations=(),
        keywords=(),
        themes=("GOVE",),
        licence="NLOD-2.0",
        contact=Contact(_TEXT, "kontor@example.org"),
        publisher=Publisher(_TEXT, _TEXT, None, None),
        domain="other",
        rhythm="annual",
        release="reviewed",
        keep_raw=True,
        retention_days={},
        sources={},
        codelists={},
        tables=tables,
        transform=None,
        definition_sha256="0",
    )


def raw(name: str, cells: Cells, *, origin: Origin | None = None) -> RawTable:
    """A raw table whose columns stand in columns A, B, … of a sheet, its first row in row 5."""
    rows = len(next(iter(cells.values()), ()))
    data = pa.table({column: pa.array(values, pa.string()) for column, values in cells.items()})
    columns = {column: (column.capitalize(), number) for number, column in enumerate(cells, start=1)}
    return RawTable(name, data, origin or Origin(((FILE, SHEET),), columns, origin_rows(rows)))


def origin_rows(rows: int, unpivoted: Sequence[int] | None = None) -> pa.Table:
    return pa.table(
        {
            "file": pa.array([0] * rows, pa.int32()),
            "row": pa.array(range(FIRST_ROW, FIRST_ROW + rows), pa.int32()),
            "column": pa.array(unpivoted or [0] * rows, pa.int32()),
        }
    )


def reading(tables: Mapping[str, Cells | RawTable], sum_rows: Mapping[str, Cells] | None = None) -> Reading:
    raws = {name: cells if isinstance(cells, RawTable) else raw(name, cells) for name, cells in tables.items()}
    sums = {name: raw(name, cells) for name, cells in (sum_rows or {}).items()}
    return Reading(raws, sums, ())
