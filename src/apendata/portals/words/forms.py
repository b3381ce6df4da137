"""Numbers, dates and sizes as a reader of each language writes them.

Norwegian: NBSP between thousands, decimal comma, U+2212 as minus. English: the same with a decimal point, since a comma
between thousands beside a Norwegian page's decimal comma would make ``1,234`` two different numbers on twin pages.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

NBSP: Final = "\u00a0"
MINUS: Final = "\u2212"
OSLO: Final = ZoneInfo("Europe/Oslo")
MONTHS: Final = {
    "nb": (
        *("januar", "februar", "mars", "april", "mai", "juni"),
        *("juli", "august", "september", "oktober", "november", "desember"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}
DECIMAL_MARK: Final = {"nb": ",", "en": "."}


def number(value: float | Decimal, language: str, *, decimals: int | None = None, trimmed: bool = False) -> str:
    """Write a number; ``decimals`` None: as many as it has; ``trimmed``: without zeros at the end of its decimals."""
    text = f"{value:,}" if decimals is None else f"{value:,.{decimals}f}"
    if trimmed and "." in text:
        text = text.rstrip("0").rstrip(".")
    whole, _, fraction = text.partition(".")
    whole = whole.replace(",", NBSP).replace("-", MINUS)
    return whole + DECIMAL_MARK[language] + fraction if fraction else whole


def day(stamp: str, language: str) -> str:
    """Write the day of a UTC time stamp (``2026-11-22T04:30:00Z``) as it was in Norway: ``22. november 2026``."""
    moment = datetime.fromisoformat(stamp).replace(tzinfo=UTC).astimezone(OSLO)
    return in_words(moment.date(), language)


def time(text: str, language: str) -> str:
    """Write a date (``2020-12-31``) in words; a year or a month stays as it is."""
    return in_words(date.fromisoformat(text), language) if len(text) == len("2020-12-31") else text


def short(value: date, language: str) -> str:
    """Write a date for a narrow column: ``31.12.2020``, ``31 Dec 2020``."""
    if language == "nb":
        return f"{value:%d.%m.%Y}"
    return f"{value.day}{NBSP}{MONTHS[language][value.month - 1][:3]}{NBSP}{value.year}"


def in_words(value: date, language: str) -> str:
    """Write a date with the month's name."""
    dot = "." if language == "nb" else ""
    return f"{value.day}{dot}{NBSP}{MONTHS[language][value.month - 1]} {value.year}"


def size(count: int, language: str) -> str:
    """Write a number of bytes in kB, MB or GB of a thousand each, as download dialogues do."""
    for unit, step in (("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)):
        if count >= step:
            amount = count / step
            return number(amount, language, decimals=0 if amount >= 100 else 1) + NBSP + unit
    return f"{count}{NBSP}B"
