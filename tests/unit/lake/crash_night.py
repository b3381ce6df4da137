"""Run as a program: a night, an acceptance or a withdrawal, killed at every step it takes on disk, and those after it.

Prints one JSON line per step. The program itself never calls Arrow, whose threads would not live through a fork: every
one runs in a child, which kills itself for real.
"""

import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd  # noqa: F401 (this and the next before the forks, so that no child has to)
import pyarrow.csv  # noqa: F401

from apendata.lake import Lake, durable, formats_xlsx
from apendata.model import Outcome, Publication, VersionNumber
from tests.unit.lake.builders import CLOCK, ROWS, accept, build, build_and_publish, guarded, loose, revised, safe

NIGHT = (*ROWS, (2025, "0301", 15, None, None, None))
OTHER = revised(NIGHT, 0, antall=99)
CANARY = 987_654_321


def empty(lake: Lake) -> None:
    """Nothing has happened yet."""


def waiting(lake: Lake) -> None:
    """One version is public, and another one waits that the night replaces."""
    build_and_publish(lake, loose())
    build(lake, loose(), safe(OTHER))


def three(lake: Lake) -> None:
    """Three versions are public; the one in the middle, and changes.csv of the last, hold a canary."""
    for rows in (ROWS, revised(ROWS, 0, antall=CANARY), revised(ROWS, 0, antall=13)):
        build_and_publish(lake, loose(), safe(rows))


def guarded_release(lake: Lake) -> None:
    """One version is public, and what comes next changes what it says of a closed year."""
    build_and_publish(lake, guarded())


def accepted(lake: Lake) -> None:
    """Somebody has accepted that, too."""
    guarded_release(lake)
    accept(lake, guarded(), safe(OTHER))


class Killer:
    """Takes the place of ``os``'s functions that change the disk: dies at the n-th call, half-way in a write.

    Syncing does nothing here: a killed process loses nothing that it has handed to the kernel.
    """

    PATHS = ("mkdir", "chmod", "rename", "unlink", "rmdir", "utime")
    HANDLES = ("write", "ftruncate")

    def __init__(self, root: Path, at: int) -> None:
        self.root, self.left = str(root), at
        self.handles: set[int] = set()
        for name in self.PATHS:
            setattr(os, name, partial(self.on_path, name, getattr(os, name)))
        for name in self.HANDLES:
            setattr(os, name, partial(self.on_handle, name, getattr(os, name)))
        self.real_open, self.real_write = os.open, os.write
        os.open = self.open
        os.fsync = lambda _handle: None

    def step(self) -> bool:
        self.left -= 1
        return self.left == 0

    def on_path(self, _name: str, real: Callable[..., Any], path: Any, *args: Any, **kwargs: Any) -> Any:
        if (str(path).startswith(self.root) or kwargs.get("dir_fd") is not None) and self.step():
            os.kill(os.getpid(), signal.SIGKILL)
        return real(path, *args, **kwargs)

    def on_handle(self, name: str, real: Callable[..., Any], handle: int, *args: Any) -> Any:
        if handle in self.handles and self.step():
            if name == "write":
                real(handle, args[0][: len(args[0]) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return real(handle, *args)

    def open(self, path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
        handle = self.real_open(path, flags, *args, **kwargs)
        self.handles.discard(handle)
        if str(path).startswith(self.root) and flags & (os.O_WRONLY | os.O_RDWR):
            self.handles.add(handle)
            if self.step():
                os.kill(os.getpid(), signal.SIGKILL)
        return handle


def in_child(work: Callable[[], None]) -> int:
    """Run in a child; return its exit status, -9 where it was killed."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            if code:
                traceback.print_exc()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def content(lake: Lake) -> dict[str, str]:
    """Path → hash of all that counts: not the ledger's times of events, not the locks."""
    parts = [
        lake.layout.public,
        *(lake.layout.internal / name for name in ("versions", "provenance", "state", "scratch")),
    ]
    files = [file for part in parts for file in sorted(part.rglob("*")) if file.is_file()]
    return {lake.layout.short(file): durable.sha256_of(file) for file in files}


def holds_canary(lake: Lake, name: str) -> bool:
    return str(CANARY).encode() in (lake.layout.root / name).read_bytes()


def is_open(lake: Lake, name: str) -> bool:
    """Whether others can come to a public file: each folder down to it lets them through."""
    file = lake.layout.root / name
    above = [folder for folder in file.parents if folder.is_relative_to(lake.layout.public)]
    return all(folder.stat().st_mode & 0o001 for folder in above)


def report(lake: Lake) -> dict[str, Any]:
    head = lake.head("ansatte")
    inside = {(v.number, file.path): {file.sha256} for v in lake.versions("ansatte") for file in v.files}
    whole = all(
        durable.sha256_of(version.folder / file.path) == file.sha256
        for version in lake.versions("ansatte")
        for file in version.files
    ) and all(
        # a descriptor on its way to tell nothing of a withdrawn version is the old one or the new one
        durable.sha256_of(folder / file.path) in {file.sha256} | inside[version.number, file.path]
        for version in lake.exposed("ansatte")
        for file in version.files
        if (folder := lake.layout.public_version("ansatte", version.number)).exists()
    )
    return {
        "head": None if head is None else f"{head.number} {head.data_sha256}",
        "whole": whole,
        "told": [line["folder"] for line in lake.history("ansatte") if line["event"] == "committed"],
        "withdrawn": [str(part.number or "all") for part in lake.withdrawn("ansatte")],
        "told_withdrawn": [line["version"] for line in lake.history("ansatte") if line["event"] == "withdrawn"],
        "told_accepted": [line["because"] for line in lake.history("ansatte") if line["event"] == "accepted"],
        "events": sorted(
            " ".join((line["event"], line.get("version", ""), line.get("portal", "")))
            for line in lake.history("ansatte")
            if line["event"] not in {"committed", "kept"}  # a build is made again by the night that follows
        ),
        "used": [bool(line.get("accepted")) for line in lake.history("ansatte") if line["event"] == "committed"],
        "aside": [name for name in content(lake) if "-withdrawn/" in name and is_open(lake, name)],
        "canary": [name for name in content(lake) if name.startswith("public") and holds_canary(lake, name)],
        "content": content(lake),
    }


def main(start: str, folder: Path) -> None:
    formats_xlsx.MAX_ROWS = 0  # a workbook is a file like the others, and the slowest to write
    begin = folder / "begin"
    prepare, work = STARTS[start]
    assert in_child(lambda: prepare(Lake.open(begin, clock=CLOCK))) == 0
    step, status = 0, -9
    while status != 0:
        step += 1
        root = folder / f"lake{step}"
        shutil.copytree(begin, root)
        lake = Lake(root, clock=CLOCK)
        status = in_child(partial(work, lake, step))
        crashed = report(lake)
        following = in_child(partial(work, lake, 0))
        line = {"status": status, "crashed": crashed, "following": following, "after": report(lake)}
        sys.stdout.write(json.dumps(line) + "\n")
        shutil.rmtree(root)


def night(lake: Lake, killed_at: int) -> None:
    """Build, publish and verify; ``killed_at`` 0: lives."""
    Killer(lake.layout.root, killed_at)
    build_and_publish(lake, loose(), safe(NIGHT))
    assert lake.verify() == (), lake.verify()


def accepted_night(lake: Lake, killed_at: int) -> None:
    """Build and publish what was accepted."""
    Killer(lake.layout.root, killed_at)
    build_and_publish(lake, guarded(), safe(OTHER))
    assert lake.verify() == (), lake.verify()


def accepting(lake: Lake, killed_at: int) -> None:
    """Accept what stopped the build."""
    Killer(lake.layout.root, killed_at)
    accept(lake, guarded(), safe(OTHER))
    assert lake.verify() == (), lake.verify()


def withdrawal(number: VersionNumber | None, lake: Lake, killed_at: int) -> None:
    """Withdraw a version, or all; ``killed_at`` 0: lives."""
    Killer(lake.layout.root, killed_at)
    with lake.lock("ansatte"):
        lake.withdraw("ansatte", number, "feil")
        lake.forget("ansatte", "site")
    assert lake.verify() == (), lake.verify()


def going_back_and_on(lake: Lake, killed_at: int) -> None:
    """Roll back to the first version, and end the hold, where that was not done yet."""
    Killer(lake.layout.root, killed_at)
    first, last = VersionNumber(1, 0, 0), VersionNumber(1, 0, 2)
    with lake.lock("ansatte"):
        done = {line["event"] for line in lake.history("ansatte")}
        if "held" not in done:
            lake.hold("ansatte", first, "feil")
        if "rolled_back" not in done:
            lake.record(Publication("site", "ansatte", first, Outcome.PUBLISHED, ""))
        if "resumed" not in done:
            lake.resume("ansatte")
        if lake.released("ansatte", "site") == first:
            lake.record(Publication("site", "ansatte", last, Outcome.PUBLISHED, ""))
    assert lake.verify() == (), lake.verify()


STARTS = {
    "all are public": (three, going_back_and_on),
    "empty": (empty, night),
    "waiting": (waiting, night),
    "nothing is accepted": (guarded_release, accepting),
    "accepted": (accepted, accepted_night),
    "one is withdrawn": (three, partial(withdrawal, VersionNumber(1, 0, 1))),
    "all is withdrawn": (three, partial(withdrawal, None)),
}


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
