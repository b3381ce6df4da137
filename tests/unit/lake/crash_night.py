"""Run as a program: a night that is killed at every step it takes on disk, and the nights after it.

Prints one JSON line per step. The program itself never calls Arrow, whose threads would not live through a fork: every
night runs in a child, which kills itself for real.
"""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from apendata.lake import Lake, durable
from tests.unit.lake.builders import CLOCK, ROWS, build, build_and_publish, loose, revised, safe

NIGHT = (*ROWS, (2025, "0301", 15, None, None, None))
OTHER = revised(NIGHT, 0, antall=99)


def empty(lake: Lake) -> None:
    """Nothing has happened yet."""


def released(lake: Lake) -> None:
    build_and_publish(lake, loose())


def waiting(lake: Lake) -> None:
    released(lake)
    build(lake, loose(), safe(OTHER))


STARTS = {"empty": empty, "released": released, "waiting": waiting}


class Killer:
    """Stands in for ``os`` in ``durable``: dies at the n-th call, in the middle of it where it writes."""

    def __init__(self, at: int) -> None:
        self.left = at

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        return real if not callable(real) else lambda *args, **kwargs: self.call(name, real, args, kwargs)

    def call(self, name: str, real: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        self.left -= 1
        if self.left == 0:
            if name == "write":
                real(args[0], args[1][: len(args[1]) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **kwargs)


def in_child(work: Callable[[], None]) -> int:
    """Run in a child; return its exit status, -9 where it was killed."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def content(lake: Lake) -> dict[str, str]:
    """Path → hash of all that counts: not the ledger's times of events, not the locks."""
    parts = [lake.layout.public, *(lake.layout.internal / name for name in ("versions", "provenance", "state", "scratch"))]
    files = [file for part in parts for file in sorted(part.rglob("*")) if file.is_file()]
    return {lake.layout.short(file): durable.sha256_of(file) for file in files}


def report(lake: Lake, out: Path) -> None:
    head = lake.head("ansatte")
    places = sorted(path.name for path in lake.layout.public.glob("ansatte/v*"))
    whole = all(
        durable.sha256_of(folder / file.path) == file.sha256
        for version in lake.versions("ansatte")
        for folder in (version.folder, lake.layout.public_version("ansatte", version.number))
        for file in version.files
        if folder == version.folder or folder.exists()
    )
    told = [line.get("folder") for line in lake.history("ansatte") if line["event"] == "committed"]
    found = {
        "head": None if head is None else f"{head.number} {head.data_sha256}",
        "places": places,
        "whole": whole,
        "told": told,
        "content": content(lake),
    }
    out.write_text(json.dumps(found))


def main(start: str, folder: Path) -> None:
    begin, out = folder / "begin", folder / "out.json"
    assert in_child(lambda: STARTS[start](Lake.open(begin, clock=CLOCK))) == 0
    step = 0
    while True:
        step += 1
        root = folder / f"lake{step}"
        shutil.copytree(begin, root)
        lake = Lake(root, clock=CLOCK)

        def killed_night(lake: Lake = lake, step: int = step) -> None:
            durable.os = Killer(step)  # type: ignore[attr-defined]
            build_and_publish(lake, loose(), safe(NIGHT))

        status = in_child(killed_night)
        assert in_child(lambda: report(lake, out)) == 0
        after_crash = json.loads(out.read_text())

        def next_night(lake: Lake = lake) -> None:
            build_and_publish(lake, loose(), safe(NIGHT))
            assert lake.verify() == (), lake.verify()

        following = in_child(next_night)
        assert in_child(lambda: report(lake, out)) == 0
        line = {"status": status, "crashed": after_crash, "following": following, "after": json.loads(out.read_text())}
        print(json.dumps(line), flush=True)
        shutil.rmtree(root)
        if status == 0:
            return


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
