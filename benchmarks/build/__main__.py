"""`make bench`: the whole build of a million-row ledger beside bare pyarrow, in turn, in one run; ratios and memory.

Every run is a process of its own: its peak memory is its own, and neither side finds the other's warm caches. The
seconds are of the work alone, from inside the process; whole-process seconds stand beside them.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.build.ledger import write_ledger

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Run:
    """One process: seconds of the work, seconds of the whole process, peak memory."""

    work: float
    process: float
    peak_mib: float


def main() -> None:
    """Make the ledger, run both sides in turn, print medians and ratios."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="apendata-bench-") as name:
        folder = Path(name)
        source = folder / "sources" / "hovedbok" / "hovedbok.csv"
        source.parent.mkdir(parents=True)
        write_ledger(source, arguments.rows)
        size = source.stat().st_size / 1e6
        print(f"{arguments.rows} rows, {size:.0f} MB, {os.cpu_count()} cores, {arguments.runs} runs each")
        ours, bare = [], []
        for number in range(arguments.runs):
            bare.append(_run("bare.py", source, _fresh(folder, f"bare{number}")))
            ours.append(_run("ours.py", source.parent.parent, _fresh(folder, f"lake{number}")))
    _print("bare pyarrow: read + Parquet + CSV", bare)
    _print("apendata: read, validate, protect, commit", ours)
    _print_ratio("work", [a.work / b.work for a, b in zip(ours, bare, strict=True)])
    _print_ratio("whole process, with all imports", [a.process / b.process for a, b in zip(ours, bare, strict=True)])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    return parser.parse_args()


def _fresh(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


def _run(script: str, *paths: Path) -> Run:
    start = time.perf_counter()
    with subprocess.Popen([sys.executable, HERE / script, *paths], stdout=subprocess.PIPE, text=True) as process:
        output = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{script} failed with {process.returncode}")
    return Run(float(output), time.perf_counter() - start, usage.ru_maxrss / 1024)


def _print(name: str, runs: list[Run]) -> None:
    work = [run.work for run in runs]
    process = statistics.median(run.process for run in runs)
    print(f"{name}")
    print(f"  work {min(work):.2f} / {statistics.median(work):.2f} / {max(work):.2f} s (min/median/max)", end="")
    print(f"  process {process:.2f} s  peak {max(run.peak_mib for run in runs):.0f} MiB")


def _print_ratio(name: str, ratios: list[float]) -> None:
    middle = statistics.median(ratios)
    print(f"ratio of {name}, pair by pair: min {min(ratios):.2f}  median {middle:.2f}  max {max(ratios):.2f}")


if __name__ == "__main__":
    main()
