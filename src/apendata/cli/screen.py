"""What a person sees while it works: a bar on a terminal, plain lines in a pipe, nothing beside ``--json``."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Protocol, TextIO

from apendata.errors import UsageError

SHOWN_FROM: Final = 50_000_000
"""Bytes; what is smaller is read before a bar could be seen."""


class Progress(Protocol):
    """Told of every dataset's stage as the work comes to it."""

    def stage(self, dataset_id: str, name: str) -> None:
        """``dataset_id`` is now being read, validated, protected, …."""

    def done(self, dataset_id: str) -> None:
        """``dataset_id`` is finished, well or not."""


class _Lines:
    """A line a stage. If nobody can be told any more, the work goes on all the same."""

    def __init__(self) -> None:
        self._heard = sys.stderr is not None

    def stage(self, dataset_id: str, name: str) -> None:
        if not self._heard:
            return
        try:
            sys.stderr.write(f"{dataset_id}: {name}\n")
            sys.stderr.flush()
        except OSError:
            self._heard = False
            silence(sys.stderr)

    def done(self, dataset_id: str) -> None:
        pass


class _Silent:
    def stage(self, dataset_id: str, name: str) -> None:
        pass

    def done(self, dataset_id: str) -> None:
        pass


def silence(stream: TextIO) -> None:
    """Give a stream that takes nothing any more somewhere to be flushed to when Python ends, or it would fail again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


@contextmanager
def progress(total: int, *, silent: bool) -> Iterator[Progress]:
    """Show progress on stderr while the block runs; stdout stays for the answer."""
    if silent:
        yield _Silent()
    elif sys.stderr is None or not sys.stderr.isatty():
        yield _Lines()
    else:
        yield from _bar(total)


@contextmanager
def bytes_read(total: int, *, silent: bool) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how much of a file is read; the block tells how many bytes it took."""
    if silent or total < SHOWN_FROM or sys.stderr is None or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress as Bar, TimeElapsedColumn

    with Bar(BarColumn(), DownloadColumn(), TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda count: bar.advance(task, count)


def _bar(total: int) -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress as Bar, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)

        class Shown:
            def stage(self, dataset_id: str, name: str) -> None:
                bar.update(task, description=f"{dataset_id}: {name}")

            def done(self, dataset_id: str) -> None:  # noqa: ARG002 (the bar counts, it does not name)
                bar.advance(task)

        yield Shown()


def confirm(question: str) -> None:
    """Ask a person, and go on only if she says so.

    Raises:
        UsageError: she does not, or nobody is there to be asked.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError(f"{question}\nNobody is at a terminal to be asked; `--yes` says that it is meant.")
    sys.stderr.write(f"{question}\nSkriv ja for å fortsette / type yes to go on: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in {"ja", "yes"}:
        raise UsageError("Nothing was done.")


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lay rows out in columns; the last one is as wide as it likes. The first row is the heading."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return [lines[0], "  ".join("─" * width for width in widths[:-1]) + "  " + "─" * min(widths[-1], 40), *lines[1:]]
