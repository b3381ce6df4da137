"""Texts that a spreadsheet would run when it opens the published CSV file.

OWASP's list (ASVS 1.2.10, CSV injection): ``=``, ``+``, ``-``, ``@``, tab, carriage return, and NUL; quoting as RFC
4180 has it does not help. Stopped as well are line feeds, the full-width and small forms (＝ ﹢), which some
spreadsheets take for the plain ones, and any of them after blanks, which many strip.
"""

import re
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from apendata.identifiers.modulus11 import Bools

_BLANKS: Final = (
    r"[\x{0001}-\x{0020}\x{007F}-\x{00A0}\x{00AD}\x{034F}\x{061C}\x{1680}\x{180E}"
    r"\x{2000}-\x{200F}\x{2028}-\x{202F}\x{205F}-\x{206F}\x{3000}\x{FE00}-\x{FE0F}\x{FEFF}]"
)
"""Blanks of every width, control characters and such as nobody sees: what a spreadsheet may pass over."""
_SIGNS: Final = (
    r"[=+\-@\x{207A}\x{207C}\x{208A}\x{208C}\x{FE62}\x{FE63}\x{FE66}\x{FE6B}\x{FF0B}\x{FF0D}\x{FF1D}\x{FF20}]"
)
_TRIGGER: Final = rf"^(?:[\t\r\n]|{_BLANKS}*{_SIGNS})|\x{{0000}}"
_IN_PYTHON: Final = re.compile(re.sub(r"\\x\{([0-9A-F]{4})\}", r"\\u\1", _TRIGGER))


def would_run(text: str) -> bool:
    """Whether a spreadsheet might run this text, or it holds NUL."""
    return _IN_PYTHON.search(text) is not None


def would_run_each(texts: pa.Array) -> Bools:
    """The same for each of many texts; null is no text."""
    found: Bools = pc.fill_null(pc.match_substring_regex(texts, _TRIGGER), fill_value=False).to_numpy(
        zero_copy_only=False
    )
    return found
