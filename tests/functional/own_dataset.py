"""A small dataset of a test's own: definition, schema and export, to be changed one thing at a time."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

DEFINITION = """\
title: {nb: Søknader, en: Applications}
description: {nb: Søknader per år., en: Applications each year.}
coverage: {nb: Alle., en: All.}
limitations: []
keywords: [{nb: søknad, en: application}]
themes: [GOVE]
licence: CC-BY-4.0
contact: {name: {nb: Kontoret, en: The office}, email: kontor@example.org}
domain: other
rhythm: annual
release: automatic
keep_raw: true
retention_days: {raw: 30, reports: 30}
sources:
  uttrekk:
    path: soeknader.csv
    format: csv
    encoding: utf-8
    delimiter: semicolon
    header: {contains: [År]}
    marks: {thousands: [nbsp], missing: [""], hidden: [":"]}
tables:
  soeknader:
    title: {nb: Søknader, en: Applications}
    description: {nb: Én rad per år og type., en: One row for each year and type.}
    from: uttrekk
    columns:
      aar: {header: År}
      type_kode: {header: Type}
      antall: {header: Antall}
    checks:
      - {kind: control_total, value: antall, where: {aar: "2024"}, equals: 1234, because: årsrapporten}
    disclosure: {method: none, because: {nb: Oppdiktet., en: Made up.}}
    drift: {max_fewer_rows: 0.5, max_more_rows: null, max_changed_rows: null, because: prøve}
"""

PUBLISHER = """\
name: {nb: Prøvekommunen, en: The trial municipality}
description: {nb: Oppdiktede tall., en: Made-up figures.}
organisation_number: null
homepage: null
"""

EXPORT = "År;Type;Antall\n2024;010;1\u00a0200\n2024;020;34\n2025;010;1\u00a0300\n2025;020;\n"

_TEXTS = dict.fromkeys(("title", "title_en", "description", "description_en"), "tekst")
SCHEMA = {
    "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
    "fields": [
        {"name": "aar", "type": "year", "constraints": {"required": True}, **_TEXTS},
        {"name": "type_kode", "type": "string", "constraints": {"pattern": "[0-9]{3}"}, **_TEXTS},
        {"name": "antall", "type": "integer", "unit": "count", "constraints": {"minimum": 0}, **_TEXTS},
        {"name": "antall_status", "type": "string", "constraints": {"enum": [":", "..", "."]}, **_TEXTS},
    ],
    "primaryKey": ["aar", "type_kode"],
    "missingValues": [""],
}


@dataclass(frozen=True)
class OwnDataset:
    folder: Path

    @property
    def export(self) -> Path:
        return self.folder / "sources" / "soeknader" / "soeknader.csv"

    @property
    def definition(self) -> Path:
        return self.folder / "datasets" / "soeknader" / "dataset.yaml"

    @property
    def settings(self) -> dict[str, str]:
        return {
            "APENDATA_DATASETS": str(self.folder / "datasets"),
            "APENDATA_SCHEMAS": str(self.folder / "schemas"),
            "APENDATA_SOURCES": str(self.folder / "sources"),
        }

    @property
    def environment(self) -> dict[str, str]:
        """For a process of its own: these settings and no stranger's."""
        home = {"PATH": os.environ["PATH"], "HOME": str(self.folder / "home")}
        return {**home, **self.settings, "APENDATA_LAKE": str(self.folder / "lake")}

    @property
    def public(self) -> Path:
        return self.folder / "lake" / "public" / "soeknader"


def make(folder: Path) -> OwnDataset:
    """Write definition, publisher, schema and export below ``folder``."""
    own = OwnDataset(folder)
    for file, text in (
        (own.definition, DEFINITION),
        (folder / "datasets" / "publisher.yaml", PUBLISHER),
        (folder / "schemas" / "soeknader.schema.json", json.dumps(SCHEMA)),
        (own.export, EXPORT),
    ):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return own
