"""A dataset whose hidden cells are numbers of nine digits that nothing else holds: canaries for every path."""

import json
from collections.abc import Mapping
from pathlib import Path

TEXT_CANARY = "Kanarifugl Kvitrestad"
PAY = {("A", "K"): 900_000_018, ("A", "M"): 910_000_010, ("B", "K"): 923_456_781, ("B", "M"): 934_567_892}
HIDDEN = [PAY["B", "K"], PAY["B", "M"]]

DEFINITION = """\
title: {nb: Lønn, en: Pay}
description: {nb: Prøve., en: Trial.}
coverage: {nb: Alle., en: All.}
limitations: []
keywords: [{nb: lønn, en: pay}]
themes: [GOVE]
licence: NLOD-2.0
contact: {name: {nb: HR, en: HR}, email: hr@example.org}
domain: staffing
rhythm: annual
release: automatic
keep_raw: false
retention_days: {raw: 0, reports: 30}
sources:
  hr:
    path: loenn.csv
    format: csv
    encoding: utf-8
    delimiter: semicolon
    header: {contains: [Område]}
    unit: NOK
    sign: expense_positive
    ignore: [{column: Leder, because: personopplysning}]
tables:
  loenn:
    title: {nb: Lønn, en: Pay}
    description: {nb: Lønn etter område og kjønn., en: Pay by area and sex.}
    from: hr
    columns:
      aar: {header: År}
      omraade: {header: Område}
      kjoenn: {header: Kjønn}
      antall: {header: Antall, unit: persons}
      loenn_kr: {header: Lønn}
    disclosure:
      {method: suppression, people: ansatte, threshold: 5, value: antall, dimensions: [omraade, kjoenn], per: [aar],
       derived: [loenn_kr]}
    drift: {max_fewer_rows: 0.9, max_more_rows: null, max_changed_rows: null, because: prøve}
"""
_TEXTS = dict.fromkeys(("title", "title_en", "description", "description_en"), "tekst")
_STATUS = {"enum": [":", "..", "."]}
SCHEMA = {
    "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
    "fields": [
        {"name": "aar", "type": "year", **_TEXTS},
        {"name": "omraade", "type": "string", **_TEXTS, "constraints": {"enum": ["A", "B", "C"]}},
        {"name": "kjoenn", "type": "string", **_TEXTS, "constraints": {"enum": ["K", "M"]}},
        {"name": "antall", "type": "integer", "unit": "persons", **_TEXTS},
        {"name": "antall_status", "type": "string", **_TEXTS, "constraints": _STATUS},
        {"name": "loenn_kr", "type": "integer", "unit": "NOK", "sign": "expense_positive", **_TEXTS},
        {"name": "loenn_kr_status", "type": "string", **_TEXTS, "constraints": _STATUS},
    ],
    "primaryKey": ["aar", "omraade", "kjoenn"],
    "missingValues": [""],
}
COUNTS = {("A", "K"): 18, ("A", "M"): 10, ("B", "K"): 3, ("B", "M"): 4}


def export(counts: Mapping[tuple[str, str], int] = COUNTS) -> str:
    """The export, as the personnel system writes it."""
    rows = [f"2024;{a};{k};{count};{PAY[a, k]};{TEXT_CANARY}" for (a, k), count in counts.items()]
    return "År;Område;Kjønn;Antall;Lønn;Leder\n" + "\n".join(rows) + "\n"


def pay_dataset(folder: Path) -> Path:
    """Write definition, schema, publisher and export below a folder; return the export."""
    files = {
        "datasets/loenn/dataset.yaml": DEFINITION,
        "schemas/loenn.schema.json": json.dumps(SCHEMA),
        "sources/loenn/loenn.csv": export(),
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    publisher = Path(__file__).parents[2] / "datasets" / "publisher.yaml"
    (folder / "datasets" / "publisher.yaml").write_bytes(publisher.read_bytes())
    return folder / "sources" / "loenn" / "loenn.csv"


def settings(folder: Path) -> dict[str, str]:
    """Where it lies."""
    return {
        "APENDATA_DATASETS": str(folder / "datasets"),
        "APENDATA_SCHEMAS": str(folder / "schemas"),
        "APENDATA_SOURCES": str(folder / "sources"),
    }
