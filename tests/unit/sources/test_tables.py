"""From columns of an export to columns of a table: units, codes, dates, unpivot, lookups, keys, flags, margins."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from apendata.errors import ApendataError, DefinitionError, SourceMissing, SourceRejected
from apendata.model import (
    Column,
    Condition,
    Flag,
    Header,
    Lookup,
    Margins,
    Marks,
    Origin,
    RawTable,
    Source,
    Split,
    Table,
    Unpivot,
)
from apendata.report.render import told
from apendata.sources import fetch, read, with_margins
from tests.unit.sources.exports import WORD, csv_source, dataset, field, read_bytes, rows_of, table

NAVN = Column("navn", header=("navn",))
MARKS = Marks(decimal="comma", thousands=(" ",), hidden=(":",), missing=("",), cannot_occur=(".",))


def values(folder: Path, text: str, column: Column, kind: dict[str, Any], **more: Any) -> list[str | None]:
    """The values of one column of ``navn;x``."""
    made = table([field("navn"), kind], [NAVN, column])
    raw = read_bytes(folder, f"navn;x\n{text}".encode(), csv_source(**more), made).tables["tabell"]
    return [row[column.name] for row in rows_of(raw)]


def code_of(folder: Path, text: str, column: Column, kind: dict[str, Any], **more: Any) -> str:
    with pytest.raises(ApendataError) as caught:
        values(folder, text, column, kind, **more)
    return caught.value.findings[0].code


X = Column("x", header=("x",))
NOK = field("x", "integer", unit="NOK", sign="expense_positive")


@pytest.mark.parametrize(
    ("declared", "text", "expected"),
    [
        ({"unit": "NOK", "sign": "expense_positive"}, "12", "12"),
        ({"unit": "kNOK", "sign": "expense_positive"}, "1,5", "1500"),
        ({"unit": "MNOK", "sign": "expense_positive"}, "14,6", "14600000"),
        ({"unit": "kNOK", "sign": "income_positive"}, "-1 362", "1362000"),
        ({"unit": "NOK", "sign": "income_positive"}, "0", "0"),
        ({"unit": "kNOK", "sign": "income_positive"}, "9007199254740993", "-9007199254740993000"),
    ],
)
def test_units_and_signs_are_converted_exactly(
    tmp_path: Path, declared: dict[str, Any], text: str, expected: str
) -> None:
    assert values(tmp_path, f"a;{text}\n", X, NOK, marks=MARKS, **declared) == [expected]


def test_a_unit_or_sign_that_nobody_declared_is_an_error_of_the_definition(tmp_path: Path) -> None:
    assert code_of(tmp_path, "a;1\n", X, NOK, sign="expense_positive") == "no_unit"
    assert code_of(tmp_path, "a;1\n", X, NOK, unit="NOK") == "no_sign"
    assert code_of(tmp_path, "a;1\n", replace(X, unit="persons"), NOK, sign="expense_positive") == "unit_differs"
    with pytest.raises(DefinitionError):
        values(tmp_path, "a;1\n", X, NOK)


def test_a_count_in_an_export_of_thousands_is_not_thousands(tmp_path: Path) -> None:
    assert values(tmp_path, "a;3\n", X, field("x", "integer", unit="persons"), unit="kNOK") == ["3"]


def test_whole_numbers_must_be_whole_after_scaling(tmp_path: Path) -> None:
    declared: dict[str, Any] = {"unit": "kNOK", "sign": "expense_positive", "marks": MARKS}
    assert code_of(tmp_path, "a;1,5\nb;1,2345\n", X, NOK, **declared) == "not_whole"


def test_direction_from_another_column(tmp_path: Path) -> None:
    column = replace(X, sign_from=("retning", {"mindreforbruk": 1, "merforbruk": -1}))
    made = table([field("navn"), field("x", "number", sign="income_positive")], [NAVN, column])
    text = "navn;x;retning\na;7,5;mindreforbruk\nb;3,4;merforbruk\n"
    raw = read_bytes(tmp_path, text.encode(), csv_source(marks=MARKS), made).tables["tabell"]
    assert raw.data["x"].to_pylist() == ["7.5", "-3.4"]
    with pytest.raises(SourceRejected, match="sign_from"):
        read_bytes(tmp_path, f"{text}c;1;ukjent\n".encode(), csv_source(marks=MARKS), made)
    with pytest.raises(SourceRejected, match="sign_from"):
        read_bytes(tmp_path, f"{text}c;1;\n".encode(), csv_source(marks=MARKS), made)


def test_what_is_missing_needs_no_direction(tmp_path: Path) -> None:
    column = replace(X, sign_from=("retning", {"mindreforbruk": 1, "merforbruk": -1}))
    fields = [field("navn"), field("x", "number", sign="income_positive"), field("x_status")]
    text = "navn;x;retning\na;3,4;merforbruk\nb;;\n"
    raw = read_bytes(tmp_path, text.encode(), csv_source(marks=MARKS), table(fields, [NAVN, column])).tables["tabell"]
    assert raw.data["x"].to_pylist() == ["-3.4", None]


def test_marks_go_to_the_status_column(tmp_path: Path) -> None:
    made = table([field("navn"), field("x", "number"), field("x_status")], [NAVN, X])
    raw = read_bytes(tmp_path, b"navn;x\na;1\nb;:\nc;\nd;.\n", csv_source(marks=MARKS), made).tables["tabell"]
    assert raw.data["x"].to_pylist() == ["1", None, None, None]
    assert raw.data["x_status"].to_pylist() == [None, ":", "..", "."]


def test_a_status_column_is_there_even_where_every_value_stands(tmp_path: Path) -> None:
    made = table([field("navn"), field("x", "number"), field("x_status")], [NAVN, X])
    raw = read_bytes(tmp_path, b"navn;x\na;1\n", csv_source(), made).tables["tabell"]
    assert raw.data["x_status"].to_pylist() == [None]


def test_a_mark_without_a_status_column_names_it(tmp_path: Path) -> None:
    with pytest.raises(SourceRejected, match="`x_status`"):
        values(tmp_path, "a;:\n", X, field("x", "number"), marks=MARKS)


@pytest.mark.parametrize(
    ("text", "kind", "form", "expected"),
    [
        ("2024-01-15", "date", None, "2024-01-15"),
        ("15.01.2024", "date", "%d.%m.%Y", "2024-01-15"),
        ("202402", "yearmonth", "%Y%m", "2024-02"),
        ("2024", "year", None, "2024"),
        ("", "date", None, None),
    ],
)
def test_dates_in_the_declared_form(
    tmp_path: Path, text: str, kind: str, form: str | None, expected: str | None
) -> None:
    assert values(tmp_path, f"a;{text}\n", replace(X, date_format=form), field("x", kind)) == [expected]


@pytest.mark.parametrize("text", ["15.01.2024", "2024-1-5", "2024-02-30", "２０２４-01-15", " 2024-01-15", "20240115"])
def test_dates_in_another_form_are_refused(tmp_path: Path, text: str) -> None:
    assert code_of(tmp_path, f"a;2024-01-14\nb;{text}\n", X, field("x", "date")) == "date_form"


def test_codes_split_pad_and_strip(tmp_path: Path) -> None:
    kind = field("x")
    assert values(tmp_path, "a;Kvinner\nb;Menn\n", replace(X, codes={"Kvinner": "K", "Menn": "M"}), kind) == ["K", "M"]
    assert code_of(tmp_path, "a;Kvinne\n", replace(X, codes={"Kvinner": "K"}), kind) == "undeclared_code"
    pattern = re.compile(r"(?P<kode>\d{4}) (?P<navn>.+)")
    assert values(tmp_path, "a;3801 Horten\n", replace(X, split=Split(pattern, "kode")), kind) == ["3801"]
    assert code_of(tmp_path, "a;Horten\n", replace(X, split=Split(pattern, "kode")), kind) == "no_split"
    assert values(tmp_path, "a;10\nb;1000\nc;A1\n", replace(X, pad=3), kind) == ["010", "1000", "A1"]
    assert values(tmp_path, "a; Byåsen \n", replace(X, strip=True), kind) == ["Byåsen"]
    assert code_of(tmp_path, "a;Byåsen\u00a0\n", X, kind) == "outer_blanks"
    assert code_of(tmp_path, "a;#REF!\n", X, kind) == "error_cell"
    assert values(tmp_path, "a;#I/T\n", X, kind, marks=Marks(missing=("#I/T",))) == [None]


@given(st.lists(st.text(alphabet="a=+-@# Åø\u00a0\t(|", max_size=4).filter(lambda t: ";" not in t), max_size=5))
def test_fast_texts_are_only_those_that_the_judge_lets_through(texts: list[str]) -> None:
    from apendata.sources import texts as reader
    from apendata.sources.grid import Kind

    fast = reader.fast(pa.chunked_array([pa.array(texts, pa.string())]))
    if fast is not None:
        verdicts = [reader.text_judge(X, csv_source())(Kind.TEXT, text) for text in texts]
        assert not [verdict for verdict in verdicts if verdict.problem]
        assert fast.to_pylist() == [verdict.value for verdict in verdicts]


WIDE = "navn;rekneskap_2011;budsjett_2012;sum\n"
LONG = table(
    [field("navn"), field("art"), field("aar", "year"), field("x", "number")],
    [NAVN, Column("art", unpivot="art"), Column("aar", unpivot="aar"), Column("x", unpivot="value")],
    unpivot=Unpivot(re.compile(r"(?P<art>\w+)_(?P<aar>\d{4})"), row_total="sum"),
)


def test_columns_become_rows_with_their_source_column(tmp_path: Path) -> None:
    source = csv_source(marks=MARKS)
    raw = read_bytes(tmp_path, f"{WIDE}a;1,5;2;3,5\nb;3;4;7\n".encode(), source, LONG).tables["tabell"]
    assert [tuple(row.values()) for row in rows_of(raw)] == [
        ("a", "rekneskap", "2011", "1.5"),
        ("b", "rekneskap", "2011", "3"),
        ("a", "budsjett", "2012", "2"),
        ("b", "budsjett", "2012", "4"),
    ]
    assert raw.origin.rows.to_pylist()[3] == {"file": 0, "row": 3, "column": 3}


def test_a_row_total_that_does_not_come_out_has_its_place(tmp_path: Path) -> None:
    with pytest.raises(SourceRejected) as caught:
        read_bytes(tmp_path, f"{WIDE}a;1,5;2;3,4\nb;3;4;7\n".encode(), csv_source(marks=MARKS), LONG)
    found = caught.value.findings[0]
    assert (found.code, found.count, found.places[0].row, found.places[0].column) == ("row_total_differs", 1, 2, "sum")
    assert told(found, found.samples[0], "nb") == "2: det står 3.4, de andre kolonnene gir 3.5"


def test_the_file_name_is_data_and_files_stand_under_one_another(tmp_path: Path) -> None:
    made = table(
        [field("dato", "date"), field("navn"), field("kilde")],
        [Column("dato", path="dato"), NAVN, Column("kilde", constant="HR")],
    )
    source = csv_source(path="hr-{dato}.csv", placeholders={"dato": "date"}, header=Header(("navn",)))
    (tmp_path / "hr-20240115.csv").write_text("navn\na\n")
    (tmp_path / "hr-2023-01-15.csv").write_text("navn\nb\n")
    prepared = dataset([source], [made])
    raw = read(prepared, fetch(prepared, tmp_path, scratch=tmp_path), {}).tables["tabell"]
    assert [tuple(row.values()) for row in rows_of(raw)] == [("2023-01-15", "b", "HR"), ("2024-01-15", "a", "HR")]
    assert raw.origin.files == (("hr-2023-01-15.csv", None), ("hr-20240115.csv", None))


AREAS = [
    ("IA", "Interne tjenester", "2015-01-01", "2022-12-31"),
    ("UT", "Utvikling", "2023-01-01", None),
    ("OPP", "Oppvekst", None, "2023-06-30"),
    ("OPPV", "Oppvekst", "2023-07-01", None),
]


def codelist() -> dict[str, RawTable]:
    names = ("kode", "navn", "gyldig_fra", "gyldig_til")
    data = pa.table({name: pa.array([row[i] for row in AREAS], pa.string()) for i, name in enumerate(names)})
    return {"omraader": RawTable("omraader", data, Origin((), {}, pa.table({})))}


def looked_up(folder: Path, rows: str, *, at: str | None = "x") -> list[str | None]:
    made = table(
        [field("navn"), field("x"), field("kode")],
        [NAVN, X, Column("kode", lookup=Lookup("omraader", by="navn", match="navn", take="kode", at=at))],
    )
    prepared = dataset([csv_source()], [made])
    (folder / "uttrekk.csv").write_text(f"navn;x\n{rows}")
    return read(prepared, fetch(prepared, folder, scratch=folder), codelist()).tables["tabell"].data["kode"].to_pylist()  # type: ignore[no-any-return]


def test_code_lists_are_valid_for_a_time(tmp_path: Path) -> None:
    assert looked_up(tmp_path, "Interne tjenester;2022-12-31\nUtvikling;2023-01-01\n") == ["IA", "UT"]
    assert looked_up(tmp_path, "Oppvekst;2023\nOppvekst;2024\n") == ["OPP", "OPPV"]


def test_no_match_and_several_matches_have_their_places(tmp_path: Path) -> None:
    for rows, at, code in (
        ("a;2020\n", "x", "no_match"),
        ("Utvikling;2022-12-31\n", "x", "no_match"),
        ("Oppvekst;\n", None, "several_matches"),
    ):
        with pytest.raises(SourceRejected) as caught:
            looked_up(tmp_path, rows, at=at)
        found = caught.value.findings[0]
        assert (found.code, found.places[0].row) == (code, 2)


KEYED = table([field("navn"), field("x", "number"), field("x_status")], [NAVN, X], key=["navn"])


def test_equal_keys_are_added_never_dropped(tmp_path: Path) -> None:
    made = replace(KEYED, same_key="eksporten mistet en dimensjon")
    text = b"navn;x\na;0,1\nb;5\na;0,2\na;0,2\nc;1\nc;:\nd;.\nd;2\ne;.\ne;.\n"
    reading = read_bytes(tmp_path, text, csv_source(marks=MARKS), made)
    assert {row["navn"]: (row["x"], row["x_status"]) for row in rows_of(reading.tables["tabell"])} == {
        "a": ("0.5", None),
        "b": ("5", None),
        "c": (None, ":"),
        "d": ("2", None),
        "e": (None, "."),
    }
    assert [(f.code, f.count) for f in reading.findings] == [("rows_added_up", 5)]


def test_rows_of_one_key_that_differ_elsewhere_cannot_be_added(tmp_path: Path) -> None:
    made = table([field("navn"), field("x", "number"), field("tekst")], [NAVN, X, Column("tekst", header=("tekst",))])
    with pytest.raises(SourceRejected, match="tekst"):
        read_bytes(tmp_path, b"navn;x;tekst\na;1;p\na;1;q\n", csv_source(), replace(made, same_key="x"))


def test_flags_stand_on_the_rows_they_mean(tmp_path: Path) -> None:
    flags = (
        Flag("x", "b", {"navn": Condition(equals="b")}, WORD),
        Flag("x", "p", {"navn": Condition(at_least="b")}, WORD),
        Flag("x_flagg", "b", {"navn": Condition(one_of=("a", "b"))}, WORD),
    )
    fields = [field("navn"), field("x", "number"), field("x_flagg")]
    made = replace(table(fields, [NAVN, X]), flags=flags)
    raw = read_bytes(tmp_path, b"navn;x\na;1\nb;2\nc;3\n", csv_source(), made).tables["tabell"]
    assert raw.data["x_flagg"].to_pylist() == ["b", "bp", "p"]
    with pytest.raises(DefinitionError, match="x_flagg"):
        read_bytes(tmp_path, b"navn;x\na;1\n", csv_source(), replace(KEYED, flags=flags))


def with_totals(folder: Path, rows: str) -> dict[tuple[str | None, ...], tuple[str | None, str | None]]:
    names = ("dato", "omraade", "kjoenn")
    fields = [*(field(name) for name in names), field("antall", "integer"), field("antall_status")]
    base = table(fields, [Column(name, header=(name,)) for name in (*names, "antall")], name="celler", key=list(names))
    margins = Margins("celler", {"omraade": "ALLE", "kjoenn": "BEGGE"}, "antall")
    totals = table(fields, [], name="marger", key=list(names), sources=(), margins=margins)
    prepared = dataset([csv_source(header=Header(("omraade",)), marks=MARKS)], [totals, base])
    (folder / "uttrekk.csv").write_text(f"dato;omraade;kjoenn;antall\n{rows}")
    made = read(prepared, fetch(prepared, folder, scratch=folder), {}).tables
    assert list(made) == ["marger", "celler"]
    again = with_margins(prepared, {"celler": made["celler"]}, {})["marger"]
    assert again.data.equals(made["marger"].data)
    return {
        tuple(row[name] for name in names): (row["antall"], row["antall_status"]) for row in rows_of(made["marger"])
    }


def test_margins_sum_every_subset_of_dimensions_away(tmp_path: Path) -> None:
    found = with_totals(tmp_path, "1;A;K;3\n1;A;M;4\n1;B;K;5\n1;B;M;:\n2;A;K;\n2;A;M;1\n")
    assert found == {
        ("1", "ALLE", "K"): ("8", None),
        ("1", "ALLE", "M"): (None, ":"),
        ("1", "A", "BEGGE"): ("7", None),
        ("1", "B", "BEGGE"): (None, ":"),
        ("1", "ALLE", "BEGGE"): (None, ":"),
        ("2", "ALLE", "K"): (None, ".."),
        ("2", "ALLE", "M"): ("1", None),
        ("2", "A", "BEGGE"): (None, ".."),
        ("2", "ALLE", "BEGGE"): (None, ".."),
    }


def test_a_table_whose_source_was_not_given_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing):
        read(dataset([csv_source()], [KEYED]), [], {})


def test_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    source: Source = csv_source(path="{fil}.csv", placeholders={"fil": "text"})
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text("navn;ukjent\nx;1\n")
    made: Table = KEYED
    prepared = dataset([source], [made])
    with pytest.raises(ApendataError) as caught:
        read(prepared, fetch(prepared, tmp_path, scratch=tmp_path), {})
    assert {found.places[0].file for found in caught.value.findings if found.places} == {"a.csv", "b.csv"}
