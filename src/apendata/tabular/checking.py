"""One file against its Table Schema: header, then block by block on all cores, then what needs the whole file."""

import hashlib
import os
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from heapq import merge
from itertools import chain, islice
from typing import Final

from apendata.tabular.blocks import Block
from apendata.tabular.examining import Examined, Examiner
from apendata.tabular.header import Header, match_header
from apendata.tabular.judging import Judge
from apendata.tabular.keys import keys_of
from apendata.tabular.listed import Listed
from apendata.tabular.reading import blocks_again, open_rows
from apendata.tabular.references import foreign_keys
from apendata.tabular.refused import Refused
from apendata.tabular.repeats import Repeats, find_repeats
from apendata.tabular.resources import Package, Resource
from apendata.tabular.stricter import Stricter
from apendata.tabular.task import Options, Task

_WORKERS: Final = min(os.cpu_count() or 1, 8)


def check(resource: Resource, package: Package | None, options: Options) -> Task:
    """Check one file.

    Args:
        resource: the file, its schema and its dialect.
        package: all tables by name, for foreign keys; None where the file stands alone.
        options: how strictly.

    Returns:
        What was found. A schema that is not valid and a file that is no table are errors of the task.

    Raises:
        DefinitionError: a constraint cannot be compared with values of its field.
        OSError: the file cannot be read.
    """
    task, start = Task(resource.name, resource.place), time.perf_counter()
    digests = _Digests(task, options)
    try:
        with open_rows(resource, digests.seen) as rows:
            header = match_header(resource.schema, resource.dialect, rows.labels())
            _tell_columns(task, header)
            examiner = _examiner(resource, header, package, options)
            parts = _take(task, _examined(examiner, rows.blocks()), options)
            _tell_header(task, header, options)
            repeats = find_repeats(examiner, parts, lambda: blocks_again(resource))
            _tell_rows(task, parts, repeats, options)
    except Refused as error:
        for told in error.errors:
            task.tell(told)
    digests.tell()
    task.seconds = time.perf_counter() - start
    return task


def _tell_columns(task: Task, header: Header) -> None:
    task.labels = header.labels
    task.field_names = tuple(field.name for field in header.fields)


def _examiner(resource: Resource, header: Header, package: Package | None, options: Options) -> Examiner:
    stricter = Stricter() if options.strict else None
    return Examiner(
        dialect=resource.dialect,
        judges=tuple(Judge(field, stricter) for field in header.fields),
        keys=keys_of(resource.schema, header.fields, strict=options.strict),
        foreign_keys=tuple(foreign_keys(resource, header, package)),
        strict=options.strict,
        limit=options.limit,
    )


def _examined(examiner: Examiner, blocks: Iterator[Block]) -> Iterator[Examined]:
    """Examine blocks side by side, and give what was found in their order."""
    first = list(islice(blocks, 1))
    for block in first:
        examiner.learn(block)
    with ThreadPoolExecutor(_WORKERS) as pool:
        waiting: deque[Future[Examined]] = deque()
        for block in chain(first, blocks):
            waiting.append(pool.submit(examiner.examine, block))
            if len(waiting) > _WORKERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _take(task: Task, examined: Iterable[Examined], options: Options) -> list[Examined]:
    """Count what was found in every block, and keep what the whole file is still asked for."""
    parts, left = [], options.limit
    for part in examined:
        task.rows += len(part.numbers)
        task.count(part.counts, part.first_rows)
        if left is not None:
            del part.listed[left:]
            left -= len(part.listed)
        parts.append(part)
    return parts


def _tell_header(task: Task, header: Header, options: Options) -> None:
    if not task.rows and not header.labels:
        task.tell(Listed("source-error", "the source is empty", "source-error"))
    for error in header.errors:
        task.tell(error)
    if not task.rows and header.labels and options.strict:
        note = 'stricter rule "table_empty" of apendata: there is no row below the header'
        task.tell(Listed("source-error", note, "table_empty"))


def _tell_rows(task: Task, parts: Sequence[Examined], repeats: Repeats, options: Options) -> None:
    """List errors of rows in the rows' order; those of repeated keys stand last in their row."""
    task.count(repeats.counts, repeats.first_rows)
    cells = chain.from_iterable(part.listed for part in parts)
    task.listed += merge(cells, repeats.listed, key=lambda error: error.row or 0)
    if options.limit is not None:
        del task.listed[options.limit :]


class _Digests:
    """Size and, where they are wanted, hashes of the bytes that pass; they are added up beside the reading."""

    def __init__(self, task: Task, options: Options) -> None:
        self._task, self._progress = task, options.progress
        self._hashes = [hashlib.new(name, usedforsecurity=False) for name in ("md5", "sha256") if options.hashes]
        self._pool = ThreadPoolExecutor(1)
        self._waiting: deque[Future[None]] = deque()

    def seen(self, chunk: bytes) -> None:
        self._task.size += len(chunk)
        self._progress(len(chunk))
        if self._hashes and chunk:
            self._waiting.append(self._pool.submit(self._update, chunk))
            if len(self._waiting) > _WORKERS:  # the reader may not run away from the hashes: every chunk is kept
                self._waiting.popleft().result()

    def _update(self, chunk: bytes) -> None:
        for digest in self._hashes:
            digest.update(chunk)

    def tell(self) -> None:
        self._pool.shutdown()
        for digest in self._hashes:
            setattr(self._task, digest.name, digest.hexdigest())
