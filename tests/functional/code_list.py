"""A second dataset that owns a code list, for the small dataset of :mod:`tests.functional.own_dataset` to use."""

import json
from pathlib import Path

from tests.functional.own_dataset import DEFINITION, SCHEMA, OwnDataset

_TABLE = """\
sources:
  uttrekk: {path: typer.csv, format: csv, encoding: utf-8, delimiter: semicolon, header: {contains: [Kode]}}
tables:
  typer:
    title: {nb: Typer, en: Types}
    description: {nb: Én rad per type., en: One row for each type.}
    from: uttrekk
    columns:
      kode: {header: Kode}
      navn: {header: Navn, text: {because: Navn på typer., max_length: 50}}
    disclosure: {method: none, because: {nb: Oppdiktet., en: Made up.}}
    drift: {max_fewer_rows: 0.5, max_more_rows: null, max_changed_rows: null, because: prøve}
"""


def definition_of(own: OwnDataset) -> Path:
    return own.folder / "datasets" / "typer" / "dataset.yaml"


def export_of(own: OwnDataset) -> Path:
    return own.folder / "sources" / "typer" / "typer.csv"


def use_code_list(own: OwnDataset) -> None:
    """Let the dataset take each type's name from the code list ``typer``, whose exports are never kept."""
    field = {**SCHEMA["fields"][1], "constraints": {"required": True, "pattern": "[0-9A-Za-z-]{1,20}"}}
    name = {**field, "constraints": {"required": True}}
    plain = [{**field, "name": "kode"}, {**name, "name": "navn"}]
    lookup = "{lookup: {codelist: typer, by: type_kode, match: kode, take: navn}}"
    columns = "      type_kode: {header: Type}\n"
    used = own.definition.read_text().replace(
        "sources:\n", "codelists: {typer: {dataset: typer, table: typer}}\nsources:\n"
    )
    own.definition.write_text(used.replace(columns, f"{columns}      type_navn: {lookup}\n"))
    fields = [SCHEMA["fields"][0], {**field, "name": "type_kode"}, {**name, "name": "type_navn"}, *SCHEMA["fields"][2:]]
    head = DEFINITION.split("sources:\n")[0].replace("keep_raw: true", "keep_raw: false").replace("Søknader", "Typer")
    for file, text in (
        (own.folder / "schemas" / "soeknader.schema.json", json.dumps({**SCHEMA, "fields": fields})),
        (own.folder / "schemas" / "typer.schema.json", json.dumps({**SCHEMA, "fields": plain, "primaryKey": ["kode"]})),
        (definition_of(own), head + _TABLE),
        (export_of(own), "Kode;Navn\n010;Første\n020;Andre\n"),
    ):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
