"""Dates, months and years, in one declared form, to ISO 8601."""

import datetime as dt
from collections.abc import Callable
from typing import Final

from apendata.model import Column, Marks
from apendata.sources.grid import Kind
from apendata.sources.judging import Judge, Verdict

_ISO: Final = {"date": "%Y-%m-%d", "yearmonth": "%Y-%m", "year": "%Y", "datetime": "%Y-%m-%dT%H:%M:%S"}
_WORDS: Final = {"date": "YYYY-MM-DD", "yearmonth": "YYYY-MM", "year": "YYYY", "datetime": "YYYY-MM-DDTHH:MM:SS"}

PERIODS: Final = frozenset(_ISO)
"""The Table Schema's types that are read here."""


def period_judge(column: Column, period: str, marks: Marks) -> Judge:
    """Judge the cells of a date, month or year column; without ``date_format`` a text must be ISO 8601 itself.

    A number cell is taken where a number is how a workbook writes it: years, and months such as 202502.
    """
    read = reader(period, column.date_format)
    missing = {mark.strip() for mark in marks.missing} | {""}

    def judge(kind: Kind, text: str) -> Verdict:
        trimmed = text.strip() if column.strip or not text.strip() else text
        if kind in (Kind.TEXT, Kind.ERROR) and trimmed in missing:
            return Verdict()
        if kind in (Kind.DATE, Kind.EARLY_DATE):
            return _real_date(text, period) if kind == Kind.DATE else Verdict(problem=("early_date", {}))
        if kind == Kind.TEXT or (kind == Kind.NUMBER and period in ("year", "yearmonth")):
            value = read(trimmed)
            wrong = ("date_form", {"expected": column.date_format or _WORDS[period]})
            return Verdict(value) if value is not None else Verdict(problem=wrong)
        if kind == Kind.ERROR:
            return Verdict(problem=("error_cell", {}))
        if kind == Kind.FORMULA:
            return Verdict(problem=("formula_without_value", {}))
        return Verdict(
            problem=("cell_kind", {"found": kind.name.lower(), "expected": f"a {period}", "key": "date_format"})
        )

    return judge


def reader(period: str, form: str | None = None) -> Callable[[str], str | None]:
    """A function that reads one text of a strptime form (ISO without one) and gives ISO 8601, or None."""
    iso = _ISO[period]

    def read(text: str) -> str | None:
        if not text.isascii() or text != text.strip():
            return None  # strptime takes the digits of every script, and blanks where the form has some
        try:
            moment = dt.datetime.strptime(text, form or iso)  # noqa: DTZ007 (calendar days have no zone)
        except ValueError:
            return None
        value = f"{moment.year:04d}" + moment.strftime(iso.removeprefix("%Y"))
        return value if form is not None or value == text else None

    return read


def _real_date(text: str, period: str) -> Verdict:
    if period == "date" and len(text) == len("2024-01-15") and "-" in text:
        return Verdict(text)
    if period == "datetime" and "-" in text:
        return Verdict(text if "T" in text else f"{text}T00:00:00")
    return Verdict(problem=("cell_kind", {"found": "date", "expected": f"a {period}", "key": "date_format"}))
