"""What she may have meant: a value proposed for a wrong cell, where one is sensible. It is shown, never used.

A number is read as Norwegian offices write it: blanks or points part thousands, a comma stands before the decimals
(Språkrådet, «Tall og enheter»); where a single mark can be read both ways, both are asked.
"""

import difflib
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from apendata.model import Finding

_OF_NUMBERS: Final = frozenset({"undeclared_mark", "cell_kind", "non_ascii_digits", "digit_underscore"})
_NUMBER_TYPES: Final = frozenset({"integer", "number", "year"})
OF_LISTS: Final = frozenset({"not_in_enum", "code_not_in_list", "no_match", "nearly_selected", "unknown_columns"})
_BLANKS: Final = "\u00a0\u2007\u2009\u202f "
_MINUS: Final = "\u2212\u2013\u2012\u2010\u2011"
_CURRENCY: Final = re.compile(r"^(?:kr\.?|nok)\s*|\s*(?:kr\.?|nok|,-)$", re.IGNORECASE)
_LOOKS_LIKE_DIGITS: Final = str.maketrans("OoIl", "0011")
_MONTHS: Final = [
    "januar",
    "februar",
    "mars",
    "april",
    "mai",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "desember",
]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is wrong with a value, by a key of the texts, and what may have been meant."""

    kind: str
    values: tuple[str, ...]


def propose(finding: Finding, cell: str) -> Proposal | None:
    """Propose a value for one cell of a finding, or None where nothing sensible can be.

    Args:
        finding: what is wrong.
        cell: the cell's text.
    """
    code, expected = finding.code, finding.params.get("expected", "")
    if code == "outer_blanks":
        return Proposal("blanks", (cell.strip(_BLANKS + "\t\r\n"),))
    if code == "date_form" or (code == "wrong_type" and expected == "date"):
        return _date(cell)
    if code in _OF_NUMBERS or (code == "wrong_type" and expected in _NUMBER_TYPES):
        return _number(cell)
    if code in OF_LISTS:
        return _nearest(cell, finding.known or tuple(expected.split(", ")))
    return _padded(cell, expected) if code == "pattern_not_met" else None


def _number(cell: str) -> Proposal | None:
    text = cell.strip(_BLANKS)
    for kind, mended in _mendings(text):
        if mended != text and (values := _readings(mended)):
            return Proposal(kind, values)
    values = _readings(text)
    if not values:
        return None
    return Proposal("decimal_point" if "." in text else "decimal_comma", values)


def _mendings(text: str) -> list[tuple[str, str]]:
    """Ways in which a number is disguised, each with the number below."""
    plain = _CURRENCY.sub("", text)
    minus = re.sub(f"^[{_MINUS}]", "-", plain)
    turned = re.sub(r"^\((.*)\)$", r"-\1", re.sub(r"^(.*\d)-$", r"-\1", minus))
    letters = turned.translate(_LOOKS_LIKE_DIGITS) if re.search("[0-9]", turned) else turned
    together = re.sub(f"(?<=[0-9])[{_BLANKS}'](?=[0-9]{{3}}(?![0-9]))", "", letters)
    ascii_ = "".join(str(int(s)) if s.isdecimal() else s for s in together).replace("_", "")
    steps = (("currency", plain), ("minus", minus), ("minus", turned), ("letters", letters), ("thousands", together))
    told = next((kind for kind, step in steps if step != text), "digits")
    return [(told, ascii_)]


def _readings(text: str) -> tuple[str, ...]:
    """How a plain number can be read, as Norwegians write it."""
    if re.fullmatch(r"-?[0-9]+", text):
        return (text,)
    found = re.fullmatch(r"(-?[0-9]+)([.,])([0-9]+)", text)
    if found:
        whole, _, rest = found.groups()
        as_decimal = f"{whole},{rest}"
        is_group = len(rest) == 3 and len(whole.lstrip("-")) <= 3 and whole.lstrip("-") != "0"
        return (whole + rest, as_decimal) if is_group else (as_decimal,)
    if re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?", text):
        return (text.replace(".", ""),)
    if re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", text):
        return (text.replace(",", "").replace(".", ","),)
    return ()


def _date(cell: str) -> Proposal | None:
    text = cell.strip(_BLANKS).lower()
    words = re.fullmatch(r"([0-9]{1,2})\.?\s+([a-zæøå]+)\.?\s+([0-9]{4})", text)
    if words and (month := _month(words[2])):
        return _real(int(words[3]), month, int(words[1]))
    if found := re.fullmatch(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{2}|[0-9]{4})", text):
        day, month, year = (int(part) for part in found.groups())
        return _real(year + (2000 if year < 100 else 0), month, day)
    if found := re.fullmatch(r"([0-9]{4})[./-]?([0-9]{1,2})[./-]?([0-9]{1,2})(?:[ t].*)?", text):
        return _real(*(int(part) for part in found.groups()))
    return None


def _month(word: str) -> int | None:
    return next((number for number, name in enumerate(_MONTHS, start=1) if name.startswith(word[:3])), None)


def _real(year: int, month: int, day: int) -> Proposal | None:
    try:
        return Proposal("date", (f"{date(year, month, day):%d.%m.%Y}",))
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _nearest(cell: str, known: tuple[str, ...]) -> Proposal | None:
    """The likeliest names; of two numbers that differ nobody can say which was meant, but for zeros in front."""
    text = cell.strip()
    if text.isdecimal():
        padded = tuple(value for value in known if value.isdecimal() and value.lstrip("0") == text.lstrip("0"))
        return Proposal("leading_zeros", padded) if len(padded) == 1 else None
    by_fold = {value.casefold(): value for value in known}
    found = difflib.get_close_matches(text.casefold(), by_fold, n=2, cutoff=0.6)
    return Proposal("spelling", tuple(by_fold[name] for name in found)) if found else None


def _padded(cell: str, pattern: str) -> Proposal | None:
    width = re.fullmatch(r"\^?(?:\\d|\[0-9\])\{(\d{1,2})\}\$?", pattern)
    text = cell.strip()
    if width and text.isascii() and text.isdigit() and len(text) < int(width[1]):
        return Proposal("leading_zeros", (text.zfill(int(width[1])),))
    return None
