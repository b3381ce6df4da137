"""``make chaos``: every fault at every request of every kind of release, and the table of what came of it."""

import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.live.chaos.campaign import Row, disturbed, killed, requests_of, table
from tests.live.chaos.faults import Fault
from tests.live.chaos.scenarios import Scenario, folder_for, scenarios
from tests.live.house import house
from tests.live.portal import Caller, access_to, web_server, wipe
from tests.live.stack import Stack, down, up


def main() -> int:
    """Run all scenarios, or those that are named; 1 where a release was torn, lost or doubled."""
    wanted = sys.argv[1:]
    rows: list[Row] = []
    with _stack() as (stack, root):
        for scenario in _scenarios(stack, root, wanted):
            actions = requests_of(scenario)
            print(f"{scenario.name}: {len(actions)} requests: {' '.join(actions)}", flush=True)
            for row in _rows(scenario, len(actions), root):
                rows.append(row)
                print("\n".join(list(table([row]))[1:-1]), flush=True)
    print("", *table(rows), sep="\n", flush=True)
    return 1 if any(row.bad for row in rows) else 0


def _rows(scenario: Scenario, count: int, root: Path) -> Iterator[Row]:
    numbers = range(1, count + 1)
    yield from (disturbed(scenario, fault, numbers) for fault in Fault)
    yield from (killed(scenario, numbers, root, after=after) for after in (False, True))


@contextmanager
def _stack() -> Iterator[tuple[Stack, Path]]:
    with tempfile.TemporaryDirectory(prefix="apendata-chaos-") as root:
        Path(root).chmod(0o755)
        state = Path(root) / "ckan"
        try:
            yield up(state), Path(root)
        finally:
            down(state, keep=True)


def _scenarios(stack: Stack, root: Path, wanted: list[str]) -> Iterator[Scenario]:
    admin = Caller(stack.url, stack.sysadmin)
    access = access_to(stack.url, stack.editor, stack.org)
    for name in ("revision", "first", "resource", "uploaded"):
        if wanted and name not in wanted:
            continue
        wipe(admin)
        lake = folder_for(root, name)
        with web_server(lake / "public") as base_url:
            linked = house(lake, base_url, access)
            made = scenarios(linked, lambda lake=lake: house(lake, None, access_to(  # type: ignore[misc]
                stack.url, stack.editor, stack.org, files="uploaded")), admin)  # fmt: skip
            yield made[name]()


if __name__ == "__main__":
    # Ended from outside, it still stops its servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
