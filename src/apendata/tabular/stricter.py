"""Named rules that are stricter than Frictionless; each refuses a text that it reads as a value nobody meant.

========================= ==================================================================================
``not_finite``            ``NaN`` and ``Infinity`` are no numbers (Python's ``Decimal`` reads them)
``digit_underscore``      ``1_000`` is Python's way to write a number, nobody else's
``non_ascii_digits``      ``１２``, ``٣``: digits that most programs do not read; also in a text with a pattern
``misplaced_group_mark``  a group mark that does not part digits by three: ``12.34`` with group mark ``.`` would be 1234
``not_in_categories``     a value outside ``categories`` (Data Package v2), which Frictionless ignores
========================= ==================================================================================

One rule is more lenient: an integer with a ``groupChar`` (Data Package v2) may have its marks, well placed, which
Frictionless refuses. Rules of rows (``key_null``, ``unique_keys``) stand in :mod:`.keys`, of files (``table_empty``) in
:mod:`.checking`.
"""

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from apendata.tabular.schema import Field

if TYPE_CHECKING:
    from apendata.tabular.judging import Wrong

_NUMBERS = frozenset({"integer", "number", "year", "yearmonth"})
_IN_DIGITS = _NUMBERS | {"date", "datetime", "time"}


def has_marks(field: Field) -> bool:
    """Whether a field's cells are whole numbers with group marks, which Frictionless does not read."""
    return field.type == "integer" and bool(field.words.get("groupChar"))


def plain(field: Field, text: str) -> str:
    """The text without its group marks where they are well placed; any other text as it is."""
    mark = field.words["groupChar"]
    return text.replace(mark, "") if _grouped(text.strip(), mark, "") else text


class Stricter:
    """The stricter rules of cells."""

    def wrong(self, field: Field, text: str, value: Any) -> Iterator["Wrong"]:
        """What is wrong with a text that Frictionless read as a value."""
        from apendata.tabular.judging import Wrong

        rule = _rule(field, text, value)
        if rule:
            yield Wrong("type-error", f'stricter rule "{rule}" of apendata', rule)
        elif "categories" in field.words and str(value) not in _categories(field):
            yield Wrong("constraint-error", 'constraint "categories" is not met', "not_in_categories")


def _rule(field: Field, text: str, value: Any) -> str | None:
    is_code = field.type == "string" and "pattern" in field.constraints
    if (is_code or field.type in _IN_DIGITS) and _has_foreign_digit(text):
        return "non_ascii_digits"
    if field.type not in _NUMBERS:
        return None
    if "_" in text and field.words.get("groupChar") != "_":
        return "digit_underscore"
    if isinstance(value, Decimal | float) and not Decimal(value).is_finite():
        return "not_finite"
    return _misplaced(field, text)


def _misplaced(field: Field, text: str) -> str | None:
    mark, decimal = field.words.get("groupChar", ""), field.words.get("decimalChar", ".")
    if not mark or mark not in text or not field.words.get("bareNumber", True):
        return None
    return None if _grouped(text.strip(), mark, decimal) else "misplaced_group_mark"


def _grouped(text: str, mark: str, decimal: str) -> bool:
    group = re.escape(mark)
    fraction = rf"({re.escape(decimal)}[0-9]*)?" if decimal else ""
    return bool(re.fullmatch(rf"[-+]?[0-9]{{1,3}}({group}[0-9]{{3}})+{fraction}", text))


def _has_foreign_digit(text: str) -> bool:
    return not text.isascii() and any(sign > "9" and unicodedata.category(sign) == "Nd" for sign in text)


def _categories(field: Field) -> frozenset[str]:
    values = (entry["value"] if isinstance(entry, dict) else entry for entry in field.words["categories"])
    return frozenset(map(str, values))
