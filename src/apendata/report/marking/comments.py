"""Comments: their texts in one part, the shapes that show them in another (VML, as every Excel since 97 reads)."""

from collections.abc import Mapping
from typing import Final

from apendata.report.marking.mark import position
from apendata.report.marking.xml import Edit, Element, edited, elements, escaped, with_attribute

AUTHOR: Final = "apendata"
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
EMPTY_COMMENTS: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<comments xmlns="{_MAIN}"><authors></authors><commentList></commentList></comments>'
).encode()
EMPTY_DRAWING: Final = (
    b'<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    b'xmlns:x="urn:schemas-microsoft-com:office:excel"></xml>'
)
_TYPE: Final = (
    '<v:shapetype id="_x0000_t202a" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_COLUMNS: Final = 4
_ROWS: Final = 8
"""How wide and high a comment is, in cells."""


def with_comments(part: bytes, texts: Mapping[str, str]) -> bytes:
    """Add comments; a cell that has one already keeps it, and ours stands below."""
    found = elements(part, lambda name, _: name in ("authors", "author", "commentList", "comment", "text"))
    comments = {e.attributes.get("ref", ""): e for e in found if e.name == "comment"}
    authors = next(e for e in found if e.name == "authors")
    list_ = next(e for e in found if e.name == "commentList")
    number = sum(e.name == "author" for e in found)
    edits, new = [_inside(part, authors, f"<{authors.prefix}author>{AUTHOR}</{authors.prefix}author>")], []
    for cell, text in texts.items():
        if cell in comments:
            body = next(e for e in found if e.name == "text" and comments[cell].start < e.start < comments[cell].end)
            edits.append(_inside(part, body, _run(body.prefix, f"\n— {AUTHOR}: {text}")))
        else:
            prefix = list_.prefix
            body_ = f"<{prefix}text>{_run(prefix, text)}</{prefix}text>"
            new.append(f'<{prefix}comment ref="{cell}" authorId="{number}">{body_}</{prefix}comment>')
    return edited(part, [*edits, _inside(part, list_, "".join(new))])


def new_cells(part: bytes, texts: Mapping[str, str]) -> list[str]:
    """The cells that have no comment yet, and so no shape."""
    found = elements(part, lambda name, _: name == "comment")
    there = {element.attributes.get("ref") for element in found}
    return [cell for cell in texts if cell not in there]


def with_shapes(part: bytes, cells: list[str], first: int) -> bytes:
    """Add a hidden shape for each cell's comment; ``first`` is a number for their ids that no other shape has."""
    root = elements(part, lambda _, depth: depth == 0)[0]
    shapes = "".join(_shape(cell, first + number) for number, cell in enumerate(cells))
    # An own prefix each, as the drawing of an old sheet may have bound others.
    spaces = {
        "xmlns:v": "urn:schemas-microsoft-com:vml",
        "xmlns:o": "urn:schemas-microsoft-com:office:office",
        "xmlns:x": "urn:schemas-microsoft-com:office:excel",
    }
    edits = [_inside(part, root, _TYPE + shapes)]
    edits += [with_attribute(part, root, name, uri) for name, uri in spaces.items() if name not in root.attributes]
    return edited(part, edits)


def _inside(part: bytes, element: Element, text: str) -> Edit:
    if element.is_empty(part):
        name = f"{element.prefix}{element.name}"
        return Edit(element.open_end - 2, element.open_end, f">{text}</{name}>".encode())
    end = part.rindex(b"</", element.start, element.end)
    return Edit(end, end, text.encode())


def _run(prefix: str, text: str) -> str:
    return f'<{prefix}r><{prefix}t xml:space="preserve">{escaped(text)}</{prefix}t></{prefix}r>'


def _shape(cell: str, number: int) -> str:
    row, column = position(cell)
    anchor = f"{column}, 15, {max(row - 2, 0)}, 2, {column + _COLUMNS}, 15, {max(row - 2, 0) + _ROWS}, 4"
    return (
        f'<v:shape id="_x0000_s{number}" type="#_x0000_t202a" '
        'style="position:absolute;visibility:hidden;z-index:1" fillcolor="#ffffe1" o:insetmode="auto">'
        '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
        '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
        '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
        f"<x:Anchor>{anchor}</x:Anchor><x:AutoFill>False</x:AutoFill>"
        f"<x:Row>{row - 1}</x:Row><x:Column>{column - 1}</x:Column></x:ClientData></v:shape>"
    )
