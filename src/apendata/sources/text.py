"""Strict decoding of text files: the declared encoding or nothing.

Everything is handed on as UTF-8 bytes, which is what pyarrow reads without a copy. The checks are single passes of C
over the bytes, so that the one file in a hundred that is large pays little for them.
"""

import codecs
import re
import unicodedata
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from apendata.errors import DefinitionError
from apendata.model import Place, Source
from apendata.sources.codes import finding, refuse

_BOMS: Final = {
    "utf-8-sig": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
}
_REFUSED: Final = re.compile(
    rb"(?P<nul_byte>\x00)|(?P<control_character>[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f])"
    rb"|(?P<replacement_character>\xef\xbf\xbd)"
    rb"|(?P<invisible_character>\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa0-\xa9]|\xef\xbb\xbf)"
)
_BLOCK: Final = 1 << 18
_MULTIBYTE: Final = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")


def utf8(data: bytes, source: Source, file: str) -> bytes:
    """Decode by ``source.encoding`` and give UTF-8 without BOM, after the technical ``first_line`` if one is declared.

    Raises:
        SourceUnreadable: empty; other bytes than the encoding allows; a BOM, NUL, control or replacement character.
        DefinitionError: no encoding is declared, or Python knows none of that name.
    """
    encoding = _declared(source)
    if not data or data.isspace():
        refuse([finding("file_empty", [Place(file)])])
    _check_bom(data, encoding, file)
    text = data if encoding == "utf-8" else _transcoded(data, encoding, file)
    _check_characters(text, encoding, file)
    return _after_first_line(text, source, file)


def composed(text: bytes) -> bytes:
    """The text in Unicode's composed form (NFC): «å» in one character, never as «a» and a ring.

    The two are the same text by Unicode's own rule and look the same, but would be two keys. Refusing was weighed: the
    steward can neither see nor mend it. A text of Latin-1 letters alone is composed already, which most files are.
    """
    octets = np.frombuffer(text, np.uint8)
    for start in range(0, len(octets), _BLOCK):
        block = octets[max(start - 2, 0) : start + _BLOCK]
        if _may_be_loose(block) and not unicodedata.is_normalized("NFC", block.tobytes().decode(errors="ignore")):
            return unicodedata.normalize("NFC", text.decode()).encode()
    return text


def line_of(data: bytes, offset: int) -> int:
    """1-based line of a byte."""
    return data.count(b"\n", 0, offset) + 1


def _declared(source: Source) -> str:
    if source.encoding is None:
        raise DefinitionError(f"source {source.name}: `encoding` is missing")
    try:
        return codecs.lookup(source.encoding).name
    except LookupError:
        raise DefinitionError(f"source {source.name}: `encoding` names no known encoding") from None


def _check_bom(data: bytes, encoding: str, file: str) -> None:
    if encoding in ("utf-8-sig", "utf-16"):
        return
    if declare := next((name for name, bom in _BOMS.items() if data.startswith(bom)), None):
        # A declared utf-16-le with a BOM would otherwise give U+FEFF as the first letter of the first header.
        refuse([finding("undeclared_bom", [Place(file, row=1)], encoding="utf-16" if "16" in declare else declare)])


def _transcoded(data: bytes, encoding: str, file: str) -> bytes:
    """Decode strictly and encode as UTF-8.

    A one-byte encoding accepts almost any bytes, so UTF-8 declared as windows-1252 would pass as «Ã¸». A real text of
    that kind is never valid UTF-8 by accident, so valid UTF-8 with letters outside ASCII is refused.
    """
    try:
        if encoding == "utf-8-sig":
            return data.decode("utf-8").removeprefix("\ufeff").encode()
        if not encoding.startswith("utf") and (at := _utf8_letter(data)) is not None:
            refuse([finding("wrong_encoding", [Place(file, row=line_of(data, at))], encoding=f"{encoding} but utf-8")])
        return data.decode(encoding).encode()
    except UnicodeError:
        _refuse_undecodable(data, encoding, file)
        raise  # not reached: a refusal was raised


def _refuse_undecodable(data: bytes, encoding: str, file: str) -> None:
    offset = 0
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        offset = error.start
    except UnicodeError:
        pass  # a codec that does not tell where
    refuse([finding("wrong_encoding", [Place(file, row=line_of(data, offset))], encoding=encoding)])


def _utf8_letter(data: bytes) -> int | None:
    """Offset of the first letter outside ASCII if the data are valid UTF-8."""
    match = _MULTIBYTE.search(data)
    try:
        data.decode()
    except UnicodeDecodeError:
        return None
    return match.start() if match else None


def _check_characters(text: bytes, encoding: str, file: str) -> None:
    """Refuse what no export of a table holds: NUL, control characters (C0 but tab and line ends, DEL, C1), U+FFFD.

    A block of the file at a time, so that the passes over it stay in the processor's cache.
    """
    if encoding == "utf-8":
        _check_utf8(text, file)
    octets = np.frombuffer(text, np.uint8)
    found: dict[str, int] = {}
    for start in range(0, len(octets), _BLOCK):
        # One byte of overlap on both sides: a character of two or three bytes may lie across the border.
        if _is_suspicious(octets[max(start - 2, 0) : start + _BLOCK]):
            for match in _REFUSED.finditer(text, max(start - 2, 0), start + _BLOCK):
                found.setdefault(match.lastgroup or "", match.start())
    refuse([finding(code, [Place(file, row=line_of(text, at))], encoding=encoding) for code, at in found.items()])


def _is_suspicious(block: npt.NDArray[np.uint8]) -> bool:
    """Whether a block may hold a refused character: cheap, and right whenever it says no."""
    low = np.count_nonzero(block < 32)
    if low > np.count_nonzero(block == 10) and low > sum(np.count_nonzero(block == octet) for octet in (9, 10, 13)):
        return True
    if (block == 0x7F).any() or ((block == 0xEF) | (block == 0xC2)).any():
        return True
    # U+2000 to 206F: many texts hold their dashes and quotes, so that the last byte is looked at here.
    marks = np.flatnonzero(block == 0xE2)
    marks = marks[marks < len(block) - 2]
    last = block[marks + 2]
    is_zero_width = (last - np.uint8(0x8B)) < 5
    is_turning = (last - np.uint8(0xAA)) < 5
    of_80 = (block[marks + 1] == 0x80) & (is_zero_width | is_turning)
    return bool((of_80 | ((block[marks + 1] == 0x81) & (last >= 0xA0))).any())


def _may_be_loose(block: npt.NDArray[np.uint8]) -> bool:
    """Whether a block holds a character beyond U+00FF that is no dash, quote or the like of U+2002 to 203F."""
    leads = np.flatnonzero(block >= 0xC4)
    if len(leads) and leads[-1] >= len(block) - 2:
        return True  # the last letter of the file, or one that goes on in the next block
    common = (block[leads] == 0xE2) & (block[leads + 1] == 0x80) & (block[leads + 2] >= 0x82)
    return not bool(common.all())


def _check_utf8(text: bytes, file: str) -> None:
    if text.isascii():
        return
    buffers = [None, pa.array([0, len(text)], pa.int64()).buffers()[1], pa.py_buffer(text)]
    try:
        pa.Array.from_buffers(pa.large_binary(), 1, buffers).cast(pa.large_string())  # validates without making a str
    except pa.ArrowInvalid:
        _refuse_undecodable(text, "utf-8", file)


def _after_first_line(text: bytes, source: Source, file: str) -> bytes:
    if source.first_line is None:
        return text
    line, end, rest = re.split(rb"(\r\n|\n|\r)", text + b"\n", maxsplit=1)
    if line != source.first_line.encode() or not end:
        refuse([finding("first_line_differs", [Place(file, row=1)])])
    return rest[:-1]
