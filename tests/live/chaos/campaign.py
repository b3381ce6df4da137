"""Runs a release again and again, each time with one fault at one request, and counts what went wrong for readers.

A try counts as one only where the fault was made and a reader was shown the dataset meanwhile: a table of noughts says
nothing otherwise.
"""

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
from tests.live.chaos.reader import Reader
from tests.live.chaos.scenarios import Scenario

QUICK = {"timeout": 2.0, "patience": 0.6}
"""Time-outs shortened by settings, or a campaign would spend its hours in waiting."""
ROUNDS_AFTER = 3
"""Runs that may be needed afterwards: the server may still be at what the client gave up on."""
CHILD_SECONDS = 60
ROOT = Path(__file__).parents[3]
NEVER_CAME = "request never came"
NAMELESS = "NAMELESS"


@dataclass
class Row:
    """One line of the table."""

    scenario: str
    fault: str
    tried: int = 0
    torn: int = 0
    lost: int = 0
    doubled: int = 0
    nameless: int = 0
    """Ended by an error that is none of ours, or whose text shows what it must not."""
    ended: Counter[str] = field(default_factory=Counter)
    details: list[str] = field(default_factory=list)
    seconds: float = 0

    @property
    def bad(self) -> int:
        return self.torn + self.lost + self.doubled + self.nameless


def requests_of(scenario: Scenario) -> list[str]:
    """Return the actions that an undisturbed release asks for, in order; the first of them has the number 1."""
    scenario.learn()
    scenario.start()
    with Proxy(scenario.house.access.url) as proxy:
        scenario.publish(proxy.url, **QUICK)
    assert scenario.problems() == []
    return [seen.action for seen in proxy.seen]


def disturbed(scenario: Scenario, fault: Fault, numbers: Iterable[int], *, lasting: bool = False) -> Row:
    """Try one fault at these requests; with ``lasting`` at each of them and all that follow."""
    row = Row(scenario.name, fault.value + (" from here on" if lasting and fault is not Fault.WRONG_TOKEN else ""))
    began = time.monotonic()
    for number in numbers:
        scenario.start()
        with scenario.reader() as reader:
            with Proxy(scenario.house.access.url, fault, number, lasting=lasting) as proxy:
                ended = ending(scenario, proxy.url)
            problems = again(scenario)
        tally(row, number, ended if proxy.made else NEVER_CAME, reader, [*problems, *scenario.problems()])
    row.seconds = time.monotonic() - began
    return row


def killed(scenario: Scenario, numbers: Iterable[int], folder: Path, *, after: bool) -> Row:
    """Kill the publishing process when a request has come, or when the server has done it and the answer is due."""
    row = Row(scenario.name, f"SIGKILL {'after' if after else 'before'} the work")
    began = time.monotonic()
    for number in numbers:
        scenario.start()
        with scenario.reader() as reader:
            ended = _kill_at(scenario, number, folder / "child.pickle", after=after)
            problems = again(scenario)
        tally(row, number, ended, reader, [*problems, *scenario.problems()])
    row.seconds = time.monotonic() - began
    return row


def _kill_at(scenario: Scenario, number: int, file: Path, *, after: bool) -> str:
    children: list[subprocess.Popen[bytes]] = []

    def meet(request: int, forwarded: bool) -> bool:
        if request != number or forwarded is not after:
            return False
        children[0].kill()
        return True  # dead before the work: the server must not hear of it

    with Proxy(scenario.house.access.url, meet=meet) as proxy:
        scenario.to_child(file, proxy.url)
        program = [sys.executable, "-m", "tests.live.chaos.child", str(file), proxy.url]
        with subprocess.Popen(program, cwd=ROOT) as child:
            children.append(child)
            code = _wait(child)
    if code == -signal.SIGKILL:
        return "killed" if len(proxy.seen) >= number else f"{NAMELESS}: killed after {CHILD_SECONDS} s"
    return NEVER_CAME if code == 0 else f"{NAMELESS}: ended with {code}"


def _wait(child: "subprocess.Popen[bytes]") -> int:
    try:
        return child.wait(CHILD_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()


def ending(scenario: Scenario, url: str) -> str:
    """Publish, and say how it ended: well, or by which named error."""
    try:
        scenario.publish(url, **QUICK)
    except ApendataError as error:
        if not error.message or scenario.house.access.token in error.message:
            return f"{NAMELESS}: a {type(error).__name__} without a text, or with the token in it"
        return f"{type(error).__name__}{' ~' if isinstance(error, Transient) else ''}"
    except Exception as error:  # noqa: BLE001 (to be counted, and the campaign goes on)
        return f"{NAMELESS}: {type(error).__name__}"
    return "released"


def again(scenario: Scenario) -> list[str]:
    """Run again, as the next night would, until it goes through; return what is lost if it never does."""
    for _ in range(ROUNDS_AFTER):
        try:
            scenario.publish()
        except ApendataError as error:
            last = type(error).__name__
        else:
            return []
    return [f"lost: {ROUNDS_AFTER} undisturbed runs afterwards ended with {last}"]


def tally(row: Row, number: int, ended: str, reader: Reader, problems: Sequence[str]) -> None:
    """Add one try to a row."""
    seen = [*reader.torn, *reader.gaps]
    row.ended[ended] += 1
    row.tried += ended != NEVER_CAME
    row.torn += bool(seen)
    row.nameless += ended.startswith(NAMELESS)
    row.lost += any(problem.startswith("lost") for problem in problems)
    row.doubled += any(problem.startswith("doubled") for problem in problems)
    row.details += [f"request {number}: {text}" for text in dict.fromkeys([*seen, *reader.hidden, *problems])]


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the fault table's lines, and what was seen where something was."""
    yield f"{'release':<15} {'fault':<28} {'tried':>5} {'torn':>5} {'lost':>5} {'doubled':>7} {'s':>6}  ended as"
    for row in rows:
        ended = ", ".join(f"{name} {count}" for name, count in sorted(row.ended.items()))
        counts = f"{row.tried:>5} {row.torn:>5} {row.lost:>5} {row.doubled:>7} {row.seconds:>6.0f}"
        yield f"{row.scenario:<15} {row.fault:<28} {counts}  {ended}"
        yield from (f"    {detail}" for detail in row.details)
    tried, torn, lost, doubled, nameless = (
        sum(getattr(row, name) for row in rows) for name in ("tried", "torn", "lost", "doubled", "nameless")
    )
    yield (
        f"faults tried: {tried}, releases torn: {torn}, lost: {lost}, doubled: {doubled}, "
        f"errors without a name: {nameless} (~ transient)"
    )
