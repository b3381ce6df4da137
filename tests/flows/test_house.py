"""The tasks of one process share one house, however many begin at the same moment; other settings have another."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from apendata import app
from apendata.settings import Settings
from flows import steps
from tests.functional.own_dataset import EXPORT, OwnDataset, make


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OwnDataset:
    own = make(tmp_path)
    for name in [name for name in os.environ if name.startswith("APENDATA_")]:
        monkeypatch.delenv(name)
    for name, value in {**own.settings, "APENDATA_LAKE": str(tmp_path / "lake")}.items():
        monkeypatch.setenv(name, value)
    return own


def test_tasks_that_begin_together_share_a_house(own: OwnDataset, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Settings] = []
    all_here = threading.Barrier(8)

    def slow(settings: Settings, load=app.load) -> app.App:
        opened.append(settings)
        threading.Event().wait(0.05)
        return load(settings)

    def task(_: int) -> app.App:
        all_here.wait(timeout=10)
        return steps._house(samples=False)

    monkeypatch.setattr(app, "load", slow)
    with ThreadPoolExecutor(8) as pool:
        houses = list(pool.map(task, range(8)))
    assert len(opened) == 1
    assert all(house is houses[0] for house in houses)
    assert steps._house(samples=True) is not houses[0]


def test_a_new_setting_is_a_new_house_and_a_token_can_be_part_of_one(
    own: OwnDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = steps._house(samples=False)
    for name, value in {"URL": "https://ckan.example/", "TOKEN": "gammelt", "ORGANIZATION": "kommune"}.items():
        monkeypatch.setenv(f"APENDATA_CKAN_{name}", value)
    first = steps._house(samples=False)
    monkeypatch.setenv("APENDATA_CKAN_TOKEN", "nytt")
    assert len({id(before), id(first), id(steps._house(samples=False))}) == 3


def test_a_house_sees_what_changed_since_it_was_opened(own: OwnDataset) -> None:
    house = steps._house(samples=False)
    assert house.run("soeknader").version is not None
    own.export.write_text(EXPORT.replace("1\u00a0300", "1\u00a0301"), encoding="utf-8")
    own.definition.write_text(own.definition.read_text().replace("nb: Søknader,", "nb: Andre søknader,", 1))
    version = house.run("soeknader").version
    assert version is not None
    assert version.descriptor["title"] == "Andre søknader"
    assert str(version.number) != "1.0.0"


def test_an_installation_that_fails_is_tried_anew(own: OwnDataset, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as wrong:
        wrong.setenv("APENDATA_PORTALS", "finnes-ikke")
        for _ in range(2):
            with pytest.raises(steps.DatasetFailed, match="UsageError"):
                steps._house(samples=False)
    assert steps._house(samples=False).portals.keys() == {"site"}
