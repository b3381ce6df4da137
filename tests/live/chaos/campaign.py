"""Runs a release again and again, each time with one fault at one request, and counts what went wrong for readers."""

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from apendata.errors import ApendataError, Transient
from tests.live.chaos.faults import Fault
from tests.live.chaos.proxy import Proxy
from tests.live.chaos.scenarios import Scenario

QUICK = {"timeout": 2.0, "patience": 0.6}
"""Time-outs shortened by settings, or a campaign would spend its hours in waiting."""
ROUNDS_AFTER = 3
"""Runs that may be needed afterwards: the server may still be at what the client gave up on."""


@dataclass
class Row:
    """One line of the table."""

    scenario: str
    fault: str
    tried: int = 0
    torn: int = 0
    lost: int = 0
    doubled: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    details: list[str] = field(default_factory=list)
    seconds: float = 0

    @property
    def bad(self) -> int:
        return self.torn + self.lost + self.doubled


def requests_of(scenario: Scenario) -> list[str]:
    """Return the actions that an undisturbed release asks for, in order; the first of them has the number 1."""
    scenario.learn()
    scenario.start()
    with Proxy(scenario.house.access.url) as proxy:
        scenario.publish(proxy.url, **QUICK)
    assert scenario.problems() == []
    return [seen.action for seen in proxy.seen]


def disturbed(scenario: Scenario, fault: Fault, numbers: Iterable[int]) -> Row:
    """Try one fault at these requests."""
    row = Row(scenario.name, fault.value)
    began = time.monotonic()
    for number in numbers:
        scenario.start()
        with scenario.reader() as reader:
            with Proxy(scenario.house.access.url, fault, number) as proxy:
                row.ended[ending(scenario, proxy.url)] += 1
            again(scenario)
        tally(row, number, reader.torn + reader.gaps, scenario.problems())
    row.seconds = time.monotonic() - began
    return row


def killed(scenario: Scenario, numbers: Iterable[int], folder: Path, *, after: bool) -> Row:
    """Kill the publishing process when a request has come, or when the server has done it and the answer is due."""
    row = Row(scenario.name, f"SIGKILL {'after' if after else 'before'} the work")
    began = time.monotonic()
    for number in numbers:
        scenario.start()
        with scenario.reader() as reader:
            row.ended[_kill_at(scenario, number, folder / "child.pickle", after=after)] += 1
            again(scenario)
        tally(row, number, reader.torn + reader.gaps, scenario.problems())
    row.seconds = time.monotonic() - began
    return row


def _kill_at(scenario: Scenario, number: int, file: Path, *, after: bool) -> str:
    children: list[subprocess.Popen[bytes]] = []

    def meet(request: int, forwarded: bool) -> None:
        if request == number and forwarded is after:
            children[0].kill()

    with Proxy(scenario.house.access.url, meet=meet) as proxy:
        scenario.to_child(file, proxy.url)
        children.append(subprocess.Popen([sys.executable, "-m", "tests.live.chaos.child", str(file), proxy.url]))
        code = children[0].wait(60)
    return "killed" if code == -signal.SIGKILL else f"ended with {code}"


def ending(scenario: Scenario, url: str) -> str:
    """Publish, and say how it ended: well, or by which named error. A nameless one fails the campaign."""
    try:
        scenario.publish(url, **QUICK)
    except ApendataError as error:
        named = error
    else:
        return "released"
    assert named.message
    assert scenario.house.access.token not in named.message
    return f"{type(named).__name__}{' ~' if isinstance(named, Transient) else ''}"


def again(scenario: Scenario) -> None:
    """Run again, as the next night would, until it goes through."""
    for attempt in range(ROUNDS_AFTER):
        try:
            scenario.publish()
        except ApendataError:
            if attempt == ROUNDS_AFTER - 1:
                raise
            continue
        return


def tally(row: Row, number: int, seen: Sequence[str], problems: Sequence[str]) -> None:
    """Add one try to a row."""
    row.tried += 1
    row.torn += bool(seen)
    row.lost += any(problem.startswith("lost") for problem in problems)
    row.doubled += any(problem.startswith("doubled") for problem in problems)
    row.details += [f"request {number}: {text}" for text in dict.fromkeys([*seen, *problems])]


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the fault table's lines, and what was seen where something was."""
    yield f"{'release':<15} {'fault':<28} {'tried':>5} {'torn':>5} {'lost':>5} {'doubled':>7} {'s':>6}  ended as"
    for row in rows:
        ended = ", ".join(f"{name} {count}" for name, count in sorted(row.ended.items()))
        counts = f"{row.tried:>5} {row.torn:>5} {row.lost:>5} {row.doubled:>7} {row.seconds:>6.0f}"
        yield f"{row.scenario:<15} {row.fault:<28} {counts}  {ended}"
        yield from (f"    {detail}" for detail in row.details)
    total = [sum(getattr(row, name) for row in rows) for name in ("tried", "torn", "lost", "doubled")]
    yield f"faults tried: {total[0]}, releases torn: {total[1]}, lost: {total[2]}, doubled: {total[3]} (~ transient)"
