"""``make bench-ckan``: a DataStore table of 200 000 rows on a real CKAN, filled once, then changed by one per cent.

Both in one run on one server, so the ratio holds on any machine. Write calls are counted alone; what apendata reads to
know what to write, and to see that it stands there, is printed apart.
"""

import csv
import hashlib
import random
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from apendata.portals.ckan.api import Api
from apendata.portals.ckan.datastore import Loader, is_as_wanted, look
from apendata.portals.ckan.rows import wanted_rows
from apendata.portals.ckan.tables import Column, WantedTable
from tests.live.portal import Caller, access_to
from tests.live.stack import Stack, down, up

ROWS = 200_000
CHANGED = ROWS // 100
COLUMNS = {
    "vedtak_id": "text",
    "aar": "bigint",
    "ansvar": "text",
    "funksjon": "text",
    "art": "text",
    "tekst": "text",
    "beloep_kr": "numeric",
    "dato": "date",
}
KEY = ("vedtak_id", "aar", "ansvar", "funksjon", "art")


class TimedApi(Api):
    """Adds up what it waits for."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.seconds = {"write": 0.0, "read": 0.0}
        self.calls = {"write": 0, "read": 0}

    @contextmanager
    def _timed(self, kind: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds[kind] += time.perf_counter() - began
        self.calls[kind] += 1

    def write(self, *args: Any, **more: Any) -> Any:
        with self._timed("write"):
            return super().write(*args, **more)

    def read(self, *args: Any, **more: Any) -> Any:
        with self._timed("read"):
            return super().read(*args, **more)

    def dump(self, resource: str) -> bytes:
        with self._timed("read"):
            return super().dump(resource)


def main() -> None:
    """Fill, change, fill anew; print a line each and the ratio."""
    with tempfile.TemporaryDirectory(prefix="apendata-bench-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        try:
            stack = up(root / "ckan")
            resource_id = _resource(stack)
            table = _table(root / "rows.csv", resource_id, _rows())
            full = _measure("full load", stack, table, ROWS)
            changed = _table(root / "changed.csv", resource_id, _changed(_rows()))
            delta = _measure(f"{CHANGED} rows changed", stack, changed, CHANGED)
            print(f"delta is {full / delta:.1f} times faster than the full load (write calls alone)")
        finally:
            down(root / "ckan", keep=True)


def _measure(name: str, stack: Stack, table: WantedTable, rows: int) -> float:
    access = access_to(stack.url, stack.editor, stack.org, timeout=130, patience=30)
    api = TimedApi(access)
    before = time.perf_counter()
    Loader(api, access).converge(table)
    whole = time.perf_counter() - before
    assert is_as_wanted(look(Api(access, anonymous=True), table), table, wanted_rows(table))
    writing, reading = api.seconds["write"], api.seconds["read"]
    ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{name:<20} write {writing:7.2f} s in {api.calls['write']:3} calls, {rows / writing:7.0f} rows/s;  "
        f"read back {reading:5.2f} s in {api.calls['read']} calls;  whole {whole:6.2f} s;  "
        f"peak memory: ours {ours} MiB, CKAN's workers {_workers(stack)} MiB",
        flush=True,
    )
    return writing


def _workers(stack: Stack) -> str:
    """The highest memory that each of gunicorn's workers has had."""
    parent = stack.process("ckan").number
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    peaks = [Path(f"/proc/{child}/status").read_text().partition("VmHWM:")[2].split()[0] for child in children]
    return "/".join(str(int(peak) // 1024) for peak in peaks)


def _resource(stack: Stack) -> str:
    editor = Caller(stack.url, stack.editor)
    package = editor("package_create", name="hovedbok", owner_org=stack.org,
                     resources=[{"name": "hovedbok.csv", "url": "https://example.org/hovedbok.csv"}])  # fmt: skip
    return str(package["resources"][0]["id"])


def _rows() -> list[list[str]]:
    draw = random.Random(4)
    return [
        [
            "opprinnelig-2026",
            str(2020 + i % 6),
            f"{i // 6:06}",
            f"{draw.randrange(100, 900)}",
            f"{draw.randrange(10, 990):03}",
            f"Bilag {i}, kontert av økonomitjenesten",
            f"{draw.randrange(-10_000_000, 10_000_000)}.{draw.randrange(100):02}",
            f"2025-{1 + i % 12:02}-{1 + i % 28:02}",
        ]
        for i in range(ROWS)
    ]


def _changed(rows: list[list[str]]) -> list[list[str]]:
    """The same with other amounts in one row of a hundred, as a correction in the accounts makes them."""
    step = ROWS // CHANGED
    return [[*row[:6], "1.00", row[7]] if i % step == 0 else row for i, row in enumerate(rows)]


def _table(file: Path, resource_id: str, rows: list[list[str]]) -> WantedTable:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    columns = tuple(Column(name, kind, name, "", {}) for name, kind in COLUMNS.items())
    table = WantedTable(resource_id, "hovedbok", columns, KEY, file, "")
    return replace(table, sha256=hashlib.sha256(file.read_bytes()).hexdigest())


if __name__ == "__main__":
    # Ended from outside, it still stops its servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    main()
