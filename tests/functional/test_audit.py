"""``apendata audit``, and the audit that every release goes through: two datasets that count the same people."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.functional.conftest import Run
from tests.test_privacy import DEFINITION

_TEXTS = dict.fromkeys(("title", "title_en", "description", "description_en"), "tekst")
ENDS_AT = DEFINITION.index("sources:")


def _dataset(name: str, areas: Mapping[str, int], *, more: str = "") -> dict[str, str]:
    """A dataset that counts staff by area and age; its files by their paths."""
    definition = (
        DEFINITION[:ENDS_AT]
        + f"""\
sources:
  hr:
    path: {name}.csv
    format: csv
    encoding: utf-8
    delimiter: semicolon
    header: {{contains: [Område]}}
tables:
  {name}:
    title: {{nb: Ansatte, en: Staff}}
    description: {{nb: Ansatte etter område., en: Staff by area.}}
    from: hr
    columns:
      aar: {{header: År}}
      omraade: {{header: Område}}
      antall: {{header: Antall, unit: persons}}
    disclosure:
      method: suppression
      people: ansatte
      threshold: 3
      value: antall
      dimensions: [omraade]
      per: [aar]
{more}    drift: {{max_fewer_rows: 0.9, max_more_rows: null, max_changed_rows: null, because: prøve}}
"""
    )
    fields = [
        {"name": "aar", "type": "year", **_TEXTS},
        {"name": "omraade", "type": "string", **_TEXTS, "constraints": {"enum": ["A", "A1", "A2", "B", "C", "D"]}},
        {"name": "antall", "type": "integer", "unit": "persons", **_TEXTS},
        {"name": "antall_status", "type": "string", **_TEXTS, "constraints": {"enum": [":", "..", "."]}},
    ]
    schema = {
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "fields": fields,
        "primaryKey": ["aar", "omraade"],
        "missingValues": [""],
    }
    rows = "".join(f"2024;{area};{n}\n" for area, n in areas.items())
    return {
        f"datasets/{name}/dataset.yaml": definition.replace("id: loenn", f"id: {name}"),
        f"schemas/{name}.schema.json": json.dumps(schema),
        f"sources/{name}/{name}.csv": f"År;Område;Antall\n{rows}",
    }


GROUPS = "      hierarchies: {omraade: {A: [A1, A2]}}\n"
WHOLE = {"A": 9, "B": 24, "C": 31}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    publisher = Path(__file__).parents[2] / "datasets" / "publisher.yaml"
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "publisher.yaml").write_bytes(publisher.read_bytes())
    return tmp_path


def _add(house: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (house / name).parent.mkdir(parents=True, exist_ok=True)
        (house / name).write_text(text, encoding="utf-8")


def _settings(house: Path) -> dict[str, str]:
    return {f"APENDATA_{name.upper()}": str(house / name) for name in ("datasets", "schemas", "sources")}


def _public(house: Path, name: str) -> list[str]:
    return (house / "lake" / "public" / name / "latest" / f"{name}.csv").read_text().splitlines()[1:]


def test_a_dataset_hides_what_would_give_away_what_another_hides(apendata: Run, house: Path) -> None:
    """Parts hides A2 = 2 and takes A1 = 7 along; Whole shows A = 9, which is no secret until A1 is shown elsewhere."""
    _add(house, _dataset("deler", {"A1": 7, "A2": 2, "B": 24}, more=GROUPS))
    assert apendata("run", **_settings(house)).code == 0
    assert _public(house, "deler") == ["2024,A1,,:", "2024,A2,,:", "2024,B,24,"]
    _add(house, _dataset("hele", WHOLE, more=GROUPS))
    assert apendata("run", "hele", **_settings(house)).code == 0
    _add(house, _dataset("delvis", {"A1": 7, "C": 31}, more=GROUPS))
    assert apendata("run", "delvis", **_settings(house)).code == 0
    assert _public(house, "delvis") == ["2024,A1,,:", "2024,C,31,"]
    audited = apendata("audit", "--json", **_settings(house))
    assert audited.code == 0
    assert "1 protected counts" in audited.line("deler")["why"]


def test_a_release_that_gives_away_what_another_dataset_hides_is_refused(apendata: Run, house: Path) -> None:
    """Both were built before the other was public: neither could know, and the second is stopped at the door."""
    _add(house, _dataset("hele", WHOLE, more=GROUPS))
    assert apendata("run", "hele", **_settings(house)).code == 0
    _add(house, _dataset("deler", {"A1": 7, "A2": 2, "B": 24}, more=GROUPS))
    _add(house, _dataset("delvis", {"A1": 7, "C": 31}, more=GROUPS))
    assert apendata("build", "deler", "delvis", **_settings(house)).code == 0
    assert apendata("publish", "deler", **_settings(house)).code == 0
    refused = apendata("publish", "delvis", **_settings(house))
    assert refused.code == 27
    assert not (house / "lake" / "public" / "delvis").exists()
    assert "A1" not in refused.out + refused.err
    assert "A2" not in refused.out + refused.err
    reports = [p.read_text() for p in (house / "lake" / "internal" / "reports" / "delvis").glob("*.txt")]
    assert any("2024: omraade=A2 = [omraade=A] − [omraade=A1]" in text for text in reports)


def test_what_was_withdrawn_is_known_for_ever(apendata: Run, house: Path) -> None:
    _add(house, _dataset("delvis", {"A1": 7, "C": 31}, more=GROUPS))
    assert apendata("run", **_settings(house)).code == 0
    withdrawn = apendata("withdraw", "delvis", "--yes", "--because", "Feil i kilden", **_settings(house))
    assert withdrawn.code == 0
    _add(house, _dataset("hele", WHOLE, more=GROUPS))
    assert apendata("run", "hele", **_settings(house)).code == 0
    _add(house, _dataset("deler", {"A1": 7, "A2": 2, "B": 24}, more=GROUPS))
    refused = apendata("run", "deler", **_settings(house))
    assert refused.code == 18
    assert not (house / "lake" / "public" / "deler").exists()


def test_a_count_that_somebody_prints_afterwards_stops_the_next_release_and_the_audit_says_so(
    apendata: Run, house: Path
) -> None:
    _add(house, _dataset("deler", {"A1": 7, "A2": 2, "B": 24}, more=GROUPS))
    assert apendata("run", **_settings(house)).code == 0
    printed = """\
      external_facts:
        - {date: '2024', cell: {omraade: A}, value: 9, source: {nb: Årsrapport, en: Annual report}}
        - {date: '2024', cell: {omraade: A1}, value: 7, source: {nb: Avisa, en: The newspaper}}
"""
    _add(house, _dataset("deler", {"A1": 7, "A2": 2, "B": 24}, more=GROUPS + printed))
    audited = apendata("audit", "deler", **_settings(house))
    assert audited.code == 27
    assert apendata("run", **_settings(house)).code in {18, 27}
    rolled = apendata("rollback", "deler", "1.0.0", "--because", "Prøve", **_settings(house))
    assert rolled.code == 27
