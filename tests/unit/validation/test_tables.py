"""One table against its schema: types, verdicts, the stricter rules, statuses and keys, with exact places."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest

from apendata.errors import DataRejected, DefinitionError
from apendata.model import Column, Finding, Lookup, Origin, Place, RawTable, Table, Validation
from apendata.validation import CODES, check_definition, validate
from tests.unit.validation.made import FILE, SHEET, Cells, dataset, field, origin_rows, raw, reading, table


def checked(table_: Table, cells: Cells | RawTable) -> Validation:
    return validate(dataset(table_), reading({table_.name: cells}))


def refused(table_: Table, cells: Cells | RawTable) -> dict[str, Finding]:
    """The findings of a table that must be refused, by code."""
    with pytest.raises(DataRejected) as caught:
        checked(table_, cells)
    findings = {finding.code: finding for finding in caught.value.findings}
    for finding in findings.values():
        assert set(finding.params) <= set(CODES[finding.code])
    return findings


def test_texts_become_exact_arrow_types_in_schema_order_and_key_order() -> None:
    ansatte = table(
        "ansatte",
        [
            field("art", pattern="[0-9]{3}"),
            field("aar", "year"),
            field("antall", "integer"),
            field("aarsverk", "number", decimals=1),
            field("dato", "date"),
            field("fast", "boolean"),
        ],
        ["art", "aar"],
    )
    cells = {
        "aar": ["2019", "2018", "2018"],
        "art": ["010", "020", "010"],
        "aarsverk": ["0.1", None, "-12"],
        "antall": ["9007199254740993", "-0", "7"],
        "dato": ["2019-01-15", "2018-02-28", None],
        "fast": ["true", "false", None],
    }

    valid = checked(ansatte, cells).tables["ansatte"]

    assert valid.data.schema == pa.schema(
        [
            ("art", pa.string()),
            ("aar", pa.int32()),
            ("antall", pa.int64()),
            ("aarsverk", pa.decimal128(18, 1)),
            ("dato", pa.date32()),
            ("fast", pa.bool_()),
        ]
    )
    assert [tuple(row.values()) for row in valid.data.to_pylist()] == [
        ("010", 2018, 7, Decimal("-12.0"), None, None),
        ("010", 2019, 9007199254740993, Decimal("0.1"), date(2019, 1, 15), True),
        ("020", 2018, 0, None, date(2018, 2, 28), False),
    ]
    assert valid.origin.rows["row"].to_pylist() == [7, 5, 6], "a row keeps its place when rows are put in order"


def test_code_points_and_not_an_alphabet_order_texts() -> None:
    koder = table("koder", [field("kode")], ["kode"])
    valid = checked(koder, {"kode": ["å", "Z", "a", "10", "9", "ø"]}).tables["koder"]
    assert valid.data["kode"].to_pylist() == ["10", "9", "Z", "a", "å", "ø"]


@pytest.mark.parametrize(
    ("properties", "text", "code", "params"),
    [
        ({"type_": "integer"}, "11 116", "wrong_type", {"expected": "integer"}),
        ({"type_": "integer"}, "−259", "wrong_type", {"expected": "integer"}),
        ({"type_": "integer"}, "0x1F", "wrong_type", {"expected": "integer"}),
        ({"type_": "integer"}, "1_000", "digit_underscore", {}),
        ({"type_": "integer"}, "１２", "non_ascii_digits", {}),
        ({"type_": "integer"}, "٣", "non_ascii_digits", {}),
        ({"type_": "integer"}, "9223372036854775808", "number_too_large", {"decimals": "0"}),
        ({"type_": "number", "decimals": 1}, "NaN", "not_finite", {}),
        ({"type_": "number", "decimals": 1}, "-Infinity", "not_finite", {}),
        ({"type_": "number", "decimals": 1}, "1_0.5", "digit_underscore", {}),
        ({"type_": "number", "decimals": 1}, "1.25", "too_many_decimals", {"decimals": "1"}),
        ({"type_": "number", "decimals": 1}, "1e-999999999", "too_many_decimals", {"decimals": "1"}),
        ({"type_": "number", "decimals": 1}, "1e99", "number_too_large", {"decimals": "1"}),
        ({"type_": "number", "decimals": 1}, "7,5", "wrong_type", {"expected": "number"}),
        ({"type_": "date"}, "15.01.2019", "wrong_type", {"expected": "date"}),
        ({"type_": "date"}, "2019-02-30", "wrong_type", {"expected": "date"}),
        ({"type_": "date"}, "２０19-01-15", "non_ascii_digits", {}),
        ({"type_": "year"}, "19", "wrong_type", {"expected": "year"}),
        ({"type_": "boolean"}, "ja", "wrong_type", {"expected": "boolean"}),
        ({"enum": ["K", "M"]}, "k", "not_in_enum", {"expected": "K, M"}),
        ({"pattern": r"\d{3}"}, "10", "pattern_not_met", {"expected": r"\d{3}"}),
        ({"pattern": r"\d{3}"}, "０１０", "non_ascii_digits", {}),
        ({"pattern": r".{3}"}, "０１０", "non_ascii_digits", {}),
        ({"minLength": 2}, "ø", "too_short", {"expected": "2"}),
        ({"maxLength": 2}, "øøø", "too_long", {"expected": "2"}),
        ({"type_": "integer", "minimum": 0}, "-1", "below_minimum", {"expected": "0"}),
        ({"type_": "year", "maximum": 2026}, "2027", "above_maximum", {"expected": "2026"}),
        ({"type_": "integer", "exclusiveMinimum": 0}, "0", "not_above_minimum", {"expected": "0"}),
        ({"type_": "number", "decimals": 0, "exclusiveMaximum": 5}, "5", "not_below_maximum", {"expected": "5"}),
        ({"required": True}, None, "value_required", {}),
        ({"required": True}, "", "value_required", {}),
    ],
)
def test_a_cell_that_breaks_a_rule_is_told_with_its_place(
    properties: dict[str, object], text: str | None, code: str, params: dict[str, str]
) -> None:
    tall = table("tall", [field("id"), field("verdi", **properties)], ["id"])

    findings = refused(tall, {"id": ["a", "b", "c"], "verdi": [text, text, text]})

    assert set(findings) == {code}
    found = findings[code]
    assert (found.table, found.field, found.count, found.severity) == ("tall", "verdi", 3, "error")
    assert found.params == params
    assert found.places == tuple(Place(FILE, SHEET, row, "Verdi", f"B{row}") for row in (5, 6, 7))


def test_numbers_that_frictionless_reads_are_read_exactly() -> None:
    tall = table("tall", [field("id"), field("verdi", "number", decimals=2)], ["id"])
    cells = {"id": ["a", "b", "c", "d"], "verdi": ["1e3", " +7.50 ", "0.000", "-.5"]}
    values = checked(tall, cells).tables["tall"].data["verdi"].to_pylist()
    assert values == [Decimal("1000.00"), Decimal("7.50"), Decimal("0.00"), Decimal("-0.50")]


def test_only_later_rows_repeat_a_unique_value() -> None:
    koder = table("koder", [field("id"), field("navn", unique=True)], ["id"])
    found = refused(koder, {"id": ["a", "b", "c", "d"], "navn": ["x", None, "x", None]})["not_unique"]
    assert [place.cell for place in found.places] == ["B7"]


@pytest.mark.parametrize(
    ("value", "status", "code", "cell"),
    [
        (None, None, "status_missing", "B5"),
        ("4", ":", "status_beside_value", "B5"),
        ("4", "*", "status_unknown", "B5"),
        (None, "-", "status_unknown", "B5"),
    ],
)
def test_a_value_is_null_exactly_where_its_status_says_why(
    value: str | None, status: str | None, code: str, cell: str
) -> None:
    ansatte = table("ansatte", [field("id"), field("antall", "integer"), field("antall_status")], ["id"])
    cells = {"id": ["a"], "antall": [value], "antall_status": [status]}
    origin = Origin(((FILE, SHEET),), {"id": ("Id", 1), "antall": ("Antall", 2)}, origin_rows(1))

    findings = refused(ansatte, RawTable("ansatte", raw("", cells).data, origin))

    assert [place.cell for place in findings[code].places] == [cell], "a status stands in its value's own cell"
    assert set(findings) == {code}


@pytest.mark.parametrize(("value", "status"), [(None, ":"), (None, ".."), (None, "."), ("0", None), ("0", "")])
def test_hidden_missing_impossible_and_zero_are_told_apart(value: str | None, status: str | None) -> None:
    ansatte = table("ansatte", [field("id"), field("antall", "integer"), field("antall_status")], ["id"])
    row = checked(ansatte, {"id": ["a"], "antall": [value], "antall_status": [status]}).tables["ansatte"].data
    assert row.to_pylist() == [{"id": "a", "antall": 0 if value else None, "antall_status": status or None}]


def test_every_row_of_a_repeated_key_is_told_by_its_place() -> None:
    ledger = table("ledger", [field("aar", "year"), field("art"), field("navn")], ["aar", "art"])
    cells = {
        "aar": ["2020", "2019", "2020", "2019", "2020"],
        "art": ["010", "010", "010", "020", "010"],
        "navn": ["x"] * 5,
    }
    found = refused(ledger, cells)["key_repeated"]
    assert found.count == 3
    assert found.params == {"key": "aar, art", "keys": "1"}
    assert {place.row for place in found.places} == {5, 7, 9}
    assert found.samples == ()


def test_a_null_in_any_column_of_the_key_is_refused() -> None:
    ledger = table("ledger", [field("aar", "year"), field("art")], ["aar", "art"])
    findings = refused(ledger, {"aar": ["2020", "2020"], "art": ["010", None]})
    assert findings["key_null"].places == (Place(FILE, SHEET, 6, "Art", "B6"),)


def test_missing_unknown_columns_and_a_table_without_rows_are_errors() -> None:
    findings = refused(table("t", [field("id"), field("antall", "integer")], ["id"]), {"id": [], "Antall": []})
    assert {(f.code, f.field) for f in findings.values()} == {
        ("column_missing", "antall"),
        ("column_unknown", "Antall"),
        ("table_empty", None),
    }


def test_a_table_that_was_not_read_is_an_error() -> None:
    read, lost = table("ansatte", [field("id")], ["id"]), table("ledere", [field("id")], ["id"])
    with pytest.raises(DataRejected) as caught:
        validate(dataset(read, lost), reading({"ansatte": {"id": ["K"]}}))
    assert [(f.code, f.table) for f in caught.value.findings] == [("table_missing", "ledere")]


def test_places_of_unpivoted_looked_up_and_constant_columns() -> None:
    ansatte = table(
        "ansatte",
        [
            field("kode", enum=["X"]),
            field("kjoenn", enum=["X"]),
            field("antall", "integer"),
            field("metode", enum=["X"]),
        ],
        ["kode", "kjoenn"],
        columns=[
            Column("kode", lookup=Lookup("omraader", by="navn", match="navn", take="kode")),
            Column("navn", header=("Område",)),
            Column("kjoenn", unpivot="kjoenn"),
            Column("antall", unpivot="value"),
            Column("metode", constant="avtalt"),
        ],
    )
    data = raw("", {"kode": ["1"], "kjoenn": ["K"], "antall": ["x"], "metode": ["Y"]}).data
    origin = Origin(((FILE, SHEET),), {"navn": ("Område", 2)}, origin_rows(1, unpivoted=[28]))

    with pytest.raises(DataRejected) as caught:
        checked(ansatte, RawTable("ansatte", data, origin))

    assert {f.field: f.places[0] for f in caught.value.findings} == {
        "kode": Place(FILE, SHEET, 5, "Område", "B5"),
        "kjoenn": Place(FILE, SHEET, 5, None, "AB5"),
        "antall": Place(FILE, SHEET, 5, None, "AB5"),
        "metode": Place(FILE, SHEET, 5, None, None),
    }


def test_a_place_in_a_text_file_is_a_line_and_a_field() -> None:
    origin = Origin((("regnskap.csv", None),), {"id": ("Id", 1)}, origin_rows(1))
    found = refused(table("t", [field("id", "integer")], ["id"]), RawTable("t", raw("", {"id": ["x"]}).data, origin))
    assert found["wrong_type"].places == (Place("regnskap.csv", None, 5, "Id", None),)


def test_foreign_keys_between_the_tables_of_a_dataset() -> None:
    keys = [{"fields": ["vedtak", "aar"], "reference": {"resource": "ramme", "fields": ["id", "aar"]}}]
    ramme = table("ramme", [field("id"), field("aar", "integer")], ["id", "aar"])
    tiltak = table("tiltak", [field("n"), field("vedtak"), field("aar", "year")], ["n"], foreign_keys=keys)
    frames = {"id": ["A", "B"], "aar": ["2023", "2023"]}

    def run(vedtak: list[str | None], aar: list[str | None]) -> Validation:
        rows: Cells = {"n": ["1", "2", "3"], "vedtak": vedtak, "aar": aar}
        return validate(dataset(ramme, tiltak), reading({"ramme": frames, "tiltak": rows}))

    assert run(["A", "B", None], ["2023", "2023", None]).findings == ()
    with pytest.raises(DataRejected) as caught:
        run(["A", "B", "C"], ["2023", "2024", None])
    (found,) = caught.value.findings
    assert (found.code, found.table, [place.cell for place in found.places]) == (
        "foreign_key_unmatched",
        "tiltak",
        ["B6", "B7"],
    )
    assert found.params == {"columns": "vedtak, aar", "table": "ramme", "other_columns": "id, aar"}


def test_a_foreign_key_to_another_package_is_not_ours() -> None:
    keys = [{"fields": ["kode"], "reference": {"resource": "tjenesteomraader", "fields": ["kode"]}}]
    assert checked(table("t", [field("kode")], ["kode"], foreign_keys=keys), {"kode": ["x"]}).findings == ()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([field("id"), field("pris", "number")], "«pris»: a number needs `decimals`"),
        ([field("id"), field("tid", "datetime")], "type «datetime» is not published"),
        ([field("id", pattern="(")], "no regular expression"),
        ([field("id"), field("n", "integer", minimum="x")], "minimum is not of type integer"),
        ([field("id"), field("n", "integer", minimum=10**30)], "minimum is not of type integer"),
        ([field("id"), field("n", "integer", enum=["1", "x"])], "enum is not of type integer"),
        ([field("id"), field("n", "integer", pattern="x")], "no valid Table Schema"),
        ([field("navn")], "no valid Table Schema: primary key"),
    ],
)
def test_a_schema_that_cannot_be_kept_is_a_definition_error(fields: list[dict[str, object]], expected: str) -> None:
    with pytest.raises(DefinitionError, match=expected):
        check_definition(dataset(table("t", fields, ["id"])))


def test_a_transform_must_return_texts() -> None:
    numbers = RawTable("t", pa.table({"id": [1]}), Origin(((FILE, SHEET),), {}, origin_rows(1)))
    with pytest.raises(DefinitionError, match="texts in canonical form were expected, found int64"):
        checked(table("t", [field("id", "integer")], ["id"]), numbers)


def test_a_transform_must_keep_the_places() -> None:
    shortened = RawTable("t", pa.table({"id": ["a"]}), Origin(((FILE, SHEET),), {}, origin_rows(2)))
    with pytest.raises(DefinitionError, match="has 1 rows and places for 2"):
        checked(table("t", [field("id")], ["id"]), shortened)
