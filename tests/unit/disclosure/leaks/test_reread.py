"""Published files are read again by other means than they were written with, and held against what they must show."""

import csv
import datetime as dt
import io
import struct
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given, settings, strategies as st

from apendata.disclosure.leaks import reread
from apendata.disclosure.leaks.expected import Expected
from apendata.disclosure.leaks.reread import found_in_file
from apendata.disclosure.residue import published
from apendata.lake.formats_csv import write_csv
from apendata.lake.formats_parquet import write_parquet
from apendata.lake.formats_xlsx import write_xlsx

KINDS = ("csv", "xlsx", "parquet")
TRUE = pa.table(
    {
        "dato": pa.array([dt.date(2026, 1, 15)] * 4),
        "kode": ["A", "B", "C", "D"],
        "antall": [41, 2, 7, None],
        "antall_status": pa.array([None, None, None, ".."], pa.string()),
        "kr": pa.array([Decimal("1.50"), Decimal("2.00"), None, Decimal("-3.25")], pa.decimal128(18, 2)),
        "kr_status": pa.array([None, None, "..", None], pa.string()),
        "fast": [True, False, None, True],
        "merknad": ["a", 'b, "c"', None, "æ\nø"],
    }
)
HIDDEN = {"antall": pa.array([False, True, True, False]), "kr": pa.array([False, True, True, False])}
EXPECTED = Expected("ansatte", ("dato", "kode"), TRUE, HIDDEN)


def shown(true: pa.Table = TRUE, hidden: Any = None) -> pa.Table:
    rows = {name: part.to_numpy(zero_copy_only=False) for name, part in (HIDDEN if hidden is None else hidden).items()}
    return published(true, rows)


def written(table: pa.Table, kind: str, folder: Path) -> bytes:
    file = folder / f"ansatte.{kind}"
    if kind == "xlsx":
        write_xlsx(table, file, [{"name": name} for name in table.column_names])
    else:
        (write_csv if kind == "csv" else write_parquet)(table, file)
    return file.read_bytes()


def codes(content: bytes, kind: str, expected: Expected = EXPECTED) -> set[tuple[str, str | None]]:
    found = found_in_file(expected, f"ansatte.{kind}", kind, content)
    assert all(part.table == "ansatte" and part.params == {"file": f"ansatte.{kind}"} for part in found)
    assert not any(part.samples or part.cells for part in found)
    return {(part.code, part.field) for part in found}


@pytest.mark.parametrize("kind", KINDS)
def test_what_shows_what_it_must_is_let_through(kind: str, tmp_path: Path) -> None:
    assert codes(written(shown(), kind, tmp_path), kind) == set()


MISTAKES: dict[str, tuple[Callable[[], pa.Table], str, str | None]] = {
    "nothing hidden": (lambda: TRUE, reread.VALUE, "antall"),
    "one cell forgotten": (
        lambda: shown(hidden={**HIDDEN, "antall": pa.array([False, True, False, False])}),
        reread.VALUE,
        "antall",
    ),
    "a derived value forgotten": (lambda: shown(hidden={"antall": HIDDEN["antall"]}), reread.VALUE, "kr"),
    "a zero instead": (lambda: _with("antall", pa.array([41, 0, None, None])), reread.VALUE, "antall"),
    "two marks": (
        lambda: _with("antall_status", pa.array([None, ":", "k", ".."])),
        reread.STATUS_DIFFERS,
        "antall_status",
    ),
    "no mark": (
        lambda: _with("antall_status", pa.array([None, ":", None, ".."])),
        reread.STATUS_DIFFERS,
        "antall_status",
    ),
    "hidden rows dropped": (lambda: shown().filter(pa.array([True, False, False, True])), reread.GRID, None),
    "a row twice": (lambda: pa.concat_tables([shown(), shown().slice(3)]), reread.GRID, None),
    "hidden rows last": (lambda: shown().take(pa.array([0, 3, 1, 2])), reread.GRID, None),
    "a total made anew": (lambda: _with("antall", pa.array([40, None, None, None])), reread.SHOWN_DIFFERS, "antall"),
    "another column": (lambda: shown().append_column("sum", pa.array([50] * 4)), reread.UNREADABLE, None),
    "a column less": (lambda: shown().drop_columns(["merknad"]), reread.UNREADABLE, None),
}


def _with(column: str, values: pa.Array) -> pa.Table:
    table = shown()
    return table.set_column(table.column_names.index(column), column, values)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_mistake_of_a_writer_is_found_in_every_format(mistake: str, kind: str, tmp_path: Path) -> None:
    wrong, code, column = MISTAKES[mistake]
    assert (code, column) in _as_column(codes(written(wrong(), kind, tmp_path), kind), code)


def _as_column(found: set[tuple[str, str | None]], code: str) -> set[tuple[str, str | None]]:
    """A mark that is gone at a hidden key is told as what stands there: nothing where ``:`` should."""
    return found | {(reread.STATUS_DIFFERS, column) for told, column in found if told != code}


def test_rows_in_another_order_than_the_key_s_are_found_even_where_the_table_has_them_so(tmp_path: Path) -> None:
    order = pa.array([1, 0, 2, 3])
    hidden = {name: part.take(order) for name, part in HIDDEN.items()}
    expected = Expected("ansatte", ("dato", "kode"), TRUE.take(order), hidden)
    content = written(shown(TRUE.take(order), hidden), "csv", tmp_path)
    assert codes(content, "csv", expected) == {(reread.GRID, None)}


def test_statistics_of_more_than_the_published_cells_are_found(tmp_path: Path) -> None:
    honest = written(shown(), "parquet", tmp_path)
    least = struct.pack("<q", 41)
    assert honest.count(least) >= 2, "the page, and its least and greatest"
    head, _, tail = honest.rpartition(least)
    doctored = head + struct.pack("<q", 2) + tail
    assert pq.read_table(io.BytesIO(doctored)).equals(pq.read_table(io.BytesIO(honest)))
    assert codes(doctored, "parquet") == {(reread.STATISTICS, "antall")}


def test_metadata_that_a_library_left_is_found(tmp_path: Path) -> None:
    table = shown().replace_schema_metadata({"PANDAS_ATTRS": '{"sum": 50}'})
    pq.write_table(table, tmp_path / "a.parquet")
    assert codes((tmp_path / "a.parquet").read_bytes(), "parquet") == {(reread.LEFT_OVER, None)}


def test_texts_and_parts_that_no_cell_of_a_workbook_shows_are_found(tmp_path: Path) -> None:
    honest = written(shown(), "xlsx", tmp_path)
    string = "<sst xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><si><t>2</t></si></sst>"
    for part, content in (("xl/sharedStrings.xml", string), ("xl/comments1.xml", "<comments/>")):
        file = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(honest)) as old, zipfile.ZipFile(file, "w") as new:
            for member in old.namelist():
                if member != part:
                    new.writestr(member, old.read(member))
            new.writestr(part, content)
        assert codes(file.getvalue(), "xlsx") == {(reread.LEFT_OVER, None)}


def test_a_workbook_that_was_written_otherwise_is_read_too(tmp_path: Path) -> None:
    """With shared texts, as Excel writes them: the reader is none of the writer's."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate([TRUE.column_names, *zip(*shown().to_pydict().values(), strict=True)]):
            for column, cell in enumerate(cells):
                sheet.write(row, column, cell)
    assert codes(file.getvalue(), "xlsx") == set()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_such_file_is_refused(kind: str, tmp_path: Path) -> None:
    whole = written(shown(), kind, tmp_path)
    for content in (b"", b"tull", whole[: len(whole) // 2]):
        assert codes(content, kind) & {(reread.UNREADABLE, None), (reread.GRID, None)}


def _cells() -> Iterator[Any]:
    yield st.integers(-(10**12), 10**12)
    yield st.none()


@given(st.lists(st.tuples(st.one_of(*_cells()), st.booleans()), min_size=1, max_size=12))
@settings(max_examples=40)
def test_any_table_comes_through_and_none_with_one_hidden_cell_put_back(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[int | None, bool]]
) -> None:
    folder = tmp_path_factory.mktemp("filer")
    values, hidden = [value for value, _ in cells], pa.array([gone for _, gone in cells])
    true = pa.table(
        {
            "kode": [f"{number:02}" for number in range(len(cells))],
            "n": pa.array(values, pa.int64()),
            "n_status": pa.array([None if value is not None else ".." for value in values], pa.string()),
        }
    )
    expected = Expected("ansatte", ("kode",), true, {"n": hidden})
    honest = shown(true, {"n": hidden})
    for kind in KINDS:
        assert codes(written(honest, kind, folder), kind, expected) == set()
    places = [row for row, (value, gone) in enumerate(cells) if gone and value is not None]
    for row in places[:1]:
        back = np.array([gone for _, gone in cells])
        back[row] = False
        for kind in KINDS:
            found = codes(written(shown(true, {"n": pa.array(back)}), kind, folder), kind, expected)
            assert (reread.VALUE, "n") in found


def test_the_csv_that_is_read_is_the_csv_that_was_written(tmp_path: Path) -> None:
    """The test's own eyes: a hidden cell is nothing, and ``:`` beside it."""
    rows = list(csv.DictReader(io.StringIO(written(shown(), "csv", tmp_path).decode())))
    assert [(row["antall"], row["antall_status"]) for row in rows] == [("41", ""), ("", ":"), ("", ":"), ("", "..")]
    assert [(row["kr"], row["kr_status"]) for row in rows] == [("1.50", ""), ("", ":"), ("", ".."), ("-3.25", "")]
