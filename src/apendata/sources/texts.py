"""Texts and codes: published as they stand, so whatever could hurt a reader of the published file is refused here."""

import re
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from apendata.model import Column, Source
from apendata.sources.grid import Kind
from apendata.sources.judging import Judge, Verdict

_ERROR: Final = re.compile(r"#(?:REF|N/A|I/T|VALUE|VERDI|DIV/0|NAME|NAVN|NUM|NULL|SPILL|CALC|BLOCKED|FIELD)[!?]?|#{2,}")
"""As Excel shows them in English and Norwegian, and the fence of a column that was too narrow."""
INVISIBLE: Final = "[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
"""Zero-width characters and those that turn the direction of writing: two texts that look the same and are not, or a
text that looks like another one."""
_CALLS: Final = re.compile(r"[(|!]")
# First bytes after which a text is looked at closely: blanks, control characters, = + - @ # and the first bytes of the
# blanks outside ASCII. Last bytes likewise; 0x80-0x8A, 0x9F, 0xA0 and 0xAF are those of NBSP, U+2000-200A, 202F, 205F,
# 3000.
_UNSURE_FIRST: Final = np.isin(np.arange(256), [*range(33), *b"=+-@#", 0xC2, 0xE1, 0xE2, 0xE3, 0xEF])
_UNSURE_LAST: Final = np.isin(np.arange(256), [*range(33), *range(0x80, 0x8B), 0x9F, 0xA0, 0xAF])


def text_judge(column: Column, source: Source) -> Judge:
    """Judge the cells of a text or code column: stripped and padded as declared, "" is null.

    Refused: outer blanks without ``strip``; number, date and truth cells of a workbook, where a code has lost its zeros
    (``pad``, ``codes`` and ``split`` say what it was); spreadsheet errors that are not declared ``missing``; texts that
    a spreadsheet would run (see :func:`is_formula`).
    """
    marks = column.marks or source.marks
    may_begin_with_equals = source.text_cells_beginning_with_equals is not None

    def judge(kind: Kind, text: str) -> Verdict:
        if _ERROR.fullmatch(text.strip()):
            return Verdict() if text.strip() in marks.missing else Verdict(problem=("error_cell", {}))
        if kind != Kind.TEXT and (problem := _kind_problem(kind, text, column)):
            return Verdict(problem=problem)
        if text != text.strip() and not column.strip:
            return Verdict(problem=("outer_blanks", {}))
        text = text.strip()
        if is_formula(text, equals_allowed=may_begin_with_equals):
            return Verdict(problem=("formula_text", {}))
        if column.pad is not None and text.isascii() and text.isdigit():
            text = text.zfill(column.pad)
        return Verdict(text or None)

    return judge


def part_judge(column: Column, judge: Judge) -> Judge:
    """After ``judge``: the declared part of the cell, then its published code."""
    if column.split is None and not column.codes:
        return judge

    def judge_part(kind: Kind, text: str) -> Verdict:
        verdict = judge(kind, text)
        value = verdict.value
        if value is None:
            return verdict if verdict.problem or not column.codes.get("") else Verdict(column.codes[""])
        if column.split is not None:
            match = column.split.pattern.fullmatch(value)
            if match is None:
                return Verdict(problem=("no_split", {}))
            value = match[column.split.part] or None
        if column.codes and value is not None:
            return Verdict(column.codes[value]) if value in column.codes else Verdict(problem=("undeclared_code", {}))
        return Verdict(value)

    return judge_part


def fast(texts: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """A whole column of texts that surely need no judgement, "" as null; None where any cell might."""
    chunks = texts.chunks if isinstance(texts, pa.ChunkedArray) else [texts]
    if any(_is_unsure(chunk) for chunk in chunks):
        return None
    empty = pc.equal(texts, "")
    return pc.if_else(empty, pa.scalar(None, pa.string()), texts) if pc.any(empty).as_py() else texts


def _is_unsure(chunk: pa.ChunkedArray) -> bool:
    if not len(chunk):
        return False
    _, offsets, data = chunk.buffers()
    ends = np.frombuffer(offsets, np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
    octets: npt.NDArray[np.uint8] = (
        np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)
    )
    full = ends[1:] > ends[:-1]
    firsts, lasts = octets[np.where(full, ends[:-1], 0)], octets[np.where(full, ends[1:] - 1, 0)]
    return bool(((_UNSURE_FIRST[firsts] | _UNSURE_LAST[lasts]) & full).any())


def is_formula(text: str, *, equals_allowed: bool = False) -> bool:
    """Whether a spreadsheet that opens the published CSV would compute this.

    ``=`` always, unless it is allowed. ``+``, ``-`` and ``@`` only with a call or a DDE in it: «- herav lønn»,
    «+47 72 54 00 00» and «-» are texts of real exports, and a sum such as «+1+1» harms nobody. Tab and CR, the other
    two on OWASP's list, are outer blanks and never come here.
    """
    if text.startswith("="):
        return not equals_allowed
    return text.startswith(("+", "-", "@")) and _CALLS.search(text) is not None


def _kind_problem(kind: Kind, text: str, column: Column) -> tuple[str, dict[str, str]] | None:
    if kind == Kind.FORMULA:
        return "formula_without_value", {}
    is_explained = column.codes or column.split is not None or column.pad is not None
    if kind == Kind.NUMBER and is_explained and text.isdigit():
        return None
    if kind == Kind.BOOL and column.codes:
        return None
    return "cell_kind", {"found": kind.name.lower(), "expected": "a text", "key": "pad"}
