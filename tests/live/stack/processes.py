"""Servers as processes of ours: started, told apart from whoever gets their number later, frozen, killed, stopped."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class DidNotComeUp(Exception):
    """A server ended, or did not answer in time; the text has the end of its log."""


@dataclass(frozen=True)
class Process:
    """One server of one state folder."""

    state: Path
    name: str

    @property
    def log(self) -> Path:
        return self.state / f"{self.name}.log"

    @property
    def number(self) -> int | None:
        """Its process id, if the process is still the one that was started: ids are given again."""
        try:
            number, born = (self.state / f"{self.name}.pid").read_text().split()
        except (OSError, ValueError):
            return None
        return int(number) if _born(number) == born else None

    def start(self, *command: Any, env: Mapping[str, str] | None = None, **more: Any) -> None:
        """Start it where it does not run."""
        if self.number is not None:
            return
        _reap(self.state / self.name)
        with self.log.open("ab") as log:
            started = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, env=env, **more,
            )  # fmt: skip
        (self.state / f"{self.name}.pid").write_text(f"{started.pid} {_born(started.pid)}\n")
        _STARTED[self.state / self.name] = (
            started  # kept, or Python warns that it still runs; its end is taken in `_reap`
        )

    def wait(self, ready: Callable[[], bool], seconds: float = 90) -> None:
        """Wait until it answers.

        Raises:
            DidNotComeUp: it ended, or needs longer.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.number is not None:
            if ready():
                return
            time.sleep(0.1)
        raise DidNotComeUp(f"{self.name}:\n{self.log.read_text(errors='replace')[-3000:]}")

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it, and its children, as a power cut would."""
        self._signal(signal.SIGKILL)
        self._gone(10)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it in an orderly way; after 20 seconds in any way."""
        self.thaw()
        number = self.number
        if number is None:
            return
        with suppress(ProcessLookupError):
            os.kill(number, how)
        if not self._gone(20):
            self.kill()

    def _signal(self, how: signal.Signals) -> None:
        if (number := self.number) is not None:
            with suppress(ProcessLookupError):
                os.killpg(number, how)

    def _gone(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.number is None:
                _reap(self.state / self.name)
                return True
            time.sleep(0.05)
        return False


_STARTED: dict[Path, "subprocess.Popen[bytes]"] = {}


def _reap(key: Path) -> None:
    """Take the end of a process of ours that is over; one that another process started is nobody's to reap."""
    started = _STARTED.pop(key, None)
    if started is not None:
        started.wait()


def _born(number: int | str) -> str | None:
    """When a process started, in clock ticks since boot; None if there is none of that number, or only its remains."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses at the moment: fixed ones would keep two stacks from standing side by side."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
