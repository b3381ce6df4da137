"""plan, drift, --take ours and portal check where a portal has people: what is said, what is kept, what is written."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from apendata import app
from apendata.errors import PortalForbidden, PortalUnavailable
from apendata.model import Checked, Outcome
from apendata.settings import Settings
from tests.functional.conftest import Ended, Run
from tests.functional.memory_portal import Board, board
from tests.functional.own_dataset import EXPORT, OwnDataset, make
from tests.functional.test_cli import tree

__all__ = ["board"]

OTHER = EXPORT.replace("1\u00a0300", "1\u00a0301")
HERS = "Tittelen hennes"


@pytest.fixture
def own(tmp_path: Path) -> OwnDataset:
    return make(tmp_path)


@pytest.fixture
def line(apendata: Run, own: OwnDataset, board: Board) -> Run:
    """The command line with both portals: the static one and the one with people."""
    return lambda *words, **more: apendata(*words, **{**own.settings, "APENDATA_PORTALS": "site,memory", **more})


def fields(ended: Ended, word: str = "differences") -> set[tuple[str, str]]:
    return {(d["portal"], d["field"]) for d in ended.line("soeknader")[word]}


def lake(own: OwnDataset) -> Path:
    return own.folder / "lake"


# ------------------------------------------------------------------------------------------------------------- plan


def test_a_plan_names_the_fields_of_every_portal_and_who_decides(line: Run) -> None:
    line("build")
    said = line("plan", "--language", "en")
    assert said.code == 2
    assert said.out.splitlines() == [
        "soeknader: 1.0.0 would change 4 fields",
        "  site: dataset, version – the release decides",
        "    - (nothing)",
        "    + 1.0.0",
        "  memory: dataset, version – the release decides",
        "    - (nothing)",
        "    + 1.0.0",
        "  memory: dataset, address – the release decides",
        "    - (nothing)",
        "    + v1.0.0/soeknader.csv",
        "  memory: dataset, title – the definition decides, until a person writes there",
        "    - (nothing)",
        "    + Søknader",
    ]
    assert line("plan", "--json").line("soeknader")["version"] == "1.0.0"


@pytest.mark.parametrize("command", [("plan",), ("plan", "--take", "ours"), ("drift",), ("plan", "--json")])
def test_looking_writes_not_a_byte_and_moves_no_time(
    line: Run, own: OwnDataset, board: Board, command: tuple[str, ...]
) -> None:
    line("build")
    before = tree(lake(own))
    line(*command)
    assert tree(lake(own)) == before
    assert board.fields == {}
    line("publish")
    before = tree(lake(own))
    assert line(*command).code == 0
    board.write("soeknader", "title", HERS)
    board.write("soeknader", "address", "gammel.csv")
    assert line(*command).code == 2
    assert tree(lake(own)) == before
    assert board.fields["soeknader"]["title"] == HERS


def test_looking_leaves_what_a_dead_run_left_to_the_next_run(line: Run, own: OwnDataset) -> None:
    line("run")
    half = lake(own) / "internal" / "scratch" / "soeknader" / "halv.csv"
    half.parent.mkdir(exist_ok=True)
    half.write_text("x")
    line("plan")
    assert half.exists()
    line("publish")
    assert not half.exists()


def test_a_plan_is_of_what_publish_releases(line: Run, own: OwnDataset, board: Board) -> None:
    line("run")
    own.export.write_text(OTHER, encoding="utf-8")
    line("build")
    planned = line("plan", "--json")
    assert {d["wanted"] for d in planned.line("soeknader")["differences"]} == {"1.0.1", "v1.0.1/soeknader.csv"}
    line("publish")
    assert board.fields["soeknader"]["version"] == "1.0.1"
    assert line("plan").code == 0


def test_a_plan_of_a_held_dataset_says_so_and_is_of_the_held_version(line: Run, own: OwnDataset) -> None:
    line("run")
    own.export.write_text(OTHER, encoding="utf-8")
    line("run")
    line("rollback", "soeknader", "1.0.0", "--because", "feil tall")
    said = line("plan")
    assert said.code == 0
    assert said.out.startswith("soeknader: nothing would change; held on 1.0.0 since ")
    assert said.out.endswith(": feil tall\n")
    line("resume", "soeknader")
    said = line("plan", "--json")
    assert (said.code, said.line("soeknader")["version"]) == (2, "1.0.1")


def test_a_plan_of_what_waits_for_review_plans_nothing(line: Run, own: OwnDataset) -> None:
    own.definition.write_text(own.definition.read_text().replace("release: automatic", "release: reviewed"))
    line("build")
    said = line("plan", "--json")
    assert said.code == 0
    assert said.line("soeknader")["outcome"] == "AWAITING_REVIEW"
    assert fields(said) == set()


def test_a_plan_of_a_sample_for_a_public_portal_is_refused_as_its_publish_is(line: Run, own: OwnDataset) -> None:
    sample = own.definition.parent / "sample" / "soeknader.csv"
    sample.parent.mkdir()
    sample.write_text(EXPORT, encoding="utf-8")
    public = {"APENDATA_BASE_URL": "https://data.example/"}
    line("build", "--samples")
    planned = line("plan", "--json", "--samples", **public)
    published = line("publish", "--json", "--samples", **public)
    assert planned.code == published.code == 30
    assert planned.line("soeknader")["message"] == published.line("soeknader")["message"]


def test_pages_that_would_be_made_anew_are_planned_and_are_no_drift(line: Run) -> None:
    line("run")
    address = {"APENDATA_BASE_URL": "http://127.0.0.1:8000/"}
    planned = line("plan", "--json", **address)
    assert (planned.code, fields(planned)) == (2, {("site", "pages")})
    assert line("drift", **address).code == 0
    said = line("publish", "--json", **address).line("soeknader")
    assert (said["outcome"], said["why"]) == ("PUBLISHED", "brought up to date on site")
    assert line("plan", **address).code == 0


def test_one_failure_stops_no_other_plan_and_its_code_wins(line: Run, own: OwnDataset) -> None:
    line("build")
    broken = own.folder / "datasets" / "annet" / "dataset.yaml"
    broken.parent.mkdir()
    broken.write_text("title: feil\n")
    said = line("plan", "--json")
    assert said.code == 10
    assert ("memory", "title") in fields(said)
    assert said.line("annet")["error"] == "DefinitionError"


def test_a_portal_that_does_not_answer_is_an_error_of_its_own_code(line: Run, board: Board) -> None:
    line("run")
    board.error = PortalUnavailable("The board did not answer.")
    for command in ("plan", "drift"):
        said = line(command)
        assert said.code == 31
        assert "PortalUnavailable" in said.out


def test_a_plan_is_no_night(line: Run, own: OwnDataset, board: Board) -> None:
    began = datetime.now(UTC).replace(microsecond=0)
    line("run")
    board.error = PortalUnavailable("The board did not answer.")
    assert line("plan").code == 31
    values = {"APENDATA_LAKE": str(lake(own)), "APENDATA_PORTALS": "site", **own.settings}
    house = app.load(Settings.from_mapping(values, own.folder))
    assert house.last_result("soeknader", began).outcome is Outcome.PUBLISHED


def test_what_to_take_is_ours_or_nothing(line: Run) -> None:
    assert line("plan", "--take", "theirs").code == 64


# ------------------------------------------------------------------------------------------------ people at a portal


def test_what_the_release_decides_is_mended_and_told(line: Run, own: OwnDataset, board: Board) -> None:
    line("run")
    board.write("soeknader", "address", "gammel.csv")
    said = line("run", "--language", "en")
    assert said.code == 0
    assert "mended on memory: 1 field" in said.out
    assert "  memory: dataset, address (changed by kari, 2026-11-25T12:00:00)" in said.out
    assert board.fields["soeknader"]["address"] == "v1.0.0/soeknader.csv"
    again = line("run", "--json")
    assert again.line("soeknader")["outcome"] == "UNCHANGED"
    assert fields(again, "mended") == set()


def test_a_text_that_a_person_wrote_is_kept_and_told_until_ours_is_taken(line: Run, board: Board) -> None:
    line("run")
    board.write("soeknader", "title", HERS)
    said = line("run", "--language", "en")
    assert said.code == 0
    assert "UNCHANGED" in said.out
    assert "  memory: dataset, title (changed by kari, 2026-11-25T12:00:00)" in said.out
    assert "`apendata publish soeknader --take ours` puts the definition's texts there." in said.out
    assert (line("plan").code, line("plan", "--take", "ours").code) == (0, 2)
    assert board.fields["soeknader"]["title"] == HERS
    taken = line("run", "--take", "ours", "--json")
    assert (fields(taken, "mended"), fields(taken, "kept")) == ({("memory", "title")}, set())
    assert board.fields["soeknader"]["title"] == "Søknader"
    assert line("drift").code == 0


def test_ledger_knows_places_and_the_report_what_stood_there(line: Run, own: OwnDataset, board: Board) -> None:
    line("run")
    board.write("soeknader", "title", f"{HERS}\n\x1b[31mAnnen linje")
    board.write("soeknader", "address", "gammel.csv")
    said = line("publish", "--json")
    assert fields(said, "mended") == {("memory", "address")}
    assert fields(said, "kept") == {("memory", "title")}
    ledger = (lake(own) / "internal" / "ledger" / "soeknader.jsonl").read_text()
    last = json.loads(ledger.splitlines()[-1])
    assert json.loads(last["mended"]) == [["memory", "dataset", "address"]]
    assert json.loads(last["kept"]) == [["memory", "dataset", "title"]]
    assert HERS not in ledger
    report = Path(said.line("soeknader")["report"])
    assert f"    - {HERS}\n      \ufffd[31mAnnen linje\n    + Søknader\n" in report.with_suffix(".txt").read_text()
    assert report.stat().st_mode & 0o777 == 0o600


def test_drift_says_what_who_and_when(line: Run, board: Board) -> None:
    line("run")
    board.write("soeknader", "title", HERS)
    said = line("drift", "--language", "en")
    assert said.code == 2
    who = "changed by kari, 2026-11-25T12:00:00"
    assert said.out.splitlines() == [
        "soeknader: changed since it was released: 1 field",
        f"  memory: dataset, title ({who}) – the definition decides, until a person writes there",
        f"    - {HERS}",
        "    + Søknader",
    ]
    (difference,) = line("drift", "--json").line("soeknader")["differences"]
    assert (difference["owner"], difference["by_hand"]) == ("text", True)


def test_drift_of_what_never_was_released_and_of_what_was_withdrawn(line: Run, apendata: Run, own: OwnDataset) -> None:
    line("build")
    said = line("drift")
    assert (said.code, said.out) == (0, "soeknader: was never released\n")
    apendata("publish", **own.settings)
    said = line("drift")
    assert (said.code, said.out) == (0, "soeknader: as it was released; never released to memory\n")
    line("withdraw", "soeknader", "--because", "Feil", "--yes")
    for command in ("drift", "plan"):
        said = line(command)
        assert said.code == 0
        assert said.out.startswith("soeknader: withdrawn 20")


def test_drift_sees_that_the_pointer_was_moved_by_hand(line: Run, own: OwnDataset) -> None:
    line("run")
    before = (own.public / "release").readlink()
    own.export.write_text(OTHER, encoding="utf-8")
    line("run")
    (own.public / "release").unlink()
    (own.public / "release").symlink_to(before)
    said = line("drift", "--json")
    (difference,) = said.line("soeknader")["differences"]
    assert (said.code, difference["live"], difference["wanted"]) == (2, "1.0.0", "1.0.1")
    line("publish")
    assert line("drift").code == 0


# ---------------------------------------------------------------------------------------- a portal's texts are foreign

HOSTILE = "\x1b]0;eid\x07\x9b31m\u202e<b>\r\nsoeknader: nothing would change\n" + "x" * 500


def test_a_terminal_obeys_nothing_that_a_portal_says(line: Run, board: Board) -> None:
    line("run")
    board.write("soeknader", "title", HOSTILE, by=HOSTILE, at=HOSTILE)
    board.write("soeknader", "address", HOSTILE, by=HOSTILE)
    for command in ("drift", "plan", "publish"):
        out = line(command).out
        assert all(text.isprintable() for text in out.splitlines()), out
        assert "\nsoeknader: nothing" not in out
        assert "x" * 201 not in out
        if command == "drift":
            assert "…" in out


def test_json_means_the_same_and_is_as_harmless(line: Run, board: Board) -> None:
    line("run")
    board.write("soeknader", "title", HOSTILE)
    said = line("drift", "--json")
    assert said.line("soeknader")["differences"][0]["live"] == HOSTILE
    assert all(text.isprintable() for text in said.out.splitlines())


def test_nor_does_it_what_an_error_quotes(line: Run, board: Board) -> None:
    board.error = PortalForbidden(HOSTILE)
    line("build")
    for command, code in ((("publish",), 32), (("portal", "check"), 30)):
        said = line(*command)
        assert said.code == code
        assert all(text.isprintable() for text in (said.out + said.err).splitlines())


# ------------------------------------------------------------------------------------------------------ portal check


def test_portal_check_says_what_to_do(line: Run, board: Board) -> None:
    assert line("portal", "check").code == 0
    board.checks = (Checked("a nail", ok=False, found="none", todo="Drive one in."),)
    said = line("portal", "check", "--language", "en")
    assert said.code == 30
    assert "memory  a nail       ✗  none" in said.out
    assert "  a nail: Drive one in." in said.out


def test_a_portal_that_cannot_be_asked_hides_no_other(line: Run, board: Board) -> None:
    board.error = PortalForbidden("The token is wrong.")
    said = line("portal", "check", "--json")
    assert said.code == said.document["exit_code"] == 30
    assert [check["ok"] for check in said.document["portals"]["site"]] == [True]
    (check,) = said.document["portals"]["memory"]
    assert (check["ok"], check["todo"]) == (False, "The token is wrong.")
