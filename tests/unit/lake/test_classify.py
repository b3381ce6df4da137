"""Every rule of the table of rules, by a case that it decides; and what decides nothing."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from apendata.describe import contract
from apendata.lake import RULES, Lake, level_of, number_after
from apendata.lake.classify import change, compare_contracts
from apendata.lake.classify_rows import compare_rows
from apendata.lake.rows import RowDifference
from apendata.model import ChangeClass
from tests.unit.lake.builders import CLOCK, build, build_and_publish, dataset, field, loose, number, safe, schema, table

MAJOR, MINOR, RELEASE = ChangeClass.MAJOR, ChangeClass.MINOR, ChangeClass.RELEASE

Edit = Callable[[dict[str, Any]], Any]
OLD = contract(dataset(), synthetic=False)


def fields(c: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = c["resources"][0]["schema"]["fields"]
    return found


def named(c: dict[str, Any], name: str) -> dict[str, Any]:
    return next(f for f in fields(c) if f["name"] == name)


def constrain(c: dict[str, Any], name: str, **words: Any) -> None:
    kept = named(c, name).get("constraints", {}) | words
    named(c, name)["constraints"] = {word: value for word, value in kept.items() if value is not None}


def both(prepare: Edit, edit: Edit) -> tuple[dict[str, Any], dict[str, Any]]:
    old = copy.deepcopy(OLD)
    prepare(old)
    new = copy.deepcopy(old)
    edit(new)
    return old, new


def nothing(_: Any) -> None:
    """The contract as it is."""


def key(resource: str) -> dict[str, Any]:
    return {"fields": ["kode"], "reference": {"resource": resource, "fields": ["kode"]}}


LABELS = {"0301": {"nb": "a", "en": "a"}, "0302": {"nb": "b", "en": "b"}}

CONTRACT_CASES: list[tuple[str, ChangeClass, Edit, Edit]] = [
    ("label_changed", MINOR, lambda c: named(c, "kode").update(labels=LABELS),
     lambda c: named(c, "kode").update(labels=LABELS | {"0302": {"nb": "c", "en": "c"}})),
    ("code_added", MINOR, nothing, lambda c: constrain(c, "kode", enum=["0301", "0302", "0400", "0500"])),
    ("code_removed", MAJOR, nothing, lambda c: constrain(c, "kode", enum=["0301", "0302"])),
    ("table_added", MINOR, nothing, lambda c: c["resources"].append({**c["resources"][0], "name": "ny"})),
    ("table_removed", MAJOR, nothing, lambda c: c["resources"].clear()),
    ("column_added", MINOR, nothing, lambda c: fields(c).append(field("ny"))),
    ("column_inserted", MAJOR, nothing, lambda c: fields(c).insert(5, field("ny"))),
    ("columns_reordered", MAJOR, nothing, lambda c: fields(c).insert(0, fields(c).pop())),
    ("column_removed", MAJOR, nothing, lambda c: fields(c).pop()),
    ("type_changed", MAJOR, nothing, lambda c: named(c, "antall").update(type="number", decimals=0)),
    ("type_changed", MAJOR, nothing, lambda c: named(c, "beloep").update(decimals=3)),
    ("unit_changed", MAJOR, nothing, lambda c: named(c, "beloep").update(unit="kNOK")),
    ("sign_changed", MAJOR, nothing, lambda c: named(c, "beloep").update(sign="income_positive")),
    ("price_level_changed", MAJOR, nothing, lambda c: c["resources"][0].update(priceLevel=2024)),
    ("primary_key_changed", MAJOR, nothing, lambda c: c["resources"][0]["schema"].update(primaryKey=["aar"])),
    ("foreign_key_removed", MAJOR, lambda c: c["resources"][0]["schema"].update(foreignKeys=[key("a")]),
     lambda c: c["resources"][0]["schema"].update(foreignKeys=[key("b")])),
    ("range_narrowed", RELEASE, nothing, lambda c: c["resources"][0]["schema"].update(externalForeignKeys=[key("a")])),
    ("null_allowed", MAJOR, lambda c: constrain(c, "antall", required=True),
     lambda c: constrain(c, "antall", required=None)),
    ("null_forbidden", RELEASE, nothing, lambda c: constrain(c, "antall", required=True)),
    ("uniqueness_dropped", MAJOR, lambda c: constrain(c, "kode", unique=True),
     lambda c: constrain(c, "kode", unique=False)),
    ("range_narrowed", RELEASE, nothing, lambda c: constrain(c, "merknad", unique=True)),
    ("range_widened", MINOR, lambda c: constrain(c, "antall", minimum=0), lambda c: constrain(c, "antall", minimum=-5)),
    ("range_widened", MINOR, lambda c: constrain(c, "antall", maximum=9),
     lambda c: constrain(c, "antall", maximum=None)),
    ("range_widened", MINOR, lambda c: constrain(c, "antall", minimum=0, maximum=9),
     lambda c: constrain(c, "antall", minimum=1, maximum=10)),
    ("range_widened", MINOR, lambda c: constrain(c, "kode", pattern="a"), lambda c: constrain(c, "kode", pattern="b")),
    ("range_widened", MINOR, nothing, lambda c: constrain(c, "kode", enum=None)),
    ("range_narrowed", RELEASE, lambda c: constrain(c, "antall", maximum=9),
     lambda c: constrain(c, "antall", maximum=8)),
    ("range_narrowed", RELEASE, nothing, lambda c: constrain(c, "antall", minimum=0)),
    ("range_narrowed", RELEASE, nothing, lambda c: constrain(c, "merknad", enum=["a"])),
    ("status_meaning_changed", MAJOR, nothing, lambda c: named(c, "antall_status").update(description="noe annet")),
    ("status_meaning_changed", MAJOR, lambda c: named(c, "antall_status").update(labels=LABELS),
     lambda c: named(c, "antall_status").update(labels=LABELS | {"0301": {"nb": "x", "en": "x"}})),
    ("status_meaning_changed", MAJOR, nothing, lambda c: c["resources"][0]["schema"].update(missingValues=["", "-"])),
    ("protection_changed", MAJOR, nothing, lambda c: c["resources"][0]["disclosure"].update(method="follows")),
    ("protection_changed", MAJOR, nothing, lambda c: c["resources"][0]["disclosure"].update(threshold=5)),
    ("field_described_anew", MINOR, nothing, lambda c: named(c, "antall").update(description_en="Heads, not fte")),
    ("encoding_changed", MAJOR, nothing, lambda c: c["resources"][0].update(encoding="utf-16")),
    ("encoding_changed", MAJOR, nothing, lambda c: c["resources"][0]["dialect"].update(delimiter=";")),
    ("licence_changed", MAJOR, nothing, lambda c: c["licenses"][0].update(name="CC-BY-4.0")),
    ("metadata_changed", RELEASE, nothing, lambda c: c.update(title="Ny tittel")),
    ("metadata_changed", RELEASE, nothing, lambda c: c["contributors"][1].update(email="ny@example.no")),
    ("metadata_changed", RELEASE, nothing, lambda c: c["resources"][0].update(title="Ny tittel")),
    ("metadata_changed", RELEASE, nothing, lambda c: c["resources"][0]["disclosure"].update(note="anders sagt")),
    ("metadata_changed", RELEASE, nothing, lambda c: named(c, "antall").update(example="7")),
]  # fmt: skip


IDS = [f"{c[0]}-{i}" for i, c in enumerate(CONTRACT_CASES)]


@pytest.mark.parametrize(("rule", "level", "prepare", "edit"), CONTRACT_CASES, ids=IDS)
def test_contract(rule: str, level: ChangeClass, prepare: Edit, edit: Edit) -> None:
    old, new = both(prepare, edit)
    found = compare_contracts(old, new)
    assert rule in {c.rule for c in found}
    assert level_of(found) is level
    assert compare_contracts(new, copy.deepcopy(new)) == ()


COUNT = [field("antall", "integer"), field("antall_status")]
SCHEMA = schema([field("aar", "year"), field("kode"), *COUNT], ["aar", "kode"])
CODES = {"enum": ["a", "b", "c"]}
DECLARED = schema([field("aar", "year"), field("kode", constraints=CODES), *COUNT], ["aar", "kode"])
BASE = [(year, code, 10, None) for year in (2023, 2024) for code in ("a", "b")]
MANY = [(2023, f"{i:04d}", 1, None) for i in range(200)]


def rows(values: list[tuple[Any, ...]]) -> pa.Table:
    kinds = (pa.int64(), pa.string(), pa.int64(), pa.string())
    columns = list(zip(*values, strict=True)) or [()] * 4
    arrays = [pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
    return pa.table(arrays, names=[f["name"] for f in SCHEMA["fields"]])


REPEATED = [(year, code, 1, None) for year in range(2000, 2024) for code in ("a", "b")]

ROW_CASES: list[tuple[dict[str, ChangeClass], Any, Any, Any]] = [
    ({"rows_appended": RELEASE}, SCHEMA, BASE, [*BASE, (2025, "a", 1, None), (2025, "b", 1, None)]),
    ({"rows_appended": RELEASE}, SCHEMA, BASE, [*BASE, (2024, "c", 1, None)]),
    ({"rows_appended": RELEASE, "code_added": MINOR}, SCHEMA, REPEATED, [*REPEATED, (2023, "c", 1, None)]),
    ({"rows_appended": RELEASE}, DECLARED, REPEATED, [*REPEATED, (2023, "c", 1, None)]),
    ({"values_revised": RELEASE}, SCHEMA, BASE, [(2023, "a", 11, None), *BASE[1:]]),
    ({"values_revised": RELEASE}, SCHEMA, BASE, [(2023, "a", None, ".."), *BASE[1:]]),
    ({"values_hidden": RELEASE}, SCHEMA, BASE, [(2023, "a", None, ":"), *BASE[1:]]),
    ({"values_shown": RELEASE}, SCHEMA, [(2023, "a", None, ":"), *BASE[1:]], BASE),
    ({"rows_removed": RELEASE}, SCHEMA, MANY, MANY[2:]),
    ({"many_rows_removed": MAJOR}, SCHEMA, MANY, MANY[3:]),
    ({"rows_removed": RELEASE, "period_removed": MAJOR}, SCHEMA, [(2022, "x", 1, None), *MANY], MANY),
    ({"rows_removed": RELEASE, "code_removed": MAJOR}, DECLARED, [*MANY, (2023, "c", 1, None)], MANY),
    ({"many_rows_removed": MAJOR, "code_removed": MAJOR}, SCHEMA, REPEATED, REPEATED[::2]),
    ({}, SCHEMA, BASE, BASE),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "table_schema", "old", "new"), ROW_CASES)
def test_rows(expected: dict[str, ChangeClass], table_schema: Any, old: Any, new: Any) -> None:
    found = compare_rows(RowDifference("t", ("aar", "kode"), rows(old), rows(new)), table_schema)
    assert {c.rule: c.level for c in found} == expected


def test_changes_count_and_name_what_they_are_about() -> None:
    new = [*BASE[1:], (2025, "a", None, ":"), (2025, "b", 3, None), (2026, "b", 3, None)]
    found = {c.rule: c for c in compare_rows(RowDifference("t", ("aar", "kode"), rows(BASE), rows(new)), SCHEMA)}
    assert (found["rows_appended"].count, found["rows_appended"].details) == (3, {"periods": "2025: 2, 2026: 1"})
    assert (found["many_rows_removed"].count, found["many_rows_removed"].table) == (1, "t")


def test_files_that_come_and_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake.open(tmp_path, clock=CLOCK)
    build_and_publish(lake, loose())
    monkeypatch.setattr("apendata.lake.formats_xlsx.MAX_ROWS", 3)
    gone = build_and_publish(lake, loose())
    assert [(c.rule, c.level, c.details) for c in gone.changes] == [("file_removed", MAJOR, {"format": "xlsx"})]
    monkeypatch.setattr("apendata.lake.formats_xlsx.MAX_ROWS", 100)
    back = build(lake, loose())
    assert [(c.rule, c.level) for c in back.changes] == [("file_added", MINOR)]


def test_every_rule_has_a_case() -> None:
    covered = {case[0] for case in CONTRACT_CASES} | {rule for case in ROW_CASES for rule in case[0]}
    own = {"file_added", "file_removed", "predecessor_withdrawn", "difference_accepted"}
    assert set(RULES) - covered == own, "these have a test of their own"


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (["rows_appended"], "1.2.4"),
        (["rows_appended", "code_added"], "1.3.0"),
        (["code_added", "unit_changed", "rows_appended"], "2.0.0"),
    ],
)
def test_the_gravest_change_decides_the_number(rules: list[str], expected: str) -> None:
    assert number_after(number("1.2.3"), [change(rule) for rule in rules]) == number(expected)


def test_first_number_and_no_number() -> None:
    assert number_after(None, []) == number("1.0.0")
    assert level_of([]) is ChangeClass.NONE
    with pytest.raises(ValueError, match="no change"):
        number_after(number("1.0.0"), [])


def test_a_dimension_that_is_added_is_major_and_lists_no_cells(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path, clock=CLOCK)
    one = schema([field("aar", "year"), field("antall", "integer", unit="persons")], ["aar"])
    two = schema([*one["fields"], field("kjoenn")], ["aar", "kjoenn"])
    build_and_publish(lake, dataset(table(table_schema=one)), safe([(2023, 5)], table_schema=one))
    version = build(lake, dataset(table(table_schema=two)), safe([(2023, 2, "K"), (2023, 3, "M")], table_schema=two))
    assert version.number == number("2.0.0")
    assert {c.rule for c in version.changes} == {"primary_key_changed", "column_added"}
    assert (version.folder / "changes.csv").read_text().count("\n") == 1
