"""Values found in code lists that have validity intervals."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from apendata.model import MAX_PLACES, Column, Finding, RawTable
from apendata.sources.codes import finding
from apendata.sources.places import Places

_FROM, _UNTIL = "gyldig_fra", "gyldig_til"
_YEAR: Final = 4
_MONTH: Final = 7

_Interval = tuple[str, str, str | None]
"""First day, last day (both included; "" and "9999" are open), and the value that is taken."""


def looked_up(
    data: pa.Table, column: Column, codelists: Mapping[str, RawTable], places: Places
) -> tuple[Any, list[Finding]]:
    """The column's values, one per row of ``data``, null where there is nothing to look up.

    The row of the code list must match and, with ``at``, be valid then. A year means its 1 January: reorganisations and
    municipal reforms take effect on that day, and «any day of the year» would match both the old and the new row of a
    change in the middle of it.
    """
    lookup = column.lookup
    if lookup is None:
        return None, []
    codelist = codelists[lookup.codelist].data
    lacking = [name for name in (lookup.match, lookup.take) if name not in codelist.column_names]
    if lacking:
        return None, [finding("codelist_column", column=column.name, codelist=lookup.codelist, field=lacking[0])]
    intervals = _intervals(codelist, lookup.match, lookup.take)
    by = data[lookup.by]
    at = pa.nulls(len(by), pa.string()) if lookup.at is None else data[lookup.at]
    pairs, codes = _distinct_pairs(by, at)
    answers = [[] if text is None else _answers(intervals, text, day) for text, day in pairs]
    values = pa.array([hits[0] if len(hits) == 1 else None for hits in answers], pa.string()).take(codes)
    counts = np.array([1 if pair[0] is None else len(hits) for pair, hits in zip(pairs, answers, strict=True)])
    found = []
    for code, wrong in (("no_match", np.flatnonzero(counts == 0)), ("several_matches", np.flatnonzero(counts > 1))):
        rows = np.flatnonzero(np.isin(codes.to_numpy(), wrong))
        if len(rows):
            texts = [str(pairs[code][0]) for code in codes.take(pa.array(rows[:MAX_PLACES])).to_pylist()]
            # One cell makes several rows where values stand beside one another under it.
            cells = dict(zip(places.of(rows, lookup.by), texts, strict=True))
            about = {"column": column.name, "codelist": lookup.codelist}
            told = finding(
                code,
                cells,
                count=len(cells) if len(rows) <= MAX_PLACES else len(rows),
                samples=[str(pairs[index][0]) for index in wrong],
                **about,
            )
            found.append(replace(told, cells=tuple(cells.values()), known=tuple(intervals)))
    return pa.chunked_array([values]), found


def _distinct_pairs(by: pa.ChunkedArray, at: pa.ChunkedArray) -> tuple[list[tuple[str | None, str | None]], pa.Array]:
    """The distinct (text, day) and which of them each row has: a ledger of a million rows has few."""
    texts = by.combine_chunks().dictionary_encode()
    days = (at.combine_chunks() if isinstance(at, pa.ChunkedArray) else at).dictionary_encode()
    first, second = (pc.fill_null(pc.cast(part.indices, pa.int64()), -1).to_numpy() for part in (texts, days))
    joined, codes = np.unique((first + 1) * (len(days.dictionary) + 1) + second + 1, return_inverse=True)
    names, moments = [None, *texts.dictionary.to_pylist()], [None, *days.dictionary.to_pylist()]
    pairs = [(names[key // len(moments)], moments[key % len(moments)]) for key in joined]
    return pairs, pa.array(codes)


def _intervals(codelist: pa.Table, match: str, take: str) -> dict[str, list[_Interval]]:
    rows = codelist.num_rows
    first = codelist[_FROM].to_pylist() if _FROM in codelist.column_names else [None] * rows
    last = codelist[_UNTIL].to_pylist() if _UNTIL in codelist.column_names else [None] * rows
    found: dict[str, list[_Interval]] = {}
    for key, value, start, end in zip(
        codelist[match].to_pylist(), codelist[take].to_pylist(), first, last, strict=True
    ):
        found.setdefault(key, []).append((_day(start, "01-01") or "", _day(end, "12-31") or "9999", value))
    return found


def _answers(intervals: Mapping[str, list[_Interval]], text: str, at: str | None) -> list[str | None]:
    day = _day(at, "01-01")
    hits = [value for start, end, value in intervals.get(text, []) if day is None or start <= day <= end]
    return hits if day is not None else list(dict.fromkeys(hits))


def _day(text: str | None, rest: str) -> str | None:
    """A day for a year (or a month) by its first or last day."""
    if text is None or len(text) not in (_YEAR, _MONTH):
        return text
    return f"{text}-{rest}" if len(text) == _YEAR else f"{text}-{rest[-2:]}"
