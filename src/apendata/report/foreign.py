"""Texts of others, such as a portal's, made fit for a terminal: it must show them, and obey nothing in them."""

import codecs
import json
import re
from typing import Any, Final

LONGEST: Final = 200
_OBEYED: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What a terminal obeys instead of showing it: control characters but line feed and tab, and changes of direction."""


def harmless(text: str) -> str:
    """Return a text of several lines with a sign in the place of all that a terminal would obey."""
    return _OBEYED.sub("\ufffd", text)


def harmless_json(text: str) -> str:
    """Return a JSON document that means the same and holds nothing that a terminal would obey."""
    return _OBEYED.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)


def ascii_json(document: Any) -> str:
    """Return a document as JSON of ASCII alone: a terminal obeys nothing in it, without a search for what it might.

    By orjson, which takes an eighth of the time of Python's own for the 50 MB of a bad file's report.
    """
    import orjson  # 25 ms, which a valid file's answer does without

    try:
        text = orjson.dumps(document)
    except TypeError:  # half of a character: only Python's own writes that
        return json.dumps(document).replace("\x7f", "\\u007f")
    return text.decode().encode("ascii", "apendata-json").replace(b"\x7f", b"\\u007f").decode()


def _as_json_does(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


codecs.register_error("apendata-json", _as_json_does)


def plain(text: str) -> str:
    """Return a foreign text as it may be shown on a terminal: one line, no control characters, of bounded length."""
    return shortened(text, LONGEST)


def shortened(text: str, longest: int) -> str:
    """Return a text as :func:`plain` does, of a length to choose."""
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    shown = " ".join(shown.split())
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"
