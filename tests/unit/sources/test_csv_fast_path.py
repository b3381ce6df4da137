"""The fast way through a CSV may only accept: where it accepts, it says what the exact way says, cell by cell."""

import csv
import io

import pytest
from hypothesis import given, strategies as st

from apendata.sources import csv as reader

CELL = st.text(st.sampled_from('a1;",\n\r é'), max_size=4)
ROWS = st.lists(st.lists(CELL, min_size=2, max_size=2), min_size=1, max_size=4)


def by_the_fast_way(text: bytes) -> list[list[str]] | None:
    if b'"' in text and not reader._quotes_are_plain(text, ";"):
        return None
    grid = reader._rectangle(text, ";", "x.csv", first=1, quoted=b'"' in text)
    return (
        None if grid is None else [list(row) for row in zip(*(c.text.to_pylist() for c in grid.columns), strict=True)]
    )


def by_python(text: bytes) -> list[list[str]]:
    """What Python reads; a blank line as wide as the others, for that is how the fast way gives it to the row rules."""
    rows = list(csv.reader(io.StringIO(text.decode(), newline=""), delimiter=";", strict=True))
    width = max(len(rows[0]), 1)
    return [row or [""] * width for row in rows]


@given(ROWS, st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_it_agrees_with_python_on_what_python_writes(rows: list[list[str]], quoting: int) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=";", quoting=quoting, lineterminator="\n").writerows(rows)
    text = stream.getvalue().encode()
    fast = by_the_fast_way(text)
    assert fast is None or fast == by_python(text)


@given(st.text(st.sampled_from('a;"\n\r'), min_size=1, max_size=12))
def test_it_agrees_with_python_on_anything_or_leaves_it(text: str) -> None:
    fast = by_the_fast_way(text.encode())
    if fast is not None:
        assert fast == by_python(text.encode())


@pytest.mark.parametrize("text", ['"a";"b"\n1;2\n', '"a";b\n"x;y";2\n', 'a;b\n1;""\n'])
def test_plain_quotes_are_taken(text: str) -> None:
    assert by_the_fast_way(text.encode()) == by_python(text.encode())


@pytest.mark.parametrize("text", ['a;b\n"x""y";2\n', 'a;b\nx"y;2\n', 'a;b\n"x\ny";2\n', 'a;b\n"x;2\n', 'a;b\n"x" ;2\n'])
def test_all_else_is_left_to_the_exact_way(text: str) -> None:
    assert by_the_fast_way(text.encode()) is None
