"""Reference dates and periods: none may be missing between the first and the last, but those that are named."""

from calendar import monthrange
from collections.abc import Collection, Iterator
from datetime import date
from typing import Any, Final

from apendata.model import Finding
from apendata.validation.checks.conditions import rows_meant
from apendata.validation.checks.subject import Subject

_MONTHS: Final = {"year": 12, "quarter": 3, "month": 1}
_LONGEST: Final = 31
_MOST_YEARS: Final = 10_000
"""A column of whole numbers may hold any: a slip of the hand must not be the end of the memory."""


def complete(subject: Subject) -> Iterator[Finding]:
    """In each group, every period from the first to the last (or those that are listed) has a row."""
    column, per = subject.column("column"), subject.columns("per") if "per" in subject.check.words else ()
    excepted = {str(value) for value in subject.check.words.get("but_not", ())}
    listed = [str(value) for value in subject.check.words.get("expected", ())]
    rows = rows_meant(subject.here, subject.conditions("where"))
    groups: dict[tuple[Any, ...], dict[str, tuple[Any, int]]] = {}
    data = subject.here.data.select([column, *per]).take(rows).to_pydict()
    for row, value, *parts in zip(rows.tolist(), data[column], *(data[name] for name in per), strict=True):
        if value is not None:
            groups.setdefault(tuple(parts), {}).setdefault(str(value), (value, row))
    if not groups:
        yield subject.of_table("periods_without_rows")
    missing: list[tuple[int, str]] = []
    for key, there in groups.items():
        values = [value for value, _ in there.values()]
        wanted = listed or _periods(values, subject.check.words["every"])
        named = ", ".join(f"{name}={part}" for name, part in zip(per, key, strict=True))
        last = there[str(max(values))][1]
        gaps = [period for period in wanted if period not in there and period not in excepted]
        missing += [(last, f"{named}: {period}" if named else period) for period in gaps]
    told = [text for _, text in missing]
    yield from subject.found("period_missing", [row for row, _ in missing], column, samples=told)


def _periods(values: Collection[Any], every: str) -> list[str]:
    """All periods from the first to the last of those that are there."""
    first, last = min(values), max(values)
    if not isinstance(first, date):
        return [str(year) for year in range(first, min(last, first + _MOST_YEARS) + 1)]
    start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    months, day = range(start, end + 1, _MONTHS[every]), _day_of(first, values)
    days = (_same_day(month // 12, month % 12 + 1, day) for month in months)
    return [str(day) for day in days if day <= last]


def _day_of(first: date, dates: Collection[date]) -> int:
    """The day of the month at which a series stands. A first date that ends its month does not tell it.

    30 April may begin a series of last days, of the 30th, or (28 February) of the 28th: the other dates tell which.
    """
    if not _ends_month(first):
        return first.day
    return _LONGEST if all(map(_ends_month, dates)) else max(date.day for date in dates)


def _ends_month(day: date) -> bool:
    return day.day == monthrange(day.year, day.month)[1]


def _same_day(year: int, month: int, day: int) -> date:
    """The same day of another month, or its last one where it has fewer."""
    return date(year, month, min(day, monthrange(year, month)[1]))
