"""The life of versions: first, unchanged, revised, waiting, replaced, rolled back."""

import csv
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from apendata.errors import DriftExceeded, InternalError, LakeConflict, LakeCorrupt, UsageError
from apendata.lake import Lake
from apendata.model import ChangeClass, Condition, Publication, Revision, Text
from apendata.model.release import Outcome
from tests.unit.lake.builders import (
    CLOCK,
    ROWS,
    arrow,
    build,
    build_and_publish,
    dataset,
    loose,
    number,
    publish,
    revised,
    safe,
    with_revisions,
)

NEW_YEAR = (*ROWS, (2025, "0301", 15, None, None, None))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(tmp_path / "lake", clock=CLOCK)


def tree(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(p.relative_to(folder)): (p.stat().st_mtime_ns, p.stat().st_size) for p in sorted(folder.rglob("*"))}


def changes_of(version: Any) -> list[dict[str, str]]:
    with (version.folder / "changes.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_first_version_is_complete(lake: Lake) -> None:
    version = build_and_publish(lake, loose())
    assert (version.number, version.kind, version.changes) == (number("1.0.0"), "first", ())
    assert lake.head("ansatte") == version
    public = lake.layout.root / "public" / "ansatte" / "v1.0.0"
    assert sorted(p.name for p in public.iterdir()) == [
        "ansatte.csv",
        "ansatte.parquet",
        "ansatte.xlsx",
        "changes.csv",
        "datapackage.json",
    ]
    assert json.loads((public / "datapackage.json").read_text()) == version.descriptor
    assert changes_of(version) == []
    assert lake.released("ansatte", "site") == number("1.0.0")
    assert [line["event"] for line in lake.history("ansatte")] == ["published", "exposed", "committed"]
    assert lake.verify() == ()


def test_same_again_writes_nothing_public_and_is_recognised_by_its_key(lake: Lake) -> None:
    version = build_and_publish(lake, loose())
    before = tree(lake.layout.root)
    assert build_and_publish(lake, loose()) == version
    after = tree(lake.layout.root)
    assert {n: s for n, s in before.items() if n.startswith("public")} == {
        n: s for n, s in after.items() if n.startswith("public")
    }
    assert lake.unchanged("ansatte", version.build_key) == version
    assert lake.unchanged("ansatte", "other") is None
    (version.folder / "ansatte.csv").unlink()
    assert lake.unchanged("ansatte", version.build_key) is None


def test_equal_result_of_another_build_only_moves_the_key(lake: Lake) -> None:
    version = build_and_publish(lake, loose())
    other = replace(loose(), definition_sha256="e" * 64)
    assert build(lake, other) == version
    assert lake.unchanged("ansatte", version.build_key) is None
    assert len(lake.versions("ansatte")) == 1
    assert lake.verify() == ()


@pytest.mark.parametrize(
    ("rows", "expected", "rules"),
    [
        (NEW_YEAR, "1.0.1", {"rows_appended"}),
        (revised(ROWS, 0, antall=13), "1.0.1", {"values_revised"}),
        (revised(ROWS, 0, antall=None, antall_status=":"), "1.0.1", {"values_hidden"}),
        (revised(ROWS, 1, antall=7, antall_status=None), "1.0.1", {"values_shown"}),
        (ROWS[:2], "2.0.0", {"many_rows_removed", "period_removed"}),
    ],
    ids=["append", "revise", "hide", "show", "remove"],
)
def test_rows_decide_the_number(lake: Lake, rows: Any, expected: str, rules: set[str]) -> None:
    build_and_publish(lake, loose())
    version = build_and_publish(lake, loose(), safe(rows))
    assert (version.number, version.kind) == (number(expected), "data")
    assert {change.rule for change in version.changes} == rules


def test_descriptor_alone_is_a_metadata_release(lake: Lake) -> None:
    first = build_and_publish(lake, loose())
    version = build_and_publish(lake, replace(loose(), keywords=(Text("nytt", "new"),)))
    assert (version.number, version.kind, version.data_sha256) == (number("1.0.1"), "metadata", first.data_sha256)
    assert [(c.rule, c.level) for c in version.changes] == [("metadata_changed", ChangeClass.RELEASE)]


def test_changes_csv_tells_cells_rows_and_reasons(lake: Lake) -> None:
    why = Revision(Text("Rettet feil i 2023", "Error in 2023"), {"aar": Condition(equals="2023")})
    build_and_publish(lake, with_revisions(why))
    rows = (
        *revised(revised(ROWS, 0, antall=13, merknad=None), 2, merknad="ny")[:3],
        (2025, "0400", 1, None, None, None),
    )
    version = build_and_publish(lake, with_revisions(why), safe(rows))
    lines = [tuple(line.values()) for line in changes_of(version)]
    assert lines == [
        ("ansatte", '{"aar":2023,"kode":"0301"}', "antall", "12", "13", "endret", "Rettet feil i 2023"),
        ("ansatte", '{"aar":2023,"kode":"0301"}', "merknad", "a", "", "endret", "Rettet feil i 2023"),
        ("ansatte", '{"aar":2024,"kode":"0301"}', "merknad", ROWS[2][5], "ny", "endret", ""),
        ("ansatte", '{"aar":2025,"kode":"0400"}', "", "", "", "ny", ""),
        ("ansatte", '{"aar":2024,"kode":"0302"}', "", "", "", "fjernet", ""),
    ]
    assert json.loads(lines[0][1]) == {"aar": 2023, "kode": "0301"}


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (ROWS, revised(ROWS, 0, antall=None, antall_status=":"), "skjult"),
        (revised(ROWS, 0, antall=None, antall_status=":"), ROWS, "vist"),
    ],
)
def test_a_number_that_is_or_was_hidden_is_never_told(lake: Lake, old: Any, new: Any, kind: str) -> None:
    build_and_publish(lake, loose(), safe(old))
    version = build_and_publish(lake, loose(), safe(new))
    lines = changes_of(version)
    assert [(line["kolonne"], line["gammel_verdi"], line["ny_verdi"], line["endring"]) for line in lines] == [
        ("antall_status", "", "", kind)
    ]
    assert "12" not in json.dumps([c.details for c in version.changes])


def test_a_waiting_version_gives_its_number_to_the_next(lake: Lake) -> None:
    build_and_publish(lake, loose())
    waiting = build(lake, loose(), safe(NEW_YEAR))
    other = build(lake, loose(), safe(revised(NEW_YEAR, 0, antall=99)))
    assert waiting.number == other.number == number("1.0.1")
    assert waiting.folder != other.folder
    assert not waiting.folder.exists()
    assert {change.rule for change in other.changes} == {"rows_appended", "values_revised"}
    assert [v.number for v in lake.versions("ansatte")] == [number("1.0.1"), number("1.0.0")]
    assert [v.number for v in lake.exposed("ansatte")] == [number("1.0.0")]
    assert lake.verify() == ()


def test_the_same_waiting_version_stays_as_it_is(lake: Lake) -> None:
    build_and_publish(lake, loose())
    waiting = build(lake, loose(), safe(NEW_YEAR))
    before = waiting.folder.stat().st_mtime_ns
    again = build(lake, replace(loose(), definition_sha256="e" * 64), safe(NEW_YEAR))
    assert again == waiting
    assert waiting.folder.stat().st_mtime_ns == before


def test_a_waiting_version_is_dropped_when_the_sources_go_back(lake: Lake) -> None:
    first = build_and_publish(lake, loose())
    waiting = build(lake, loose(), safe(NEW_YEAR))
    assert build(lake, loose()) == first
    assert not waiting.folder.exists()
    assert lake.head("ansatte") == first
    assert lake.verify() == ()


def test_an_exposed_number_is_never_used_again(lake: Lake) -> None:
    build_and_publish(lake, loose())
    second = build_and_publish(lake, loose(), safe(NEW_YEAR))
    with lake.lock("ansatte"):
        lake.hold("ansatte", number("1.0.0"), "feil i 1.0.1")
    publish(lake, lake.version("ansatte", number("1.0.0")))
    third = build_and_publish(lake, loose(), safe(revised(ROWS, 0, antall=13)))
    assert third.number > second.number
    assert lake.verify() == ()


def test_rollback_holds_until_something_new_is_built(lake: Lake) -> None:
    build_and_publish(lake, loose())
    build_and_publish(lake, loose(), safe(NEW_YEAR))
    with lake.lock("ansatte"):
        lake.hold("ansatte", number("1.0.0"), "feil i 2025")
    publish(lake, lake.version("ansatte", number("1.0.0")))
    assert lake.released("ansatte", "site") == number("1.0.0")
    build(lake, loose(), safe(NEW_YEAR))
    build(lake, replace(loose(), definition_sha256="e" * 64), safe(NEW_YEAR))
    held = lake.held("ansatte")
    assert held is not None
    assert (held.number, held.because) == (number("1.0.0"), "feil i 2025")
    newer = build(lake, loose(), safe((*ROWS, (2025, "0301", 16, None, None, None))))
    assert lake.held("ansatte") is None
    publish(lake, newer)
    assert lake.released("ansatte", "site") == newer.number
    assert [line["event"] for line in lake.history("ansatte")].count("rolled_back") == 1
    assert lake.verify() == ()


def test_going_back_to_a_version_that_was_there_does_not_end_a_hold(lake: Lake) -> None:
    build_and_publish(lake, loose())
    bad = build_and_publish(lake, loose(), safe(NEW_YEAR))
    build(lake, loose(), safe((*NEW_YEAR, (2025, "0302", 1, None, None, None))))
    with lake.lock("ansatte"):
        lake.hold("ansatte", number("1.0.0"), "feil")
    assert build(lake, loose(), safe(NEW_YEAR)) == bad
    assert lake.held("ansatte") is not None


def test_resume_ends_a_hold(lake: Lake) -> None:
    build_and_publish(lake, loose())
    with lake.lock("ansatte"):
        lake.hold("ansatte", number("1.0.0"), "vent")
        assert lake.resume("ansatte")
        assert not lake.resume("ansatte")
    assert lake.held("ansatte") is None


def test_only_public_versions_can_be_rolled_back_to_or_released(lake: Lake) -> None:
    version = build(lake, loose())
    with lake.lock("ansatte"):
        with pytest.raises(UsageError):
            lake.hold("ansatte", version.number, "nei")
        with pytest.raises(LakeConflict):
            lake.record(Publication("site", "ansatte", version.number, Outcome.PUBLISHED, ""))
    with pytest.raises(UsageError):
        lake.version("ansatte", number("9.9.9"))


@pytest.mark.parametrize(
    ("limits", "rows", "code"),
    [
        ({"max_fewer_rows": 0.2}, ROWS[:3], "drift_fewer_rows"),
        ({"max_more_rows": 0.2}, NEW_YEAR, "drift_more_rows"),
        ({"max_changed_rows": 0.2}, revised(ROWS, 0, antall=13), "drift_changed_rows"),
    ],
)
def test_too_much_drift_stops_the_build(lake: Lake, limits: Any, rows: Any, code: str) -> None:
    first = build_and_publish(lake, loose(**limits))
    with pytest.raises(DriftExceeded) as caught:
        build(lake, loose(**limits), safe(rows))
    past = [(f.code, f.params["share"]) for f in caught.value.findings if f.severity == "error"]
    assert past == [(code, "25.0%")]
    assert lake.head("ansatte") == first


def test_drift_is_measured_from_what_readers_have_after_a_rollback(lake: Lake) -> None:
    build_and_publish(lake, loose())
    build_and_publish(lake, loose(), safe(ROWS[:1]))
    with lake.lock("ansatte"):
        lake.hold("ansatte", number("1.0.0"), "tre rader borte")
    publish(lake, lake.version("ansatte", number("1.0.0")))
    limits = loose(max_more_rows=0.5)
    assert build(lake, limits, safe(revised(ROWS, 0, antall=13))).number == number("2.0.1")


def test_expose_renews_a_lost_public_copy_and_refuses_a_changed_one(lake: Lake) -> None:
    first = build_and_publish(lake, loose())
    place = lake.layout.public_version("ansatte", first.number)
    for file in place.iterdir():
        file.unlink()
    place.rmdir()
    second = build(lake, loose(), safe(NEW_YEAR))
    publish(lake, second)
    assert lake.verify() == ()
    (place / "ansatte.csv").write_text("x")
    with lake.lock("ansatte"), pytest.raises(LakeCorrupt, match="public copy"):
        lake.expose(first)


def test_no_pointer_moves_to_a_changed_public_copy_and_a_released_one_is_left_to_verify(lake: Lake) -> None:
    version = build(lake, loose())
    with lake.lock("ansatte"):
        file = lake.expose(version) / "ansatte.csv"
        file.write_bytes(b"x" * file.stat().st_size)
        with pytest.raises(LakeCorrupt, match="public copy"):
            lake.expose(version)
        lake.record(Publication("site", "ansatte", version.number, Outcome.PUBLISHED, "https://example.no/"))
        lake.expose(version)
    assert [finding.code for finding in lake.verify()] == ["lake_file_changed"]


def test_a_damaged_version_is_never_exposed(lake: Lake) -> None:
    version = build(lake, loose())
    (version.folder / "ansatte.csv").write_text("aar,kode\n")
    with lake.lock("ansatte"), pytest.raises(LakeCorrupt):
        lake.expose(version)
    assert not lake.layout.public_version("ansatte", version.number).exists()


def test_permissions_whatever_the_umask(tmp_path: Path) -> None:
    old = os.umask(0o000)
    try:
        lake = Lake.open(tmp_path / "a" / "lake")
        build_and_publish(lake, loose())
        assert lake.verify() == ()
        os.umask(0o077)
        build_and_publish(lake, loose(), safe(NEW_YEAR))
    finally:
        os.umask(old)
    modes = {oct(p.stat().st_mode & 0o777) for p in lake.layout.public.rglob("*") if p.is_file()}
    assert modes == {"0o644"}
    assert {oct(p.stat().st_mode & 0o777) for p in lake.layout.public.rglob("*") if p.is_dir()} == {"0o755"}


def test_what_the_lake_was_not_promised_is_refused(lake: Lake) -> None:
    with pytest.raises(InternalError, match="lock"), lake.stage(loose(), safe()):
        pass
    empty = revised(ROWS, 0, merknad="")
    cases: list[tuple[Callable[[], Any], str]] = [
        (lambda: safe(empty), "empty text"),
        (lambda: safe(name="annet"), "tables to stage"),
        (lambda: {"ansatte": type(safe()["ansatte"])("ansatte", arrow(ROWS).drop(["merknad"]))}, "columns to stage"),
    ]
    for tables, message in cases:
        with lake.lock("ansatte"), pytest.raises(InternalError, match=message), lake.stage(loose(), tables()):
            pass
    assert list(lake.layout.scratch("ansatte").parent.iterdir()) == []


def test_ids_cannot_lead_out_of_the_lake(lake: Lake) -> None:
    for name in ("../x", "a/b", "", ".", "A"):
        with pytest.raises(UsageError):
            lake.head(name)


def test_definition_of_the_test_is_a_dataset() -> None:
    assert dataset().table("ansatte").primary_key == ("aar", "kode")
