"""`make bench-validate`: `apendata validate` beside `frictionless.validate`, same files, one run, whole processes.

Both sides begin with an empty process and end with their answer: for the table with errors the whole report, every
error in it. Seconds are of the wall; Frictionless runs once a table, since a minute is long enough to even out noise,
and apendata runs before and after it.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Case:
    """One table, and the ratio that is aimed at."""

    name: str
    make: str
    """The function of :mod:`benchmarks.validate.tables` that makes it."""
    rows: int
    aim: int | None


CASES = (
    Case("valid ledger, 9 columns", "valid", 1_000_000, 40),
    Case("the same, 1 % of cells wrong", "one_per_cent_wrong", 1_000_000, 20),
    Case("50 columns", "wide", 100_000, 20),
    Case("worst case: all cells distinct", "all_distinct", 200_000, None),
)


@dataclass(frozen=True)
class Run:
    """One process: wall and processor seconds, peak memory, errors found."""

    seconds: float
    processor: float
    peak_mib: float
    errors: int


def main() -> None:
    """Make each table, run both sides on it, print times, ratios, memory and errors found."""
    arguments = _arguments()
    print(f"{os.cpu_count()} cores")
    for case in CASES:
        rows = int(case.rows * arguments.scale)
        with tempfile.TemporaryDirectory(prefix="apendata-bench-") as name:
            folder = Path(name)
            _compare(case, folder, rows, arguments.runs)
    if arguments.rows_of_memory:
        _memory(arguments.rows_of_memory)


def _made(make: str, folder: Path, rows: int) -> int:
    """Make a table in a process of its own: whoever begins a process hands it down the peak of its own memory."""
    command = [sys.executable, "-m", "benchmarks.validate.tables", make, str(folder), str(rows)]
    return int(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def _compare(case: Case, folder: Path, rows: int, runs: int) -> None:
    expected = _made(case.make, folder, rows)
    size = (folder / "table.csv").stat().st_size / 1e6
    print(f"\n{case.name}: {rows} rows, {size:.0f} MB, {expected} errors")
    ours = [_ours(folder, listed=bool(expected)) for _ in range(runs)]
    theirs = _theirs(folder, listed=bool(expected))
    ours += [_ours(folder, listed=bool(expected)) for _ in range(runs)]
    seconds = [run.seconds for run in ours]
    middle = statistics.median(seconds)
    _print("frictionless", theirs, f"{theirs.seconds:.2f}")
    _print("apendata", ours[0], f"{min(seconds):.2f} / {middle:.2f} / {max(seconds):.2f} (min/median/max)")
    aim = f"; the aim is {case.aim}" if case.aim else ""
    print(
        f"  ratio {theirs.seconds / middle:.1f} (of processor seconds {theirs.processor / ours[0].processor:.1f}){aim}"
    )
    for name, run in (("apendata", ours[0]), ("frictionless", theirs)):
        if run.errors != expected:
            print(f"  NOT ALL FOUND by {name}: {run.errors} of {expected}")


def _print(name: str, run: Run, seconds: str) -> None:
    print(f"  {name:12}  {seconds} s  peak {run.peak_mib:.0f} MiB  {run.errors} errors")


def _memory(rows: int) -> None:
    with tempfile.TemporaryDirectory(prefix="apendata-bench-") as name:
        folder = Path(name)
        _made("valid", folder, rows)
        run = _ours(folder, listed=False)
        size = (folder / "table.csv").stat().st_size / 1e6
        print(f"\napendata alone: {rows} rows, {size:.0f} MB: {run.seconds:.1f} s, peak {run.peak_mib:.0f} MiB")


def _ours(folder: Path, *, listed: bool) -> Run:
    words = ["--schema", folder / "schema.json", "--dialect", folder / "dialect.json"]
    more = ["--json", "--limit-errors", "0"] if listed else []
    command = [sys.executable, "-m", "apendata", "validate", folder / "table.csv", *words, *more]
    run, answer = _process(command, folder / "ours.json")
    errors = json.loads(answer)["stats"]["errors"] if listed else 0 if answer.startswith("✓") else -1
    return Run(*run, errors)


def _theirs(folder: Path, *, listed: bool) -> Run:
    command = [sys.executable, Path(__file__).parent / "theirs.py", folder]
    run, answer = _process([*command, folder / "theirs.json"] if listed else command, folder / "theirs.txt")
    return Run(*run, int(answer))


def _process(command: list[object], output: Path) -> tuple[tuple[float, float, float], str]:
    start = time.perf_counter()
    with output.open("wb") as stream:
        process = subprocess.Popen([str(word) for word in command], stdout=stream)
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 17):
        raise SystemExit(f"{command[2]} failed with {process.returncode}")
    measured = seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
    return measured, output.read_text(encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="of all numbers of rows; 0.01 to try it out")
    parser.add_argument("--runs", type=int, default=3, help="of apendata, before and after Frictionless' one")
    parser.add_argument("--rows-of-memory", type=int, default=10_000_000, help="of the last table; 0: leave it out")
    return parser.parse_args()


if __name__ == "__main__":
    main()
