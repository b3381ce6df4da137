"""The package: which parts a sheet has, which are patched, and which are added."""

import io
import posixpath
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from apendata.report.marking import comments as notes
from apendata.report.marking.mark import MAX_COMMENTS, Mark, NotMarked
from apendata.report.marking.sheet import find_cells, styled, with_legacy_drawing
from apendata.report.marking.styles import Look, coloured
from apendata.report.marking.xml import Edit, edited, elements, escaped

_RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_EMPTY_RELATIONS: Final = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
)
_COMMENTS_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_DRAWING_TYPE: Final = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_TYPES: Final = "[Content_Types].xml"
_LARGEST: Final = 1 << 30
"""Bytes of all parts unpacked; the reader has refused larger ones already."""


def mark_workbook(workbook: bytes, marks: Iterable[Mark]) -> bytes:
    """Colour cells of a workbook and put a comment in each; every other part is copied byte for byte.

    Args:
        workbook: an XLSX (or XLSM) file.
        marks: the cells; several of one cell are told in one comment, in the colour of the gravest.

    Raises:
        NotMarked: it is no such package, or has a form that is not patched.
    """
    package = _Package(workbook)
    by_sheet: dict[str, list[Mark]] = {}
    for mark in marks:
        by_sheet.setdefault(mark.sheet, []).append(mark)
    sheets = {package.sheet(name): found for name, found in by_sheet.items()}
    package.colour(sheets)
    left = MAX_COMMENTS
    for part, found in sheets.items():
        texts = _texts(found, left)
        left -= len(texts)
        package.comment(part, texts)
    return package.packed()


def _texts(marks: Sequence[Mark], limit: int) -> dict[str, str]:
    texts: dict[str, list[str]] = {}
    for mark in marks:
        if mark.cell in texts or len(texts) < limit:
            texts.setdefault(mark.cell, []).append(mark.text)
    return {cell: "\n\n".join(dict.fromkeys(told)) for cell, told in texts.items()}


class _Package:
    """The parts of a workbook; only those that are patched are unpacked."""

    def __init__(self, workbook: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(workbook))
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            raise NotMarked("no workbook of this form") from None
        if sum(info.file_size for info in self._zip.infolist()) > _LARGEST:
            raise NotMarked("the workbook is too large")
        self._changed: dict[str, bytes] = {}

    def read(self, part: str) -> bytes:
        """A part as it is now."""
        if part in self._changed:
            return self._changed[part]
        try:
            return self._zip.read(part)
        except (KeyError, zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError):
            raise NotMarked("a part of the workbook is missing") from None

    def has(self, part: str) -> bool:
        """Whether there is such a part."""
        return part in self._changed or part in self._zip.NameToInfo

    def sheet(self, name: str) -> str:
        """The part of a sheet."""
        book = self._main()
        sheets = elements(self.read(book), lambda local, _: local == "sheet")
        relation = next((_id(sheet.attributes) for sheet in sheets if sheet.attributes.get("name") == name), None)
        targets = {number: target for number, _, target in self.relations(book)}
        if relation not in targets:
            raise NotMarked("the sheet is not found")
        return targets[relation]

    def _main(self) -> str:
        targets = [target for _, kind, target in self.relations("") if kind.endswith("/officeDocument")]
        if not targets:
            raise NotMarked("no workbook of this form")
        return targets[0]

    def relations(self, part: str) -> list[tuple[str, str, str]]:
        """Id, type and target of every part that a part refers to."""
        where = _relations_of(part)
        if not self.has(where):
            return []
        found = elements(self.read(where), lambda name, _: name == "Relationship")
        folder = posixpath.dirname(part)
        return [
            (
                e.attributes.get("Id", ""),
                e.attributes.get("Type", ""),
                _resolved(folder, e.attributes.get("Target", "")),
            )
            for e in found
            if e.attributes.get("TargetMode") != "External"
        ]

    def colour(self, sheets: Mapping[str, Sequence[Mark]]) -> None:
        """Give the marked cells of all sheets their coloured styles."""
        found = {part: find_cells(self.read(part), {m.position[0] for m in marks}) for part, marks in sheets.items()}
        looks: dict[str, dict[tuple[int, int], Look]] = {}
        for part, marks in sheets.items():
            worst: dict[tuple[int, int], str] = {}
            for mark in marks:
                if worst.get(mark.position) != "error":
                    worst[mark.position] = mark.severity
            looks[part] = {place: (found[part].style(place), severity) for place, severity in worst.items()}
        styles = self._styles()
        text, new = coloured(self.read(styles), [look for places in looks.values() for look in places.values()])
        self._changed[styles] = text
        for part, places in looks.items():
            wanted = {place: new[look] for place, look in places.items()}
            self._changed[part] = edited(self.read(part), styled(self.read(part), found[part], wanted))

    def _styles(self) -> str:
        parts = [target for _, kind, target in self.relations(self._main()) if kind.endswith("/styles")]
        if not parts:
            raise NotMarked("the workbook has no styles")
        return parts[0]

    def comment(self, sheet: str, texts: Mapping[str, str]) -> None:
        """Put comments into the cells of a sheet."""
        if not texts:
            return
        existing = {kind.rsplit("/", 1)[-1]: target for _, kind, target in self.relations(sheet)}
        number = self._free_number()
        part = existing.get("comments")
        if part is None:
            part = f"xl/comments{number}.xml"
            self._changed[part] = notes.EMPTY_COMMENTS
            self._refer(sheet, part, "comments")
            self._declare(f'Override PartName="/{part}" ContentType="{_COMMENTS_TYPE}"')
        drawing = existing.get("vmlDrawing") if _shows_legacy(self.read(sheet)) else None
        if drawing is None:
            drawing = f"xl/drawings/vmlDrawing{number}.vml"
            self._changed[drawing] = notes.EMPTY_DRAWING
            relation = self._refer(sheet, drawing, "vmlDrawing")
            self._declare(f'Default Extension="vml" ContentType="{_DRAWING_TYPE}"')
            self._changed[sheet] = edited(self.read(sheet), [with_legacy_drawing(self.read(sheet), relation)])
        shapes = notes.new_cells(self.read(part), texts)
        self._changed[part] = notes.with_comments(self.read(part), texts)
        self._changed[drawing] = notes.with_shapes(self.read(drawing), shapes, 900_000 + number * MAX_COMMENTS)

    def _free_number(self) -> int:
        number = 1
        while self.has(f"xl/comments{number}.xml") or self.has(f"xl/drawings/vmlDrawing{number}.vml"):
            number += 1
        return number

    def _refer(self, sheet: str, part: str, kind: str) -> str:
        """Let a sheet refer to a part; returns the reference's id."""
        where = _relations_of(sheet)
        relations = self.read(where) if self.has(where) else _EMPTY_RELATIONS
        used = {number for number, _, _ in self.relations(sheet)}
        relation = next(name for name in (f"rIdApendata{n}" for n in range(1, 100)) if name not in used)
        tag = f'Relationship Id="{relation}" Type="{_RELATION}{kind}" Target="/{escaped(part)}"'
        self._changed[where] = _appended(relations, tag)
        return relation

    def _declare(self, tag: str) -> None:
        """Say of what type a part is, unless its extension says so already."""
        types = self.read(_TYPES)
        known = {e.attributes.get("Extension", "").lower() for e in elements(types, lambda name, _: name == "Default")}
        if not (tag.startswith("Default") and "vml" in known):
            self._changed[_TYPES] = _appended(types, tag)

    def packed(self) -> bytes:
        """The package with its changed and added parts, in the order in which it came."""
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for info in self._zip.infolist():
                archive.writestr(info, self.read(info.filename), compress_type=info.compress_type)
            for part in self._changed.keys() - self._zip.NameToInfo.keys():
                archive.writestr(part, self._changed[part])
        return target.getvalue()


def _id(attributes: Mapping[str, str]) -> str | None:
    return next((value for name, value in attributes.items() if name.rpartition(":")[2] == "id"), None)


def _relations_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _resolved(folder: str, target: str) -> str:
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def _shows_legacy(sheet: bytes) -> bool:
    return bool(elements(sheet, lambda name, depth: depth == 1 and name == "legacyDrawing"))


def _appended(part: bytes, tag: str) -> bytes:
    """A part with one more empty element last in its root."""
    root = elements(part, lambda _, depth: depth == 0)[0]
    if root.is_empty(part):
        name = f"{root.prefix}{root.name}"
        at, end, text = root.open_end - 2, root.open_end, f"><{root.prefix}{tag}/></{name}>"
    else:
        at = end = part.rindex(b"</", root.start, root.end)
        text = f"<{root.prefix}{tag}/>"
    return edited(part, [Edit(at, end, text.encode())])
