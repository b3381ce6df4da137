"""A night killed at any step leaves the old release whole, and the next night ends where it would have ended."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from apendata.lake import Lake
from tests.unit.lake.builders import CLOCK, ROWS, build_and_publish, loose, revised, safe

ROOT = Path(__file__).parents[3]


def steps_of(start: str, folder: Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The steps at which it was killed, and the one that lived."""
    program = [sys.executable, "-m", "tests.unit.lake.crash_night", start, str(folder)]
    run = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    *killed, whole = [json.loads(line) for line in run.stdout.splitlines()]
    assert {step["status"] for step in killed} == {-9}
    assert {step["following"] for step in (*killed, whole)} == {0}, run.stderr
    assert whole["status"] == 0
    return killed, whole


@pytest.mark.parametrize("start", ["one is withdrawn", "all is withdrawn"])
def test_a_withdrawal_killed_at_every_step_is_finished_by_the_next(start: str, tmp_path: Path) -> None:
    killed, whole = steps_of(start, tmp_path)
    assert len(killed) > 30
    assert any(step["crashed"]["canary"] for step in killed)
    for step in killed:
        assert step["crashed"]["withdrawn"] in ([], whole["after"]["withdrawn"]), "all of it is on record, or nothing"
        assert step["crashed"]["whole"], "what still stands is as it was"
        assert step["crashed"]["aside"] == [], "what was moved out of its place is out of reach"
        assert step["after"] == whole["after"], "the same bytes, and told once"
    assert whole["after"]["canary"] == []
    assert len(whole["after"]["told_withdrawn"]) == 1


def test_going_back_killed_at_every_step_is_told_once_and_whole(tmp_path: Path) -> None:
    """Whoever comes next asks the ledger what was done: what the state says must stand there by then."""
    killed, whole = steps_of("all are public", tmp_path)
    assert len(killed) > 15
    assert {"held 1.0.0 ", "rolled_back 1.0.0 site", "resumed  "} <= set(whole["after"]["events"])
    for step in killed:
        assert step["after"]["events"] == whole["after"]["events"]


@pytest.mark.parametrize("start", ["empty", "waiting"])
def test_killed_at_every_step(start: str, tmp_path: Path) -> None:
    killed, whole = steps_of(start, tmp_path)
    assert len(killed) > 50
    heads = {step["crashed"]["head"] for step in killed}
    assert len(heads) == 2, "the pointer names the old version or the new one"
    for step in killed:
        assert step["crashed"]["whole"], "what a pointer names, and what is public, is complete"
        assert step["after"]["content"] == whole["after"]["content"], "and gives the same bytes"
        assert step["after"]["told"] == whole["after"]["told"], "and the ledger tells each commit once"
        assert step["after"]["events"] == whole["after"]["events"], "and what the public came to see"


def test_an_acceptance_killed_at_every_step_is_on_record_or_not(tmp_path: Path) -> None:
    killed, whole = steps_of("nothing is accepted", tmp_path)
    assert len(killed) > 15
    assert whole["after"]["told_accepted"] == ["rettet"]
    for step in killed:
        assert step["crashed"]["whole"]
        assert step["after"] == whole["after"], "saying it again finishes it, and it is told once"


def test_a_night_that_uses_an_acceptance_and_is_killed_at_every_step_uses_it_once(tmp_path: Path) -> None:
    killed, whole = steps_of("accepted", tmp_path)
    assert len(killed) > 50
    assert whole["after"]["used"] == [True, False], "newest first"
    assert not any("accepted" in name for name in whole["after"]["content"])
    for step in killed:
        assert step["crashed"]["whole"]
        assert step["after"] == whole["after"], "the same bytes: one version, one acceptance, told once"


class Watcher:
    """Takes the place of functions of ``os``: sees that a rename moves only what is synced, and is synced itself."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.paths: dict[int, str] = {}
        self.synced: set[str] = set()
        self.names: set[str] = set()
        self.renames = 0
        self.real = {name: getattr(os, name) for name in ("open", "write", "fsync", "rename")}
        for name in self.real:
            monkeypatch.setattr(os, name, getattr(self, name))

    def open(self, path: Any, *args: Any, **kwargs: Any) -> int:
        handle: int = self.real["open"](path, *args, **kwargs)
        self.paths[handle] = str(path)
        return handle

    def write(self, handle: int, chunk: Any) -> int:
        self.synced.discard(self.paths.get(handle, ""))
        written: int = self.real["write"](handle, chunk)
        return written

    def fsync(self, handle: int) -> None:
        self.real["fsync"](handle)
        self.synced.add(self.paths[handle])
        self.names.discard(self.paths[handle])

    def rename(self, source: Path, target: Path) -> None:
        moved = [source, *source.rglob("*")] if source.is_dir() else [source]
        assert {str(path) for path in moved} <= self.synced, "renamed before it was on disk"
        self.real["rename"](source, target)
        self.renames += 1
        self.names |= {str(source.parent), str(target.parent)}


def test_nothing_is_named_before_it_is_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake.open(tmp_path / "lake", clock=CLOCK)
    watcher = Watcher(monkeypatch)
    build_and_publish(lake, loose())
    build_and_publish(lake, loose(), safe(revised(ROWS, 0, antall=13)))
    assert watcher.renames >= 10
    assert watcher.names == set(), "renamed, but the folder was not synced after it"


def test_a_torn_last_line_of_the_ledger_is_cut_off(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path / "lake", clock=CLOCK)
    build_and_publish(lake, loose())
    before = lake.history("ansatte")
    with lake.layout.ledger("ansatte").open("ab") as stream:
        stream.write(b'{"at": "2026')
    assert lake.history("ansatte") == before
    assert lake.verify() == ()
    lake.note("ansatte", "ended", step="build")
    assert [line["event"] for line in lake.history("ansatte")] == ["ended", *(line["event"] for line in before)]


APPENDING = """
import os, sys, time
from pathlib import Path
from apendata.lake import durable
cut = os.ftruncate
os.ftruncate = lambda *where: (time.sleep(0.0005), cut(*where))  # between finding the end and writing there
print(flush=True)
input()
for number in range(300):
    durable.append_line(Path(sys.argv[1]), f"{sys.argv[2]} {number}".encode())
"""


def test_two_processes_lose_no_line_of_a_ledger(tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    both = [
        subprocess.Popen(
            [sys.executable, "-c", APPENDING, str(file), name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for name in "ab"
    ]
    for process in both:
        assert process.stdout is not None
        process.stdout.readline()  # it has imported all and is ready
    for process in both:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in both:
        process.communicate(timeout=60)
    lines = file.read_text().splitlines()
    assert sorted(lines) == sorted(f"{name} {number}" for name in "ab" for number in range(300))
