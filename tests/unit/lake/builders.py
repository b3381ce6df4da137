"""A small dataset with people in it, and a whole build of it, for the tests of the lake."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from apendata.describe import contract, datapackage
from apendata.lake import Acceptance, Lake, Provenance
from apendata.model import (
    Contact,
    Dataset,
    Disclosure,
    DriftLimits,
    HistoryRule,
    Publication,
    Publisher,
    Revision,
    SafeTable,
    Snapshot,
    Source,
    Table,
    Text,
    Version,
    VersionNumber,
)
from apendata.model.release import Outcome

CLOCK = lambda: datetime(2026, 11, 22, 3, 30, tzinfo=UTC)  # noqa: E731
WORD = Text(nb="ord", en="word")
TYPES = {"string": pa.string(), "year": pa.int64(), "integer": pa.int64(), "date": pa.date32(), "boolean": pa.bool_()}


def field(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    texts = {"title": name, "title_en": name, "description": f"Om {name}", "description_en": f"About {name}"}
    return {"name": name, "type": kind, **texts, **more}


def schema(fields: Sequence[Mapping[str, Any]], key: Sequence[str], **more: Any) -> dict[str, Any]:
    return {"fields": list(fields), "primaryKey": list(key), "missingValues": [""], **more}


def ansatte_schema() -> dict[str, Any]:
    marks = {"enum": [":", ".."]}
    fields = [
        field("aar", "year"),
        field("kode", constraints={"enum": ["0301", "0302", "0400"]}),
        field("antall", "integer", unit="persons"),
        field("antall_status", constraints=marks),
        field("beloep", "number", decimals=2, unit="NOK", sign="expense_positive"),
        field("merknad"),
    ]
    return schema(fields, ["aar", "kode"])


def table(name: str = "ansatte", table_schema: Mapping[str, Any] | None = None, **more: Any) -> Table:
    words: dict[str, Any] = {
        "title": WORD,
        "description": WORD,
        "sources": ("eksport",),
        "columns": (),
        "disclosure": Disclosure("none", because=WORD),
        "drift": DriftLimits(0.1, None, None, "liten tabell"),
        "schema": table_schema or ansatte_schema(),
    }
    return Table(name=name, **(words | more))


def dataset(*tables: Table, **more: Any) -> Dataset:
    words: dict[str, Any] = {
        "id": "ansatte",
        "folder": Path("datasets/ansatte"),
        "title": WORD,
        "description": WORD,
        "coverage": WORD,
        "limitations": (),
        "keywords": (WORD,),
        "themes": ("GOVE",),
        "licence": "NLOD-2.0",
        "contact": Contact(WORD, "post@example.no"),
        "publisher": Publisher(WORD, WORD, None, None),
        "domain": "staffing",
        "rhythm": "annual",
        "release": "automatic",
        "keep_raw": True,
        "retention_days": {"raw": 30, "reports": 10},
        "sources": {"eksport": Source("eksport", "hr.csv", {}, "csv")},
        "codelists": {},
        "transform": None,
        "definition_sha256": "d" * 64,
        "tables": tables or (table(),),
    }
    return Dataset(**(words | more))


Row = tuple[Any, ...]
ROWS: tuple[Row, ...] = (
    (2023, "0301", 12, None, Decimal("10.50"), "a"),
    (2023, "0302", None, ":", Decimal("-0.01"), None),
    (2024, "0301", 14, None, None, 'med, komma og «"»'),
    (2024, "0302", None, "..", Decimal("0.00"), "=1+1"),
)


def arrow(rows: Sequence[Row], table_schema: Mapping[str, Any] | None = None) -> pa.Table:
    fields = (table_schema or ansatte_schema())["fields"]
    kinds = [pa.decimal128(15, f["decimals"]) if f["type"] == "number" else TYPES[f["type"]] for f in fields]
    columns = list(zip(*rows, strict=True)) or [()] * len(fields)
    arrays = [pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
    return pa.table(arrays, names=[f["name"] for f in fields])


def safe(rows: Sequence[Row] = ROWS, name: str = "ansatte", table_schema: Any = None) -> dict[str, SafeTable]:
    return {name: SafeTable(name, arrow(rows, table_schema))}


def snapshot(file: Path, content: bytes) -> Snapshot:
    file.write_bytes(content)
    return Snapshot("eksport", file.name, file, hashlib.sha256(content).hexdigest(), len(content))


def source_of(tables: Mapping[str, SafeTable]) -> Snapshot:
    """A snapshot that changes with the rows, as an export would; its file does not exist."""
    text = repr([part.data.to_pylist() for part in tables.values()])
    return Snapshot("eksport", "hr.csv", Path("hr.csv"), hashlib.sha256(text.encode()).hexdigest(), len(text))


def build(lake: Lake, definition: Dataset, tables: Mapping[str, SafeTable] | None = None) -> Version:
    """What the pipeline does with safe tables, up to a committed version."""
    tables = tables or safe()
    source = source_of(tables)
    key = hashlib.sha256(
        json.dumps([source.sha256, definition.definition_sha256, repr(definition)]).encode()
    ).hexdigest()
    provenance = Provenance(key, "0.1.0", (source,))
    with lake.lock(definition.id), lake.stage(definition, tables) as staged:
        promise = contract(definition, synthetic=True)
        plan = lake.plan(staged, promise)
        if not plan.changed:
            return lake.keep(definition, provenance)
        lake.check_drift(plan)
        descriptor = datapackage(
            promise,
            number=plan.number,
            created=plan.created,
            files=plan.files,
            data_sha256=staged.data_sha256,
            changes=plan.changes,
        )
        return lake.commit(plan, descriptor, provenance)


def accept(
    lake: Lake, definition: Dataset, tables: Mapping[str, SafeTable], because: str = "rettet", by: str | None = None
) -> str:
    """What the pipeline does when a steward accepts what these tables would change; return the difference's name."""
    with lake.lock(definition.id), lake.stage(definition, tables) as staged:
        plan = lake.plan(staged, contract(definition, synthetic=True))
        assert plan.difference is not None
        asked = Acceptance(plan.difference, because, by, "2026-11-22T03:30:00Z")
        if lake.accepted_as(definition.id, asked) is None:
            lake.accept(plan, asked)
        return plan.difference


def publish(lake: Lake, version: Version, portal: str = "site") -> None:
    with lake.lock(version.dataset):
        lake.expose(version)
        lake.record(Publication(portal, version.dataset, version.number, Outcome.PUBLISHED, "https://example.no/"))


def build_and_publish(lake: Lake, definition: Dataset, tables: Mapping[str, SafeTable] | None = None) -> Version:
    version = build(lake, definition, tables)
    publish(lake, version)
    return version


def number(text: str) -> VersionNumber:
    return VersionNumber.parse(text)


def revised(rows: Sequence[Row], position: int, **cells: Any) -> tuple[Row, ...]:
    names = [f["name"] for f in ansatte_schema()["fields"]]
    changed = tuple(cells.get(name, cell) for name, cell in zip(names, rows[position], strict=True))
    return (*rows[:position], changed, *rows[position + 1 :])


def loose(**drift: Any) -> Dataset:
    """The dataset with drift limits that let anything through, or the ones given."""
    limits = DriftLimits(
        **({"max_fewer_rows": 1.0, "max_more_rows": None, "max_changed_rows": None, "because": "prøve"} | drift)
    )
    return dataset(table(drift=limits))


def guarded(**more: Any) -> Dataset:
    """The dataset whose years are closed as soon as they are published: a change needs a reason that readers see."""
    limits = replace(loose().tables[0].drift, history=HistoryRule("aar", 0, needs_reason=True, because="avsluttet"))
    return dataset(table(drift=replace(limits, **more)))


def with_revisions(*revisions: Revision) -> Dataset:
    return dataset(replace(loose().tables[0], revisions=revisions))
