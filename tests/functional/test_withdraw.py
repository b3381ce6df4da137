"""withdraw where it is hard: it dies half-way, a portal is away, the definition is gone, the same rows come again."""

import io
import json
import os
import shutil
from pathlib import Path

import pytest

from apendata.errors import PortalUnavailable
from apendata.lake import Lake
from apendata.model import VersionNumber
from tests.functional.conftest import Run
from tests.functional.memory_portal import Board, board
from tests.functional.own_dataset import EXPORT, OwnDataset, make
from tests.test_privacy import contents, forms

__all__ = ["board"]

CANARY = 987_654_321
BAD = EXPORT.replace("1\u00a0300", "987\u00a0654\u00a0321")
YEAR = EXPORT + "9731;010;7\n"
BECAUSE = ("--because", "Feil i kilden")


@pytest.fixture
def own(tmp_path: Path) -> OwnDataset:
    return make(tmp_path)


@pytest.fixture
def line(apendata: Run, own: OwnDataset) -> Run:
    return lambda *words, **more: apendata(*words, **own.settings, **more)


def run(line: Run, own: OwnDataset, *exports: str) -> None:
    for export in exports:
        own.export.write_text(export, encoding="utf-8")
        assert line("run").code == 0


def found(own: OwnDataset, number: int = CANARY) -> list[str]:
    return [name for name, data in contents(own.public.parent) if any(form in data for form in forms(number))]


def shown(own: OwnDataset) -> str | None:
    return json.loads((own.public / "latest.json").read_text()).get("version")


def lake_of(own: OwnDataset) -> Lake:
    return Lake.open(own.folder / "lake")


def test_what_is_redefined_shows_the_withdrawn_figures_no_more(line: Run, own: OwnDataset) -> None:
    """A new title ends a rollback's hold; it is no reason to show again what had to go."""
    run(line, own, EXPORT, BAD)
    line("withdraw", "soeknader", "1.0.1", *BECAUSE, "--yes")
    own.definition.write_text(own.definition.read_text().replace("Søknader per år", "Alle søknader per år"))
    night = line("run", "--json").line("soeknader")
    assert found(own) == []
    assert night["outcome"] == "HELD"


def test_a_withdrawal_that_died_after_its_first_step_is_not_undone_by_the_night(line: Run, own: OwnDataset) -> None:
    run(line, own, EXPORT, BAD)
    lake = lake_of(own)
    with lake.lock("soeknader"):
        lake.withdraw("soeknader", VersionNumber(1, 0, 1), "Feil")  # and then the process died
    line("run")
    assert found(own) == []
    assert shown(own) == "1.0.0"


def test_one_portal_that_is_away_keeps_no_other_from_being_emptied(line: Run, own: OwnDataset, board: Board) -> None:
    portals = {"APENDATA_PORTALS": "memory,site"}
    for export in (EXPORT, BAD):
        own.export.write_text(export, encoding="utf-8")
        assert line("run", **portals).code == 0
    board.error = PortalUnavailable("away")
    said = line("withdraw", "soeknader", "1.0.1", *BECAUSE, "--yes", **portals)
    assert said.code == 31
    assert found(own) == []
    assert shown(own) == "1.0.0"
    assert line("verify", **portals).code == 22
    board.error = None
    line("publish", **portals)
    assert board.fields["soeknader"]["version"] == "1.0.0"
    assert line("verify", **portals).code == 0


def test_a_defect_in_one_portal_keeps_no_other_from_being_emptied(line: Run, own: OwnDataset, board: Board) -> None:
    portals = {"APENDATA_PORTALS": "memory,site"}
    own.export.write_text(BAD, encoding="utf-8")
    assert line("run", **portals).code == 0
    board.error = KeyError(CANARY)
    said = line("withdraw", "soeknader", *BECAUSE, "--yes", **portals)
    assert said.code == 70
    assert str(CANARY) not in said.out
    assert found(own) == []


def test_a_period_that_only_the_withdrawn_version_had_is_named_nowhere(line: Run, own: OwnDataset) -> None:
    run(line, own, EXPORT, YEAR, EXPORT)
    assert any(name.endswith("datapackage.json") for name in found(own, 9731))
    line("withdraw", "soeknader", "1.0.1", *BECAUSE, "--yes")
    assert [n for n, d in contents(own.public.parent) if b"9731" in d] == []
    assert line("verify").code == 0


def test_a_dataset_whose_definition_is_gone_or_broken_can_be_withdrawn(line: Run, own: OwnDataset) -> None:
    run(line, own, BAD)
    own.definition.write_text("title: [")
    assert line("withdraw", "soeknader", *BECAUSE, "--yes").code == 0
    assert found(own) == []


def test_a_dataset_that_is_no_longer_defined_can_be_withdrawn(line: Run, own: OwnDataset) -> None:
    run(line, own, BAD)
    shutil.rmtree(own.definition.parent)
    assert line("withdraw", "soeknader", *BECAUSE, "--yes").code == 0
    assert found(own) == []
    assert "All of it withdrawn" in line("history", "soeknader").out
    assert line("withdraw", "finnes-ikke", *BECAUSE, "--yes").code == 64


def test_an_old_export_that_comes_back_brings_nothing_back(line: Run, own: OwnDataset) -> None:
    run(line, own, EXPORT, BAD, EXPORT.replace("1\u00a0300", "1\u00a0302"))
    line("withdraw", "soeknader", "1.0.1", *BECAUSE, "--yes")
    run(line, own, BAD)
    assert found(own) == []
    assert shown(own) == "1.0.2"
    said = line("plan", "--json").line("soeknader")
    assert "1.0.2 stays" in said["why"]
    assert "Feil i kilden" in line("list").out
    own.export.write_text(EXPORT.replace("1\u00a0300", "1\u00a0303"), encoding="utf-8")
    assert line("run", "--json").line("soeknader")["outcome"] == "PUBLISHED"


def test_who_has_looked_at_the_rows_may_let_them_come_again(line: Run, own: OwnDataset) -> None:
    run(line, own, EXPORT, BAD)
    line("withdraw", "soeknader", "1.0.1", *BECAUSE, "--yes")
    line("run")
    said = line("resume", "soeknader")
    assert "those of 1.0.1, may be public again" in said.out
    assert line("run", "--json").line("soeknader")["outcome"] == "PUBLISHED"
    assert shown(own) == "1.0.2"
    assert [p.name for p in (own.public / "v1.0.1").iterdir()] == ["withdrawn.json"]


def test_the_only_version_takes_the_dataset_with_it_and_the_answer_says_so(line: Run, own: OwnDataset) -> None:
    run(line, own, BAD)
    said = line("withdraw", "soeknader", "1.0.0", *BECAUSE, "--yes", "--json").line("soeknader")
    assert said["outcome"] == "WITHDRAWN"
    assert "nothing older than 1.0.0 stands" in said["why"]
    assert found(own) == []
    assert line("withdraw", "soeknader", "1.0.0", *BECAUSE, "--yes").code == 0
    told = line("history", "soeknader", "--json").document
    assert told["withdrawn"]["because"] == told["versions"][0]["withdrawn"]["because"] == "Feil i kilden"


def test_a_night_that_waits_for_approval_still_finishes_a_withdrawal(line: Run, own: OwnDataset) -> None:
    run(line, own, EXPORT, YEAR, EXPORT)
    own.definition.write_text(own.definition.read_text().replace("release: automatic", "release: reviewed"))
    lake = lake_of(own)
    with lake.lock("soeknader"):
        lake.withdraw("soeknader", VersionNumber(1, 0, 1), "Feil")  # and then the process died
    own.export.write_text(EXPORT.replace("1\u00a0300", "1\u00a0302"), encoding="utf-8")
    assert line("run", "--json").line("soeknader")["outcome"] == "AWAITING_REVIEW"
    assert [n for n, d in contents(own.public.parent) if b"9731" in d] == []
    assert "1.0.1" in (own.public / "index.html").read_text()
    assert line("verify").code == 0


@pytest.mark.parametrize("version", ["1.0.1", None])
def test_a_portal_that_is_no_longer_set_is_named_until_it_was_emptied(
    line: Run, own: OwnDataset, board: Board, version: str | None
) -> None:
    both = {"APENDATA_PORTALS": "site,memory"}
    for export in (EXPORT, BAD):
        own.export.write_text(export, encoding="utf-8")
        assert line("run", **both).code == 0
    what = ("soeknader", version) if version else ("soeknader",)
    said = line("withdraw", *what, *BECAUSE, "--yes")
    assert said.code == 64
    assert "memory" in said.out
    assert found(own) == []
    assert line("verify").code == 22
    assert "memory" in line("publish").out
    assert line("publish", **both).code == 0
    assert line("verify").code == 0
    assert line("publish").code == 0


def test_a_disk_that_refuses_on_one_portal_keeps_no_other_from_being_emptied(
    line: Run, own: OwnDataset, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = {"APENDATA_PORTALS": "site,memory"}
    own.export.write_text(BAD, encoding="utf-8")
    line("run", **both)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device", "x")

    with monkeypatch.context() as full:
        full.setattr("apendata.portals.site.SitePortal.withdraw", refuse)
        assert line("withdraw", "soeknader", *BECAUSE, "--yes", **both).code == 23
    assert "soeknader" not in board.fields
    assert line("publish", **both).code == 0
    assert found(own) == []


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("says", "code"), [("ja\n", 0), ("yes\n", 0), ("nei\n", 64), ("\n", 64), ("", 64)])
def test_at_a_terminal_she_is_asked_and_told_what_goes(
    line: Run, own: OwnDataset, monkeypatch: pytest.MonkeyPatch, says: str, code: int
) -> None:
    run(line, own, EXPORT)
    monkeypatch.setattr("sys.stdin", Terminal(says))
    said = line("withdraw", "soeknader", *BECAUSE)
    assert said.code == code
    assert "everything that was ever released of soeknader" in said.err
    assert "Readers will see the reason: «Feil i kilden»" in said.err
    assert (shown(own) is None) == (code == 0)


def test_a_reason_that_is_no_text_is_refused(apendata: Run) -> None:
    ended = apendata("withdraw", "x", "--because", os.fsdecode(b"\xff"), "--yes")
    assert ended.code == 64
    assert "--because" in ended.err


@pytest.mark.parametrize("because", ["=cmd", "Gjelder 01010112377", "x" * 501, " ", "a\x1b[31m"])
def test_a_reason_that_is_no_text_for_readers_withdraws_nothing(apendata, own, because):
    apendata("run", **own.settings)
    assert apendata("rollback", "soeknader", "1.0.0", "--because", because, **own.settings).code == 64, "nor holds it"
    said = apendata("withdraw", "soeknader", "--because", because, "--yes", **own.settings)
    assert said.code == 64
    assert not (own.folder / "lake" / "public" / "soeknader" / "v1.0.0" / "withdrawn.json").exists()


def test_what_is_withdrawn_goes_though_an_older_version_s_copy_is_damaged(
    line: Run, own: OwnDataset, board: Board
) -> None:
    """Whoever withdraws a wrong figure must not wait until somebody has restored quite another file from backup."""
    both = {"APENDATA_PORTALS": "site,memory"}
    for export in (EXPORT, YEAR, YEAR.replace("1\u00a0300", "987\u00a0654\u00a0321")):
        own.export.write_text(export, encoding="utf-8")
        assert line("run", **both).code == 0
    _, older, newest = sorted(folder.name for folder in own.public.glob("v[0-9]*"))
    damaged = own.public / older / "soeknader.csv"
    damaged.chmod(0o644)
    damaged.write_bytes(damaged.read_bytes().replace(b"7", b"8"))
    ended = line("withdraw", "soeknader", newest.removeprefix("v"), "--yes", *BECAUSE, **both)
    assert ended.code == 22
    assert "The withdrawal is recorded" in ended.out + ended.err
    left = [name for name, data in contents(own.public.parent) if any(form in data for form in forms(CANARY))]
    assert left == []
    assert "soeknader" not in board.fields or newest[1:] not in str(board.fields["soeknader"])
