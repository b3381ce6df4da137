"""Styles: for every look that a marked cell has, the same look with a coloured ground."""

from collections.abc import Iterable, Mapping
from typing import Final

from apendata.report.marking.mark import NotMarked
from apendata.report.marking.xml import Edit, Element, edited, elements, with_attribute

GROUNDS: Final[Mapping[str, str]] = {"error": "FFFFC7CE", "warning": "FFFFEB9C"}
"""Severity → ARGB: the light red and the light yellow that Excel itself calls «Bad» and «Neutral»."""

Look = tuple[int, str]
"""Index of a cell's style, and the severity of what is wrong with it."""


def coloured(styles: bytes, looks: Iterable[Look]) -> tuple[bytes, dict[Look, int]]:
    """Add styles with a coloured ground.

    Args:
        styles: the part ``xl/styles.xml``.
        looks: which styles are needed, and in which colour.

    Returns:
        The part, and the index of each new style.

    Raises:
        NotMarked: the part has no fills or no cell styles.
    """
    found = elements(styles, lambda name, depth: depth == 1 and name in ("fills", "cellXfs"))
    groups = {element.name: element for element in found}
    if set(groups) != {"fills", "cellXfs"}:
        raise NotMarked("the workbook has no styles")
    fills, formats = _children(styles, groups["fills"]), _children(styles, groups["cellXfs"])
    fill_of = {severity: len(fills) + number for number, severity in enumerate(GROUNDS)}
    wanted = sorted(set(looks))
    new = {look: len(formats) + number for number, look in enumerate(wanted)}
    texts = [_variant(styles, formats, look, fill_of) for look in wanted]
    prefix = groups["fills"].prefix
    edits = [
        *_appended(styles, groups["fills"], [_fill(prefix, colour) for colour in GROUNDS.values()], len(fills)),
        *_appended(styles, groups["cellXfs"], texts, len(formats)),
    ]
    return edited(styles, edits), new


def _children(part: bytes, group: Element) -> list[Element]:
    within = elements(part, lambda name, depth: depth == 2 and name in ("fill", "xf"))
    return [element for element in within if group.start < element.start < group.end]


def _variant(part: bytes, formats: list[Element], look: Look, fill_of: Mapping[str, int]) -> bytes:
    index, severity = look
    if index >= len(formats):
        raise NotMarked("a cell has a style that there is not")
    element = formats[index]
    edits = [
        with_attribute(part, element, "fillId", str(fill_of[severity])),
        with_attribute(part, element, "applyFill", "1"),
    ]
    moved = [Edit(edit.start - element.start, edit.end - element.start, edit.text) for edit in edits]
    return edited(part[element.start : element.end], moved)


def _fill(prefix: str, colour: str) -> bytes:
    inner = f'<{prefix}fgColor rgb="{colour}"/><{prefix}bgColor indexed="64"/>'
    pattern = f'<{prefix}patternFill patternType="solid">{inner}</{prefix}patternFill>'
    return f"<{prefix}fill>{pattern}</{prefix}fill>".encode()


def _appended(part: bytes, group: Element, texts: list[bytes], count: int) -> list[Edit]:
    if group.is_empty(part):
        raise NotMarked("the workbook has no styles")
    end = part.rindex(b"</", group.start, group.end)
    edits = [Edit(end, end, b"".join(texts))]
    if "count" in group.attributes:
        edits.append(with_attribute(part, group, "count", str(count + len(texts))))
    return edits
