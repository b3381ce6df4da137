"""The vectorised difference of rows against the plainest one, and changes.csv as a reader uses it."""

import json
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given, settings, strategies as st

from apendata.lake.changes import COLUMNS, changes_table
from apendata.lake.drift.history import _Part
from apendata.lake.rows import RowDifference
from tests.unit.lake.builders import table

NAMES = ["aar", "kode", "antall", "antall_status", "merknad"]
KINDS = [pa.int64(), pa.string(), pa.int64(), pa.string(), pa.string()]

keys = st.tuples(st.integers(2020, 2023), st.sampled_from(["01", "02", 'a"b', "æ\n"]))
cells = st.tuples(
    st.one_of(st.none(), st.integers(1, 3)), st.sampled_from([None, ":", ".."]), st.sampled_from([None, "x", "y"])
).map(lambda row: (None if row[1] else row[0], *row[1:]))
tables = st.dictionaries(keys, cells, max_size=12)


def arrow(content: dict[Any, Any]) -> pa.Table:
    rows = [(*k, *content[k]) for k in sorted(content)]
    columns = list(zip(*rows, strict=True)) or [()] * len(NAMES)
    return pa.table([pa.array(c, k) for c, k in zip(columns, KINDS, strict=True)], names=NAMES)


def expected(old: dict[Any, Any], new: dict[Any, Any]) -> set[tuple[Any, ...]]:
    """(key, column, old, new, kind), by a loop over rows."""
    lines = {(k, None, None, None, "ny") for k in new.keys() - old.keys()}
    lines |= {(k, None, None, None, "fjernet") for k in old.keys() - new.keys()}
    for k in old.keys() & new.keys():
        (was, was_mark, was_note), (now, now_mark, now_note) = old[k], new[k]
        if ":" in {was_mark, now_mark}:
            if was_mark != now_mark:
                lines.add((k, "antall_status", None, None, "skjult" if now_mark == ":" else "vist"))
        else:
            if was != now:
                lines.add((k, "antall", was and str(was), now and str(now), "endret"))
            if was_mark != now_mark:
                lines.add((k, "antall_status", was_mark, now_mark, "endret"))
        if was_note != now_note:
            lines.add((k, "merknad", was_note, now_note, "endret"))
    return lines


def test_what_differs_shows_no_cell_of_itself() -> None:
    """An error that quotes it, or a debugger's log, would else hold rows that must not leave the lake."""
    canary = {(2024, "kanarifugl"): (1, None, "kanarifugl")}
    difference = RowDifference("ansatte", ("aar", "kode"), arrow(canary), arrow(canary))
    part = _Part(pa.chunked_array([["kanarifugl"]]), np.array([0]), np.array([True]), None)
    assert "kanarifugl" not in f"{difference!r} {part!r}"


@settings(max_examples=150, deadline=None)
@given(tables, tables)
def test_like_a_loop_over_rows(old: dict[Any, Any], new: dict[Any, Any]) -> None:
    difference = RowDifference("ansatte", ("aar", "kode"), arrow(old), arrow(new))
    told = changes_table([difference], {"ansatte": table()})
    assert told.column_names == list(COLUMNS)
    found = [
        (tuple(json.loads(line["noekkel"]).values()), *(line[name] for name in COLUMNS[2:6]))
        for line in told.to_pylist()
    ]
    assert len(found) == len(set(found))
    assert set(found) == expected(old, new)
    changed = {line[0] for line in found if line[4] not in ("ny", "fjernet")}
    assert difference.changed_rows == len(changed)
    assert (len(difference.added), len(difference.removed)) == (
        len(new.keys() - old.keys()),
        len(old.keys() - new.keys()),
    )


def test_a_key_of_another_type_is_compared_by_value() -> None:
    content = {(2020, "01"): (1, None, None), (2021, "01"): (2, None, None)}
    old = arrow(content).set_column(0, "aar", pa.array(["2020", "2021"])).set_column(2, "antall", pa.array(["1", "3"]))
    difference = RowDifference("ansatte", ("aar", "kode"), old, arrow(content))
    assert (len(difference.added), len(difference.removed), list(difference.cells)) == (0, 0, ["antall"])
    text = RowDifference("ansatte", ("aar", "kode"), old.set_column(0, "aar", pa.array(["2020", "x"])), arrow(content))
    assert (text.added.tolist(), text.removed.tolist()) == ([1], [1])


def test_many_wide_keys_do_not_overflow() -> None:
    n = 2999
    columns = {f"k{i}": pa.array([f"{(j * (7 + i)) % 2999}" for j in range(n)]) for i in range(6)}
    new = pa.table({**columns, "antall": pa.array(range(n))})
    old = new.take(pa.array(range(n - 1, 0, -1)))
    difference = RowDifference("t", tuple(columns), old, new)
    assert (difference.added.tolist(), len(difference.removed), difference.changed_rows) == ([0], 0, 0)
