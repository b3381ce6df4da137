"""The command line as its users have it: arguments and settings in; exit code, stdout and stderr out."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from apendata.cli import main


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
def apendata(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run one command in an empty folder with nothing but the given settings; ``main`` itself, no process of its own.

    A process for each would spend nearly all its time on imports; where the process matters, a test starts one.
    """
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("APENDATA_")]:
        monkeypatch.delenv(name)
    defaults = {
        "APENDATA_DATASETS": str(root / "datasets"),
        "APENDATA_SCHEMAS": str(root / "schemas"),
        "APENDATA_LAKE": str(tmp_path / "lake"),
        "APENDATA_LOCK_WAIT": "5",
    }

    def run(*arguments: str, **settings: str) -> Ended:
        with monkeypatch.context() as only:
            for name, value in {**defaults, **settings}.items():
                only.setenv(name, value)
            capfd.readouterr()
            code = main(arguments)
        said = capfd.readouterr()
        return Ended(code, said.out, said.err)

    return run
