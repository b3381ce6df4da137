"""The descriptors: stable, public, and what Frictionless itself accepts."""

import copy
import json
from dataclasses import replace
from datetime import datetime

import frictionless
import pytest

from apendata.describe import contract, datapackage, schema_org
from apendata.model import Disclosure, FileRef, Text, VersionNumber
from tests.unit.portals import samples

ALL = [
    (samples.KOSTRA, samples.KOSTRA_ROWS),
    (samples.STAFF, samples.STAFF_ROWS),
    (samples.REPORTS, samples.REPORT_ROWS),
    (samples.LONG, samples.LONG_ROWS),
]
each = pytest.mark.parametrize(("definition", "rows"), ALL, ids=[d.id[:20] for d, _ in ALL])


@each
def test_frictionless_finds_the_package_valid(tmp_path, definition, rows):
    version = samples.put_version(tmp_path, definition, rows)
    report = frictionless.validate(str(version.folder / "datapackage.json"))
    assert report.flatten(["type", "note"]) == []
    assert {task.name for task in report.tasks} == {table.name for table in definition.tables}


def test_frictionless_would_notice_a_file_that_is_not_the_described_one(tmp_path):
    version = samples.put_version(tmp_path, samples.STAFF, samples.STAFF_ROWS)
    file = version.folder / "ansatte.csv"
    file.write_text(file.read_text().replace("5120", "5121"))
    report = frictionless.validate(str(version.folder / "datapackage.json"))
    assert "hash-count" in [row[0] for row in report.flatten(["type"])]


@each
def test_a_contract_is_plain_json_equal_every_time_and_shares_nothing_with_the_definition(definition, rows):
    first = contract(definition, synthetic=True)
    before = json.dumps(first)
    assert json.loads(before) == first
    first["resources"][0]["schema"]["fields"].clear()
    assert json.dumps(contract(definition, synthetic=True)) == before


@each
def test_nothing_internal_stands_in_a_contract(definition, rows):
    text = json.dumps(contract(definition, synthetic=False), ensure_ascii=False)
    assert "hemmelig" not in text
    assert definition.definition_sha256 not in text
    assert "drift" not in json.loads(text)


def test_every_text_stands_in_both_languages():
    promise = contract(samples.STAFF, synthetic=True)
    for part in (promise, *promise["resources"], *(r["disclosure"] for r in promise["resources"])):
        texts = [name for name in part if f"{name}_en" in part]
        assert texts
        assert all(part[name] and part[f"{name}_en"] for name in texts)


def test_a_key_into_another_dataset_moves_aside_and_one_of_its_own_stays():
    link = {"fields": ["funksjon"], "reference": {"resource": "ansatte", "fields": ["tjenesteomraade_kode"]}}
    first, second = samples.STAFF.tables
    linked = replace(second, schema={**second.schema, "foreignKeys": [link, _to("vedtak")]})
    schema = contract(replace(samples.STAFF, tables=(first, linked)), synthetic=True)["resources"][1]["schema"]
    assert schema["foreignKeys"] == [link]
    assert schema["externalForeignKeys"] == [_to("vedtak")]


def _to(table):
    return {"fields": ["kode"], "reference": {"resource": table, "fields": ["kode"]}}


def test_the_price_level_is_left_out_where_sources_differ():
    assert contract(samples.KOSTRA, synthetic=True)["resources"][0]["priceLevel"] == 2023
    source = samples.KOSTRA.sources["kilde"]
    table = replace(samples.KOSTRA.tables[0], sources=("kilde", "annen"))
    other = {"kilde": source, "annen": replace(source, price_level=2024)}
    mixed = replace(samples.KOSTRA, sources=other, tables=(table,))
    assert "priceLevel" not in contract(mixed, synthetic=True)["resources"][0]


@pytest.mark.parametrize(
    ("threshold", "words"), [(2, "Antall på 1 er"), (3, "Antall på 1–2 er"), (5, "Antall på 1–4 er")]
)
def test_suppression_says_which_counts_are_hidden(threshold, words):
    policy = Disclosure("suppression", people="p", threshold=threshold, value="antall", derived=("andel",))
    told = contract(_protected(policy), synthetic=True)["resources"][0]["disclosure"]
    assert told["note"].startswith(words)
    assert (told["field"], told["threshold"], told["derived"]) == ("antall", threshold, ["andel"])
    assert "people" not in told


def test_mandated_figures_say_their_legal_basis_and_what_they_give_away():
    told = contract(samples.REPORTS, synthetic=True)["resources"][0]["disclosure"]
    assert told["legalBasis"] == "Bystyresak 2/07, 25. januar 2007"
    assert told["knownDisclosures"] == ["Alle fire sakene i 2018 gjaldt arbeidsmiljø."]


def test_a_table_that_needs_no_protection_says_why():
    policy = Disclosure("none", because=Text("Bare vedtak.", "Decisions only."))
    told = contract(_protected(policy), synthetic=True)["resources"][0]["disclosure"]
    assert told == {"method": "none", "note": "Bare vedtak.", "note_en": "Decisions only."}


def _protected(policy):
    return replace(samples.STAFF, tables=(replace(samples.STAFF.tables[0], disclosure=policy),))


def test_the_package_names_every_file_with_its_size_and_hash():
    promise = contract(samples.KOSTRA, synthetic=True)
    before = copy.deepcopy(promise)
    files = [
        FileRef(f"budsjett_kostra.{kind}", kind, "budsjett_kostra", "ab" * 32, 7, 3) for kind in ("csv", "parquet")
    ]
    files.append(FileRef("changes.csv", "csv", None, "cd" * 32, 9, 1))
    package = datapackage(
        promise,
        number=VersionNumber(2, 1, 0),
        created="2026-11-22T03:30:00Z",
        files=files,
        data_sha256="ef" * 32,
        changes=samples.CHANGES,
    )
    resource = package["resources"][0]
    assert (package["name"], package["version"], package["dataSha256"]) == ("budsjett-kostra", "2.1.0", "ef" * 32)
    assert (resource["path"], resource["bytes"], resource["hash"]) == ("budsjett_kostra.csv", 7, "sha256:" + "ab" * 32)
    assert [file["path"] for file in resource["alternates"]] == ["budsjett_kostra.parquet"]
    assert [file["path"] for file in package["files"]] == ["changes.csv"]
    assert package["changes"][0] == {
        "rule": "rows_appended",
        "level": "release",
        "table": "ansatte",
        "count": 8,
        "details": {"periods": "2020-12-31: 8"},
    }
    assert promise == before


@each
@pytest.mark.parametrize("language", ["nb", "en"])
def test_dataset_search_finds_all_that_it_asks_for(tmp_path, definition, rows, language):
    version = samples.put_version(tmp_path, definition, rows)
    found = schema_org(
        version.descriptor,
        language=language,
        address="https://data.example/x/",
        published="2025-01-20T03:30:00Z",
        period=("2017", "2019"),
    )
    assert 50 <= len(found["description"]) <= 5000
    assert found["temporalCoverage"] == "2017/2019"
    assert found["license"].startswith("https://")
    assert datetime.fromisoformat(found["dateModified"]) > datetime.fromisoformat(found["datePublished"])
    assert all(part["contentUrl"].startswith("https://data.example/x/v1.0.0/") for part in found["distribution"])
    assert len(found["distribution"]) == 3 * len(definition.tables)
    assert found["includedInDataCatalog"]["url"] == "https://data.example/"
    wanted = {"name", "identifier", "version", "creator", "keywords", "spatialCoverage", "variableMeasured"}
    assert wanted <= {name for name, value in found.items() if value}
    assert found["creativeWorkStatus"] == "Synthetic sample data"


def test_who_publishes_is_what_the_definition_says(tmp_path):
    promise = contract(samples.KOSTRA, synthetic=False)
    owner = promise["contributors"][0]
    assert (owner["title"], owner["title_en"]) == ("Trondheim kommune", "Trondheim municipality")
    assert owner["registerEntry"] == "https://data.brreg.no/enhetsregisteret/api/enheter/942110464"
    assert promise["spatial"]["municipalityNumber"] == "5001"
    other = replace(samples.KOSTRA, publisher=samples.TRIAL)
    trial = contract(other, synthetic=False)
    assert set(trial["contributors"][0]) == {"title", "title_en", "description", "description_en", "roles"}
    assert "rondheim" not in json.dumps({**trial, "contributors": trial["contributors"][:1]})
    assert trial["id"] != promise["id"]


def test_no_public_body_is_named_where_none_publishes(tmp_path):
    other = replace(samples.KOSTRA, publisher=samples.TRIAL)
    version = samples.put_version(tmp_path, other, samples.KOSTRA_ROWS)
    found = schema_org(version.descriptor, language="en", address="", published=version.created)
    assert (found["creator"]["@type"], found["creator"]["name"]) == ("Organization", "Trial portal")
    assert found["publisher"] == found["creator"]
    assert found["includedInDataCatalog"]["name"] == "Open data from Trial portal"
    assert not {"@id", "identifier", "url"} & set(found["creator"])
    assert "spatialCoverage" not in found


def test_without_a_public_address_links_stay_relative(tmp_path):
    version = samples.put_version(tmp_path, samples.KOSTRA, samples.KOSTRA_ROWS, synthetic=False)
    found = schema_org(version.descriptor, language="nb", address="", published=version.created)
    assert found["distribution"][0]["contentUrl"] == "v1.0.0/budsjett_kostra.csv"
    assert not {"url", "temporalCoverage", "creativeWorkStatus"} & set(found)
