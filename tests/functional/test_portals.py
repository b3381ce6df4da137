"""plan, drift, withdraw and portal check as their users have them; the portal is the static one."""

import json
from pathlib import Path

import pytest

from tests.functional import own_dataset
from tests.functional.conftest import Run
from tests.functional.own_dataset import OwnDataset
from tests.test_privacy import contents, forms

CANARY = 987_654_321


@pytest.fixture
def own(tmp_path: Path) -> OwnDataset:
    return own_dataset.make(tmp_path)


def state(folder: Path) -> dict[Path, tuple[int, bytes]]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and "locks" not in path.parts]
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def with_canary(own: OwnDataset) -> str:
    """The export with another number in it."""
    text = own.export.read_text()
    changed = text.replace("1\u00a0300", "987\u00a0654\u00a0321")
    assert changed != text
    return changed


def test_a_plan_says_what_would_change_and_writes_nothing(apendata: Run, own: OwnDataset, tmp_path: Path) -> None:
    assert apendata("plan", **own.settings).code == 64
    apendata("build", **own.settings)
    before = state(tmp_path / "lake")
    said = apendata("plan", "--json", **own.settings)
    assert said.code == 2
    (difference,) = said.line("soeknader")["differences"]
    assert (difference["field"], difference["live"], difference["wanted"]) == ("version", None, "1.0.0")
    assert state(tmp_path / "lake") == before
    apendata("publish", **own.settings)
    said = apendata("plan", **own.settings)
    assert (said.code, said.out) == (0, "soeknader: nothing would change\n")


def test_drift_says_what_other_hands_changed(apendata: Run, own: OwnDataset) -> None:
    apendata("run", **own.settings)
    assert apendata("drift", **own.settings).code == 0
    (own.public / "release").unlink()
    said = apendata("drift", "--json", **own.settings)
    assert said.code == 2
    assert said.line("soeknader")["differences"][0]["wanted"] == "1.0.0"


def test_what_was_withdrawn_is_in_no_public_byte(apendata: Run, own: OwnDataset) -> None:
    apendata("run", **own.settings)
    original = own.export.read_text()
    own.export.write_text(with_canary(own))
    apendata("run", **own.settings)
    own.export.write_text(original)
    apendata("run", **own.settings)
    public = own.public.parent
    assert found(public)
    said = apendata("withdraw", "soeknader", "1.0.1", "--because", "Feil i kilden", "--yes", **own.settings)
    assert said.code == 0
    assert "WITHDRAWN" in said.out
    assert found(public) == []
    assert "Feil i kilden" in (own.public / "index.html").read_text()
    assert apendata("verify", **own.settings).code == 0
    assert "withdrawn" in apendata("history", "soeknader", **own.settings).out
    assert apendata("rollback", "soeknader", "1.0.1", "--because", "nei", **own.settings).code == 64


def found(public: Path) -> list[str]:
    return [name for name, data in contents(public) if any(form in data for form in forms(CANARY))]


def test_withdrawing_what_readers_see_shows_them_the_version_before(apendata: Run, own: OwnDataset) -> None:
    apendata("run", **own.settings)
    own.export.write_text(with_canary(own))
    apendata("run", **own.settings)
    apendata("withdraw", "soeknader", "1.0.1", "--because", "Feil", "--yes", **own.settings)
    latest = json.loads((own.public / "latest.json").read_text())
    assert latest["version"] == "1.0.0"
    assert found(own.public.parent) == []
    assert apendata("run", "--json", **own.settings).line("soeknader")["outcome"] == "HELD"
    assert json.loads((own.public / "latest.json").read_text())["version"] == "1.0.0"


def test_a_whole_dataset_goes_and_stays_away_until_it_is_resumed(apendata: Run, own: OwnDataset) -> None:
    own.export.write_text(with_canary(own))
    apendata("run", **own.settings)
    apendata("withdraw", "soeknader", "--because", "Feil", "--yes", **own.settings)
    assert found(own.public.parent) == []
    latest = json.loads((own.public / "latest.json").read_text())
    assert (latest["withdrawn"], latest["because"]) == (True, "Feil")
    night = apendata("run", "--json", **own.settings).line("soeknader")
    assert (night["outcome"], night["error"]) == ("WITHDRAWN", None)
    assert "withdrawn" in apendata("list", **own.settings).out
    apendata("resume", "soeknader", **own.settings)
    assert apendata("run", "--json", **own.settings).line("soeknader")["version"] == "1.0.1"
    assert found(own.public.parent)
    assert apendata("verify", **own.settings).code == 0


def test_nobody_withdraws_by_mistake(apendata: Run, own: OwnDataset) -> None:
    apendata("run", **own.settings)
    before = state(own.public)
    said = apendata("withdraw", "soeknader", "--because", "Feil", **own.settings)
    assert said.code == 64
    assert "cannot be called back" in said.err
    assert state(own.public) == before


def test_portal_check_says_whether_a_first_run_can_begin(apendata: Run, own: OwnDataset) -> None:
    said = apendata("portal", "check", "--json", **own.settings)
    assert said.code == 0
    assert [check["ok"] for check in said.document["portals"]["site"]] == [True]


def test_ckan_without_its_settings_is_a_usage_error_that_says_what_to_set(apendata: Run, own: OwnDataset) -> None:
    said = apendata("plan", **own.settings, APENDATA_PORTALS="site,ckan")
    assert said.code == 64
    assert "APENDATA_CKAN_URL" in said.err
