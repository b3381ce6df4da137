"""A wrong definition is refused with file, line and what was expected, before anything runs."""

import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest

from apendata.catalog import Catalog
from apendata.errors import DefinitionError
from apendata.identifiers import KINDS
from apendata.model import AllowedIdentifier, AllowedKind, FreeText, HistoryRule, SumLimit, ValuesLimit

GOOD = """\
title: {nb: Rekruttering, en: Recruitment}
description: {nb: Prosesser og søkere., en: Processes and applicants.}
coverage: {nb: Hele kommunen., en: The whole municipality.}
limitations: []
keywords: [{nb: rekruttering, en: recruitment}]
themes: [GOVE]
licence: NLOD-2.0
contact: {name: {nb: HR, en: HR}, email: hr@example.org}
domain: staffing
rhythm: annual
release: automatic
keep_raw: false
retention_days: {raw: 0, reports: 90}
sources:
  export:
    path: rekruttering.csv
    format: csv
    encoding: windows-1252
    delimiter: semicolon
    header: {contains: [År]}
    marks: {thousands: [point]}
tables:
  rekruttering:
    title: {nb: Rekruttering, en: Recruitment}
    description: {nb: Én rad per år., en: One row for each year.}
    from: export
    columns:
      aar: {header: År}
      soekere: {header: [Søkere, Antall søkere]}
    disclosure: {method: none, because: {nb: Store tall., en: Large figures.}}
    drift: {max_fewer_rows: 0, max_more_rows: null, max_changed_rows: null, because: årlig}
"""


PUBLISHER = """\
name: {nb: Prøvekommunen, en: The trial municipality}
description: {nb: Oppdiktede tall., en: Made-up figures.}
organisation_number: null
homepage: null
"""


def field(name: str, kind: str, **more: object) -> dict[str, object]:
    texts = dict.fromkeys(("title", "title_en", "description", "description_en"), "tekst")
    return {"name": name, "type": kind, **texts, **more}


SCHEMA = {
    "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
    "fields": [field("aar", "year"), field("soekere", "integer", unit="count")],
    "primaryKey": ["aar"],
    "missingValues": [""],
}


@pytest.fixture
def house(tmp_path: Path):
    def make(text: str = GOOD, schema: object = SCHEMA) -> Catalog:
        folder = tmp_path / "datasets" / "rekruttering"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "dataset.yaml").write_text(text, encoding="utf-8")
        if not (tmp_path / "datasets" / "publisher.yaml").exists():
            (tmp_path / "datasets" / "publisher.yaml").write_text(PUBLISHER, encoding="utf-8")
        (tmp_path / "schemas").mkdir(exist_ok=True)
        (tmp_path / "schemas" / "rekruttering.schema.json").write_text(json.dumps(schema), encoding="utf-8")
        return Catalog(tmp_path / "datasets", tmp_path / "schemas")

    return make


def test_a_good_definition_is_read_as_it_stands(house) -> None:
    dataset = house().load("rekruttering")
    assert dataset.sources["export"].delimiter == ";"
    assert dataset.sources["export"].marks.thousands == (".",)
    assert dataset.table("rekruttering").columns[1].header == ("Søkere", "Antall søkere")
    assert dataset.table("rekruttering").primary_key == ("aar",)


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("rhythm: annual", "rythm: annual", 1, "unknown key `rythm`"),
        ("rhythm: annual", "rhythm: yearly", 10, "expected one of `nightly`"),
        ("    encoding: windows-1252\n", "", 15, "`encoding` is missing"),
        ("keep_raw: false", "keep_raw: true", 12, "expected false"),
        ("thousands: [point]", "thousands: [dot]", 21, "expected one of `space`"),
        ("path: rekruttering.csv", "path: '{aar}.csv'", 16, "placeholders"),
        ("from: export", "from: eksport", 26, "there is no source «eksport»"),
        ("      aar: {header: År}\n", "", 27, "«aar» has no origin"),
        ("soekere: {header", "sokere: {header", 29, "«sokere» is not a field"),
        ("aar: {header: År}", "aar: {header: År, constant: 1}", 28, "exactly one of"),
        ("method: none, because: {nb: Store tall., en: Large figures.}", "method: none", 30, "`because` is missing"),
        ("method: none, because", "method: nothing, because", 30, "disclosure"),
        ("rhythm: annual", "rhythm: annual\nrhythm: annual", 11, "a second time"),
        ("    marks:", "    rows: [{kind: sum, where: {År: Sum}}]\n    marks:", 21, "`kind: sum` without a check"),
        ("header: {contains: [År]}", "header: {contains: [År", 21, "not readable YAML"),
    ],
)
def test_a_wrong_definition_is_refused_with_its_line(house, old: str, new: str, line: int, said: str) -> None:
    assert old in GOOD
    with pytest.raises(DefinitionError) as refused:
        house(GOOD.replace(old, new)).load("rekruttering")
    assert said in refused.value.message
    assert f"dataset.yaml:{line}:" in refused.value.message


DRIFT = """\
    drift:
      max_fewer_rows: 0
      max_more_rows: null
      max_changed_rows: null
      because: årlig
      values:
        - {column: aar, may_vanish: false, may_appear: true, because: Et år blir aldri borte.}
      sums:
        - {value: soekere, per: [aar], max_percent: 12.5, max_amount: 100, because: Et år svinger lite.}
      history:
        {column: aar, still_open: 1, needs_reason: true, because: Avsluttede år er rapportert.}
"""
GUARDED = "".join(line for line in GOOD.splitlines(keepends=True) if "drift:" not in line) + DRIFT


def test_limits_against_the_last_version_are_read_as_they_stand(house) -> None:
    limits = house(GUARDED).load("rekruttering").table("rekruttering").drift
    assert limits.values == (ValuesLimit("aar", False, True, "Et år blir aldri borte."),)
    assert limits.sums == (SumLimit("soekere", ("aar",), Decimal("12.5"), Decimal(100), "Et år svinger lite."),)
    assert limits.history == HistoryRule("aar", 1, True, "Avsluttede år er rapportert.")


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("{column: aar, may_vanish", "{column: aaar, may_vanish", 37, "«aaar» is no field of the table"),
        ("may_appear: true, because: Et år blir", "because: Et år blir", 37, "the key `may_appear` is missing"),
        ("may_vanish: false", "may_vanish: true", 37, "limits nothing"),
        ("may_appear: true,", "may_appear: true, named_by: navn,", 37, "«navn» is no field"),
        ("may_vanish: false", "may_go: false", 37, "unknown key `may_go`"),
        ("{value: soekere", "{value: søkere", 39, "«søkere» is no field of the table"),
        ("per: [aar]", "per: [aar, kjoenn]", 39, "«kjoenn» is no field of the table"),
        ("per: [aar]", "per: [aar, soekere]", 39, "it cannot make the groups"),
        ("max_percent: 12.5", "max_percent: -1", 39, "less than the minimum of 0"),
        ("max_amount: 100, ", "", 39, "the key `max_amount` is missing"),
        (", because: Et år svinger lite.", "", 39, "the key `because` is missing"),
        ("{column: aar, still_open", "{column: soekere, still_open", 41, "«soekere» is not in the primary key"),
        ("still_open: 1", "still_open: one", 41, "expected integer"),
        ("still_open: 1", "open: 1", 40, "unknown key `open`"),
        ("    drift:", "    revisions: [{because: {nb: a, en: b}}]\n    drift:", 31, "`where: {aar: …}`"),
        (
            "    drift:",
            "    revisions: [{where: {aaar: 1, aar: 2}, because: {nb: a, en: b}}]\n    drift:",
            31,
            "«aaar»",
        ),
        (
            "    drift:",
            "    flags: [{column: soekere, flag: b, where: {aar: 2020}, because: {nb: a, en: b}}]\n    drift:",
            31,
            "«soekere_flagg» is no field of schemas/rekruttering.schema.json",
        ),
    ],
)
def test_a_wrong_limit_is_refused_with_its_line(house, old: str, new: str, line: int, said: str) -> None:
    assert old in GUARDED
    with pytest.raises(DefinitionError) as refused:
        house(GUARDED.replace(old, new)).load("rekruttering")
    assert said in refused.value.message
    assert f"dataset.yaml:{line}:" in refused.value.message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"fields": [field("aar", "year"), field("soekere", "integer")]}, "'unit' is a required property"),
        ({"fields": [field("aar", "year"), field("soekere", "number", unit="NOK")]}, "is a required property"),
        ({"primaryKey": ["year"]}, "primaryKey without a field: ['year']"),
        ({"fields": [field("aar", "year"), field("aar", "year")]}, "stand twice: ['aar']"),
        ({"missingValues": ["", "-"]}, "missingValues"),
    ],
)
def test_a_contract_says_what_a_reader_needs(house, change: dict[str, object], said: str) -> None:
    with pytest.raises(DefinitionError, match=r"rekruttering\.schema\.json") as refused:
        house(schema={**SCHEMA, **change}).load("rekruttering")
    assert said in refused.value.message


def test_yaml_guesses_nothing(house) -> None:
    text = GOOD.replace("soekere: {header: [Søkere, Antall søkere]}", "soekere: {header: [010, no, 2019-01-15]}")
    columns = house(text).load("rekruttering").table("rekruttering").columns
    assert columns[1].header == ("010", "no", "2019-01-15")


def test_the_hash_follows_definition_schema_and_transform(house, tmp_path: Path) -> None:
    before = house().load("rekruttering").definition_sha256
    assert house().load("rekruttering").definition_sha256 == before
    changed = {house(GOOD.replace("Store tall", "Små tall")).load("rekruttering").definition_sha256}
    changed.add(house(schema={**SCHEMA, "primaryKey": ["soekere"]}).load("rekruttering").definition_sha256)
    (tmp_path / "datasets" / "rekruttering" / "transform.py").write_text("def transform(tables):\n    return tables\n")
    changed.add(house().load("rekruttering").definition_sha256)
    (tmp_path / "datasets" / "publisher.yaml").write_text(PUBLISHER.replace("Prøve", "Annen"), encoding="utf-8")
    changed.add(house().load("rekruttering").definition_sha256)
    assert len(changed - {before}) == 4


def test_a_transform_that_cannot_be_imported_is_a_definition_error(house, tmp_path: Path) -> None:
    catalog = house()
    (tmp_path / "datasets" / "rekruttering" / "transform.py").write_text("import no_such_library_anywhere\n")
    with pytest.raises(DefinitionError, match=r"transform\.py: it cannot be imported"):
        catalog.load("rekruttering")


def test_a_table_s_name_belongs_to_one_dataset(house, tmp_path: Path) -> None:
    catalog = house()
    shutil.copytree(tmp_path / "datasets" / "rekruttering", tmp_path / "datasets" / "annet")
    for name, other in (("annet", "rekruttering"), ("rekruttering", "annet")):
        with pytest.raises(DefinitionError, match=f"also a table of «{other}»"):
            catalog.load(name)


def test_a_folder_that_cannot_be_an_id_is_that_folder_s_failure_alone(house, tmp_path: Path) -> None:
    catalog = house()
    (tmp_path / "datasets" / "Kopi av noe").mkdir()
    (tmp_path / "datasets" / "Kopi av noe" / "dataset.yaml").write_text("x: 1")
    assert catalog.ids() == ("Kopi av noe", "rekruttering")
    catalog.load("rekruttering")
    with pytest.raises(DefinitionError, match="small letters"):
        catalog.load("Kopi av noe")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &a {b: *a}\n", "aliases"),
        ("a: &a [x]\nb: *a\n", "aliases"),
        ("[" * 3000 + "]" * 3000, "nested too deeply"),
        ("\x00", "not readable"),
    ],
)
def test_yaml_that_would_not_end_or_would_not_fit_is_refused(house, text: str, said: str) -> None:
    with pytest.raises(DefinitionError, match=said):
        house(text).load("rekruttering")


def test_the_domain_is_known_even_where_the_rest_is_broken(house) -> None:
    assert house(GOOD.replace("rhythm", "rythm")).domain_of("rekruttering") == "staffing"
    assert house(GOOD.replace("[År]", "[År")).domain_of("rekruttering") is None


@pytest.mark.parametrize("name", ["assets", "catalog", "en", "index", "latest"])
def test_a_dataset_may_not_have_a_name_that_portals_use(house, tmp_path: Path, name: str) -> None:
    catalog = house()
    (tmp_path / "datasets" / "rekruttering").rename(tmp_path / "datasets" / name)
    with pytest.raises(DefinitionError, match=f"portals use the name «{name}» themselves"):
        catalog.load(name)


def test_a_folder_without_a_publisher_says_what_to_write(house, tmp_path: Path) -> None:
    catalog = house()
    (tmp_path / "datasets" / "publisher.yaml").unlink()
    with pytest.raises(DefinitionError, match="It says who publishes the datasets of this folder"):
        catalog.load("rekruttering")


def with_text(house, *, constraints=None, column="{header: Kode}", more="", **schema):
    """The good definition with one more column, «kode», of texts."""
    text = GOOD.replace("      soekere:", f"      kode: {column}\n      soekere:").replace(
        "    disclosure:", f"{more}    disclosure:"
    )
    fields = [*SCHEMA["fields"], field("kode", "string", constraints=constraints or {})]
    return house(text, {**SCHEMA, "fields": fields, **schema}).load("rekruttering").table("rekruttering")


@pytest.mark.parametrize(
    "words",
    [
        {"constraints": {"enum": ["a", "b"]}},
        {"constraints": {"pattern": "[0-9]{3}"}},
        {"constraints": {"pattern": "^[A-Z]{2,5}$"}},
        {"column": "{header: Kode, codes: {a: b}}"},
        {"column": "{constant: alle}"},
        {"column": "{header: Kode, text: {because: Navn., max_length: 20}}"},
        {"more": "    checks: [{kind: in_code_list, code: kode, list: {table: rekruttering, code: aar}}]\n"},
        {"foreignKeys": [{"fields": ["kode"], "reference": {"resource": "", "fields": ["aar"]}}]},
    ],
    ids=str,
)
def test_a_text_from_a_closed_list_of_a_pattern_or_said_to_be_free(house, words) -> None:
    assert with_text(house, **words)


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"constraints": {"required": True, "maxLength": 10}},
        {"constraints": {"pattern": ".+"}},
        {"constraints": {"pattern": "[A-Za-zÆØÅæøå .-]{1,40}"}},
        {"constraints": {"pattern": "K|[0-9]"}},
        {
            "more": "    checks:\n      - {kind: in_code_list, code: kode, where: {aar: 1}, "
            "list: {table: rekruttering, code: aar}}\n"
        },
        {"foreignKeys": [{"fields": ["kode"], "reference": {"resource": "", "fields": ["kode"]}}]},
    ],
    ids=str,
)
def test_a_text_that_may_be_anything_is_refused_with_what_to_do(house, words) -> None:
    with pytest.raises(DefinitionError, match=r"yaml:29: the texts of «kode» may be anything.*`text: \{because:"):
        with_text(house, **words)


def test_what_a_column_allows_is_read_and_belongs_to_texts(house) -> None:
    allows = "allow_identifiers: [{kind: organisation_number, because: Skoler.}]"
    table = with_text(house, column=f"{{header: Kode, text: {{because: Navn., max_length: 20}}, {allows}}}")
    assert table.columns[1].text == FreeText("Navn.", 20)
    assert table.columns[1].allow_identifiers == (AllowedIdentifier("organisation_number", "Skoler."),)
    for key in ("text: {because: x, max_length: 2}", allows):
        with pytest.raises(DefinitionError, match="is for columns of texts, and «aar» is none"):
            house(GOOD.replace("{header: År}", f"{{header: År, {key}}}")).load("rekruttering")


def test_what_a_column_may_allow_is_what_is_known_and_never_a_person_s_number() -> None:
    assert {"national_identity_number", *get_args(AllowedKind)} == set(KINDS)
