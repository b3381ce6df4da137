"""Every format reads the same table to the same canonical form, and refuses the same things with the same codes."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from apendata.errors import PersonalDataFound, SourceChanged, SourceError, SourceRejected, SourceUnreadable
from apendata.model import Column, Condition, Format, Header, Marks, RowRule, Table
from apendata.sources.reading import FORMATS
from tests.unit.sources import exports
from tests.unit.sources.exports import ERROR, FORMULA, Rows, export, field, read_bytes, rows_of, source_for, table

FORMS: tuple[Format, ...] = ("csv", "xlsx", "xls", "ods", "fixed")
HEADED: tuple[Format, ...] = ("csv", "xlsx", "xls", "ods")
WORKBOOKS: tuple[Format, ...] = ("xlsx", "xls", "ods")
DAY = dt.date(2024, 1, 15)
ROWS: Rows = [["Byåsen", 12, DAY], ["Ærlig & Ø", 1.5, DAY], ["010", "*", dt.date(2023, 12, 31)], ["Tom", None, None]]
MARKS = Marks(decimal="comma", thousands=(" ",), hidden=("*",), missing=("",))
IDENTITY_NUMBER = "01010112377"


def the_table(**more: Any) -> Table:
    fields = [field("navn"), field("antall", "number"), field("antall_status"), field("dato", "date")]
    return table(fields, [Column(name, header=(name,)) for name in ("navn", "antall", "dato")], **more)


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> Format:
    made: Format = request.param
    return made


def refused(folder: Path, form: Format, rows: Rows, **more: Any) -> SourceError | PersonalDataFound:
    with pytest.raises((SourceError, PersonalDataFound)) as caught:
        read_bytes(folder, export(form, rows), replace(source_for(form, marks=MARKS), **more), the_table())
    return caught.value


def codes(error: SourceError | PersonalDataFound) -> list[str]:
    return [found.code for found in error.findings if found.severity == "error"]


def test_the_suite_covers_every_format() -> None:
    assert set(FORMS) == set(FORMATS)


def test_same_table_same_canonical_form(tmp_path: Path, form: Format) -> None:
    reading = read_bytes(tmp_path, export(form, ROWS), source_for(form, marks=MARKS), the_table())
    assert rows_of(reading.tables["tabell"]) == [
        {"navn": "Byåsen", "antall": "12", "antall_status": None, "dato": "2024-01-15"},
        {"navn": "Ærlig & Ø", "antall": "1.5", "antall_status": None, "dato": "2024-01-15"},
        {"navn": "010", "antall": None, "antall_status": ":", "dato": "2023-12-31"},
        {"navn": "Tom", "antall": None, "antall_status": "..", "dato": None},
    ]


def test_every_row_is_accounted_for_and_traced(tmp_path: Path, form: Format) -> None:
    rules = (
        RowRule("sum", {"navn": Condition(equals="Sum")}),
        RowRule("blank"),
        RowRule("end", {"navn": Condition(starts_with="Kilde")}),
    )
    rows = [*ROWS, ["", "", ""], ["Sum", 13, None], ["Kilde: HR", "", ""], ["prosa", "tekst", ""]]
    reading = read_bytes(tmp_path, export(form, rows), source_for(form, marks=MARKS, rows=rules), the_table())
    counts = {account.rule: account.rows for account in reading.accounts}
    header = {} if form == "fixed" else {"header": 1}
    assert counts == header | {"end": 2, "blank": 1, "sum": 1, "out": 4}
    assert rows_of(reading.sum_rows["tabell"])[0]["antall"] == "13"
    raw = reading.tables["tabell"]
    below = 1 if form == "fixed" else 2
    assert raw.origin.rows["row"].to_pylist() == [below, below + 1, below + 2, below + 3]
    assert raw.origin.columns["antall"] == ("antall", 2)


@pytest.mark.parametrize(
    "cell", ["ca. 12", "NaN", "Infinity", "1_000", "１２", "\u2212259", "1e3", "12.5", "0x1F", "1 00"]
)
def test_what_is_no_number_under_the_marks_is_refused_with_its_place(tmp_path: Path, form: Format, cell: str) -> None:
    error = refused(tmp_path, form, [["a", 1, DAY], ["b", cell, DAY]])
    assert isinstance(error, SourceRejected)
    assert codes(error) == ["undeclared_mark"]
    place = error.findings[0].places[0]
    assert place.column == "antall"
    assert place.row == (2 if form == "fixed" else 3)
    assert place.cell == ("B3" if form in WORKBOOKS else None)
    assert cell not in str(error)
    assert cell not in repr(error.findings)
    assert error.findings[0].samples == (cell,)


def test_texts_that_a_spreadsheet_would_run_are_refused(tmp_path: Path, form: Format) -> None:
    rows = [
        ["=HYPERLINK(1)", 1, DAY],
        ["@SUM(1)", 1, DAY],
        ["-2+cmd|x", 1, DAY],
        ["- herav", 1, DAY],
        ["+47 72", 1, DAY],
    ]
    error = refused(tmp_path, form, rows)
    assert codes(error) == ["formula_text"]
    assert error.findings[0].count == 3


def test_beginning_with_equals_may_be_declared(tmp_path: Path, form: Format) -> None:
    source = source_for(form, marks=MARKS, text_cells_beginning_with_equals="kontonavn")
    reading = read_bytes(tmp_path, export(form, [["=A", 1, DAY]]), source, the_table())
    assert rows_of(reading.tables["tabell"])[0]["navn"] == "=A"


def test_a_national_identity_number_anywhere_stops_all(tmp_path: Path, form: Format) -> None:
    for rows in ([[f"Kari {IDENTITY_NUMBER}", 1, DAY]], [["a", 1, DAY], ["b", IDENTITY_NUMBER, DAY]]):
        error = refused(tmp_path, form, rows)
        assert isinstance(error, PersonalDataFound)
        assert IDENTITY_NUMBER not in str(error)
        assert not error.findings[0].samples


def test_spreadsheet_errors_are_refused_unless_declared(tmp_path: Path, form: Format) -> None:
    assert set(codes(refused(tmp_path, form, [[ERROR, 1, DAY]]))) == {"error_cell"}
    declared = replace(MARKS, missing=("", "#N/A"))
    source = source_for(form, marks=declared)
    reading = read_bytes(tmp_path, export(form, [["a", ERROR, DAY]]), source, the_table())
    assert rows_of(reading.tables["tabell"])[0]["antall_status"] == ".."


@pytest.mark.parametrize("form", HEADED)  # padding is how a fixed-width field is written
def test_outer_blanks_of_a_text_are_named(tmp_path: Path, form: Format) -> None:
    assert codes(refused(tmp_path, form, [["Byåsen ", 1, DAY]])) == ["outer_blanks"]


def test_rows_of_nothing_must_be_named(tmp_path: Path, form: Format) -> None:
    error = refused(tmp_path, form, [["a", 1, DAY], ["", "", ""], ["b", 1, DAY]])
    assert codes(error) == ["blank_row"]
    assert "kind: blank" in str(error)


def test_nothing_but_a_header_is_refused(tmp_path: Path, form: Format) -> None:
    error = refused(tmp_path, form, [])
    assert codes(error) == ["file_empty" if form == "fixed" else "no_data_rows"]


def test_an_empty_file_is_refused(tmp_path: Path, form: Format) -> None:
    with pytest.raises(SourceUnreadable) as caught:
        read_bytes(tmp_path, b"", source_for(form), the_table())
    assert codes(caught.value) == ["file_empty"]


@pytest.mark.parametrize("form", HEADED)  # the definition itself names the fields of a fixed-width record
def test_unknown_and_missing_columns_are_both_listed(tmp_path: Path, form: Format) -> None:
    data = export(form, [["a", 1, "k"]], header=("navn", "antall", "kontakt"))
    with pytest.raises(SourceChanged) as caught:
        read_bytes(tmp_path, data, source_for(form, marks=MARKS), the_table())
    assert codes(caught.value) == ["unknown_columns", "missing_columns"]
    assert "kontakt" not in str(caught.value)
    assert "kontakt" not in repr(caught.value.findings)
    assert caught.value.findings[0].samples == ("«kontakt»",)
    assert caught.value.findings[0].params["columns"] == ("C" if form in WORKBOOKS else "3")
    assert "«dato»" in str(caught.value)


@pytest.mark.parametrize("form", WORKBOOKS)
def test_number_cells_are_exact_and_codes_must_not_be_numbers(tmp_path: Path, form: Format) -> None:
    reading = read_bytes(tmp_path, export(form, [["a", 0.1, DAY], ["b", -1209.0, DAY]]), source_for(form), the_table())
    assert reading.tables["tabell"].data["antall"].to_pylist() == ["0.1", "-1209"]
    assert codes(refused(tmp_path, form, [[10, 1, DAY]])) == ["cell_kind"]
    assert codes(refused(tmp_path, form, [["a", float(2**53 + 2), DAY]])) == ["number_too_big"]
    padded = the_table()
    columns = (replace(padded.columns[0], pad=3, because="Excel"), *padded.columns[1:])
    padded = replace(padded, columns=columns)
    reading = read_bytes(tmp_path, export(form, [[10, 1, DAY]]), source_for(form), padded)
    assert reading.tables["tabell"].data["navn"].to_pylist() == ["010"]


@pytest.mark.parametrize("form", WORKBOOKS)
def test_real_dates_and_dates_as_text_do_not_mix(tmp_path: Path, form: Format) -> None:
    error = refused(tmp_path, form, [["a", 1, DAY], ["b", 1, "2024-02-01"]])
    assert codes(error) == ["two_kinds_of_dates"]
    assert error.findings[0].places[0].cell == "C3"


@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_formulas_without_a_stored_value_are_refused(tmp_path: Path, form: Format) -> None:
    assert codes(refused(tmp_path, form, [["a", FORMULA, DAY]])) == ["formula_without_value"]


@pytest.mark.parametrize("form", WORKBOOKS)
def test_cut_off_and_foreign_contents_are_refused(tmp_path: Path, form: Format) -> None:
    data = export(form, ROWS)
    for wrong in (data[: len(data) // 2], b"navn;antall\n", exports.export("csv", ROWS)):
        with pytest.raises(SourceUnreadable) as caught:
            read_bytes(tmp_path, wrong, source_for(form), the_table())
        assert codes(caught.value)[0] in ("workbook_damaged", "wrong_content")


@pytest.mark.parametrize("form", HEADED)
def test_a_first_row_of_data_where_the_header_should_be_is_not_told(tmp_path: Path, form: Format) -> None:
    for header in (("navn", "antall", "Kari Nordmann"), ("navn", "Kari Nordmann", "Kari Nordmann")):
        data = export(form, [["Ola", 2, DAY]], header=header)
        with pytest.raises(SourceChanged) as caught:
            read_bytes(tmp_path, data, replace(source_for(form, marks=MARKS), header=Header(("navn",))), the_table())
        assert "Kari" not in str(caught.value) + repr(caught.value.findings)
        assert any("Kari Nordmann" in sample for sample in caught.value.findings[0].samples)


def test_one_letter_is_one_key_however_it_is_written(tmp_path: Path, form: Format) -> None:
    reading = read_bytes(tmp_path, export(form, [["Bya\u030asen", 1, DAY]]), source_for(form), the_table())
    assert rows_of(reading.tables["tabell"])[0]["navn"] == "Byåsen"


@pytest.mark.parametrize("sign", ["\u200b", "\u200d", "\u2060", "\ufeff", "\u202e", "\u2066", "\u200f"])
def test_characters_that_nobody_sees_are_refused(tmp_path: Path, form: Format, sign: str) -> None:
    first = () if (form, sign) == ("xls", "\ufeff") else (f"{sign}=1+1",)  # calamine takes it for a byte order mark
    for text in (*first, f"By{sign}åsen"):
        error = refused(tmp_path, form, [["a", 1, DAY], [text, 1, DAY]])
        assert codes(error) == ["invisible_character"]
        assert error.findings[0].places[0].row == (2 if form == "fixed" else 3)


@pytest.mark.parametrize("form", WORKBOOKS)
def test_names_of_sheets_are_told_to_the_steward_only(tmp_path: Path, form: Format) -> None:
    with pytest.raises(SourceChanged) as caught:
        read_bytes(tmp_path, export(form, ROWS), source_for(form, sheet="Tabell 2"), the_table())
    assert "Uttrekk" not in str(caught.value)
    assert caught.value.findings[0].samples == ("Uttrekk",)


@pytest.mark.parametrize(("form", "dated"), [("xlsx", True), ("xls", True), ("ods", False)])
def test_days_that_workbooks_miscount_are_refused(
    tmp_path: Path,
    form: Format,
    dated: bool,
) -> None:
    day = dt.date(1900, 2, 27)
    if dated:
        assert codes(refused(tmp_path, form, [["a", 1, day]])) == ["early_date"]
    else:
        reading = read_bytes(tmp_path, export(form, [["a", 1, day]]), source_for(form), the_table())
        assert rows_of(reading.tables["tabell"])[0]["dato"] == "1900-02-27"
    reading = read_bytes(tmp_path, export(form, [["a", 1, dt.date(1900, 3, 1)]]), source_for(form), the_table())
    assert rows_of(reading.tables["tabell"])[0]["dato"] == "1900-03-01"


@pytest.mark.parametrize("form", WORKBOOKS)
def test_a_sheet_that_is_not_there_is_named(tmp_path: Path, form: Format) -> None:
    with pytest.raises(SourceChanged, match="Tabell 2"):
        read_bytes(tmp_path, export(form, ROWS), source_for(form, sheet="Tabell 2"), the_table())
