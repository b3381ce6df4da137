"""E-mail addresses and Norwegian telephone numbers in running text.

A telephone number has eight digits, the first 2–9. It is seen

* with ``+47`` or ``0047`` before it, however its digits are grouped;
* in the groupings that people use, 73 00 00 00 and 900 00 000, with equal separators;
* in one run where it begins with 4 or 9 (a mobile telephone, and so a person's), or where a word for a telephone
  stands before it. Any other run of eight digits is taken for a code: dates (20240115), statistical units (grunnkrets)
  and case numbers look the same.
"""

import re
from datetime import date
from typing import Final

_EMAIL: Final = re.compile(r"[^\s@,;:<>()\"\[\]]+@[^\s@,;:<>()\"\[\]]+\.[^\W\d_]{2,}")
_GAP: Final = r"[^\w,;:]{0,3}"
_BEFORE: Final = r"(?<![^\W_])(?<![0-9][.,/:-])(?<![0-9] )"
"""No letter or digit just before, nor another group of digits."""
_AFTER: Final = r"(?![^\W_])(?![.,/: -]?[0-9])"
_WITH_PREFIX: Final = re.compile(rf"(?:\+{_GAP}|(?<![0-9])00)47{_GAP}[2-9](?:{_GAP}[0-9]){{7}}(?![0-9])")
_GROUPED: Final = re.compile(
    rf"{_BEFORE}(?:[2-9][0-9]([ .-])[0-9]{{2}}\1[0-9]{{2}}\1[0-9]{{2}}"
    rf"|[2-9][0-9]{{2}}([ .-])[0-9]{{2}}\2[0-9]{{3}}){_AFTER}"
)
_RUN: Final = re.compile(rf"{_BEFORE}[49][0-9]{{7}}{_AFTER}")
_NAMED: Final = re.compile(
    rf"\b(?:tlf|tel|telefon\w*|phone|telephone|mob|mobil\w*|sms|ring|call)\b\W{{0,3}}(?:nr\b\W{{0,3}})?"
    rf"[2-9](?:{_GAP}[0-9]){{7}}(?![0-9])",
    re.IGNORECASE,
)
_YEARS: Final = range(1900, 2100)


def has_email(text: str) -> bool:
    """Whether an e-mail address stands in the text."""
    return "@" in text and _EMAIL.search(text) is not None


def has_phone(text: str) -> bool:
    """Whether a Norwegian telephone number stands in the text; ASCII digits and plain blanks only."""
    if any(pattern.search(text) for pattern in (_WITH_PREFIX, _GROUPED, _NAMED)):
        return True
    return any(not _is_date(match[0]) for match in _RUN.finditer(text))


def _is_date(digits: str) -> bool:
    """``yyyymmdd`` or ``ddmmyyyy``."""
    forms = ((digits[:4], digits[4:6], digits[6:]), (digits[4:], digits[2:4], digits[:2]))
    return any(_exists(int(year), int(month), int(day)) for year, month, day in forms)


def _exists(year: int, month: int, day: int) -> bool:
    if year not in _YEARS:
        return False
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
