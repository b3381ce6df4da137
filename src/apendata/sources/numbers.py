"""Numbers under declared marks: what is not exactly the declared form is an error, never a guess.

``42.578`` is 42578 where ``.`` is declared as thousand mark, 42.578 where it is the decimal mark, and refused where it
is neither. Digits are 0-9 alone: Python's ``int`` takes ``１２`` and ``1_000``, ``float`` takes ``nan`` and ``1e3``.
"""

import re
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, Overflow
from functools import cached_property
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from apendata.model import Marks
from apendata.sources.grid import Kind
from apendata.sources.judging import Judged, Verdict

HIDDEN, MISSING, CANNOT_OCCUR = ":", "..", "."
_DECIMALS: Final = {"comma": ",", "point": "."}
_MAX_DIGITS: Final = 30
"""Decimal128 holds 38; sums and scaling need room. No amount of this world has 30 digits, an identifier may."""
_EXACT: Final = Context(prec=100, traps=[Inexact, Overflow])
_EXACT_IN_A_DOUBLE: Final = 2**53
_BLANKS: Final = " \t\u00a0\u202f\u2007\u2009"
_MINUS_SIGNS: Final = "-\u2212\u2013\u2012\u00ad\ufe63\uff0d("


@dataclass(frozen=True)
class NumberReader:
    """Reads the number cells of one column."""

    marks: Marks

    def read(self, kind: Kind, text: str) -> Verdict:
        """Say what a cell means: a canonical number, a status, or what is wrong and which YAML key would tell.

        Outer blanks are padding (`` -1 362 250 ``) and do not count. A real number of a workbook needs no marks.
        """
        trimmed = text.strip(_BLANKS)
        if (status := self._statuses.get(trimmed)) is not None and kind in (Kind.TEXT, Kind.ERROR):
            return Verdict(status=status)
        if kind == Kind.NUMBER:
            return _stored(text)
        if kind != Kind.TEXT:
            return Verdict(problem=_wrong_kind(kind))
        if trimmed in self._zeros:
            return Verdict("0")
        number = self._parse(trimmed)
        return Verdict(number) if number is not None else Verdict(problem=self._what_is_wrong(trimmed))

    @cached_property
    def _statuses(self) -> dict[str, str]:
        marks = self.marks
        kinds = ((marks.missing, MISSING), (marks.cannot_occur, CANNOT_OCCUR), (marks.hidden, HIDDEN))
        return {mark.strip(_BLANKS): status for signs, status in kinds for mark in signs}

    @cached_property
    def _zeros(self) -> frozenset[str]:
        return frozenset(mark.strip(_BLANKS) for mark in self.marks.zero)

    @cached_property
    def _form(self) -> re.Pattern[str]:
        marks = self.marks
        minus = "|".join(map(re.escape, marks.minus)) or r"(?!)"
        groups = "".join(rf"|[1-9][0-9]{{0,2}}(?:{re.escape(mark)}[0-9]{{3}})+" for mark in marks.thousands)
        decimals = (
            rf"(?:{re.escape(_DECIMALS[marks.decimal])}(?P<decimals>[0-9]+))?"
            if marks.decimal
            else "(?P<decimals>(?!))?"
        )
        words = "|".join(re.escape(word) for word in sorted(marks.scale_words, key=len, reverse=True)) or r"(?!)"
        percent = "(?:[ \u00a0\u202f]?%)?" if marks.percent_sign else ""
        return re.compile(
            rf"(?P<minus>{minus})?(?P<whole>[0-9]+{groups}){decimals}(?:[ \u00a0]?(?P<word>{words}))?{percent}"
        )

    def _parse(self, text: str) -> str | None:
        match = self._form.fullmatch(text)
        if match is None or len(text) > _MAX_DIGITS:
            return None
        whole = match["whole"].translate(self._ungroup)
        number = plain(f"{'-' if match['minus'] else ''}{whole}.{match['decimals'] or ''}")
        factor = self.marks.scale_words.get(match["word"] or "", 1)
        return number if factor == 1 else scaled(number, Decimal(factor))

    @cached_property
    def _ungroup(self) -> dict[int, None]:
        return {ord(mark): None for mark in self.marks.thousands}

    def _what_is_wrong(self, text: str) -> tuple[str, dict[str, str]]:
        return "undeclared_mark", {"key": _key(text, self.marks)}


def plain(text: str) -> str:
    """``-007.50`` → ``-7.5``: no zeros that mean nothing, no minus before zero."""
    sign = "-" if text.startswith("-") else ""
    whole, _, decimals = text.removeprefix("-").partition(".")
    whole, decimals = whole.lstrip("0") or "0", decimals.rstrip("0")
    number = f"{whole}.{decimals}" if decimals else whole
    return number if number == "0" else sign + number


def scaled(number: str, factor: Decimal) -> str:
    """A canonical number times a factor, exactly."""
    return plain(format(_EXACT.multiply(Decimal(number), factor), "f"))


def fast(texts: pa.ChunkedArray, marks: Marks) -> Judged | None:
    """Read a whole column by kernels, or None where any cell is not surely a number of the plainest form.

    A cast to int64 and back gives the same text for ``-5``, ``0``, ``120`` and for nothing else: not ``007``, ``-0``,
    ``1e3``, ``0x10`` or `` 5``. Decimals in the same way through decimal128, if all have equally many.
    """
    empty = pc.equal(texts, "")
    status = None
    if pc.any(empty).as_py():
        if "" not in marks.missing:
            return None
        texts = pc.if_else(empty, pa.scalar(None, pa.string()), texts)
        status = pc.if_else(empty, MISSING, pa.scalar(None, pa.string()))
    if "-" not in marks.minus:
        return None
    try:
        if pc.all(pc.equal(pc.cast(pc.cast(texts, pa.int64()), pa.string()), texts)).as_py():
            return Judged(texts, status)
    except pa.ArrowInvalid:
        pass
    values = _fast_decimals(texts, marks)
    return None if values is None else Judged(values, status)


def _fast_decimals(texts: pa.ChunkedArray, marks: Marks) -> pa.ChunkedArray | None:
    if marks.decimal is None or not len(texts):
        return None
    mark = _DECIMALS[marks.decimal]
    first = texts[0].as_py() or ""
    places = len(first) - first.rfind(mark) - 1 if mark in first else 0
    if not 1 <= places <= 6:
        return None
    pointed = texts if mark == "." else pc.replace_substring(texts, mark, ".")
    try:
        back = pc.cast(pc.cast(pointed, pa.decimal128(38, places)), pa.string())
    except pa.ArrowInvalid:
        return None
    if not pc.all(pc.equal(back, pointed)).as_py() or (mark == "," and pc.any(pc.match_substring(texts, ".")).as_py()):
        return None
    return pc.ascii_rtrim(pc.ascii_rtrim(pointed, "0"), ".")


def _stored(text: str) -> Verdict:
    if "." not in text and abs(int(text)) > _EXACT_IN_A_DOUBLE:
        return Verdict(problem=("number_too_big", {}))
    return Verdict(text)


def _wrong_kind(kind: Kind) -> tuple[str, dict[str, str]]:
    if kind == Kind.ERROR:
        return "error_cell", {}
    if kind == Kind.FORMULA:
        return "formula_without_value", {}
    return "cell_kind", {"found": kind.name.lower(), "expected": "a number", "key": "columns"}


def _key(text: str, marks: Marks) -> str:
    """The YAML key that would most likely tell what a cell means; for the message only, decides nothing."""
    if not text:
        return "missing"
    digits = re.sub(r"[^0-9]", "", text)
    if not digits:
        return "zero`, `missing` or `hidden"
    if text.endswith("%"):
        return "percent_sign"
    if text[0] in _MINUS_SIGNS and text[0] not in marks.minus:
        return "minus"
    if re.search(r"[A-Za-zÆØÅæøå]", text):
        return "scale_words"
    return "decimal`, `thousands"
