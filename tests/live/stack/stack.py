"""The whole: up, down, and what a test does to single servers."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.live.stack import machine, servers
from tests.live.stack.processes import Process, free_ports

START: Final[dict[str, Callable[[Path, servers.Ports], None]]] = {
    "postgres": servers.start_postgres,
    "redis": servers.start_redis,
    "solr": servers.start_solr,
    "ckan": servers.start_ckan,
}


class NotAStack(Exception):
    """A folder that holds something else, or nothing: it is not ours to fill, and never ours to remove."""


@dataclass(frozen=True)
class Stack:
    """A CKAN that stands. Tokens are those of loopback users that nobody else knows."""

    state: Path
    ports: servers.Ports
    url: str
    org: str
    sysadmin: str
    editor: str
    outsider: str
    expired: str

    def process(self, name: str) -> Process:
        """One of ``postgres``, ``redis``, ``solr``, ``ckan``."""
        return Process(self.state, name)

    @contextmanager
    def with_setting(self, name: str, value: str) -> Iterator[None]:
        """CKAN started again with one of its settings otherwise, and after the block with its own."""
        ini = self.state / "ckan.ini"
        before = ini.read_text(encoding="utf-8")
        own = re.compile(rf"^{re.escape(name)} = .*$", re.MULTILINE)
        try:
            self._restart_with(own.sub(f"{name} = {value}", before))
            yield
        finally:
            self._restart_with(before)

    def _restart_with(self, settings: str) -> None:
        self.process("ckan").stop(servers.signal.SIGTERM)
        (self.state / "ckan.ini").write_text(settings, encoding="utf-8")
        self.start("ckan")

    def start(self, name: str) -> None:
        """Start a server that was killed or stopped, and wait until it answers."""
        START[name](self.state, self.ports)


def up(state: Path) -> Stack:
    """Bring up what is missing in a state folder; the same folder again starts only what has died.

    Raises:
        CannotBeInstalled: this machine lacks something that we may not install.
        CommandFailed: a database could not be made, or CKAN not be filled.
        DidNotComeUp: a server ended or did not answer.
        NotAStack: the folder holds something else.
    """
    state = state.resolve()
    if state.exists() and not _is_empty(state):
        _check(state)
    machine.install()
    state.mkdir(parents=True, exist_ok=True)
    state.chmod(0o755)  # for PostgreSQL's user
    ports = _ports(state)
    servers.write_ini(state, ports)
    with ThreadPoolExecutor(3) as pool:
        started = [pool.submit(START[name], state, ports) for name in ("postgres", "redis", "solr")]
        for part in started[:2]:
            part.result()
        servers.seed(state, ports)  # waits for Solr by itself
        started[2].result()
    servers.start_ckan(state, ports)
    return read(state)


def read(state: Path) -> Stack:
    """Return the stack of a state folder, as it was brought up."""
    who: dict[str, Any] = json.loads((state / "who.json").read_text())
    ports = _ports(state)
    return Stack(state=state, ports=ports, url=f"http://127.0.0.1:{ports['ckan']}", **who)


def status(state: Path) -> dict[str, int | None]:
    """Return each server's process id; None where it does not run.

    Raises:
        NotAStack: nothing was brought up in this folder.
    """
    _check(state)
    return {name: Process(state, name).number for name in START}


def down(state: Path, *, keep: bool = False) -> None:
    """Stop all servers of a state folder, and remove it.

    Raises:
        NotAStack: the folder holds something else. Where `up` ended before it began, there is nothing to stop.
    """
    if not state.exists():
        return
    if not _is_empty(state):
        _check(state)
    for name in reversed(START):
        Process(state, name).stop(servers.ORDERLY.get(name, servers.signal.SIGTERM))
    if not keep:
        shutil.rmtree(state)


def _is_empty(state: Path) -> bool:
    return state.is_dir() and not any(state.iterdir())


def _check(state: Path) -> None:
    if not (state / "ports.json").exists():
        raise NotAStack(f"{state} is no state folder: it has no ports.json")


def _ports(state: Path) -> servers.Ports:
    """Return a state folder's ports, chosen when it is new; their file is the first in it, and comes whole."""
    file = state / "ports.json"
    if not file.exists():
        beside = state.with_name(f"{state.name}.ports")
        beside.write_text(json.dumps(dict(zip(START, free_ports(len(START)), strict=True))))
        beside.rename(file)
    ports: servers.Ports = json.loads(file.read_text())
    return ports
