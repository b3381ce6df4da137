"""Text files: the declared encoding and shape or nothing, and every refusal says where."""

import csv
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from apendata.errors import ApendataError, PersonalDataFound, SourceChanged, SourceRejected, SourceUnavailable
from apendata.model import Column, Condition, Finding, FixedField, Header, Ignored, Marks, Only, RowRule
from apendata.sources import read
from tests.unit.sources.exports import csv_source, dataset, field, read_bytes, rows_of, snapshot, table

TABLE = table(
    [field("navn"), field("antall", "integer")],
    [Column("navn", header=("navn",)), Column("antall", header=("antall",))],
)
HEADER = "navn;antall\n"


def rows(folder: Path, text: str | bytes, **more: Any) -> list[dict[str, str | None]]:
    data = text.encode() if isinstance(text, str) else text
    return rows_of(read_bytes(folder, data, csv_source(**more), TABLE).tables["tabell"])


def refusal(folder: Path, text: str | bytes, **more: Any) -> tuple[str, int | None]:
    """(code, line) of the first finding."""
    with pytest.raises(ApendataError) as caught:
        rows(folder, text, **more)
    found = caught.value.findings[0]
    return found.code, found.places[0].row if found.places else None


GOOD = [{"navn": "Bodø", "antall": "1"}]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "windows-1252", "iso-8859-1", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-16"]
)
def test_the_declared_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    assert rows(tmp_path, f"{HEADER}Bodø;1\n".encode(encoding), encoding=encoding) == GOOD


@pytest.mark.parametrize(
    ("data", "declared", "expected"),
    [
        (f"{HEADER}Bodø;1\n".encode("windows-1252"), "utf-8", ("wrong_encoding", 2)),
        (f"{HEADER}Bodø;1\n".encode(), "windows-1252", ("wrong_encoding", 2)),
        (f"{HEADER}a;1\nb\x81;1\n".encode("latin-1"), "windows-1252", ("wrong_encoding", 3)),
        (f"{HEADER}a \x96 b;1\n".encode("latin-1"), "iso-8859-1", ("control_character", 2)),
        (f"{HEADER}a \x96 b;1\n".encode(), "utf-8", ("control_character", 2)),
        (f"{HEADER}a\x1ab;1\n".encode(), "utf-8", ("control_character", 2)),
        (f"{HEADER}Bodø;1\n".encode("utf-16-le"), "windows-1252", ("nul_byte", 1)),
        (f"{HEADER}a\0;1\n".encode(), "utf-8", ("nul_byte", 2)),
        (f"{HEADER}Bod\ufffd;1\n".encode(), "utf-8", ("replacement_character", 2)),
        (f"{HEADER}Bodø;1\n".encode("utf-8-sig"), "utf-8", ("undeclared_bom", 1)),
        (f"\ufeff{HEADER}Bodø;1\n".encode("utf-16-le"), "utf-16-le", ("undeclared_bom", 1)),
        (f"{HEADER}Bodø;1\n".encode("utf-16-le")[:-1], "utf-16-le", ("wrong_encoding", 2)),
        (b"", "utf-8", ("file_empty", None)),
        (b" \n\n", "utf-8", ("file_empty", None)),
        (HEADER.encode(), "utf-8", ("no_data_rows", None)),
    ],
)
def test_other_bytes_are_refused_with_their_line(
    tmp_path: Path, data: bytes, declared: str, expected: tuple[str, int]
) -> None:
    assert refusal(tmp_path, data, encoding=declared) == expected


def test_a_refused_character_is_found_in_any_block_of_a_large_file(tmp_path: Path) -> None:
    line = "Bodø og omegn;1\n"
    text = HEADER + line * 40_000 + "a\x85b;1\n" + line * 10
    assert refusal(tmp_path, text) == ("control_character", 40_002)


def test_line_ends_may_be_mixed(tmp_path: Path) -> None:
    assert len(rows(tmp_path, "navn;antall\r\na;1\nb;2\r\n")) == 2


def test_ragged_rows_stop_or_are_cut_for_a_stated_reason(tmp_path: Path) -> None:
    text = HEADER + "a;1\nb;2;;99\nc;3\n"
    assert refusal(tmp_path, text) == ("ragged_row", 3)
    reading = read_bytes(tmp_path, text.encode(), csv_source(extra_fields="ukjent opphav"), TABLE)
    assert [row["antall"] for row in rows_of(reading.tables["tabell"])] == ["1", "2", "3"]
    assert [(f.code, f.count, f.severity) for f in reading.findings] == [("extra_fields_cut", 1, "warning")]
    assert refusal(tmp_path, HEADER + "a;1\nb\n", extra_fields="ukjent opphav") == ("ragged_row", 3)


def test_what_is_cut_off_is_looked_through_for_people(tmp_path: Path) -> None:
    with pytest.raises(PersonalDataFound):
        rows(tmp_path, HEADER + "a;1;;01010112377\n", extra_fields="ukjent opphav")


@pytest.mark.parametrize("text", ["01010112377\n\n" + HEADER + "a;1\n", "navn;antall;01010112377\na;1;x\n"])
def test_people_above_and_in_the_header(tmp_path: Path, text: str) -> None:
    with pytest.raises(PersonalDataFound):
        rows(tmp_path, text)


def test_people_in_the_file_name(tmp_path: Path) -> None:
    source = csv_source()
    made = snapshot(tmp_path, f"{HEADER}a;1\n".encode(), source, "lonn 01010112377.csv")
    with pytest.raises(PersonalDataFound) as caught:
        read(dataset([source], [TABLE]), [made], {})
    assert "01010112377" not in str(caught.value)
    assert "01010112377" not in repr(caught.value.findings)


def test_people_in_the_name_of_a_file_that_cannot_be_read_either(tmp_path: Path) -> None:
    source = csv_source()
    made = snapshot(tmp_path, b"\xff", source, "lonn 01010112377.csv")
    with pytest.raises(PersonalDataFound) as caught:
        read(dataset([source], [TABLE]), [made], {})
    assert "01010112377" not in str(caught.value)


def test_a_traceback_quotes_nothing_of_the_file(tmp_path: Path) -> None:
    for text in (
        f"{HEADER}hemmelig;1;2\nb;1\n".encode(),
        f"{HEADER}Hemmelig å;1\n".encode("latin-1"),
        b"navn;antall\nhemmelig;x\n",
    ):
        with pytest.raises(ApendataError) as caught:
            rows(tmp_path, text)
        told = "".join(traceback.format_exception(caught.value)).lower()
        assert "hemmelig" not in told
        assert "0xe5" not in told


def test_a_file_that_was_replaced_in_between_is_noticed(tmp_path: Path) -> None:
    source = csv_source()
    made = snapshot(tmp_path, f"{HEADER}a;1\n".encode(), source)
    made.file.write_text(f"{HEADER}a;2\n")
    with pytest.raises(SourceUnavailable, match="replaced"):
        read(dataset([source], [TABLE]), [made], {})


def test_quotes(tmp_path: Path) -> None:
    text = 'navn;antall\n"a;b ""c""";1\n"to\nlinjer";2\nd;3\n'
    assert [row["navn"] for row in rows(tmp_path, text)] == ['a;b "c"', "to\nlinjer", "d"]
    assert refusal(tmp_path, HEADER + 'a;1\n"b;2\nc;3\n') == ("unclosed_quote", 3)
    assert refusal(tmp_path, HEADER + '"a"b;1\n') == ("unclosed_quote", 2)
    assert rows(tmp_path, HEADER + '5" rør;1\n', quoted=False) == [{"navn": '5" rør', "antall": "1"}]


def test_a_long_field_is_a_field(tmp_path: Path) -> None:
    csv.field_size_limit(131_072)  # Python's own limit, until somebody changes it
    long = "x" * 70_000
    assert rows(tmp_path, f'{HEADER}"{long}\n{long}";1\n') == [{"navn": f"{long}\n{long}", "antall": "1"}]


def test_lines_are_counted_through_quoted_line_breaks(tmp_path: Path) -> None:
    assert refusal(tmp_path, HEADER + '"a\nb\nc";1\nd;x\n') == ("undeclared_mark", 5)


def test_the_technical_first_line_must_stand_there(tmp_path: Path) -> None:
    assert rows(tmp_path, f"sep=;\n{HEADER}a;1\n", first_line="sep=;") == [{"navn": "a", "antall": "1"}]
    assert refusal(tmp_path, f"{HEADER}a;1\n", first_line="sep=;") == ("first_line_differs", 1)
    assert refusal(tmp_path, f"sep=;\n{HEADER}a;1,5\n", first_line="sep=;") == ("undeclared_mark", 3)


def test_the_header_is_found_by_its_texts(tmp_path: Path) -> None:
    title = "Ansatte 2024\n\n"
    assert rows(tmp_path, f"{title}{HEADER}a;1\n") == [{"navn": "a", "antall": "1"}]
    assert refusal(tmp_path, "name;number\na;1\n") == ("header_not_found", None)
    assert refusal(tmp_path, f"{HEADER}a;1\n{HEADER}b;2\n") == ("header_repeated", 1)
    repeated = (RowRule("repeated_header"),)
    assert len(rows(tmp_path, f"{HEADER}a;1\n{HEADER}b;2\n", rows=repeated)) == 2


def test_a_header_that_comes_again_far_down_is_found(tmp_path: Path) -> None:
    text = HEADER + "a;1\n" * 3000 + HEADER + "b;1\n"
    assert refusal(tmp_path, text) == ("header_repeated", 1)


def test_duplicate_columns(tmp_path: Path) -> None:
    assert refusal(tmp_path, "navn;antall;antall\na;1;2\n") == ("duplicate_columns", 1)


STACKED = ";Kvinner;;Menn;\nnavn;Antall;Andel;Antall;Andel\n"


def test_stacked_headers_join_and_merged_cells_fill_to_the_right(tmp_path: Path) -> None:
    header = Header(("Kvinner", "navn"), rows=2, fill_right=True)
    made = replace(TABLE, columns=(Column("navn", header=("navn",)), Column("antall", header=("Kvinner | Antall",))))
    ignored = tuple(Ignored("regnes ut", column=name) for name in ("Kvinner | Andel", "Menn | Antall", "Menn | Andel"))
    source = csv_source(header=header, ignore=ignored)
    raw = read_bytes(tmp_path, (STACKED + "a;1;2;3;4\n").encode(), source, made).tables["tabell"]
    assert rows_of(raw) == [{"navn": "a", "antall": "1"}]
    moved = (";Kvinner;;Menn;\n;;;;\nnavn;Antall;Andel;Antall;Andel\n" + "a;1;2;3;4\n").encode()
    with pytest.raises(SourceChanged, match=r"header\.contains"):
        read_bytes(tmp_path, moved, source, made)


def test_unknown_stacked_headers_are_told_by_place_since_they_may_be_data(tmp_path: Path) -> None:
    source = csv_source(header=Header(("navn",), rows=2))
    with pytest.raises(SourceChanged) as caught:
        read_bytes(tmp_path, b"navn;antall\nhemmelig;1\n", source, TABLE)
    assert "hemmelig" not in str(caught.value)
    assert "hemmelig" not in repr(caught.value.findings)


def test_a_column_without_header_needs_a_name_only_if_it_holds_something(tmp_path: Path) -> None:
    assert rows(tmp_path, "navn;antall;\na;1;\n") == [{"navn": "a", "antall": "1"}]
    assert refusal(tmp_path, "navn;antall;\na;1;x\n") == ("unknown_columns", 1)
    assert rows(tmp_path, "navn;antall;\na;1;x\n", ignore=(Ignored("tom", column="[3]"),)) == [
        {"navn": "a", "antall": "1"}
    ]


def test_two_accepted_spellings_at_once(tmp_path: Path) -> None:
    made = replace(TABLE, columns=(Column("navn", header=("navn", "namn")), TABLE.columns[1]))
    with pytest.raises(SourceChanged, match="namn"):
        read_bytes(tmp_path, b"navn;namn;antall\na;b;1\n", csv_source(), made)
    raw = read_bytes(tmp_path, b"namn;antall\na;1\n", csv_source(header=Header(("antall",))), made).tables["tabell"]
    assert rows_of(raw) == [{"navn": "a", "antall": "1"}]


def test_a_column_may_be_absent_for_a_stated_reason(tmp_path: Path) -> None:
    fields = [field("navn"), field("antall", "integer"), field("antall_status")]
    made = replace(TABLE, schema={"fields": fields, "primaryKey": ["navn"]})
    source = csv_source(absent={"antall": "kom i 2023"})
    reading = read_bytes(tmp_path, b"navn\na\n", source, made)
    assert rows_of(reading.tables["tabell"]) == [{"navn": "a", "antall": None, "antall_status": ".."}]
    assert [f.code for f in reading.findings] == ["column_absent"]


def test_versions_must_be_chosen(tmp_path: Path) -> None:
    text = "navn;antall;versjon\na;1;V1\na;2;V2\n"
    assert refusal(tmp_path, text, version_column="versjon")[0] == "several_versions"
    only = Only({"versjon": Condition(equals="V2")}, "vedtatt")
    assert rows(tmp_path, text, version_column="versjon", only=only) == [{"navn": "a", "antall": "2"}]
    none = Only({"versjon": Condition(equals="V3")}, "vedtatt")
    assert refusal(tmp_path, text, only=none)[0] == "no_data_rows"


VERSIONS = "navn;antall;versjon\na;1;REGN22\nb;2;23-26V\nc;3;22-25V\nd;4;{}\n"
WANTED = Only({"versjon": Condition(one_of=("REGN22", "23-26V"))}, "vedtatt")


def versions_told(folder: Path, last: str) -> tuple[Finding, ...]:
    """What is said of an export whose last row is of that version."""
    return read_bytes(folder, VERSIONS.format(last).encode(), csv_source(only=WANTED), TABLE).findings


@pytest.mark.parametrize("slip", ["23-26v", "23-26 V", "2326V", "REGN 22", "RENG22", "REGNN22"])
def test_a_row_whose_version_is_nearly_one_that_is_wanted_is_told(tmp_path: Path, slip: str) -> None:
    """The rule accounts for it, and nobody would ask: one amount is missing from what is published."""
    found = {f.code: f for f in versions_told(tmp_path, slip)}
    near = found["nearly_selected"]
    assert (near.severity, near.count, near.cells) == ("warning", 1, (slip,))
    assert [place.row for place in near.places] == [5]
    assert set(found["rows_not_selected"].samples) == {"22-25V", slip}
    assert found["rows_not_selected"].count == 2
    assert slip not in repr(found)


@pytest.mark.parametrize("other", ["24-27V", "REGN23", "22R", "BUDSJETT", ""])
def test_another_version_is_no_misspelt_one(tmp_path: Path, other: str) -> None:
    assert [f.code for f in versions_told(tmp_path, other)] == ["rows_not_selected"]


def test_each_column_tells_of_the_rows_that_it_drops_itself(tmp_path: Path) -> None:
    """Of two conditions one drops a row; its value for the other is wanted, and no misspelt one."""
    text = "navn;antall;versjon;art\na;1;REGN22;utgift\nb;2;REGN22;inntekt\nc;3;25V;utgift\nd;4;REGN22;utgifft\n"
    only = Only({"versjon": Condition(one_of=("REGN22",)), "art": Condition(equals="utgift")}, "vedtatt")
    found = read_bytes(tmp_path, text.encode(), csv_source(only=only), TABLE).findings
    told = {(f.code, f.field): (f.count, f.samples or f.cells) for f in found}
    assert told == {
        ("rows_not_selected", "versjon"): (1, ("25V",)),
        ("rows_not_selected", "art"): (2, ("inntekt", "utgifft")),
        ("nearly_selected", "art"): (1, ("utgifft",)),
    }


def test_a_value_that_is_wanted_as_it_stands_is_not_called_misspelt(tmp_path: Path) -> None:
    """It is dropped by another part of the same condition."""
    only = Only({"versjon": Condition(one_of=("REGN22", "23-26V"), at_most="3")}, "vedtatt")
    found = read_bytes(tmp_path, VERSIONS.format("23-26V").encode(), csv_source(only=only), TABLE).findings
    assert [(f.code, f.count) for f in found] == [("rows_not_selected", 2)]


def test_of_very_many_values_the_commonest_are_compared_and_the_rest_is_told_of(tmp_path: Path) -> None:
    lines = [f"n{i};1;prosjekt {i}" for i in range(20_003)]
    text = "\n".join(["navn;antall;versjon", "a;1;REGN22", "b;1;RENG22", "c;1;RENG22", *lines, "d;1;REGNN22", ""])
    only = Only({"versjon": Condition(equals="REGN22")}, "vedtatt")
    found = {f.code: f for f in read_bytes(tmp_path, text.encode(), csv_source(only=only), TABLE).findings}
    assert (found["nearly_selected"].count, found["nearly_selected"].cells) == (2, ("RENG22", "RENG22"))
    left = found["values_not_compared"]
    assert (left.severity, left.count, left.params["compared"]) == ("info", 5, "20000")


def test_group_names_fill_down_over_data_and_not_from_sums(tmp_path: Path) -> None:
    columns = (Column("gruppe", header=("gruppe",), fill_down=True), Column("navn", header=("navn",)), TABLE.columns[1])
    made = table([field("gruppe"), field("navn"), field("antall", "integer")], columns)
    rule = RowRule("sum", {"navn": Condition(equals="Totalt")})
    text = b"gruppe;navn;antall\nA;x;1\n;y;2\n;Totalt;3\nB;x;4\n;Totalt;4\n;z;5\n"
    reading = read_bytes(tmp_path, text, csv_source(rows=(rule,)), made)
    assert [row["gruppe"] for row in rows_of(reading.tables["tabell"])] == ["A", "A", "B", "B"]
    assert [row["gruppe"] for row in rows_of(reading.sum_rows["tabell"])] == ["A", "B"]
    with pytest.raises(SourceRejected, match="fill down"):
        read_bytes(tmp_path, b"gruppe;navn;antall\n;x;1\n", csv_source(), made)


FIXED = (FixedField("navn", 1, 4), FixedField("antall", 7, 10))


def fixed(text: str, folder: Path, fields: tuple[FixedField, ...] = FIXED) -> tuple[str, int | None]:
    return refusal(folder, text, format="fixed", header=None, delimiter=None, fields=fields, encoding="utf-8")


def test_fixed_width(tmp_path: Path) -> None:
    more: dict[str, Any] = {"format": "fixed", "header": None, "delimiter": None, "fields": FIXED}
    assert rows(tmp_path, "010     36\n020   -800\n", **more)[1] == {"navn": "020", "antall": "-800"}
    assert fixed("010     36\n020   -80\n", tmp_path) == ("record_length", 2)
    assert fixed("010     36\n020   -8000\n", tmp_path) == ("record_length", 2)
    assert fixed("010 x   36\n", tmp_path) == ("undeclared_positions", 1)
    assert fixed("010     36\n\n020   -800\n", tmp_path) == ("blank_row", 2)


def test_several_problems_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SourceRejected) as caught:
        rows(tmp_path, HEADER + " a;1\nb;x\n=c;1\n")
    assert {found.code for found in caught.value.findings} == {"outer_blanks", "undeclared_mark", "formula_text"}


def test_marks_of_a_column_stand_before_the_sources(tmp_path: Path) -> None:
    columns = (TABLE.columns[0], replace(TABLE.columns[1], marks=Marks(thousands=(".",))))
    raw = read_bytes(tmp_path, f"{HEADER}a;42.578\n".encode(), csv_source(), replace(TABLE, columns=columns))
    assert rows_of(raw.tables["tabell"])[0]["antall"] == "42578"
