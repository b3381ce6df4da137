"""Values found in code lists that have validity intervals."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa

from apendata.model import Column, Finding, RawTable
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
    by = data[lookup.by].to_pylist()
    at = data[lookup.at].to_pylist() if lookup.at is not None else [None] * len(by)
    answers = {pair: _answers(intervals, pair) for pair in set(zip(by, at, strict=True))}
    values = [answers[pair][0] if len(answers[pair]) == 1 else None for pair in zip(by, at, strict=True)]
    counts = np.fromiter(
        (-1 if text is None else len(answers[text, day]) for text, day in zip(by, at, strict=True)), np.int64
    )
    samples = [str(pair[0]) for pair, found in answers.items() if pair[0] is not None and len(found) != 1]
    found = []
    for code, rows in (("no_match", np.flatnonzero(counts == 0)), ("several_matches", np.flatnonzero(counts > 1))):
        if len(rows):
            found.append(
                finding(
                    code, places(rows), count=len(rows), samples=samples, column=column.name, codelist=lookup.codelist
                )
            )
    return pa.chunked_array([pa.array(values, pa.string())]), found


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


def _answers(intervals: Mapping[str, list[_Interval]], pair: tuple[str | None, str | None]) -> list[str | None]:
    text, at = pair
    day = _day(at, "01-01")
    hits = [value for start, end, value in intervals.get(text or "", []) if day is None or start <= day <= end]
    return hits if day is not None else list(dict.fromkeys(hits))


def _day(text: str | None, rest: str) -> str | None:
    """A day for a year (or a month) by its first or last day."""
    if text is None or len(text) not in (_YEAR, _MONTH):
        return text
    return f"{text}-{rest}" if len(text) == _YEAR else f"{text}-{rest[-2:]}"
