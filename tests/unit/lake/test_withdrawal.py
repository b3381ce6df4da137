"""What is withdrawn is gone from the public tree, stays known inside, and never comes back by another way."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from apendata.errors import UsageError
from apendata.lake import Lake
from apendata.model import ChangeClass, Dataset, Disclosure, SafeTable, Text, VersionNumber
from tests.unit.lake.builders import (
    CLOCK,
    ROWS,
    ansatte_schema,
    build,
    build_and_publish,
    dataset,
    loose,
    number,
    publish,
    revised,
    safe,
)

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


def codes(lake: Lake) -> list[str]:
    return [finding.code for finding in lake.verify()]


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


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
    assert codes(lake) == ["lake_portal_not_emptied"]
    with lake.lock("ansatte"):
        lake.forget("ansatte", "site")
    assert codes(lake) == []
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


@pytest.mark.parametrize(
    ("place", "file", "content"),
    [
        ("v1.0.1", "ansatte.csv", "x"),
        ("v1.0.1", "withdrawn.json", "{}"),
        ("v1.0.2", "changes.csv", "x"),
        ("v1.0.2", "withdrawn.json", "{}"),
    ],
)
def test_what_is_there_again_is_found_by_verify_and_taken_away_by_the_next_run(
    lake: Lake, place: str, file: str, content: str
) -> None:
    """Verify mends nothing by itself: that something came back is news, and somebody did it."""
    three_versions(lake)
    withdraw(lake, "1.0.1")
    before = tree(lake.layout.public)
    (lake.layout.public / "ansatte" / place / file).write_text(content)
    assert codes(lake) == ["lake_not_withdrawn"]
    assert codes(lake) == ["lake_not_withdrawn"]
    with lake.lock("ansatte"):
        pass
    assert tree(lake.layout.public) == before
    assert codes(lake) == []


def test_a_descriptor_that_tells_again_what_was_withdrawn_is_found(lake: Lake) -> None:
    three_versions(lake)
    withdraw(lake, "1.0.1")
    inside = lake.version("ansatte", number("1.0.2")).folder / "datapackage.json"
    (lake.layout.public / "ansatte" / "v1.0.2" / "datapackage.json").write_bytes(inside.read_bytes())
    assert codes(lake) == ["lake_file_changed"]
    with lake.lock("ansatte"):
        pass
    assert codes(lake) == []


PEOPLE = Disclosure("suppression", people="a", threshold=5, value="antall", dimensions=("kode",), per=("aar",))


def test_disclosure_control_is_told_of_it_for_ever(lake: Lake) -> None:
    definition = dataset(replace(loose().tables[0], disclosure=PEOPLE))
    build_and_publish(lake, definition)
    build_and_publish(lake, definition, safe(revised(ROWS, 0, antall=CANARY)))
    withdraw(lake, "1.0.1")
    told = [value for part in lake.seen(definition)["ansatte"] for value in part.data["antall"].to_pylist()]
    assert CANARY in told


def test_a_period_of_a_withdrawn_version_is_not_named_by_the_next_one(lake: Lake) -> None:
    build_and_publish(lake, loose())
    build_and_publish(lake, loose(), safe((*ROWS, (CANARY, "0301", 1, None, None, None))))
    build_and_publish(lake, loose(), safe(ROWS))
    assert {"ansatte/v2.0.0/changes.csv", "ansatte/v2.0.0/datapackage.json"} <= set(holding_canary(lake.layout.public))
    withdraw(lake, "1.0.1")
    assert holding_canary(lake.layout.public) == []
    (newest, _) = lake.exposed("ansatte")
    assert [(c.rule, c.level, c.details) for c in newest.changes] == [
        ("predecessor_withdrawn", ChangeClass.MAJOR, {"version": "1.0.1"})
    ]
    public = lake.layout.public / "ansatte" / "v2.0.0"
    assert json.loads((public / "datapackage.json").read_text()) == newest.descriptor
    for file in newest.files:
        assert hashlib.sha256((public / file.path).read_bytes()).hexdigest() == file.sha256
    assert codes(lake) == []


def test_a_version_that_waits_and_was_compared_with_it_is_exposed_without_the_echo(lake: Lake) -> None:
    build_and_publish(lake, loose())
    build_and_publish(lake, loose(), safe(revised(ROWS, 0, antall=CANARY)))
    waiting = build(lake, loose(), safe(revised(ROWS, 0, antall=13)))
    withdraw(lake, "1.0.1")
    publish(lake, waiting)
    assert holding_canary(lake.layout.public) == []
    assert codes(lake) == []
    assert "changes.csv" not in {file.path for file in lake.as_public(waiting).files}


def without_column(name: str) -> tuple[Dataset, dict[str, SafeTable]]:
    part = ansatte_schema()
    position = [f["name"] for f in part["fields"]].index(name)
    del part["fields"][position]
    rows = [(*row[:position], *row[position + 1 :]) for row in ROWS]
    return dataset(replace(loose().tables[0], schema=part)), safe(rows, table_schema=part)


def test_a_number_is_honest_to_those_who_got_the_withdrawn_version_in_time(lake: Lake) -> None:
    """2.0.0 lost a column and is withdrawn: it comes back, before others, so not as 2.0.1."""
    build_and_publish(lake, loose())
    assert build_and_publish(lake, *without_column("beloep")).number == number("2.0.0")
    withdraw(lake, "2.0.0")
    version = build(lake, loose(), safe(revised(ROWS, 0, antall=13)))
    assert version.number == number("3.0.0")
    assert [(c.rule, c.level) for c in version.changes] == [
        ("predecessor_withdrawn", ChangeClass.MAJOR),
        ("values_revised", ChangeClass.RELEASE),
    ]


def test_a_number_rises_no_more_than_it_must(lake: Lake) -> None:
    """The contract of the withdrawn 2.0.0 with one number mended is 2.0.1, though it breaks who has 1.0.0."""
    build_and_publish(lake, loose())
    definition, tables = without_column("beloep")
    build_and_publish(lake, definition, tables)
    withdraw(lake, "2.0.0")
    rows = [(*row[:2], 13, *row[3:]) if at == 0 else row for at, row in enumerate(_rows(tables))]
    version = build(lake, definition, safe(rows, table_schema=definition.tables[0].schema))
    assert version.number == number("2.0.1")
    assert ("column_removed", ChangeClass.MAJOR) in {(c.rule, c.level) for c in version.changes}


def _rows(tables: dict[str, SafeTable]) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in tables["ansatte"].data.to_pylist()]


def test_what_readers_have_already_is_no_new_version(lake: Lake) -> None:
    first = build_and_publish(lake, loose())
    build_and_publish(lake, loose(), safe(revised(ROWS, 0, antall=CANARY)))
    withdraw(lake, "1.0.1")
    assert build(lake, loose()).number == first.number
    assert lake.verify()[0].code == "lake_portal_not_emptied"


@pytest.mark.parametrize("title", ["ord", "et nytt ord"])
def test_the_same_rows_are_kept_back_whatever_the_definition_says_until_somebody_resumes(
    lake: Lake, title: str
) -> None:
    build_and_publish(lake, loose())
    bad = safe(revised(ROWS, 0, antall=CANARY))
    build_and_publish(lake, loose(), bad)
    withdraw(lake, "1.0.1")
    version = build(lake, replace(loose(), title=Text(title, title), definition_sha256="e" * 64), bad)
    gone = lake.withdrawal_of(version)
    assert gone is not None
    assert gone.number == number("1.0.1")
    with lake.lock("ansatte"):
        assert lake.resume("ansatte")
    assert lake.withdrawal_of(version) is None
    assert lake.withdrawal_of(lake.version("ansatte", number("1.0.1"))) is not None


def test_rows_that_stand_in_another_version_were_not_the_reason(lake: Lake) -> None:
    build_and_publish(lake, loose())
    build_and_publish(lake, replace(loose(), title=Text("Kari Nordmann", "Kari Nordmann")))
    withdraw(lake, "1.0.1")
    version = build(lake, replace(loose(), coverage=Text("alle", "all")))
    assert lake.withdrawal_of(version) is None


def test_the_ledger_is_told_once_also_by_whoever_comes_after_a_death(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    three_versions(lake)
    with monkeypatch.context() as dying, lake.lock("ansatte"):
        dying.setattr(Lake, "_note_withdrawals", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            lake.withdraw("ansatte", number("1.0.1"), "feil")
    for _ in range(2):
        withdraw(lake, "1.0.1")
    withdraw(lake, None, "alt")
    told = [(line["version"], line["because"]) for line in lake.history("ansatte") if line["event"] == "withdrawn"]
    assert told == [("all", "alt"), ("1.0.1", "feil")]


def test_the_version_that_readers_see_is_replaced_in_the_same_step(lake: Lake) -> None:
    three_versions(lake)
    withdraw(lake, "1.0.2")
    held = lake.held("ansatte")
    assert held is not None
    assert (held.number, held.because, lake.shown("ansatte")) == (number("1.0.1"), "feil i kilden", number("1.0.1"))
    withdraw(lake, "1.0.1")
    assert lake.shown("ansatte") == number("1.0.0")
    with lake.lock("ansatte"):
        assert lake.withdraw("ansatte", number("1.0.0"), "og den siste").number is None
    assert (lake.shown("ansatte"), lake.held("ansatte")) == (None, None)


def test_one_that_readers_do_not_see_goes_without_a_hold(lake: Lake) -> None:
    three_versions(lake)
    withdraw(lake, "1.0.1")
    assert lake.held("ansatte") is None
    assert lake.shown("ansatte") == number("1.0.2")


def test_a_version_that_was_exposed_and_not_yet_released_is_not_released_after_it(lake: Lake) -> None:
    """A portal may show it already: the run died before it could say so."""
    build_and_publish(lake, loose())
    version = build(lake, loose(), safe(revised(ROWS, 0, antall=CANARY)))
    with lake.lock("ansatte"):
        lake.expose(version)
    withdraw(lake, "1.0.1")
    assert holding_canary(lake.layout.public) == []
    assert lake.shown("ansatte") == number("1.0.0")
    assert lake.withdrawal_of(version) is not None


def test_a_state_from_before_there_were_withdrawals_is_read(lake: Lake) -> None:
    build_and_publish(lake, loose())
    file = lake.layout.state("ansatte")
    state = json.loads(file.read_text())
    state.pop("withdrawn", None)
    file.write_text(json.dumps(state))
    assert lake.withdrawn("ansatte") == ()
    assert codes(lake) == []


def test_a_version_from_before_it_was_recorded_with_which_it_was_compared_loses_its_echo(lake: Lake) -> None:
    three_versions(lake)
    folder = lake.version("ansatte", number("1.0.2")).folder
    record = json.loads((folder / "version.json").read_text())
    del record["compared_with"]
    (folder / "version.json").write_text(json.dumps(record))
    withdraw(lake, "1.0.1")
    assert holding_canary(lake.layout.public) == []
