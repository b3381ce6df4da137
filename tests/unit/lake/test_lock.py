"""Two runs at once: one works, the other waits or is told who works; a dead holder holds nothing."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from apendata.errors import LakeBusy
from apendata.lake import Lake
from tests.unit.lake.builders import CLOCK, ROWS, build_and_publish, loose, revised, safe

ROOT = Path(__file__).parents[3]

HOLD = """
import sys, time
from pathlib import Path
from apendata.lake import Lake
lake = Lake.open(Path(sys.argv[1]))
with lake.lock("ansatte"):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""

NIGHT = """
import sys
from pathlib import Path
sys.path.insert(0, ".")
from apendata.errors import LakeBusy
from apendata.lake import Lake
from tests.unit.lake import builders as b
lake = Lake.open(Path(sys.argv[1]), clock=b.CLOCK)
for antall in range(int(sys.argv[2]), int(sys.argv[2]) + 3):
    try:
        b.build_and_publish(lake, b.loose(), b.safe(b.revised(b.ROWS, 0, antall=antall)))
    except LakeBusy as error:
        print(error)
"""


def holder(lake: Lake, seconds: float) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", HOLD, str(lake.layout.root), str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_second_is_told_who_works(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path, clock=CLOCK)
    with holder(lake, 60) as process:
        with pytest.raises(LakeBusy, match=rf"process {process.pid} on \S+, since 20\d\d-"), lake.lock("ansatte"):
            pass
        with lake.lock("annet"):
            pass
        process.kill()
        process.wait()
        with lake.lock("ansatte"):
            pass


def test_the_second_waits_if_it_may(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path, clock=CLOCK)
    with holder(lake, 0.5):
        begin = time.monotonic()
        with lake.lock("ansatte", wait_seconds=30):
            assert time.monotonic() - begin > 0.1


def test_the_same_process_does_not_enter_twice(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path, clock=CLOCK)
    with lake.lock("ansatte"):
        with pytest.raises(LakeBusy, match=f"process {os.getpid()} "), lake.lock("ansatte"):
            pass
        lake.note("ansatte", "refused", code="x")


def test_who_only_reads_keeps_runs_away_and_writes_nothing(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path, clock=CLOCK)
    with lake.reading("ansatte"):  # never written, so there is nothing to keep
        assert list(lake.layout.locks.iterdir()) == []
    build_and_publish(lake, loose())
    file = lake.layout.lock("ansatte")
    before = (file.read_bytes(), file.stat().st_mtime_ns)
    with lake.reading("ansatte"), lake.reading("ansatte"):
        assert (file.read_bytes(), file.stat().st_mtime_ns) == before
        with pytest.raises(LakeBusy, match="or plans it"), lake.lock("ansatte"):
            pass
    with lake.lock("ansatte"), pytest.raises(LakeBusy, match=f"process {os.getpid()} "), lake.reading("ansatte"):
        pass
    with lake.lock("ansatte"):
        pass


def test_two_nights_at_once_leave_a_whole_lake(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path, clock=CLOCK)
    build_and_publish(lake, loose())
    commands = [[sys.executable, "-c", NIGHT, str(tmp_path), start] for start in ("100", "200")]
    runs = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for command in commands]
    told = [run.communicate()[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], told
    assert all("another run works on this dataset" in line for text in told for line in text.splitlines())
    assert lake.verify() == ()
    assert len(lake.exposed("ansatte")) >= 3
    build_and_publish(lake, loose(), safe(revised(ROWS, 0, antall=300)))
    assert lake.verify() == ()
