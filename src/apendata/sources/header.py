"""Finding the header by its texts, and giving every column its name."""

import re
import unicodedata
from dataclasses import replace
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from apendata.errors import DefinitionError
from apendata.model import Finding, Header, Source, column_letters, column_number
from apendata.sources.codes import finding, refuse
from apendata.sources.grid import Grid

_SEARCHED: Final = 1000
"""Rows in which the header is looked for; its repetition is looked for in all."""
_DELIMITERS: Final = {";": "semicolons", ",": "commas", "\t": "tabs", "|": "vertical bars"}
_BLOCK: Final = re.compile(r"([A-Z]{1,3}):([A-Z]{1,3})")


def block(grid: Grid, source: Source) -> Grid:
    """The columns of the sheet that ``source.columns`` names; the others belong to somebody else."""
    if source.columns is None:
        return grid
    match = _BLOCK.fullmatch(source.columns)
    if match is None:
        raise DefinitionError(f"source {source.name}: `columns` must look like B:I")
    first, last = (column_number(text) for text in match.groups())
    return replace(grid, columns=grid.columns[first - 1 : last], first_column=first)


def find(grid: Grid, source: Source) -> int:
    """0-based first row of the header.

    Its rows together must hold every text of ``contains``, and its first row at least one of them.

    Raises:
        SourceChanged: in no place, or in several, unless `rows` names repeated headers.
    """
    header = _declared(source)
    columns = [column.text.slice(0, _SEARCHED).to_pylist() for column in grid.columns]
    rows = [list(map(normal, row)) for row in zip(*columns, strict=True)]
    wanted = {normal(text) for text in header.contains}
    starts = [
        start
        for start in range(len(rows) - header.rows + 1)
        if wanted & set(rows[start]) and wanted <= {text for row in rows[start : start + header.rows] for text in row}
    ]
    if not starts:
        raw = list(zip(*columns, strict=True))
        refuse([_other_delimiter(grid, raw, source, wanted) or _not_found(grid, rows, header)])
    if not any(rule.kind == "repeated_header" for rule in source.rows):
        places = starts + _later(grid, header, starts[0])
        refuse([finding("header_repeated", grid.places(places))] if len(places) > 1 else [])
    return starts[0]


def named(grid: Grid, source: Source, start: int) -> Grid:
    """Give the columns their names and cut off the header and what stands above it.

    A column with neither header nor content says nothing and gets no name. One with content but no header is called by
    its position, ``[D]`` in a workbook, ``[4]`` in a text file, so that the definition can ignore it.

    Raises:
        SourceChanged: several columns of one name.
    """
    header = _declared(source)
    own = [[normal(text) for text in grid.row(start + index)] for index in range(header.rows)]
    stacked = [_filled(row) for row in own[:-1]] + own[-1:] if header.fill_right else own
    body = grid.slice(start + header.rows)
    names: list[str | None] = []
    for index, texts in enumerate(zip(*stacked, strict=True)):
        name = header.join.join(text for text in texts if text)
        names.append(name if any(row[index] for row in own) else _position(body, index))
    body = replace(body, names=tuple(names))
    _check_duplicates(replace(grid, names=tuple(names)), start)
    return body


def normal(text: str) -> str:
    """A header's text for comparing: NFC, line breaks and runs of blanks as one space, none outside."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _declared(source: Source) -> Header:
    if source.header is None or not source.header.contains:
        raise DefinitionError(f"source {source.name}: `header.contains` is missing")
    return source.header


def _other_delimiter(grid: Grid, rows: list[tuple[str, ...]], source: Source, wanted: set[str]) -> Finding | None:
    """Where a line has all the headers with another sign between them, that sign is what is wrong, and no header."""
    if source.delimiter is None:
        return None
    for number, row in enumerate(rows):
        line = source.delimiter.join(row)
        for sign, name in _DELIMITERS.items():
            parts = {normal(part.strip(' "')) for part in line.split(sign)}
            if sign != source.delimiter and wanted <= parts:
                declared = _DELIMITERS.get(source.delimiter, source.delimiter)
                return finding("other_delimiter", [grid.place(number)], found=name, expected=declared)
    return None


def _not_found(grid: Grid, rows: list[list[str]], header: Header) -> Finding:
    """With the row that looks most like a header, for the private report: who is not shown a name cannot mend it."""
    wanted = {normal(text): text for text in header.contains}
    missing = [text for name, text in wanted.items() if not any(name in row for row in rows)]
    likest = max(rows, key=lambda row: (len(wanted.keys() & set(row)), sum(map(bool, row))), default=[])
    samples = [f"«{text}»" for text in likest if text]
    expected = ", ".join(f"«{text}»" for text in header.contains)
    absent = ", ".join(f"«{text}»" for text in missing) or f"none alone, but never within {header.rows} row(s)"
    return finding("header_not_found", [grid.place()], samples=samples, expected=expected, missing=absent)


def _later(grid: Grid, header: Header, start: int) -> list[int]:
    """The first row below those that were searched which holds a header text again, in that text's own column."""
    rest = grid.slice(min(grid.height, _SEARCHED))
    wanted = {normal(text) for text in header.contains}
    index, text = next(((i, raw) for i, raw in enumerate(grid.row(start)) if normal(raw) in wanted), (0, None))
    hit = pc.index(rest.columns[index].text, pa.scalar(text)).as_py() if rest.height and text is not None else -1
    return [_SEARCHED + hit] if hit >= 0 else []


def _position(body: Grid, index: int) -> str | None:
    column = body.columns[index]
    filled = pc.any(pc.not_equal(pc.utf8_trim_whitespace(column.text), "")).as_py()
    if not filled and (column.kinds is None or not column.kinds.any()):
        return None
    return f"[{column_letters(body.first_column + index) if body.workbook else index + 1}]"


def _filled(row: list[str]) -> list[str]:
    filled: list[str] = []
    for text in row:
        filled.append(text or (filled[-1] if filled else ""))
    return filled


def _check_duplicates(grid: Grid, start: int) -> None:
    names = [name for name in grid.names if name is not None]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        columns = [index for index, name in enumerate(grid.names) if name in twice]
        places = [grid.header_place(index, int(grid.numbers[start])) for index in columns]
        refuse([finding("duplicate_columns", places, samples=sorted(twice))])
