"""Where elements stand in the bytes of an XML part, so that a part can be patched and not written anew.

expat tells the offset of every tag. A document type is refused: no part of a workbook has one, and entities are the way
to make a small file large.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from xml.parsers import expat

from apendata.report.marking.mark import NotMarked

_DEEPEST: Final = 64
_TAG: Final = re.compile(rb"""<(?:[^>"']|"[^"]*"|'[^']*')*+>""")


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a part, by its bytes."""

    name: str
    """Without prefix."""
    prefix: str
    """With its colon; empty where there is none."""
    attributes: dict[str, str]
    start: int
    """Offset of its ``<``."""
    open_end: int
    """Offset behind its start tag."""
    end: int
    """Offset behind the whole element."""

    def is_empty(self, part: bytes) -> bool:
        """Whether it is written as ``<a/>``."""
        return part[self.open_end - 2 : self.open_end] == b"/>"


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes to be put in the place of others."""

    start: int
    end: int
    text: bytes


def _any(_: str, __: Mapping[str, str]) -> bool:
    return True


def elements(
    part: bytes, wanted: Callable[[str, int], bool], among: Callable[[str, Mapping[str, str]], bool] = _any
) -> list[Element]:
    """The elements of a part that are wanted, by name without prefix and depth (the root's is 0), as they end.

    Args:
        part: the bytes.
        wanted: asked with name and depth.
        among: asked of those with name and attributes; a sheet has more cells than memory could hold.

    Raises:
        NotMarked: the part is no plain XML in UTF-8.
    """
    if part[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise NotMarked("a part is not in UTF-8")
    found: list[Element] = []
    open_: list[tuple[str, dict[str, str], int]] = []
    parser = expat.ParserCreate(encoding="UTF-8")

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(open_) > _DEEPEST:
            raise NotMarked("a part is nested too deeply")
        open_.append((name, attributes, parser.CurrentByteIndex))

    def end(_: str) -> None:
        name, attributes, at = open_.pop()
        prefix, colon, local = name.rpartition(":")
        if wanted(local, len(open_)) and among(local, attributes):
            opened = _end_of_tag(part, at)
            closed = opened if part[opened - 2 : opened] == b"/>" else _end_of_tag(part, parser.CurrentByteIndex)
            found.append(Element(local, prefix + colon, attributes, at, opened, closed))

    def doctype(*_: object) -> None:
        raise NotMarked("a part has a document type")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(part, True)  # noqa: FBT003 (expat's signature)
    except expat.ExpatError:
        raise NotMarked("a part is no XML") from None
    return found


def _end_of_tag(part: bytes, start: int) -> int:
    """Offset behind the tag that begins at ``start``; a ``>`` in quotes is none."""
    found = _TAG.match(part, start)
    if found is None:
        raise NotMarked("a tag has no end")
    return found.end()


def edited(part: bytes, edits: Iterable[Edit]) -> bytes:
    """The part with edits made, in the order of their offsets."""
    pieces, at = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        pieces += [part[at : edit.start], edit.text]
        at = edit.end
    return b"".join([*pieces, part[at:]])


def with_attribute(part: bytes, element: Element, name: str, value: str) -> Edit:
    """Set an attribute in an element's start tag."""
    tag = part[element.start : element.open_end]
    if name not in element.attributes:
        at = element.start + 1 + len(element.prefix.encode()) + len(element.name.encode())
        return Edit(at, at, f' {name}="{value}"'.encode())
    start, end = _span_of_value(tag, name)
    return Edit(element.start + start, element.start + end, value.encode())


def _span_of_value(tag: bytes, name: str) -> tuple[int, int]:
    """Where an attribute's value stands in a tag, quotes left out."""
    at = tag.index(b" ") if b" " in tag else len(tag)
    wanted = name.encode()
    while at < len(tag):
        equals = tag.index(b"=", at)
        key = tag[at:equals].strip()
        quote = equals + 1
        while tag[quote] not in b"\"'":
            quote += 1
        end = tag.index(tag[quote : quote + 1], quote + 1)
        if key == wanted:
            return quote + 1, end
        at = end + 1
    raise NotMarked("an attribute is not where it should be")


def escaped(text: str) -> str:
    """Text as XML holds it; what no XML can hold is left out."""
    plain = "".join(sign for sign in text if sign in "\t\n\r" or (sign >= " " and sign not in "\ufffe\uffff"))
    plain = "".join(sign for sign in plain if not 0xD800 <= ord(sign) <= 0xDFFF)
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
