"""Rows as texts: read, compared, sent; whatever stands in a DataStore becomes just what was published."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from apendata.errors import PortalRefused
from apendata.portals.ckan.rows import HalfDump, batches, delta, live_rows, records, wanted_rows
from apendata.portals.ckan.tables import Column, WantedTable, datastore_type, wanted_table

KINDS = {"kode": "text", "aar": "bigint", "beloep": "numeric", "ja": "bool", "dag": "date"}
KEY = ("kode", "aar")


def table(file: Path) -> WantedTable:
    columns = tuple(Column(name, kind, name, "", {}) for name, kind in KINDS.items())
    return WantedTable("r", "tabell", columns, KEY, file, "sha")


def as_csv(rows, heading=tuple(KINDS)):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return out.getvalue()


def published(folder: Path, rows) -> WantedTable:
    (folder / "t.csv").write_text(as_csv(rows), encoding="utf-8", newline="")
    return table(folder / "t.csv")


codes = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=4)
cells = st.tuples(
    codes,
    st.integers(-9, 9).map(str),
    st.one_of(st.just(""), st.decimals(-999, 999, places=2).map(str)),
    st.sampled_from(["", "true", "false"]),
    st.sampled_from(["", "2024-02-29", "1999-12-31"]),
)
tables = st.lists(cells, unique_by=lambda row: row[:2], max_size=8)


@given(live=tables, wanted=tables, strays=st.integers(0, 2))
def test_what_the_delta_says_makes_one_of_the_other(tmp_path_factory, live, wanted, strays) -> None:
    """The DataStore is played by a list of rows with numbers, as CKAN keeps them."""
    goal = published(tmp_path_factory.mktemp("t"), wanted)
    store = dict(enumerate([*live, *([("", "1", "", "", "")] * strays)], start=1))
    steps = delta(live_rows(dumped(store), goal), wanted_rows(goal))
    for number in steps.vanished:
        del store[number]
    at = {row[:2]: number for number, row in store.items()}
    for record in records((*steps.changed, *steps.new), goal):
        row = tuple(as_text(value) for value in record.values())
        store[at.get(row[:2], max(store, default=0) + 1)] = row
    assert sorted(store.values()) == sorted(wanted)
    assert not delta(live_rows(dumped(store), goal), wanted_rows(goal))


def as_text(value) -> str:
    return "" if value is None else json.dumps(value) if isinstance(value, bool) else str(value)


def dumped(store) -> bytes:
    """As ``/datastore/dump`` writes it: its own numbers first, truth values as one letter."""
    words = {"true": "t", "false": "f"}
    rows = [[number, *row[:3], words.get(row[3], row[3]), row[4]] for number, row in store.items()]
    return as_csv(rows, ("_id", *KINDS)).encode()


def test_a_column_that_is_not_there_yet_is_empty_in_every_row(tmp_path) -> None:
    goal = published(tmp_path, [("010", "2024", "1.50", "true", "")])
    live = live_rows(b"_id,kode,aar\r\n7,010,2024\n", goal)
    assert len(delta(live, wanted_rows(goal)).changed) == 1
    assert live.ids == {"010\x1f2024": 7}


def test_values_are_sent_as_ckan_keeps_them_whole(tmp_path) -> None:
    goal = published(tmp_path, [("010", "2024", "12345678901234567890.50", "false", "2024-01-01")])
    (record,) = records(wanted_rows(goal).lines.values(), goal)
    assert record == {"kode": "010", "aar": 2024, "beloep": "12345678901234567890.50", "ja": False, "dag": "2024-01-01"}


@pytest.mark.parametrize(
    "row",
    [
        ("", "2024", "", "", ""),
        ("a", "", "", "", ""),
        ("a", "12.5", "", "", ""),
        ("a", "9223372036854775808", "", "", ""),
        ("a", "1", "NaN", "", ""),
        ("a", "1", "1e5", "", ""),
        ("a", "1", "1,5", "", ""),
        ("a", "1", "", "ja", ""),
        ("a", "1", "", "", "31.12.2024"),
        ("a\x00b", "1", "", "", ""),
        ("a", "１", "", "", ""),
    ],
)
def test_what_ckan_would_take_and_spoil_is_refused_without_its_value(tmp_path, row) -> None:
    with pytest.raises(PortalRefused, match="line 2") as told:
        wanted_rows(published(tmp_path, [row]))
    assert all(len(cell) < 3 or cell not in told.value.message for cell in row)


@given(
    st.lists(st.fixed_dictionaries({"a": st.text(max_size=50)}), max_size=30), st.integers(20, 300), st.integers(1, 9)
)
def test_batches_lose_nothing_and_stay_below_the_limit(parts, most_bytes, most_rows) -> None:
    made = list(batches(parts, most_bytes=most_bytes, most_rows=most_rows))
    assert [record for batch in made for record in batch] == parts
    assert all(len(batch) <= most_rows for batch in made)
    assert all(len(batch) == 1 or sum(len(json.dumps(r)) + 2 for r in batch) <= most_bytes for batch in made)


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ({"type": "string"}, "text"),
        ({"type": "integer", "unit": "persons"}, "bigint"),
        ({"type": "integer", "unit": "NOK"}, "numeric"),
        ({"type": "integer", "unit": "kNOK"}, "numeric"),
        ({"type": "number", "decimals": 1}, "numeric"),
        ({"type": "year"}, "bigint"),
        ({"type": "date"}, "date"),
        ({"type": "boolean"}, "bool"),
        ({"type": "yearmonth"}, "text"),
        ({"type": "duration"}, "text"),
    ],
)
def test_types_come_from_the_contract(field, kind) -> None:
    assert datastore_type({"name": "x", **field}) == kind


@pytest.mark.parametrize("name", ["_id", " a", "a ", 'a"b', "å" * 32, "x" * 64, "a\nb"])
def test_a_name_that_is_none_for_postgresql_is_refused(tmp_path, name) -> None:
    part = {"name": "t", "path": "t.csv", "hash": "sha256:0", "schema": {"fields": [{"name": name, "type": "string"}],
            "primaryKey": [name]}}  # fmt: skip
    with pytest.raises(PortalRefused, match="63 bytes"):
        wanted_table(part, "r", tmp_path)


def test_a_name_of_exactly_the_length_passes(tmp_path) -> None:
    name = "å" * 31 + "a"
    part = {"name": "t", "path": "t.csv", "hash": "sha256:0", "schema": {"fields": [{"name": name, "type": "string"}],
            "primaryKey": [name]}}  # fmt: skip
    assert wanted_table(part, "r", tmp_path).columns[0].name == name


@pytest.mark.parametrize(
    "dump", [b"", b"_id,kode,aar\n1,a", b"_id,kode,aar\n1,a\n", b"<html>\n", b"_id,kode\n1,a\n2,\xc3"]
)
def test_a_dump_that_was_cut_is_not_taken_for_a_table(tmp_path, dump) -> None:
    with pytest.raises(HalfDump):
        live_rows(dump, published(tmp_path, []))


@pytest.mark.parametrize("cell", ['"' * 140_000, "x\r\n" * 60_000, "ord, " * 40_000, "å" * 200_000])
def test_a_cell_of_any_size_is_read(tmp_path, cell) -> None:
    """One that somebody wrote in the DataStore must not keep the table from being put right."""
    rows = [("a", "1", "", "", ""), (cell, "2", "1.50", "", ""), ("b", "3", "", "true", "")]
    ours = published(tmp_path, rows)
    live = live_rows(dumped(dict(enumerate(rows, 7))), ours)
    assert live.count == 3
    assert not delta(live, wanted_rows(ours))


def test_a_dump_whose_numbers_of_rows_are_none_is_not_taken_for_a_table(tmp_path) -> None:
    with pytest.raises(HalfDump):
        live_rows(as_csv([("x", "a", "1", "", "", "")], ("_id", *KINDS)).encode(), published(tmp_path, []))
