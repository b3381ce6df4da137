"""The command line as its users have it: a process, an empty lake, the repository's datasets or a test's own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        return json.loads(self.out)

    def line(self, dataset: str) -> dict[str, Any]:
        return next(result for result in self.document["results"] if result["dataset"] == dataset)


Run = Callable[..., Ended]


@pytest.fixture
def apendata(tmp_path: Path, root: Path) -> Run:
    """Run one command in a process of its own, in an empty folder, and wait for it."""

    def run(*arguments: str, **settings: str) -> Ended:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path / "home"),
            "APENDATA_DATASETS": str(root / "datasets"),
            "APENDATA_SCHEMAS": str(root / "schemas"),
            "APENDATA_LAKE": str(tmp_path / "lake"),
            "APENDATA_LOCK_WAIT": "5",
            **settings,
        }
        done = subprocess.run(
            [sys.executable, "-m", "apendata", *arguments],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    return run
