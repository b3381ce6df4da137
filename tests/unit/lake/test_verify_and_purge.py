"""Verify finds whatever is not as recorded; purge removes what has been kept long enough, and nothing else."""

import hashlib
import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from apendata.describe import contract, datapackage
from apendata.errors import LakeBusy, LakeCorrupt, SourceUnreadable
from apendata.lake import Lake, Provenance, durable
from apendata.lake.provenance import read_provenance
from apendata.lake.records import read_rows
from apendata.model import Dataset, Origin, RowAccount, Snapshot
from apendata.portals.words.periods import period
from tests.unit.lake.builders import CLOCK, build_and_publish, loose, number, publish, safe, snapshot

TODAY = date(2026, 11, 22)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake.open(tmp_path / "lake", clock=CLOCK)
    build_and_publish(lake, loose())
    return lake


def at(lake: Lake, pattern: str) -> Path:
    return next(iter(sorted(lake.layout.root.glob(pattern))))


def append(file: Path) -> None:
    with file.open("ab") as stream:
        stream.write(b" ")


BREAKS: list[tuple[str, str, Callable[[Lake], object]]] = [
    ("lake_file_changed", "internal/versions/ansatte/1.0.0-*/ansatte.csv", lambda x: append(at(x, BREAKS[0][1]))),
    ("lake_file_missing", "internal/versions/ansatte/1.0.0-*/ansatte.xlsx", lambda x: at(x, BREAKS[1][1]).unlink()),
    ("lake_file_changed", "public/ansatte/v1.0.0/datapackage.json", lambda x: append(at(x, BREAKS[2][1]))),
    ("lake_file_missing", "public/ansatte/v1.0.0/changes.csv", lambda x: at(x, BREAKS[3][1]).unlink()),
    ("lake_file_unknown", "public/ansatte/v1.0.0/stray", lambda x: touch(at(x, "public/ansatte/v1.0.0") / "stray")),
    ("lake_file_unknown", "public/ansatte/v7.0.0", lambda x: (x.layout.public / "ansatte/v7.0.0").mkdir()),
    ("lake_record_broken", "internal/versions/ansatte/1.0.0-*/version.json", lambda x: append(at(x, BREAKS[6][1]))),
    ("lake_record_broken", "internal/versions/ansatte/head.json", lambda x: at(x, BREAKS[7][1]).write_text("{")),
    ("lake_record_broken", "internal/ledger/ansatte.jsonl", lambda x: at(x, BREAKS[8][1]).write_text("[]\n")),
    ("lake_open_to_others", "internal/state/ansatte.json", lambda x: at(x, BREAKS[9][1]).chmod(0o644)),
    ("lake_pointer_broken", "internal/state/ansatte.json", lambda x: swap(at(x, BREAKS[10][1]), '"1.0.0"', '"1.0.1"')),
    ("lake_never_exposed", "internal/state/ansatte.json",
     lambda x: swap(at(x, BREAKS[11][1]), '"exposed": [\n    "1.0.0"\n  ]', '"exposed": []')),
    ("lake_file_changed", "internal/raw/*", lambda x: keep_raw(x, b"abc") and append(at(x, BREAKS[12][1]))),
]  # fmt: skip


def touch(file: Path) -> None:
    file.write_text("")


def swap(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def keep_raw(lake: Lake, content: bytes, definition: Dataset | None = None) -> Snapshot:
    found = snapshot(lake.layout.root.parent / "hr.csv", content)
    lake.keep_raw(definition or loose(), [found])
    return found


@pytest.mark.parametrize(("code", "pattern", "damage"), BREAKS, ids=[f"{i}-{b[0]}" for i, b in enumerate(BREAKS)])
def test_verify_finds(lake: Lake, code: str, pattern: str, damage: Callable[[Lake], object]) -> None:
    assert lake.verify() == ()
    damage(lake)
    assert (code, True) in {(f.code, Path(f.places[0].file).match(pattern)) for f in lake.verify()}


def test_one_broken_dataset_does_not_hide_another(lake: Lake) -> None:
    build_and_publish(lake, replace(loose(), id="bedre"))
    build_and_publish(lake, replace(loose(), id="aapen"))
    for name in ("aapen", "bedre"):
        at(lake, f"internal/versions/{name}/head.json").write_text("{")
    places = [f.places[0].file for f in lake.verify()]
    assert places == ["internal/versions/aapen/head.json", "internal/versions/bedre/head.json"]
    with pytest.raises(LakeCorrupt), lake.lock("bedre"):
        pass


def test_raw_is_kept_by_hash_unless_forbidden(lake: Lake) -> None:
    keep_raw(lake, b"private", replace(loose(), keep_raw=False))
    assert list(lake.layout.raw.iterdir()) == []
    kept = keep_raw(lake, b"open")
    keep_raw(lake, b"open")
    assert [file.name for file in lake.layout.raw.iterdir()] == [f"{kept.sha256}.csv"]
    assert at(lake, "internal/raw/*").stat().st_mode & 0o777 == 0o600


def test_an_export_that_changes_while_it_is_read_is_refused(lake: Lake) -> None:
    found = snapshot(lake.layout.root.parent / "hr.csv", b"first")
    found.file.write_bytes(b"other")
    with pytest.raises(SourceUnreadable, match="changed while it was read"):
        lake.keep_raw(loose(), [found])
    assert list(lake.layout.raw.iterdir()) == []


def commit_with_raw(lake: Lake, definition: Dataset) -> Path:
    """A version of this definition whose export is kept; returns the raw file, made old enough to be looked at."""
    found = snapshot(lake.layout.root.parent / "hr.csv", definition.id.encode())
    lake.keep_raw(definition, [found])
    rows = pa.table({"file": [0, 0], "row": [4, 9], "column": [0, 0]}, schema=ROWS_SCHEMA)
    origin = Origin((("hr.xlsx", "Ark1"),), {"kode": ("Kode", 2)}, rows)
    with lake.lock(definition.id), lake.stage(definition, safe()) as staged:
        promise = contract(definition, synthetic=False)
        plan = lake.plan(staged, promise)
        descriptor = datapackage(
            promise,
            number=plan.number,
            created=plan.created,
            files=plan.files,
            data_sha256=staged.data_sha256,
            changes=plan.changes,
        )
        accounts = (RowAccount("hr.xlsx", "Ark1", "out", 2),)
        lake.commit(plan, descriptor, Provenance("key", "0.1.0", (found,), accounts, {"ansatte": origin}))
    file = at(lake, f"internal/raw/{found.sha256}*")
    old = (datetime.now(UTC) - timedelta(days=3)).timestamp()
    os.utime(file, (old, old))
    return file


ROWS_SCHEMA = pa.schema([("file", pa.int32()), ("row", pa.int32()), ("column", pa.int32())])


def test_raw_goes_when_its_days_are_over(lake: Lake) -> None:
    other = replace(loose(), id="annet")
    file = commit_with_raw(lake, other)
    assert lake.purge([other], TODAY + timedelta(days=30)) == ()
    assert file.exists()
    assert lake.purge([other], TODAY + timedelta(days=31)) == (lake.layout.short(file),)
    assert not file.exists()
    assert lake.verify() == ()


def test_raw_goes_when_nobody_may_keep_it_any_more(lake: Lake) -> None:
    file = commit_with_raw(lake, replace(loose(), id="annet"))
    assert lake.purge([replace(loose(), id="annet", keep_raw=False)], TODAY) == (lake.layout.short(file),)


def test_raw_of_a_dataset_without_a_readable_definition_stays(lake: Lake) -> None:
    file = commit_with_raw(lake, replace(loose(), id="annet"))
    assert lake.purge([loose()], TODAY + timedelta(days=1000)) == ()
    assert file.exists()


def test_raw_of_a_build_that_gave_the_same_version_has_its_own_days(tmp_path: Path) -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    lake = Lake.open(tmp_path / "lake", clock=lambda: now)
    first = commit_with_raw(lake, loose())
    publish(lake, lake.versions("ansatte")[0])
    now += timedelta(days=20)
    later = snapshot(tmp_path / "hr.csv", b"other bytes, same rows")
    lake.keep_raw(loose(), [later])
    with lake.lock("ansatte"):
        lake.keep(loose(), Provenance("other key", "0.1.0", (later,)))
    assert [name for *_, name in lake.last_sources("ansatte")] == ["hr.csv"]
    kept = at(lake, f"internal/raw/{later.sha256}*")
    old = (datetime.now(UTC) - timedelta(days=3)).timestamp()
    os.utime(kept, (old, old))
    assert lake.purge([loose()], TODAY + timedelta(days=31)) == (lake.layout.short(first),)
    assert kept.exists()
    assert lake.verify() == ()
    assert lake.purge([loose()], TODAY + timedelta(days=51)) == (lake.layout.short(kept),)


def test_raw_of_a_build_at_work_stays(lake: Lake) -> None:
    keep_raw(lake, b"just now")
    assert lake.purge([], TODAY) == ()


def test_nothing_is_purged_beside_a_build(lake: Lake) -> None:
    file = commit_with_raw(lake, replace(loose(), id="annet"))
    with Lake(lake.layout.root).lock("annet"), pytest.raises(LakeBusy):
        lake.purge([replace(loose(), id="annet", keep_raw=False)], TODAY, wait_seconds=0)
    assert file.exists()


def test_two_datasets_keep_the_same_export_at_once(lake: Lake, tmp_path: Path) -> None:
    found = snapshot(tmp_path / "hr.csv", b"the same for both" * 10_000)
    both = [replace(loose(), id=name) for name in ("den-ene", "den-andre")]
    for _ in range(50):
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda definition: lake.keep_raw(definition, [found]), both))
        kept = list(lake.layout.raw.iterdir())
        assert [file.name for file in kept] == [f"{found.sha256}.csv"]
        assert lake.verify() == ()
        kept[0].unlink()


def test_verify_stumbles_over_no_run_that_is_at_work(lake: Lake) -> None:
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            for place in (lake.layout.scratch("annet") / "version", lake.layout.raw / ".x.new"):
                durable.make_folder(place)
                shutil.rmtree(place)
            lake.layout.scratch("annet").rmdir()

    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(work)
        try:
            found = [finding for _ in range(200) for finding in lake.verify()]
        finally:
            done.set()
        busy.result()
    assert found == []


def test_old_reports_go(lake: Lake) -> None:
    folder = lake.reports("ansatte")
    assert folder.stat().st_mode & 0o777 == 0o700
    for name, days in (("old.html", 11), ("young.html", 9)):
        (folder / name).write_text("")
        then = (datetime(2026, 11, 22, 12, tzinfo=UTC) - timedelta(days=days)).timestamp()
        os.utime(folder / name, (then, then))
    assert lake.purge([loose()], TODAY) == ("internal/reports/ansatte/old.html",)
    assert [file.name for file in folder.iterdir()] == ["young.html"]


def test_reports_of_a_dataset_without_a_readable_definition_go_after_thirty_days(lake: Lake) -> None:
    for name, days in (("old.html", 31), ("young.html", 29)):
        file = lake.write_report("borte", name, b"values")
        then = (datetime(2026, 11, 22, 12, tzinfo=UTC) - timedelta(days=days)).timestamp()
        os.utime(file, (then, then))
    assert lake.purge([loose()], TODAY) == ("internal/reports/borte/old.html",)


def test_a_version_that_died_on_its_way_to_the_public_is_no_damage(lake: Lake) -> None:
    """Between taking the number and the first public byte; the next publish puts the files there."""
    shutil.rmtree(lake.layout.public / "ansatte" / "v1.0.0")
    assert [finding.code for finding in lake.verify()] == ["lake_not_yet_exposed"]
    publish(lake, lake.versions("ansatte")[0])
    assert lake.verify() == ()


def test_provenance_leads_to_the_cells(lake: Lake) -> None:
    commit_with_raw(lake, replace(loose(), id="annet"))
    version = lake.head("annet")
    assert version is not None
    folder = lake.layout.provenance("annet") / version.folder.name
    record = read_provenance(folder)
    assert record["sources"][0]["sha256"] == hashlib.sha256(b"annet").hexdigest()
    assert record["rows"] == [{"file": "hr.xlsx", "sheet": "Ark1", "rule": "out", "rows": 2, "because": None}]
    assert record["tables"]["ansatte"] == [
        {
            "column": "kode",
            "header": "Kode",
            "first_source_column": 2,
            "last_source_column": 2,
            "file": "hr.xlsx",
            "sheet": "Ark1",
            "first_row": 4,
            "last_row": 9,
        }
    ]
    assert pq.read_table(folder / "ansatte.rows.parquet").column("row").to_pylist() == [4, 9]
    assert version.number == number("1.0.0")


def test_what_was_half_written_when_the_disk_was_full_is_no_dataset(lake: Lake) -> None:
    half = lake.layout.internal / "state" / ".ansatte.json"
    half.write_bytes(b"{")
    half.chmod(0o600)
    assert lake.verify() == ()


def test_rows_that_are_damaged_are_told_as_what_they_are(lake: Lake) -> None:
    version = build_and_publish(lake, loose())
    file = next(version.folder.glob("*.parquet"))
    file.chmod(0o600)
    for damage in (lambda: file.write_bytes(b"PAR1"), file.unlink):
        damage()
        with pytest.raises(LakeCorrupt, match="backup"):
            read_rows(version, "ansatte")
        with pytest.raises(LakeCorrupt, match="backup"):
            period(file, version.descriptor["resources"][0]["schema"])
