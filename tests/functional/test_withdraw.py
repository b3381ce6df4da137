"""withdraw where it is hard: it dies half-way, a portal is away, the definition is gone, the same rows come again."""

import json
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
