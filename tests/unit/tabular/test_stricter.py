"""The named rules that are stricter than Frictionless; each can be turned off with the others."""

import json
from pathlib import Path
from typing import Any

import pytest

from apendata.tabular import Task
from apendata.tabular.frictionless_report import STRICTER_RULES
from tests.unit.tabular.made import V2, Made
from tests.unit.tabular.oracle import errors_of, ours, report, theirs, write


def checked(folder: Path, field: dict[str, Any], *texts: str, strict: bool = True, **schema: Any) -> Task:
    text = "\n".join(["f", *texts, ""])
    path = write(folder, Made({"$schema": V2, "fields": [{"name": "f", **field}], **schema}, {"delimiter": ";"}, text))
    return ours(path, strict=strict)


def rules(task: Task) -> list[str]:
    return [error.rule for error in task.listed]


NUMBER = {"type": "number"}
NORWEGIAN = {"type": "number", "decimalChar": ",", "groupChar": "."}
INTEGER = {"type": "integer"}


@pytest.mark.parametrize(
    ("field", "text", "rule"),
    [
        (NUMBER, "NaN", "not_finite"),
        (NUMBER, "-Infinity", "not_finite"),
        ({"type": "number", "floatNumber": True}, "inf", "not_finite"),
        (NUMBER, "1_000", "digit_underscore"),
        (INTEGER, "1_000", "digit_underscore"),
        (INTEGER, "１２", "non_ascii_digits"),
        (NUMBER, "٣", "non_ascii_digits"),
        ({"type": "date", "format": "%d.%m.%Y"}, "1２.03.2020", "non_ascii_digits"),
        ({"type": "string", "constraints": {"pattern": r"\d{3}"}}, "०१०", "non_ascii_digits"),
        ({"type": "string", "constraints": {"pattern": "..."}}, "０10", "non_ascii_digits"),
        (NORWEGIAN, "12.34", "misplaced_group_mark"),
        (NORWEGIAN, "1234.5", "misplaced_group_mark"),
        (NORWEGIAN, "1.2.3,4", "misplaced_group_mark"),
        (NORWEGIAN, "1.234.56", "misplaced_group_mark"),
        ({"type": "string", "categories": ["K", "M"]}, "X", "not_in_categories"),
        ({"type": "integer", "categories": [{"value": 1, "label": "ja"}]}, "2", "not_in_categories"),
    ],
)
def test_what_nobody_meant_is_refused_by_name_unless_asked_to_judge_as_frictionless(
    tmp_path: Path, field: dict[str, Any], text: str, rule: str
) -> None:
    assert rules(checked(tmp_path, field, text)) == [rule]
    assert checked(tmp_path, field, text, strict=False).errors == 0
    assert rule in STRICTER_RULES


@pytest.mark.parametrize(
    ("field", "texts"),
    [
        (NUMBER, ["1", "-1.5", "1e3", "+7", "0.10"]),
        (NORWEGIAN, ["1.234,50", "1234,5", "-1.234.567", "0,5", "12"]),
        ({"type": "number", "groupChar": " ", "decimalChar": ","}, ["1 234,5", "12 345"]),
        ({"type": "string", "constraints": {"pattern": ".+"}}, ["æøå", "१ is not all"[2:]]),
        ({"type": "string", "categories": ["K", "M"]}, ["K", "M", "K"]),
    ],
)
def test_what_is_well_written_passes(tmp_path: Path, field: dict[str, Any], texts: list[str]) -> None:
    assert checked(tmp_path, field, *texts).errors == 0


def test_an_integer_may_have_its_group_marks_where_they_part_by_three(tmp_path: Path) -> None:
    field = {"type": "integer", "groupChar": " "}
    assert rules(checked(tmp_path, field, "1 234", "12 34", "1234")) == ["type"]
    assert checked(tmp_path, field, "1 234", strict=False).errors == 1, "Frictionless knows no marks in integers"


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    assert rules(checked(tmp_path, INTEGER)) == ["table_empty"]
    assert checked(tmp_path, INTEGER, strict=False).errors == 0


def test_no_column_of_a_key_may_be_empty_and_each_is_told_once(tmp_path: Path) -> None:
    schema = {
        "$schema": V2,
        "fields": [
            {"name": "a", "type": "string"},
            {"name": "b", "type": "integer"},
            {"name": "c", "type": "string", "constraints": {"required": True}},
        ],
        "primaryKey": ["a", "b", "c"],
    }
    path = write(tmp_path, Made(schema, {}, "a,b,c\nx,1,y\n,1,z\nx,,y\nw,z,y\nx,1,\n"))
    found = [(error.row, error.rule) for error in ours(path, strict=True).listed]
    assert found == [(3, "key_null"), (4, "key_null"), (5, "type"), (6, "required")]


def test_unique_keys_are_checked(tmp_path: Path) -> None:
    schema = {
        "$schema": V2,
        "fields": [{"name": "a", "type": "integer"}, {"name": "b", "type": "string"}, {"name": "c", "type": "string"}],
        "uniqueKeys": [["a", "b"], ["c"]],
    }
    path = write(tmp_path, Made(schema, {}, "a,b,c\n1,x,p\n01,x,q\n1,y,p\n"))
    found = [(error.row, error.rule, error.kind) for error in ours(path, strict=True).listed]
    assert found == [(3, "unique_keys", "row-constraint"), (4, "unique_keys", "row-constraint")]
    assert ours(path).errors == 0


def test_a_stricter_error_carries_the_name_of_its_rule_and_frictionless_reads_the_report(tmp_path: Path) -> None:
    from frictionless import Report

    document = report(checked(tmp_path, NUMBER, "NaN", "x"))
    assert [error.get("rule") for error in document["tasks"][0]["errors"]] == ["not_finite", None]
    read = Report.from_descriptor(json.loads(json.dumps(document)))
    assert read.flatten(["rowNumber", "fieldNumber", "type"]) == [[2, 1, "type-error"], [3, 1, "type-error"]]


def test_an_unhashable_key_is_compared_by_what_it_says(tmp_path: Path) -> None:
    task = checked(tmp_path, {"type": "array", "constraints": {"unique": True}}, "[1]", "[2]", "[ 1 ]", strict=False)
    assert [(error.row, error.rule) for error in task.listed] == [(4, "unique")], "Frictionless ends with a TypeError"


def test_a_header_row_is_where_the_dialect_says_and_nowhere_else(tmp_path: Path) -> None:
    made = Made({"$schema": V2, "fields": [{"name": "f", "type": "string"}]}, {}, "f\n\n\n\nx,y\nz,w\n")
    path = write(tmp_path, made)
    assert errors_of(report(ours(path))) == errors_of(theirs(path, made))
