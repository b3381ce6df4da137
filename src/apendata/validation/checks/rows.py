"""Checks within one row: a difference, a share, an order between two numbers."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from apendata.model import MAX_PLACES, Finding
from apendata.validation.checks.exact import exact, scale_of
from apendata.validation.checks.subject import Subject
from apendata.validation.problems import rows_where

_FORMS: Final = {
    "difference_wrong": "{0} ≠ {1} − {2}",
    "share_wrong": "{0} ≠ 100 · {1} / {2}",
    "less_than": "{0} < {1}",
}


def difference(subject: Subject) -> Iterator[Finding]:
    """``equals`` is ``from`` less ``minus``."""
    result, minuend, subtrahend = _columns(subject, "equals", "from", "minus")
    apart = pc.abs(pc.subtract(result, pc.subtract(minuend, subtrahend)))
    wrong = pc.greater(apart, pa.scalar(subject.number("within")))
    yield from _told(subject, "difference_wrong", wrong, ("equals", "from", "minus"))
    yield from subject.skipped(wrong.null_count)


def share(subject: Subject) -> Iterator[Finding]:
    """``equals`` is ``of`` in percent of ``base``. Multiplied out, since a quotient has no exact decimal."""
    percent, part, base = _columns(subject, "equals", "of", "base")
    hundred, zero, within = (pa.scalar(number) for number in (Decimal(100), Decimal(0), subject.number("within")))
    apart = pc.abs(pc.subtract(pc.multiply(percent, base), pc.multiply(part, hundred)))
    wrong = pc.greater(apart, pc.multiply(pc.abs(base), within))
    of_zero = pc.and_(pc.equal(base, zero), wrong.is_valid())
    yield from _told(subject, "share_wrong", pc.and_not(wrong, of_zero), ("equals", "of", "base"))
    yield from subject.found("share_of_zero", rows_where(of_zero), subject.column("base"))
    yield from subject.skipped(wrong.null_count)


def not_less(subject: Subject) -> Iterator[Finding]:
    """``value`` is at least ``than``."""
    less = pc.less(*_columns(subject, "value", "than"))
    yield from _told(subject, "less_than", less, ("value", "than"))
    yield from subject.skipped(less.null_count)


def _columns(subject: Subject, *words: str) -> list[pa.ChunkedArray]:
    columns = [subject.here.data[subject.column(word)] for word in words]
    scale = scale_of(*columns)
    return [exact(column, scale) for column in columns]


def _told(subject: Subject, code: str, wrong: pa.ChunkedArray, words: Sequence[str]) -> Iterator[Finding]:
    """Rows where a check fails, at the cell of its first column, with the numbers as private samples."""
    rows, names = rows_where(wrong), [subject.column(word) for word in words]
    shown = subject.here.data.take(pa.array(rows[:MAX_PLACES]))
    numbers = zip(*(shown[name].to_pylist() for name in names), strict=True)
    yield from subject.found(code, rows, names[0], samples=[_FORMS[code].format(*row) for row in numbers])
