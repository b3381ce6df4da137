"""Nothing that tells who somebody is leaves by a text: what stands in cells, names or descriptions stops the dataset.

The planted number is one that only the rule of 2032 gives: the screen of exports lets it in, the gate not out.
"""

import json
from pathlib import Path

import pytest

from tests.functional.conftest import Run
from tests.functional.own_dataset import DEFINITION, EXPORT, SCHEMA, OwnDataset, make

NUMBER = "01010112466"
NOTES = EXPORT.replace("Antall\n", "Antall;Merknad\n").replace("200\n", "200;gammel ordning\n").replace("34\n", "34;\n")
NOTES = NOTES.replace("300\n", "300;ny ordning\n").replace("2025;020;\n", "2025;020;;\n")
COLUMN = "      merknad: {header: Merknad, text: {because: Kontorets egne ord., max_length: 40}}\n"


@pytest.fixture
def own(tmp_path: Path) -> OwnDataset:
    own = make(tmp_path)
    own.definition.write_text(DEFINITION.replace("    checks:\n", f"{COLUMN}    checks:\n"), encoding="utf-8")
    own.export.write_text(NOTES, encoding="utf-8")
    with_schema(own)
    return own


def with_schema(own: OwnDataset, **changed: str) -> None:
    note = {**SCHEMA["fields"][1], "name": "merknad", "constraints": {}, **changed}
    schema = json.dumps({**SCHEMA, "fields": [*SCHEMA["fields"], note]})
    (own.folder / "schemas" / "soeknader.schema.json").write_text(schema, encoding="utf-8")


def in_a_free_text(own: OwnDataset) -> None:
    own.export.write_text(NOTES.replace("gammel ordning", f"se {NUMBER}"), encoding="utf-8")


def in_a_column_s_title(own: OwnDataset) -> None:
    with_schema(own, title=f"Merknad til {NUMBER}")


def in_a_column_s_name(own: OwnDataset) -> None:
    own.definition.write_text(own.definition.read_text().replace("merknad:", f"m_{NUMBER}:"), encoding="utf-8")
    with_schema(own, name=f"m_{NUMBER}")


def in_a_description(own: OwnDataset) -> None:
    text = own.definition.read_text().replace("Én rad per år og type.", f"Spør {NUMBER[:6]} {NUMBER[6:]}.")
    own.definition.write_text(text, encoding="utf-8")


def in_a_reason(own: OwnDataset) -> None:
    revision = f"    revisions: [{{because: {{nb: Rettet av {NUMBER}., en: Corrected.}}}}]\n    disclosure:"
    own.definition.write_text(own.definition.read_text().replace("    disclosure:", revision), encoding="utf-8")


@pytest.mark.parametrize("command", ["check", "build", "run", "diff"])
@pytest.mark.parametrize(
    "plant",
    [in_a_free_text, in_a_column_s_title, in_a_column_s_name, in_a_description, in_a_reason],
    ids=lambda plant: plant.__name__,
)
def test_a_person_s_number_stops_the_dataset_and_is_told_nowhere(
    apendata: Run, own: OwnDataset, plant, command
) -> None:
    plant(own)
    done = apendata(command, "soeknader", "--json", **own.settings)
    assert done.code == 16, done.out
    assert done.line("soeknader")["error"] == "PersonalDataFound"
    assert not own.public.exists()
    kept = [file for file in (own.folder / "lake").rglob("*") if file.is_file() and "report" not in str(file)]
    told = [done.out, done.err, *(file.read_text(encoding="utf-8", errors="replace") for file in kept)]
    assert not [text for text in told if NUMBER in text]


def test_table_column_and_count_are_told(apendata: Run, own: OwnDataset) -> None:
    in_a_free_text(own)
    done = apendata("check", "soeknader", "--language", "en", **own.settings)
    assert "1 cell in merknad (soeknader) holds national identity numbers." in done.out + done.err


def test_an_address_stops_where_it_is_not_allowed_with_a_reason(apendata: Run, own: OwnDataset) -> None:
    own.export.write_text(NOTES.replace("gammel ordning", "post@example.org"), encoding="utf-8")
    assert apendata("run", "soeknader", **own.settings).code == 16
    text = own.definition.read_text().replace(
        "max_length: 40}}", "max_length: 40}, allow_identifiers: [{kind: email, because: Et kontor.}]}"
    )
    own.definition.write_text(text, encoding="utf-8")
    assert apendata("run", "soeknader", **own.settings).code == 0


def test_a_person_s_number_cannot_be_allowed(apendata: Run, own: OwnDataset) -> None:
    text = own.definition.read_text().replace(
        "max_length: 40}}", "max_length: 40}, allow_identifiers: [{kind: national_identity_number, because: x}]}"
    )
    own.definition.write_text(text, encoding="utf-8")
    assert apendata("check", "soeknader", **own.settings).code == 10


def test_a_text_that_a_spreadsheet_would_run_is_refused_and_not_rewritten(apendata: Run, own: OwnDataset) -> None:
    own.export.write_text(NOTES.replace("gammel ordning", "- gammel ordning"), encoding="utf-8")
    done = apendata("run", "soeknader", "--json", **own.settings)
    assert (done.code, done.line("soeknader")["error"]) == (17, "DataRejected")
    assert not own.public.exists()


def test_new_free_texts_need_review_and_known_ones_do_not(apendata: Run, own: OwnDataset) -> None:
    def new() -> list[str]:
        done = apendata("run", "soeknader", "--json", "--language", "en", **own.settings)
        assert done.code == 0
        findings = done.line("soeknader")["findings"]
        return [finding["text"] for finding in findings if finding["code"] == "disclosure.new_texts"]

    assert new() == ["2 new free texts in merknad (soeknader) need review."]
    own.export.write_text(NOTES.replace(";34;", ";35;"), encoding="utf-8")
    text = own.definition.read_text().replace("equals: 1234", "equals: 1235")
    own.definition.write_text(text, encoding="utf-8")
    assert new() == []
    own.export.write_text(NOTES.replace(";34;", ";35;enda en"), encoding="utf-8")
    assert new() == ["1 new free text in merknad (soeknader) needs review."]


def test_what_an_older_version_held_is_not_told_again_as_a_change(
    apendata: Run, own: OwnDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It must be withdrawn first: the list of changes of a mere correction would name it once more."""
    schema = own.folder / "schemas" / "soeknader.schema.json"
    schema.write_text(schema.read_text().replace("[0-9]{3}", "[0-9]{3,11}"), encoding="utf-8")
    with monkeypatch.context() as before_the_gate:
        before_the_gate.setattr("apendata.disclosure.let_through", lambda *_: None)
        own.export.write_text(NOTES + f"2025;{NUMBER};7;\n", encoding="utf-8")
        assert apendata("run", "soeknader", **own.settings).code == 0
    own.export.write_text(NOTES, encoding="utf-8")
    done = apendata("run", "soeknader", **own.settings)
    assert done.code == 16
    assert NUMBER not in done.out + done.err
    assert apendata("withdraw", "soeknader", "--yes", "--because", "Feil i en kode.", **own.settings).code == 0
    assert apendata("run", "soeknader", **own.settings).code == 0
    public = [file for file in own.public.rglob("*") if file.suffix in (".csv", ".json", ".html")]
    assert public
    assert not [file for file in public if NUMBER in file.read_text(encoding="utf-8")]


def test_the_list_of_changes_in_the_descriptor_is_looked_at_before_the_commit(
    apendata: Run, own: OwnDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema = own.folder / "schemas" / "soeknader.schema.json"
    text = schema.read_text()
    pattern = '{"pattern": "[0-9]{3}"}'
    schema.write_text(text.replace(pattern, f'{{"enum": ["010", "020", "{NUMBER}"]}}'), encoding="utf-8")
    with monkeypatch.context() as before_the_gate:
        before_the_gate.setattr("apendata.disclosure.let_through", lambda *_: None)
        assert apendata("run", "soeknader", **own.settings).code == 0
    schema.write_text(text.replace(pattern, '{"enum": ["010", "020"]}'), encoding="utf-8")
    assert apendata("check", "soeknader", **own.settings).code == 0
    assert apendata("build", "soeknader", **own.settings).code == 16
