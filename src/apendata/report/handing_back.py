"""What her own file looks like when it comes back: marks for a workbook, rows with marks for any other format."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

from apendata.model import Finding, Place, column_number
from apendata.report.groups import examples
from apendata.report.marking import MAX_COMMENTS, Mark, workbook_of_rows
from apendata.report.marking.rows import Cell
from apendata.report.page import question
from apendata.report.render import advice, sentence
from apendata.report.texts import HEADINGS, MISTAKES

_IN_FILE: Final = re.compile(r"[A-Z]{1,3}[1-9][0-9]*")
Severity = Literal["error", "warning"]


def marks_of(findings: Iterable[Finding], file: str) -> list[Mark]:
    """Every cell of one workbook that a finding names; a row without a cell is marked in its first one."""
    return [
        Mark(place.sheet, _cell(place), severity, text)
        for place, severity, text in _told(findings, file)
        if place.sheet is not None and _cell(place)
    ]


def _cell(place: Place) -> str:
    if place.cell is not None:
        return place.cell if _IN_FILE.fullmatch(place.cell) else ""
    return f"A{place.row}" if place.row else ""


def _told(findings: Iterable[Finding], file: str) -> Iterable[tuple[Place, Severity, str]]:
    """Place, severity and comment of every cell; what is only for information is no mark."""
    for finding in findings:
        if finding.severity == "info":
            continue
        said = f"{sentence(finding, 'nb')}\n{HEADINGS['nb']['do']}: {advice(finding, 'nb')}"
        for example in examples(finding):
            if example.place.file == file:
                proposal = example.proposal
                meant = f"\n{MISTAKES['nb'][proposal.kind]}. {question(proposal, 'nb')}" if proposal else ""
                yield example.place, finding.severity, said + meant


def rows_wanted(findings: Iterable[Finding], file: str) -> list[int]:
    """The rows of a file that findings name, by number, at most so many as are commented."""
    rows = {place.row for place, _, _ in _told(findings, file) if place.row}
    return sorted(rows)[:MAX_COMMENTS]


def rows_handed_back(
    findings: Iterable[Finding], file: str, labels: Sequence[str], rows: Mapping[int, Sequence[str]]
) -> bytes:
    """A workbook of the rows concerned.

    Args:
        findings: what is wrong.
        file: of which file.
        labels: the headers of its columns.
        rows: number of a row → its cells.
    """
    marks: dict[tuple[int, int], tuple[Severity, str]] = {}
    for place, severity, text in _told(findings, file):
        if place.row in rows:
            at = (place.row or 0, _column(place, labels))
            before: tuple[Severity, str] = marks.get(at, (severity, ""))
            worst: Severity = "error" if "error" in (severity, before[0]) else "warning"
            marks[at] = (worst, "\n\n".join(filter(None, (before[1], text))))
    lines = [
        (number, [_marked(text, marks.get((number, column))) for column, text in enumerate(cells)])
        for number, cells in sorted(rows.items())
    ]
    header = [HEADINGS["nb"]["row_number"], *labels]
    return workbook_of_rows({_sheet_name(file): (header, lines)})


def _marked(text: str, mark: tuple[Severity, str] | None) -> Cell:
    return Cell(text, mark[0], mark[1]) if mark else Cell(text)


def _column(place: Place, labels: Sequence[str]) -> int:
    """0-based column of a place, by its cell, its header or its number; the first where only the row is known."""
    if place.cell and (letters := re.match("[A-Z]+", place.cell)):
        return column_number(letters[0]) - 1
    if place.column in labels:
        return labels.index(place.column)
    return int(place.column) - 1 if place.column and place.column.isascii() and place.column.isdigit() else 0


def _sheet_name(file: str) -> str:
    """A name that Excel allows a sheet."""
    return re.sub(r"[\[\]:*?/\\']", "_", file.rsplit("/", 1)[-1])[-31:] or "rader"
