"""Formulas of a definition: columns or posts, numbers, and + − · / between them. A grammar of its own, never ``eval``.

    sum     = product { ("+" | "-") product }
    product = factor { ("*" | "/") factor }
    factor  = number | name | "-" factor | "(" sum ")"

Exact: a value is a fraction of two decimals of any length, so that 1/3 · 3 is 1 and no rounding is added to the data's.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

_TOKEN: Final = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([^\W\d]\w*)|([-+*/()]))")
_DEEPEST: Final = 20

Value = Fraction | None
"""None where something that is needed is unknown."""


class FormulaWrong(Exception):
    """A text is no formula; the text says why, in a few words."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that was read."""

    text: str
    names: tuple[str, ...]
    """Columns that it needs, in their order."""
    _work: Callable[[Mapping[str, Value]], Value]

    def value(self, values: Mapping[str, Decimal | int | None]) -> Value:
        """Calculate, from the values of its names; None where one is unknown, or where something is divided by zero."""
        known = {name: None if values[name] is None else Fraction(values[name] or 0) for name in self.names}
        return self._work(known)


def read_formula(text: str) -> Formula:
    """Read a formula.

    Raises:
        FormulaWrong: it is none.
    """
    reader = _Reader(text)
    work = reader.sum(0)
    if reader.piece is not None:
        raise FormulaWrong(f"«{reader.piece}» was not expected there")
    return Formula(text, tuple(dict.fromkeys(reader.names)), work)


_Work = Callable[[Mapping[str, Value]], Value]


class _Reader:
    """Reads by one piece ahead."""

    def __init__(self, text: str) -> None:
        self._pieces = list(_pieces(text))
        self._at = 0
        self.names: list[str] = []

    @property
    def piece(self) -> str | None:
        return self._pieces[self._at] if self._at < len(self._pieces) else None

    def _take(self) -> str:
        if self.piece is None:
            raise FormulaWrong("it ends too early")
        self._at += 1
        return self._pieces[self._at - 1]

    def sum(self, depth: int) -> _Work:
        if depth > _DEEPEST:
            raise FormulaWrong("it is nested too deeply")
        left = self._product(depth)
        while self.piece in ("+", "-"):
            left = _joined(left, self._take(), self._product(depth))
        return left

    def _product(self, depth: int) -> _Work:
        left = self._factor(depth)
        while self.piece in ("*", "/"):
            left = _joined(left, self._take(), self._factor(depth))
        return left

    def _factor(self, depth: int) -> _Work:
        piece = self._take()
        if piece == "-":
            if depth > _DEEPEST:
                raise FormulaWrong("it is nested too deeply")
            return _joined(lambda _: Fraction(0), "-", self._factor(depth + 1))
        if piece == "(":
            inner = self.sum(depth + 1)
            if self._take() != ")":
                raise FormulaWrong("a parenthesis is not closed")
            return inner
        if piece[0].isdigit():
            number = Fraction(piece)
            return lambda _: number
        if piece in "+*/)":
            raise FormulaWrong(f"«{piece}» was not expected there")
        self.names.append(piece)
        return lambda values: values[piece]


def _pieces(text: str) -> Iterator[str]:
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if not found:
            raise FormulaWrong(f"«{text[at:].strip()[0]}» is no part of a formula")
        yield found[1] or found[2] or found[3]
        at = found.end()


def _joined(left: _Work, operator: str, right: _Work) -> _Work:
    def work(values: Mapping[str, Value]) -> Value:
        a, b = left(values), right(values)
        if a is None or b is None or (operator == "/" and b == 0):
            return None
        if operator == "+":
            return a + b
        if operator == "-":
            return a - b
        return a * b if operator == "*" else a / b

    return work
