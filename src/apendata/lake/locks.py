"""One run at a time per dataset: an advisory lock that the kernel drops when its holder dies, however it dies.

A lock file with a process id alone was rejected: after a power cut it must be removed by hand, or by guessing.
"""

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from apendata.errors import LakeBusy
from apendata.lake import durable

_POLL_SECONDS: Final = 0.1


@contextmanager
def hold_lock(file: Path, *, dataset: str, since: str, wait_seconds: float) -> Iterator[None]:
    """Hold the lock ``file`` for the block.

    Raises:
        LakeBusy: somebody else held it for all of ``wait_seconds``; the text says who.
    """
    handle = os.open(file, os.O_RDWR | os.O_CREAT, durable.PRIVATE_FILE)
    try:
        _acquire(handle, fcntl.LOCK_EX, dataset, wait_seconds)
        _sign(handle, since)
        yield
    finally:
        os.close(handle)  # drops the lock


@contextmanager
def share_lock(file: Path, *, dataset: str, wait_seconds: float) -> Iterator[None]:
    """Keep runs away for the block, beside others who only read. Nothing is written, so nobody is told who reads.

    Raises:
        LakeBusy: as :func:`hold_lock`.
    """
    handle = _opened(file)
    try:
        if handle is not None:
            _acquire(handle, fcntl.LOCK_SH, dataset, wait_seconds)
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _opened(file: Path) -> int | None:
    """Open a lock to read; one that is not there was never held, so there is nothing yet that could change."""
    try:
        return os.open(file, os.O_RDONLY)
    except FileNotFoundError:
        return None


def _acquire(handle: int, kind: int, dataset: str, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise LakeBusy(
                    f"{dataset}: another run works on this dataset ({_holder(handle)}), or plans it. "
                    f"Waited {wait_seconds:g} s. Try again when it has ended."
                ) from None
        time.sleep(_POLL_SECONDS)


def _sign(handle: int, since: str) -> None:
    note = json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": since}).encode()
    os.ftruncate(handle, 0)
    os.pwrite(handle, note, 0)


def _holder(handle: int) -> str:
    try:
        note = json.loads(os.pread(handle, 4096, 0))
    except ValueError:
        return "it has not signed the lock yet"
    return f"process {note['pid']} on {note['host']}, since {note['since']}"
