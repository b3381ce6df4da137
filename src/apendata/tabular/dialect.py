"""A Table Dialect: how the text of a file is split into cells. Declared, never guessed.

Frictionless sniffs delimiter, quotes and blanks from the first lines wherever a dialect does not name them, so that the
same file is read in different ways as its first rows change; here what is not named has the standard's default.
"""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from apendata.errors import DefinitionError

_CSV: Final[Mapping[str, type]] = {
    "delimiter": str,
    "lineTerminator": str,
    "quoteChar": str,
    "doubleQuote": bool,
    "escapeChar": str,
    "nullSequence": str,
    "skipInitialSpace": bool,
}
_GENERAL: Final[Mapping[str, type]] = {
    "header": bool,
    "headerRows": list,
    "headerJoin": str,
    "headerCase": bool,
    "commentChar": str,
    "commentRows": list,
    "skipBlankRows": bool,
}


@dataclass(frozen=True)
class Dialect:
    """Words of the Table Dialect standard, with its defaults."""

    descriptor: Mapping[str, Any]
    """As it was given, for formats that Frictionless reads itself."""
    encoding: str
    """Python's name of the codec."""
    delimiter: str = ","
    quote: str = '"'
    """Empty: nothing is quoted."""
    escape: str | None = None
    double_quote: bool = True
    skip_initial_space: bool = False
    header_rows: tuple[int, ...] = (1,)
    """Empty: the file has no header."""
    header_join: str = " "
    header_case: bool = True
    comment_char: str | None = None
    comment_rows: frozenset[int] = frozenset()
    skip_blank_rows: bool = False

    @property
    def first_content_row(self) -> int:
        """1-based number of the first row that is no header."""
        return self.header_rows[-1] + 1 if self.header_rows else 1

    @cached_property
    def is_simple(self) -> bool:
        """Whether pyarrow reads plain blocks of this dialect just as Python's ``csv`` does."""
        ordinary = self.quote == '"' and self.escape is None and self.double_quote and not self.skip_initial_space
        filtered = self.comment_char or self.comment_rows or self.skip_blank_rows
        return ordinary and not filtered and self.delimiter.isascii() and self.delimiter not in '"\r\n '

    def of_python(self) -> dict[str, Any]:
        """The options of ``csv.reader``, as Frictionless gives them."""
        return {
            "delimiter": self.delimiter,
            "quotechar": self.quote or None,
            "quoting": 3 if not self.quote else 0,  # csv.QUOTE_NONE, csv.QUOTE_MINIMAL
            "escapechar": self.escape,
            "doublequote": self.double_quote if self.escape else True,
            "skipinitialspace": self.skip_initial_space,
        }


def read_dialect(descriptor: Mapping[str, Any], *, encoding: str, delimiter: str = ",") -> Dialect:
    """Read a dialect's descriptor.

    Args:
        descriptor: as JSON holds it; words of CSV at the top (Data Package) or under ``csv`` (Frictionless).
        encoding: the declared encoding of the file.
        delimiter: where the descriptor names none: a tab for ``.tsv``.

    Raises:
        DefinitionError: a word has a value of the wrong kind, or the encoding is unknown.
    """
    words = {**descriptor, **_of_kind(descriptor.get("csv", {}), {"csv": dict}, "csv")}
    _check(words)
    return Dialect(
        descriptor=descriptor,
        encoding=_codec(encoding),
        delimiter=words.get("delimiter", delimiter),
        quote=words.get("quoteChar", '"'),
        escape=words.get("escapeChar"),
        double_quote=words.get("doubleQuote", True),
        skip_initial_space=words.get("skipInitialSpace", False),
        header_rows=tuple(words.get("headerRows", (1,))) if words.get("header", True) else (),
        header_join=words.get("headerJoin", " "),
        header_case=words.get("headerCase", True),
        comment_char=words.get("commentChar"),
        comment_rows=frozenset(words.get("commentRows", ())),
        skip_blank_rows=words.get("skipBlankRows", False),
    )


def _check(words: Mapping[str, Any]) -> None:
    for name, value in words.items():
        _of_kind(value, {**_CSV, **_GENERAL}, name)
    for name in ("delimiter", "escapeChar"):
        if name in words and len(words[name]) != 1:
            raise DefinitionError(f"the dialect's {name} must be one character, found {len(words[name])}.")
    if len(words.get("quoteChar", "")) > 1:
        raise DefinitionError("the dialect's quoteChar must be one character, or none.")
    for name in ("headerRows", "commentRows"):
        rows = words.get(name, [])
        if any(not isinstance(row, int) or row < 1 for row in rows) or rows != sorted(set(rows)):
            raise DefinitionError(f"the dialect's {name} must be rising row numbers from 1.")


def _of_kind(value: Any, kinds: Mapping[str, type], name: str) -> Any:
    kind = kinds.get(name)
    if kind is not None and not isinstance(value, kind):
        raise DefinitionError(f"the dialect's {name} must be of type {kind.__name__}, found {type(value).__name__}.")
    return value


def _codec(name: str) -> str:
    try:
        b"ab".decode(name, "replace")  # a codec that makes no text, such as base64, is no encoding
        return codecs.lookup(name).name
    except LookupError:
        raise DefinitionError(f"the encoding «{name}» is not known; expected one such as utf-8.") from None
