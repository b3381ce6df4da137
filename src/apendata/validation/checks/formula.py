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
from itertools import islice
from typing import Any, Final

import numpy as np
import numpy.typing as npt

_TOKEN: Final = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([^\W\d]\w*)|([-+*/()]))")
_DEEPEST: Final = 20
_LONGEST: Final = 200
"""Numbers, names and signs; a chain of thousands would pass the depth to which Python calls."""
_LONGEST_NUMBER: Final = 30

Floats = npt.NDArray[np.float64]
Value = Fraction | None
"""None where something that is needed is unknown."""


class FormulaWrong(Exception):
    """A text is no formula; the text says why, in a few words."""


Node = tuple[Any, ...]
"""("number", value), ("name", column), or (operator, left node, right node)."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that was read."""

    text: str
    names: tuple[str, ...]
    """Columns that it needs, in their order."""
    _node: Node

    def value(self, values: Mapping[str, Decimal | int | None]) -> Value:
        """Calculate, from the values of its names; None where one is unknown, or where something is divided by zero."""
        known = {name: None if values[name] is None else Fraction(values[name] or 0) for name in self.names}
        return _exact(self._node, known)

    def floats(self, columns: Mapping[str, Floats]) -> tuple[Floats, float]:
        """Calculate whole columns in floats.

        Returns:
            The values, and how far each may be from the exact one: 0 where the formula has no quotient and every number
            on the way is whole and below 2^53, as floats then are exact.
        """
        largest, is_whole = [1.0], [True]
        with np.errstate(all="ignore"):
            values = _floats(self._node, columns, largest, is_whole)
        exact = is_whole[0] and max(largest) < WHOLE
        return values, 0.0 if exact else max(largest) * RELATIVE


def read_formula(text: str) -> Formula:
    """Read a formula.

    Raises:
        FormulaWrong: it is none.
    """
    reader = _Reader(text)
    node = reader.sum(0)
    if reader.piece is not None:
        raise FormulaWrong(f"«{reader.piece}» was not expected there")
    return Formula(text, tuple(dict.fromkeys(reader.names)), node)


class _Reader:
    """Reads by one piece ahead."""

    def __init__(self, text: str) -> None:
        self._pieces = list(islice(_pieces(text), _LONGEST + 1))
        if len(self._pieces) > _LONGEST:
            raise FormulaWrong(f"it has more than {_LONGEST} numbers, names and signs")
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

    def sum(self, depth: int) -> Node:
        if depth > _DEEPEST:
            raise FormulaWrong("it is nested too deeply")
        left = self._product(depth)
        while self.piece in ("+", "-"):
            left = (self._take(), left, self._product(depth))
        return left

    def _product(self, depth: int) -> Node:
        left = self._factor(depth)
        while self.piece in ("*", "/"):
            left = (self._take(), left, self._factor(depth))
        return left

    def _factor(self, depth: int) -> Node:
        piece = self._take()
        if piece == "-":
            if depth > _DEEPEST:
                raise FormulaWrong("it is nested too deeply")
            return ("-", ("number", Fraction(0)), self._factor(depth + 1))
        if piece == "(":
            inner = self.sum(depth + 1)
            if self._take() != ")":
                raise FormulaWrong("a parenthesis is not closed")
            return inner
        if piece[0].isdigit():
            if len(piece) > _LONGEST_NUMBER:
                raise FormulaWrong("a number has too many digits")
            return ("number", Fraction(piece))
        if piece in "+*/)":
            raise FormulaWrong(f"«{piece}» was not expected there")
        self.names.append(piece)
        return ("name", piece)


def _pieces(text: str) -> Iterator[str]:
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if not found:
            raise FormulaWrong(f"«{text[at:].strip()[0]}» is no part of a formula")
        yield found[1] or found[2] or found[3]
        at = found.end()


def _exact(node: Node, values: Mapping[str, Value]) -> Value:
    kind = node[0]
    if kind == "number":
        number: Fraction = node[1]
        return number
    if kind == "name":
        return values[node[1]]
    a, b = _exact(node[1], values), _exact(node[2], values)
    if a is None or b is None or (kind == "/" and b == 0):
        return None
    if kind == "+":
        return a + b
    if kind == "-":
        return a - b
    return a * b if kind == "*" else a / b


def _floats(node: Node, columns: Mapping[str, Floats], largest: list[float], is_whole: list[bool]) -> Floats:
    kind = node[0]
    if kind in ("number", "name"):
        values = np.array([float(node[1])]) if kind == "number" else columns[node[1]]
        is_whole[0] &= bool((values[np.isfinite(values)] % 1 == 0).all())
    else:
        a, b = (_floats(part, columns, largest, is_whole) for part in node[1:])
        values = _JOINED[kind](a, b)
        is_whole[0] &= kind != "/"
    finite = values[np.isfinite(values)]
    largest.append(float(np.abs(finite).max(initial=0)))
    return values


_JOINED: Final[Mapping[str, Callable[[Floats, Floats], Floats]]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
}
WHOLE: Final = 2.0**53
RELATIVE: Final = 1e-9
"""A thousand times what the roundings of a formula of this depth can add up to, and far below a rounding unit."""
