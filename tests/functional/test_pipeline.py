"""What a night must never forget: raw exports, periods, drift, holds, and that samples are no real data."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from apendata import app
from apendata.errors import PortalUnavailable
from apendata.lake import Lake
from apendata.model import Outcome
from apendata.settings import Settings
from tests.functional.code_list import definition_of, export_of, use_code_list
from tests.functional.conftest import Run
from tests.functional.memory_portal import Board, board
from tests.functional.own_dataset import DEFINITION, EXPORT, SCHEMA, OwnDataset, make
from tests.functional.test_cli import tree

__all__ = ["board"]

NOWHERE = {
    "APENDATA_CKAN_URL": "http://127.0.0.1:9/",
    "APENDATA_CKAN_TOKEN": "x",
    "APENDATA_CKAN_ORGANIZATION": "proeve",
    "APENDATA_CKAN_PATIENCE": "0",
}
"""A portal where nobody answers."""

OTHER = EXPORT.replace("1\u00a0300", "1\u00a0301")

Saved = Callable[[bytes], bytes]


@pytest.fixture
def own(tmp_path: Path) -> OwnDataset:
    return make(tmp_path)


def house(own: OwnDataset) -> app.App:
    return app.load(Settings.from_mapping({"APENDATA_LAKE": str(own.folder / "lake"), **own.settings}, own.folder))


def raw(own: OwnDataset) -> set[str]:
    return {file.name for file in (own.folder / "lake" / "internal" / "raw").iterdir()}


def kept_name(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() + file.suffix


# ------------------------------------------------------------------------------------------------------ raw exports


def test_the_export_is_kept_before_its_version_counts(own: OwnDataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other way round, a night that dies in between is never made up for: the next one finds nothing new."""
    with monkeypatch.context() as dying:
        dying.setattr(Lake, "commit", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            house(own).run("soeknader")
    assert raw(own) == {kept_name(own.export)}
    assert house(own).run("soeknader").outcome is Outcome.PUBLISHED
    assert raw(own) == {kept_name(own.export)}


def test_another_dataset_s_exports_are_not_kept(own: OwnDataset) -> None:
    use_code_list(own)
    assert house(own).run("soeknader").outcome is Outcome.PUBLISHED
    assert house(own).run("typer").outcome is Outcome.PUBLISHED
    assert export_of(own).exists()
    assert raw(own) == {kept_name(own.export)}


# ------------------------------------------------------------------------------------------- which exports there are


def test_a_file_of_another_name_is_the_same_export(apendata: Run, own: OwnDataset, tmp_path: Path) -> None:
    other = tmp_path / "annen.csv"
    other.write_text(OTHER, encoding="utf-8")
    normal = ("run", "--json")
    assert apendata(*normal, **own.settings).line("soeknader")["version"] == "1.0.0"
    named = apendata(*normal, "--source", f"soeknader={other}", **own.settings).line("soeknader")
    assert (named["outcome"], named["version"]) == ("PUBLISHED", "1.0.1")
    again = apendata(*normal, **own.settings).line("soeknader")
    assert (again["outcome"], again["version"]) == ("PUBLISHED", "1.0.2")


@pytest.fixture
def by_year(own: OwnDataset) -> OwnDataset:
    """One file for each year, as many exports come."""
    text = DEFINITION.replace("path: soeknader.csv", 'path: "soeknader-{aar}.csv"\n    placeholders: {aar: year}')
    text = text.replace("aar: {header: År}", "aar: {path: aar}").replace("contains: [År]", "contains: [Type]")
    own.definition.write_text(text)
    own.export.unlink()
    for year, rows in (("2024", "010;1\u00a0200\n020;34\n"), ("2025", "010;1\u00a0300\n")):
        own.export.with_name(f"soeknader-{year}.csv").write_text(f"Type;Antall\n{rows}", encoding="utf-8")
    return own


@pytest.mark.parametrize("command", ["run", "diff"])
def test_a_vanished_period_is_no_deletion(apendata: Run, by_year: OwnDataset, command: str) -> None:
    assert apendata("run", **by_year.settings).code == 0
    before = tree(by_year.public.parent)
    by_year.export.with_name("soeknader-2025.csv").unlink()
    ended = apendata(command, "soeknader", "--json", **by_year.settings)
    assert ended.line("soeknader")["error"] == "SourceMissing"
    assert "soeknader-2025.csv" in ended.line("soeknader")["why"]
    assert tree(by_year.public.parent) == before


@pytest.mark.parametrize("command", ["check", "build", "run"])
def test_a_file_that_no_source_reads_is_told_also_on_a_quiet_night(
    apendata: Run, by_year: OwnDataset, command: str
) -> None:
    assert apendata("run", **by_year.settings).code == 0
    wrong = by_year.export.with_name("soeknader_2026.csv")
    wrong.write_text("Type;Antall\n010;7\n", encoding="utf-8")
    ended = apendata(command, "soeknader", "--json", **by_year.settings)
    assert ended.code == 0
    (found,) = ended.line("soeknader")["findings"]
    assert (found["code"], found["severity"], found["places"]) == ("file_not_read", "warning", ["soeknader_2026.csv"])
    assert "soeknader-2024.csv" in found["todo"]
    assert "soeknader_2026.csv" in apendata(command, "soeknader", **by_year.settings).out


def test_what_is_no_export_by_its_name_is_passed_over(apendata: Run, own: OwnDataset) -> None:
    for name in ("README.md", ".lagret", "~$soeknader.xlsx", "desktop.ini"):
        own.export.with_name(name).write_text("x")
    assert apendata("check", "soeknader", "--json", **own.settings).line("soeknader")["findings"] == []


def test_a_file_that_was_not_read_is_told_beside_what_stopped_the_dataset(apendata: Run, own: OwnDataset) -> None:
    own.export.with_name("soeknader (1).csv").write_text("x")
    own.export.write_text(EXPORT.replace(";34", ";3O4"), encoding="utf-8")
    codes = [f["code"] for f in apendata("check", "soeknader", "--json", **own.settings).line("soeknader")["findings"]]
    assert codes == ["undeclared_mark", "file_not_read"]


def test_where_the_export_is_missing_what_lies_there_instead_is_named(apendata: Run, own: OwnDataset) -> None:
    own.export.rename(own.export.with_name("Søknader.csv"))
    ended = apendata("check", "soeknader", "--json", **own.settings)
    assert ended.code == 11
    assert "Søknader.csv" in ended.line("soeknader")["message"]


def test_a_file_to_try_must_have_a_name_that_some_source_reads(apendata: Run, by_year: OwnDataset) -> None:
    """Else the others would be read, and their answer taken for this one's."""
    wrong = by_year.folder / "soeknader_2024.csv"
    wrong.write_text("tull", encoding="utf-8")
    ended = apendata("check", "soeknader", "--source", f"soeknader={wrong}", "--json", **by_year.settings)
    assert ended.code == 11
    assert "soeknader-2024.csv" in ended.line("soeknader")["message"]


def test_a_source_that_the_definition_no_longer_asks_for_has_not_vanished(apendata: Run, own: OwnDataset) -> None:
    assert apendata("run", **own.settings).code == 0
    text = own.definition.read_text().replace("  uttrekk:\n", "  fil:\n").replace("from: uttrekk", "from: fil")
    own.definition.write_text(text)
    assert apendata("run", **own.settings).code == 0


def lists_by_year(own: OwnDataset) -> None:
    """The code list's exports, one for each year, from a source that has the same name as the dataset's own."""
    use_code_list(own)
    text = definition_of(own).read_text()
    path = 'path: "typer-{aar}.csv", placeholders: {aar: year}, '
    definition_of(own).write_text(text.replace("path: typer.csv, ", path))
    export_of(own).rename(export_of(own).with_name("typer-2025.csv"))


def test_a_code_list_s_file_hides_no_vanished_file_of_a_source_with_the_same_name(
    apendata: Run, by_year: OwnDataset
) -> None:
    lists_by_year(by_year)
    assert apendata("run", "soeknader", **by_year.settings).code == 0
    by_year.export.with_name("soeknader-2025.csv").unlink()
    ended = apendata("run", "soeknader", "--json", **by_year.settings)
    assert ended.line("soeknader")["error"] == "SourceMissing"
    assert "soeknader-2025.csv" in ended.line("soeknader")["why"]


def test_what_a_code_list_s_owner_says_is_gone_stops_nobody_who_uses_the_list(
    apendata: Run, by_year: OwnDataset
) -> None:
    lists_by_year(by_year)
    old = export_of(by_year).with_name("typer-2024.csv")
    old.write_text("Kode;Navn\n030;Tredje\n", encoding="utf-8")
    assert apendata("run", "soeknader", **by_year.settings).code == 0
    old.unlink()
    assert apendata("run", "soeknader", **by_year.settings).code == 11
    owner = definition_of(by_year)
    owner.write_text(
        owner.read_text().replace("format: csv,", "gone: {typer-2024.csv: sto i den nye}, format: csv,", 1)
    )
    assert apendata("run", "soeknader", **by_year.settings).code == 0


# ------------------------------------------------------------------------------------------- samples and real data


def sample_of(own: OwnDataset) -> Path:
    sample = own.definition.parent / "sample" / "soeknader.csv"
    sample.parent.mkdir()
    sample.write_text(OTHER, encoding="utf-8")
    return sample


@pytest.mark.parametrize("command", ["run", "diff"])
@pytest.mark.parametrize("first", ["samples", "real"])
def test_samples_and_real_data_never_share_a_lake(apendata: Run, own: OwnDataset, first: str, command: str) -> None:
    sample = sample_of(own)
    sources = {"samples": ("--source", f"soeknader={sample}"), "real": ()}
    second = "real" if first == "samples" else "samples"
    assert apendata("run", *sources[first], **own.settings).code == 0
    before = tree(own.public.parent)
    ended = apendata(command, "soeknader", *sources[second], "--json", **own.settings)
    assert ended.line("soeknader")["error"] == "LakeConflict"
    assert "APENDATA_LAKE" in ended.line("soeknader")["why"]
    assert tree(own.public.parent) == before
    assert len(apendata("history", "soeknader", "--json", **own.settings).document["versions"]) == 1


def test_a_lake_of_withdrawn_samples_is_a_lake_of_samples(apendata: Run, own: OwnDataset) -> None:
    assert apendata("run", "--source", f"soeknader={sample_of(own)}", **own.settings).code == 0
    assert apendata("withdraw", "soeknader", "--yes", "--because", "Prøve", **own.settings).code == 0
    ended = apendata("run", "soeknader", "--json", **own.settings)
    assert ended.line("soeknader")["error"] == "LakeConflict"


def test_a_file_can_be_tried_beside_a_lake_of_samples(apendata: Run, own: OwnDataset) -> None:
    """Who has looked at the samples goes on to try her own file, and must not be stopped by them."""
    assert apendata("run", "--source", f"soeknader={sample_of(own)}", **own.settings).code == 0
    before = tree(own.public.parent)
    ended = apendata("check", "soeknader", "--source", f"soeknader={own.export}", "--language", "nb", **own.settings)
    assert ended.code == 0, ended.out
    assert "Ikke holdt mot noe som er publisert: lageret er laget av eksempler" in ended.out
    assert "apendata diff" not in ended.out
    asked = apendata("check", "soeknader", "--json", **own.settings).line("soeknader")
    assert [found["code"] for found in asked["findings"]] == ["lake_of_samples"]
    assert tree(own.public.parent) == before


def keep_as_list(own: OwnDataset, sample_is_real: str = "") -> None:
    """The municipality keeps the code list as it ships: its export is the sample, byte for byte."""
    use_code_list(own)
    sample = definition_of(own).parent / "sample" / "typer.csv"
    sample.parent.mkdir()
    sample.write_bytes(export_of(own).read_bytes())
    definition_of(own).write_text(definition_of(own).read_text() + sample_is_real)


def test_a_public_list_that_is_kept_as_it_ships_makes_nothing_synthetic(apendata: Run, own: OwnDataset) -> None:
    keep_as_list(own, "sample_is_real: Nothing in it is made up.\n")
    ended = apendata("run", "--json", **own.settings, APENDATA_BASE_URL="https://data.example.org/")
    assert ended.code == 0, ended.out
    assert [line["synthetic"] for line in ended.document["results"]] == [False, False]


def test_a_public_list_read_where_it_ships_is_a_sample_all_the_same(apendata: Run, own: OwnDataset) -> None:
    keep_as_list(own, "sample_is_real: Nothing in it is made up.\n")
    sample = definition_of(own).parent / "sample"
    ended = apendata("build", "typer", "--source", f"typer={sample}", "--json", **own.settings)
    assert ended.line("typer")["synthetic"] is True


def test_a_portal_that_refuses_a_sample_is_told_which_file_it_is(apendata: Run, own: OwnDataset) -> None:
    keep_as_list(own)
    ended = apendata("run", "soeknader", "--json", **own.settings, APENDATA_BASE_URL="https://data.example.org/")
    assert ended.line("soeknader")["error"] == "PortalRefused"
    assert "typer: typer.csv" in ended.line("soeknader")["message"]
    assert "soeknader.csv" not in ended.line("soeknader")["message"]


@pytest.mark.parametrize(
    "saved",
    [lambda b: b.replace(b"\n", b"\r\n"), lambda b: b.rstrip()],
    ids=["other line ends", "no last line end"],
)
def test_a_sample_that_was_saved_anew_is_a_sample_all_the_same(apendata: Run, own: OwnDataset, saved: Saved) -> None:
    own.export.write_bytes(saved(sample_of(own).read_bytes()))
    ended = apendata("run", "--json", **own.settings, APENDATA_BASE_URL="https://data.example.org/")
    assert ended.line("soeknader")["error"] == "PortalRefused"
    assert not own.public.exists()


# ------------------------------------------------------------------------------------------- what a night remembers


def test_a_night_that_releases_what_was_built_before_says_what_changes_for_readers(
    apendata: Run, own: OwnDataset
) -> None:
    assert apendata("run", **own.settings).code == 0
    own.export.write_text(OTHER, encoding="utf-8")
    assert apendata("build", **own.settings).code == 0
    night = apendata("run", "--json", **own.settings).line("soeknader")
    assert [change["rule"] for change in night["changes"]] == ["values_revised"]


def test_of_a_night_both_reports_are_told(apendata: Run, own: OwnDataset) -> None:
    """The build's says where the rows went, the publish's why nobody sees them."""
    refused = apendata("run", "--json", **own.settings, APENDATA_PORTALS="ckan", **NOWHERE).line("soeknader")
    reports = [refused["report_before"], refused["report"]]
    assert ["-build." in reports[0], "-publish." in reports[1]] == [True, True]
    assert all(Path(report).exists() for report in reports)


def test_a_report_is_told_also_where_the_ledger_cannot_be_written(apendata: Run, own: OwnDataset) -> None:
    assert apendata("run", **own.settings).code == 0
    own.export.write_text(EXPORT.replace(";34", ";3O4"), encoding="utf-8")
    ledger = next((own.folder / "lake" / "internal" / "ledger").glob("soeknader*"))
    ledger.unlink()
    ledger.mkdir()
    ended = apendata("build", "--json", **own.settings).line("soeknader")
    assert Path(ended["report"]).exists()
    assert "ledger" in ended["why"]


# ------------------------------------------------------------------------------------------------ drift and margins


@pytest.mark.parametrize("command", ["run", "diff"])
def test_too_much_drift_is_refused_and_foretold(apendata: Run, own: OwnDataset, command: str) -> None:
    own.definition.write_text(DEFINITION.replace("max_changed_rows: null", "max_changed_rows: 0.1"))
    assert apendata("run", **own.settings).code == 0
    before = tree(own.public.parent)
    own.export.write_text(OTHER, encoding="utf-8")
    ended = apendata(command, "soeknader", "--json", **own.settings)
    assert ended.code == 19
    assert tree(own.public.parent) == before
    if command == "diff":
        assert [change["rule"] for change in ended.line("soeknader")["changes"]] == ["values_revised"]


def test_margins_are_made_of_what_the_transform_gave(own: OwnDataset) -> None:
    margins = """\
  soeknader_sum:
    title: {nb: Summer, en: Totals}
    description: {nb: Summen av hvert år., en: The total of each year.}
    margins: {of: soeknader, totals: {type_kode: ALLE}, value: antall}
    disclosure: {method: none, because: {nb: Oppdiktet., en: Made up.}}
    drift: {max_fewer_rows: 0.5, max_more_rows: null, max_changed_rows: null, because: prøve}
"""
    own.definition.write_text(DEFINITION.replace("equals: 1234", "equals: 14") + margins)
    own.export.write_text(EXPORT.replace("2025;020;", "2025;020;1"), encoding="utf-8")
    fields = [dict(field) for field in SCHEMA["fields"]]
    fields[1]["constraints"] = {"enum": ["ALLE"]}
    (own.folder / "schemas" / "soeknader_sum.schema.json").write_text(json.dumps({**SCHEMA, "fields": fields}))
    (own.definition.parent / "transform.py").write_text("""\
from dataclasses import replace

import pyarrow as pa


def transform(tables):
    table = tables["soeknader"]
    place = table.data.schema.get_field_index("antall")
    seven = pa.array(["7"] * table.data.num_rows)
    return {**tables, "soeknader": replace(table, data=table.data.set_column(place, "antall", seven))}
""")
    result = house(own).run("soeknader")
    assert result.outcome is Outcome.PUBLISHED, result.why
    assert "2024,ALLE,14," in (own.public / "latest" / "soeknader_sum.csv").read_text()


# ------------------------------------------------------------------------------------------------- nights and holds


def test_the_last_night_is_no_answer_about_this_one(own: OwnDataset) -> None:
    began = datetime.now(UTC)
    assert house(own).run("soeknader").outcome is Outcome.PUBLISHED
    assert house(own).last_result("soeknader", began).outcome is Outcome.PUBLISHED
    assert house(own).last_result("soeknader", began + timedelta(hours=1)).outcome is Outcome.FAILED


def test_verify_asks_the_portals_too(apendata: Run, own: OwnDataset) -> None:
    apendata("run", **own.settings)
    assert apendata("verify", **own.settings).code == 0
    (own.public / "release").unlink()  # which no record of the lake knows
    ended = apendata("verify", "--json", **own.settings)
    assert ended.code == 34, "no damage in the lake: nothing need be restored"
    assert "portal_pointer_broken" in ended.out


def test_a_portal_that_is_away_hides_nothing_of_what_verify_finds(apendata: Run, own: OwnDataset, board: Board) -> None:
    settings = {**own.settings, "APENDATA_PORTALS": "memory,site"}
    apendata("run", **settings)
    board.error = PortalUnavailable("away")
    ended = apendata("verify", **settings)
    assert (ended.code, "memory: PortalUnavailable" in ended.out) == (31, True)
    (own.public / "release").unlink()
    ended = apendata("verify", "--json", **settings)
    assert ended.code == 34
    assert "portal_pointer_broken" in {finding["code"] for finding in ended.document["problems"]}
    assert [(part["where"], part["error"]) for part in ended.document["unasked"]] == [("memory", "PortalUnavailable")]
    next(own.public.glob("v1.0.0/*.csv")).unlink()
    assert apendata("verify", **settings).code == 22


def test_a_dataset_at_work_hides_nothing_of_what_verify_finds(apendata: Run, own: OwnDataset) -> None:
    apendata("run", **own.settings)
    next(own.public.glob("v1.0.0/*.csv")).unlink()
    lake = Lake(own.public.parents[1])
    lake.note("annet", "ended", step="build")
    with lake.lock("annet"):
        ended = apendata("verify", "--json", **own.settings, APENDATA_LOCK_WAIT="0")
    assert ended.code == 22
    assert {finding["code"] for finding in ended.document["problems"]} >= {"lake_file_missing"}
    assert [part["error"] for part in ended.document["unasked"]] == ["LakeBusy"]


def test_a_hold_ends_for_good_when_something_new_is_published(own: OwnDataset) -> None:
    """Also where the sources later become what they were when it was set."""
    for text in (EXPORT, OTHER):
        own.export.write_text(text, encoding="utf-8")
        assert house(own).run("soeknader").outcome is Outcome.PUBLISHED
    oldest = house(own).lake.versions("soeknader")[-1].number
    assert house(own).rollback("soeknader", oldest, because="feil tall").outcome is Outcome.HELD
    for text in (EXPORT.replace("1\u00a0300", "1\u00a0302"), OTHER):
        own.export.write_text(text, encoding="utf-8")
        assert house(own).run("soeknader").outcome is Outcome.PUBLISHED


def test_an_export_that_was_a_mistake_can_be_taken_back_by_name(apendata: Run, own: OwnDataset) -> None:
    text = own.definition.read_text().replace(
        "path: soeknader.csv", 'path: "s-{del}.csv"\n    placeholders: {del: text}'
    )
    own.definition.write_text(text)
    own.export.rename(own.export.with_name("s-a.csv"))
    mistake = own.export.with_name("s-b.csv")
    mistake.write_text("År;Type;Antall\n2042;010;1\n", encoding="utf-8")
    assert apendata("run", **own.settings).code == 0
    mistake.unlink()
    assert apendata("check", **own.settings).code == apendata("run", **own.settings).code == 11
    gone = "    gone: {s-b.csv: feil år i filnavnet}\n    format: csv"
    own.definition.write_text(text.replace("    format: csv", gone).replace("max_fewer_rows: 0.5", "max_fewer_rows: 1"))
    ended = apendata("run", "--json", **own.settings)
    assert ended.code == 0, ended.out
    assert "2042" not in (own.public / "latest" / "soeknader.csv").read_text()
