"""Tables of people drawn as text, area by sex with totals, for the specifications to read like a council paper."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from apendata.disclosure import protect
from apendata.model import (
    Contact,
    Dataset,
    Disclosure,
    Domain,
    DriftLimits,
    Margins,
    Origin,
    Protection,
    Publisher,
    Shown,
    Table,
    Text,
    ValidTable,
)

TEXT = Text("x", "x")
DATE = "2019-01-15"
ALL = "ALLE"
_TYPES = {"integer": pa.int64(), "number": pa.float64(), "year": pa.int64(), "string": pa.string()}


def table(
    name: str,
    fields: Mapping[str, str],
    key: tuple[str, ...],
    disclosure: Disclosure,
    *,
    margins: Margins | None = None,
    columns: tuple[Any, ...] = (),
) -> Table:
    """A table definition; ``fields``: name → Table Schema type."""
    schema = {"fields": [{"name": n, "type": t} for n, t in fields.items()], "primaryKey": list(key)}
    return Table(
        name=name,
        title=TEXT,
        description=TEXT,
        schema=schema,
        sources=(),
        columns=columns,
        disclosure=disclosure,
        drift=DriftLimits(0.0, None, None, "test"),
        margins=margins,
    )


def dataset(*tables: Table, domain: Domain = "staffing") -> Dataset:
    """A dataset of these tables."""
    return Dataset(
        id="test",
        folder=Path(),
        title=TEXT,
        description=TEXT,
        coverage=TEXT,
        limitations=(),
        keywords=(),
        themes=(),
        licence="NLOD-2.0",
        contact=Contact(TEXT, "post@example.org"),
        publisher=Publisher(TEXT, TEXT, None, None),
        domain=domain,
        rhythm="annual",
        release="reviewed",
        keep_raw=False,
        retention_days={"raw": 1, "reports": 1},
        sources={},
        codelists={},
        tables=tables,
        transform=None,
        definition_sha256="0" * 64,
    )


def rows(definition: Table, *values: tuple[Any, ...]) -> ValidTable:
    """A valid table with these rows, in the schema's order of fields."""
    columns = list(zip(*values, strict=True)) or [()] * len(definition.fields)
    arrays = [pa.array(list(c), type=_TYPES[f["type"]]) for c, f in zip(columns, definition.fields, strict=True)]
    data = pa.Table.from_arrays(arrays, names=[f["name"] for f in definition.fields])
    return ValidTable(definition.name, data, Origin((), {}, pa.table({})))


class Crosstab:
    """``table × totals`` of one date, and what is left of it after protection."""

    def __init__(self, text: str, *, threshold: int, first: str = "omraade", second: str = "kjoenn") -> None:
        self.numbers = _read(text)
        self.first, self.second = first, second
        self.name = f"{first}_{second}"
        policy = Disclosure(
            "suppression",
            people="ansatte",
            threshold=threshold,
            value="antall",
            dimensions=(first, second),
            per=("dato",),
        )
        fields = {"dato": "string", first: "string", second: "string", "antall": "integer", "antall_status": "string"}
        key = ("dato", first, second)
        self.base = table(self.name, fields, key, policy)
        totals = Margins(of=self.name, totals={first: ALL, second: ALL}, value="antall")
        self.totals = table(f"{self.name}_totalt", fields, key, policy, margins=totals)

    @property
    def tables(self) -> tuple[Table, ...]:
        _, outer = self._split()
        return (self.base, *([self.totals] if outer else []))

    def valid(self) -> dict[str, ValidTable]:
        inner, outer = self._split()
        found = {self.name: rows(self.base, *inner)}
        if outer:
            found[self.totals.name] = rows(self.totals, *outer)
        return found

    def _split(self) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        lines = [(DATE, a, b, *_cell(text)) for (a, b), text in self.numbers.items() if text]
        return [x for x in lines if ALL not in x[1:3]], [x for x in lines if ALL in x[1:3]]

    def shown(self, protection: Protection) -> str:
        """The protected tables in the form of the text; for comparison see :func:`same`."""
        shown = {}
        for name in self.valid():
            for row in protection.tables[name].data.to_pylist():
                value = row["antall_status"] if row["antall"] is None else str(row["antall"])
                shown[row[self.first], row[self.second]] = value
        return _write(shown, self.numbers)

    def public(self, protection: Protection) -> dict[str, tuple[Shown, ...]]:
        """What the lake hands over once this is public."""
        return public(self.tables, protection)


def public(tables: Iterable[Table], *protections: Protection) -> dict[str, tuple[Shown, ...]]:
    """What the lake hands over of tables that were public in these versions."""
    return {
        t.name: tuple(Shown(t.disclosure, t.primary_key, p.tables[t.name].data) for p in protections) for t in tables
    }


def publish(text: str, *, threshold: int) -> str:
    """Protect one crosstab and return what is left of it."""
    crosstab = Crosstab(text, threshold=threshold)
    return crosstab.shown(protect(dataset(*crosstab.tables), crosstab.valid(), {}))


def same(text: str) -> str:
    """A drawn table in the one way that :meth:`Crosstab.shown` writes."""
    numbers = _read(text)
    return _write(numbers, numbers)


def _cell(text: str) -> tuple[int | None, str | None]:
    return (None, text) if text in {":", "..", "."} else (int(text), None)


def _read(text: str) -> dict[tuple[str, str], str]:
    head, *body = [[part.strip() for part in line.split("|")] for line in text.strip().splitlines()]
    return {(line[0], code): number for line in body for code, number in zip(head[1:], line[1:], strict=True)}


def _write(numbers: Mapping[tuple[str, str], str], like: Mapping[tuple[str, str], str]) -> str:
    firsts, seconds = dict.fromkeys(a for a, _ in like), dict.fromkeys(b for _, b in like)
    lines = [["", *seconds], *([a, *(numbers.get((a, b), "") for b in seconds)] for a in firsts)]
    return "\n" + "\n".join(" | ".join(f"{part:>5}" for part in line) for line in lines)
