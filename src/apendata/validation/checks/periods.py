"""Reference dates and periods: none may be missing between the first and the last, but those that are named."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from typing import Any

from apendata.model import Finding
from apendata.validation.checks.conditions import rows_meant
from apendata.validation.checks.subject import Subject

_MONTHS = {"year": 12, "quarter": 3, "month": 1}


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
    missing: list[tuple[int, str]] = []
    for key, there in groups.items():
        values = [value for value, _ in there.values()]
        wanted = listed or _between(min(values), max(values), subject.check.words["every"])
        named = ", ".join(f"{name}={part}" for name, part in zip(per, key, strict=True))
        last = there[str(max(values))][1]
        gaps = [period for period in wanted if period not in there and period not in excepted]
        missing += [(last, f"{named}: {period}" if named else period) for period in gaps]
    told = [text for _, text in missing]
    yield from subject.found("period_missing", [row for row, _ in missing], column, samples=told)


def _between(first: int | date, last: int | date, every: str) -> list[str]:
    if not isinstance(first, date) or not isinstance(last, date):
        return [str(year) for year in range(int(first), int(last) + 1)]  # type: ignore[arg-type]  # of one column
    start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    months = range(start, end + 1, _MONTHS[every])
    days = (_same_day(month // 12, month % 12 + 1, first.day) for month in months)
    return [str(day) for day in days if day <= last]


def _same_day(year: int, month: int, day: int) -> date:
    """The same day of another month, or its last one where it has fewer."""
    return date(year, month, min(day, monthrange(year, month)[1]))
