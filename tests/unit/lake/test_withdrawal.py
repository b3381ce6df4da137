"""What is withdrawn is gone from the public tree, stays known inside, and never comes back by another way."""

import json
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from apendata.errors import UsageError
from apendata.lake import Lake
from apendata.model import VersionNumber
from tests.unit.lake.builders import CLOCK, ROWS, build, build_and_publish, loose, number, publish, revised, safe

CANARY = 987_654_321


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A second passes between two looks at the clock: what was made before a withdrawal is told by its time."""
    seconds = count()
    return Lake.open(tmp_path / "lake", clock=lambda: CLOCK() + timedelta(seconds=next(seconds)))


def three_versions(lake: Lake) -> None:
    """1.0.1 holds the canary, and so does the changes.csv of 1.0.2, which takes it back."""
    build_and_publish(lake, loose())
    build_and_publish(lake, loose(), safe(revised(ROWS, 0, antall=CANARY)))
    build_and_publish(lake, loose(), safe(revised(ROWS, 0, antall=13)))


def withdraw(lake: Lake, version: str | None, because: str = "feil i kilden") -> None:
    with lake.lock("ansatte"):
        lake.withdraw("ansatte", None if version is None else number(version), because)


def holding_canary(folder: Path) -> list[str]:
    found = [path for path in sorted(folder.rglob("*")) if path.is_file() and str(CANARY).encode() in path.read_bytes()]
    return [path.relative_to(folder).as_posix() for path in found]


def test_a_withdrawn_version_leaves_a_tombstone_and_takes_its_echo_with_it(lake: Lake) -> None:
    three_versions(lake)
    public = lake.layout.public
    assert "ansatte/v1.0.2/changes.csv" in holding_canary(public)
    withdraw(lake, "1.0.1")
    assert holding_canary(public) == []
    assert [path.name for path in (public / "ansatte" / "v1.0.1").iterdir()] == ["withdrawn.json"]
    stone = json.loads((public / "ansatte" / "v1.0.1" / "withdrawn.json").read_text())
    assert (stone["version"], stone["because"]) == ("1.0.1", "feil i kilden")
    assert [str(v.number) for v in lake.exposed("ansatte")] == ["1.0.2", "1.0.0"]
    assert "changes.csv" not in {file.path for file in lake.exposed("ansatte")[0].files}
    assert lake.verify() == ()


def test_it_was_seen_and_its_number_is_taken(lake: Lake) -> None:
    three_versions(lake)
    withdraw(lake, "1.0.2")
    values = {v for shown in lake.seen(loose())["ansatte"] for v in shown.data.column("aar").to_pylist()}
    assert values  # withdrawn versions are asked for too
    version = build(lake, loose(), safe(revised(ROWS, 0, antall=14)))
    assert version.number == VersionNumber(1, 0, 3)


def test_the_next_version_does_not_tell_what_was_withdrawn(lake: Lake) -> None:
    build_and_publish(lake, loose())
    build_and_publish(lake, loose(), safe(revised(ROWS, 0, antall=CANARY)))
    withdraw(lake, "1.0.1")
    version = build(lake, loose(), safe(revised(ROWS, 0, antall=13)))
    publish(lake, version)
    assert version.number == VersionNumber(1, 0, 2)
    changes = (lake.layout.public / "ansatte" / "v1.0.2" / "changes.csv").read_text()
    assert str(CANARY) not in changes
    assert ",12,13," in changes


def test_all_of_a_dataset_may_go_and_a_new_version_may_follow(lake: Lake) -> None:
    three_versions(lake)
    withdraw(lake, None)
    assert lake.exposed("ansatte") == ()
    assert holding_canary(lake.layout.public) == []
    assert lake.verify() == ()
    with lake.lock("ansatte"):
        assert lake.resume("ansatte")
    version = build(lake, loose(), safe(revised(ROWS, 0, antall=13)))
    assert version.number == VersionNumber(1, 0, 3)
    publish(lake, version)
    assert [str(v.number) for v in lake.exposed("ansatte")] == ["1.0.3"]
    assert lake.verify() == ()


def test_the_same_rows_may_come_again_under_a_new_number(lake: Lake) -> None:
    build_and_publish(lake, loose())
    withdraw(lake, None)
    with lake.lock("ansatte"):
        lake.resume("ansatte")
    head = lake.head("ansatte")
    assert head is not None
    with lake.lock("ansatte"):
        assert lake.unchanged("ansatte", head.build_key) is None
    assert build(lake, loose()).number == VersionNumber(1, 0, 1)


def test_what_was_withdrawn_can_be_neither_held_nor_exposed(lake: Lake) -> None:
    three_versions(lake)
    withdrawn = lake.version("ansatte", number("1.0.1"))
    withdraw(lake, "1.0.1")
    with lake.lock("ansatte"):
        with pytest.raises(UsageError, match="withdrawn"):
            lake.hold("ansatte", number("1.0.1"), "nei")
        with pytest.raises(UsageError, match="withdrawn"):
            lake.expose(withdrawn)


def test_a_version_that_was_never_public_cannot_be_withdrawn(lake: Lake) -> None:
    build(lake, loose())
    with pytest.raises(UsageError, match="never public"):
        withdraw(lake, "1.0.0")


def test_withdrawing_again_changes_nothing(lake: Lake) -> None:
    three_versions(lake)
    withdraw(lake, "1.0.1", "først")
    before = {path: path.lstat().st_mtime_ns for path in sorted(lake.layout.public.rglob("*"))}
    withdraw(lake, "1.0.1", "igjen")
    assert [part.because for part in lake.withdrawn("ansatte")] == ["først"]
    assert {path: path.lstat().st_mtime_ns for path in sorted(lake.layout.public.rglob("*"))} == before


@pytest.mark.parametrize("died", ["before the tombstone", "without either", "with the version aside"])
def test_a_withdrawal_that_died_half_way_is_finished_by_whoever_comes_next(lake: Lake, died: str) -> None:
    three_versions(lake)
    place = lake.layout.public_version("ansatte", number("1.0.1"))
    saved = {path.name: path.read_bytes() for path in place.iterdir()}
    withdraw(lake, "1.0.1")
    (place / "withdrawn.json").unlink()
    if died == "without either":
        place.rmdir()
    else:
        target = place if died == "before the tombstone" else place.with_name(".v1.0.1-withdrawn")
        target.mkdir(exist_ok=True)
        for name, content in saved.items():
            (target / name).write_bytes(content)
    if died == "with the version aside":
        place.rmdir()
    with lake.lock("ansatte"):
        pass
    assert holding_canary(lake.layout.public) == []
    assert lake.verify() == ()


def test_a_withdrawn_file_that_is_there_again_is_found_and_taken_away(lake: Lake) -> None:
    three_versions(lake)
    withdraw(lake, "1.0.1")
    (lake.layout.public_version("ansatte", number("1.0.1")) / "ansatte.csv").write_text("x")
    assert [finding.code for finding in lake.verify()] == []
    assert holding_canary(lake.layout.public) == []
