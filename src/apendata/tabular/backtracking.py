"""Patterns whose match may take for ever in Python, as RE2 reads them, which takes one step a sign.

Python tries every way in which the pieces of ``(a+)+b`` may share a text: forty letters take longer than a night, and
nothing can stop it, since no other thread runs meanwhile; a cell of a stranger's export is enough. A pattern in which
that may happen is written anew for RE2 with every class of signs spelt out, so that both say the same of every text;
one that RE2 cannot have (look-around, references back) is refused. All other patterns are left to Python.
"""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from re import _constants as sre, _parser  # type: ignore[attr-defined]  # it stands nowhere else
from typing import Any, Final, Literal

import pyarrow as pa
import pyarrow.compute as pc

from apendata.errors import DefinitionError
from apendata.tabular.arrays import of_texts

Risk = Literal["none", "slow", "endless"]
"""``slow``: time grows by a power of the text's length; ``endless``: it doubles with each sign."""

_FEW: Final = 10
"""So often a piece may repeat without harm."""
_SHORT: Final = 200
"""So long a text is soon done with a ``slow`` pattern."""
LATIN: Final = 0x24F
"""The last sign of Latin Extended-B."""
EVERY: Final = sys.maxunicode
_REPEATS: Final = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)


def safe_match(pattern: str, place: str) -> Callable[[str], bool] | None:
    """What says whether a text matches Frictionless' ``^pattern$``; None where Python may be asked.

    Raises:
        DefinitionError: a match might never end, and RE2 does not know such a pattern; told of ``place``. What is given
            back may raise it too, where RE2 knows it for Latin letters alone.
    """
    risk = risk_of(pattern)
    if risk == "none" or (risk == "slow" and as_re2(pattern, LATIN) is None):
        return None
    if as_re2(pattern, LATIN) is None:
        raise _endless(place)
    own, soon = re.compile(f"^{pattern}$"), _SHORT if risk == "slow" else 0

    def matches(text: str) -> bool:
        expression = None if len(text) <= soon else as_re2(pattern, LATIN if max(text) <= chr(LATIN) else EVERY)
        if expression is None and len(text) > soon and risk == "endless":
            raise _endless(place)
        return own.match(text) is not None if expression is None else _by_re2(expression, text)

    return matches


def _by_re2(expression: str, text: str) -> bool:
    try:
        return bool(pc.match_substring_regex(of_texts([text]), expression)[0].as_py())
    except UnicodeEncodeError:  # half of a character is part of no text
        return False


def _endless(place: str) -> DefinitionError:
    return DefinitionError(
        f"{place}: the pattern repeats a piece that varies itself, and RE2 does not know it (look-around, references, "
        "flags, or too large): a match of a few dozen signs may never end. Write it without the one or the other."
    )


@cache
def risk_of(pattern: str) -> Risk:
    """How long Python may take for a text that does not match; what is no pattern is refused by whoever compiles it."""
    try:
        tree = _parser.parse(f"^{pattern}$")
    except re.error:
        return "none"
    if any(_varies(tree, within=False)):
        return "endless"
    many = [op for op, value in _every(tree) if op in _REPEATS and value[1] > max(_FEW, value[0])]
    return "slow" if len(many) > 1 else "none"


def _varies(tree: Any, *, within: bool) -> Iterator[bool]:
    """Whether, within a piece that repeats, something may match in several ways."""
    for op, value in tree:
        repeats = op in _REPEATS
        yield within and (op is sre.BRANCH or (repeats and value[0] != value[1]))
        for part in _parts(value):
            yield from _varies(part, within=within or (repeats and value[1] > _FEW))


def _every(tree: Any) -> Iterator[tuple[Any, Any]]:
    for op, value in tree:
        yield op, value
        for part in _parts(value):
            yield from _every(part)


def _parts(value: Any) -> Iterator[Any]:
    """The patterns inside a piece, wherever it has them."""
    for inner in value if isinstance(value, tuple | list) else (value,):
        if isinstance(inner, _parser.SubPattern):
            yield inner
        elif isinstance(inner, list):
            yield from (one for one in inner if isinstance(one, _parser.SubPattern))


@cache
def as_re2(pattern: str, last: int) -> str | None:
    """Frictionless' ``^pattern$`` in words of RE2 that mean the same; None where it has none.

    Args:
        pattern: as it is declared.
        last: the last sign that a text holds. With few, a class of letters is short, and read a hundred times as fast.
    """
    tree = _parser.parse(f"^{pattern}$")
    if tree.state.flags != sre.SRE_FLAG_UNICODE:
        return None
    try:
        found = rf"\A(?:{_Emitter(last).sequence(tree, tail=True)})"
        pc.match_substring_regex(of_texts([""]), found)
    except (_NotInRE2, pa.ArrowInvalid):  # the second: too large
        return None
    return found


class _NotInRE2(Exception):
    """A piece of a pattern is none that RE2 has."""


@dataclass(frozen=True)
class _Emitter:
    """Writes pieces of a pattern in words of RE2."""

    last: int

    def sequence(self, tree: Any, *, tail: bool) -> str:
        """Pieces one after another; ``tail``: nothing stands behind them."""
        pieces = list(tree)
        ends = [all(piece == (sre.AT, sre.AT_END) for piece in pieces[at + 1 :]) for at in range(len(pieces))]
        return "".join(self._piece(op, value, tail=tail and end) for (op, value), end in zip(pieces, ends, strict=True))

    def _piece(self, op: Any, value: Any, *, tail: bool) -> str:
        if op is sre.IN:
            return self._class(value)
        if op is sre.BRANCH:
            return "(?:" + "|".join(self.sequence(branch, tail=tail) for branch in value[1]) + ")"
        if op is sre.SUBPATTERN and not value[1] and not value[2]:
            return f"(?:{self.sequence(value[3], tail=tail)})"
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            least, most, inner = value
            return f"(?:{self.sequence(inner, tail=False)}){{{least},{'' if most is sre.MAXREPEAT else most}}}"
        if op is sre.AT and value is sre.AT_END and tail:
            return r"(?:\n?\z)"  # also before a last line end
        return _sign_or_place(op, value)

    def _class(self, items: Sequence[tuple[Any, Any]]) -> str:
        negated = items[0][0] is sre.NEGATE
        ranges: list[tuple[int, int]] = []
        for op, value in items[negated:]:
            if op is sre.CATEGORY:
                ranges += _of_category(value, self.last)
            else:
                ranges.append(value if op is sre.RANGE else (value, value))
        inside = "".join(_sign(first) + (f"-{_sign(last)}" if last > first else "") for first, last in ranges)
        return f"[{'^' * negated}{inside}]"


def _sign_or_place(op: Any, value: Any) -> str:
    if op is sre.LITERAL:
        return _sign(value)
    if op is sre.NOT_LITERAL:
        return f"[^{_sign(value)}]"
    if op is sre.ANY:
        return r"[^\n]"
    if op is sre.AT and value in (sre.AT_BEGINNING, sre.AT_BEGINNING_STRING):
        return r"\A"
    if op is sre.AT and value is sre.AT_END_STRING:
        return r"\z"
    raise _NotInRE2


_CATEGORIES: Final = {
    sre.CATEGORY_DIGIT: r"\d+",
    sre.CATEGORY_NOT_DIGIT: r"\D+",
    sre.CATEGORY_SPACE: r"\s+",
    sre.CATEGORY_NOT_SPACE: r"\S+",
    sre.CATEGORY_WORD: r"\w+",
    sre.CATEGORY_NOT_WORD: r"\W+",
}


@cache
def _of_category(category: Any, last: int) -> tuple[tuple[int, int], ...]:
    """The ranges of signs that Python takes a letter or digit to be; RE2 knows those of ASCII alone."""
    every = (chr(code) for code in range(last + 1) if not _is_half(code))
    runs = (run[0] for run in re.finditer(_CATEGORIES[category], "".join(every)))
    parts = (part for run in runs for part in re.findall("[\0-\ud7ff]+|[\ue000-\U0010ffff]+", run))
    return tuple((ord(part[0]), ord(part[-1])) for part in parts)


def _is_half(code: int) -> bool:
    """Whether a code is one of two that make a character together (a surrogate)."""
    return 0xD800 <= code < 0xE000


def _sign(code: int) -> str:
    return rf"\x{{{code:x}}}"
