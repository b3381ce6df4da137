"""Each kind of check: one table that passes, one that does not, and what is then said."""

from typing import Any

import pytest

from apendata.errors import DataRejected, DefinitionError
from apendata.model import Check, Finding, Table, Validation
from apendata.validation import CHECK_WORDS, CODES, check_definition, validate
from tests.unit.validation.made import Cells, dataset, field, reading, table

LEDGER: Cells = {
    "aar": ["2022", "2022", "2022", "2023", "2023"],
    "art": ["010", "195", "800", "010", "800"],
    "beloep_kr": ["100", "50", "-150", "9007199254740993", "-9007199254740993"],
}


def ledger(*checks: Check) -> Table:
    fields = [field("aar", "year"), field("art"), field("beloep_kr", "integer")]
    return table("ledger", fields, ["aar", "art"], checks=checks)


def with_amount(row: int, text: str | None) -> Cells:
    amounts = list(LEDGER["beloep_kr"])
    amounts[row] = text
    return {**LEDGER, "beloep_kr": amounts}


def check(kind: Any, because: str | None = None, severity: Any = "error", **words: Any) -> Check:
    renamed = {word.rstrip("_"): value for word, value in words.items()}
    return Check(kind, renamed, because, severity)


def run_one(table_: Table, cells: Cells, sum_rows: Cells | None = None) -> Validation:
    sums = {table_.name: sum_rows} if sum_rows else None
    return validate(dataset(table_), reading({table_.name: cells}, sums))


def failing(table_: Table, cells: Cells, sum_rows: Cells | None = None) -> Finding:
    """The one error of a run that must fail."""
    with pytest.raises(DataRejected) as caught:
        run_one(table_, cells, sum_rows)
    (found,) = [finding for finding in caught.value.findings if finding.severity == "error"]
    assert set(CODES[found.code]) <= set(found.params)
    return found


def cells_of(finding: Finding) -> list[str | None]:
    return [place.cell for place in finding.places]


def test_balances() -> None:
    balanced = ledger(check("balances", value="beloep_kr", per=["aar"]))
    assert run_one(balanced, LEDGER).findings == ()
    found = failing(balanced, with_amount(1, "51"))
    assert (found.code, found.count, cells_of(found)) == ("not_balanced", 1, ["C5"])
    assert found.samples == ("aar=2022: 1 ≠ 0",)
    assert found.params == {"check": "balances", "because": "", "value": "beloep_kr", "per": "aar"}


def test_a_balance_is_exact_where_floats_are_not() -> None:
    balanced = ledger(check("balances", value="beloep_kr", per=["aar"]))
    found = failing(balanced, with_amount(4, "-9007199254740992"))
    assert found.samples == ("aar=2023: 1 ≠ 0",)


def test_a_tolerance_is_kept_to_the_last_krone() -> None:
    lenient = ledger(check("balances", "avrundet i kilden", value="beloep_kr", per=["aar"], within=1))
    assert run_one(lenient, with_amount(1, "51")).findings == ()
    assert failing(lenient, with_amount(1, "52")).params["within"] == "1"


def test_a_group_with_a_hidden_part_is_skipped_and_told() -> None:
    balanced = ledger(check("balances", value="beloep_kr", per=["aar"]))
    (note,) = run_one(balanced, with_amount(1, None)).findings
    assert (note.code, note.severity, note.count) == ("check_skipped", "info", 1)


def test_control_total() -> None:
    total = ledger(
        check("control_total", "årsregnskapet side 7", value="beloep_kr", where={"aar": 2022, "art": "010"}, equals=100)
    )
    assert run_one(total, LEDGER).findings == ()
    found = failing(total, with_amount(0, "99"))
    assert (found.code, found.field, found.samples) == ("control_total_differs", "beloep_kr", ("99 ≠ 100",))
    assert found.params["where"] == "aar=2022, art=010"
    nothing = ledger(check("control_total", "x", value="beloep_kr", where={"aar": "1999"}, equals=0))
    assert failing(nothing, LEDGER).code == "control_without_rows"


def test_control_rows() -> None:
    assert run_one(ledger(check("control_rows", where={"aar": "2022"}, equals=3)), LEDGER).findings == ()
    found = failing(ledger(check("control_rows", equals=6)), LEDGER)
    assert (found.code, found.samples) == ("control_rows_differ", ("5 ≠ 6",))


SUMS: Cells = {"aar": ["2022", "2023"], "art": [None, None], "beloep_kr": ["0", "0"]}


def test_sums_to_sum_rows() -> None:
    summed = ledger(check("sums_to_sum_rows", value="beloep_kr", over=["art"]))
    assert run_one(summed, LEDGER, SUMS).findings == ()
    found = failing(summed, with_amount(1, "51"), SUMS)
    assert (found.code, cells_of(found), found.samples) == ("sum_row_differs", ["C5"], ("aar=2022: 1 ≠ 0",))


@pytest.mark.parametrize(
    ("sums", "code", "cells"),
    [
        (None, "sum_rows_absent", [None]),
        ({"aar": ["2022"], "beloep_kr": ["0"]}, "sum_row_missing", ["C8"]),
        ({"aar": ["2022", "2023", "2024"], "beloep_kr": ["0"] * 3}, "sum_row_without_rows", ["B7"]),
        ({"aar": ["2022", "2023", "2023"], "beloep_kr": ["0"] * 3}, "sum_row_repeated", ["B7"]),
        ({"aar": ["2022", "2023"], "beloep_kr": ["0", "1 0"]}, "wrong_type", ["B6"]),
    ],
)
def test_sum_rows_that_do_not_fit(sums: Cells | None, code: str, cells: list[str]) -> None:
    summed = ledger(check("sums_to_sum_rows", value="beloep_kr", over=["art"]))
    with pytest.raises(DataRejected) as caught:
        run_one(summed, LEDGER, sums)
    (found,) = caught.value.findings
    assert (found.code, cells_of(found)) == (code, cells)


def test_sum_rows_of_another_level_are_left_to_their_own_check() -> None:
    grand = check("sums_to_sum_rows", value="beloep_kr", over=["art"])
    sums = {"aar": ["2022", "2023", None], "art": [None, None, None], "beloep_kr": ["0", "0", "999"]}
    assert run_one(ledger(grand), LEDGER, sums).findings == ()


RESULT: Cells = {
    "aar": ["2018", "2019"],
    "budsjett": ["536", "480"],
    "regnskap": ["529", "475"],
    "avvik": ["7", "5"],
    "prosent": ["1.3", None],
}


def result(*checks: Check) -> Table:
    fields = [
        field("aar", "year"),
        field("budsjett", "integer"),
        field("regnskap", "integer"),
        field("avvik", "integer"),
        field("prosent", "number", decimals=1),
    ]
    return table("resultat", fields, ["aar"], checks=checks)


def test_difference() -> None:
    differs = result(check("difference", equals="avvik", from_="budsjett", minus="regnskap"))
    assert run_one(differs, RESULT).findings == ()
    found = failing(differs, {**RESULT, "avvik": ["7", "-5"]})
    assert (found.code, cells_of(found), found.samples) == ("difference_wrong", ["D6"], ("-5 ≠ 480 − 475",))


def test_share() -> None:
    percent = result(check("share", "avrundet", equals="prosent", of="avvik", base="budsjett", within="0.05"))
    (skipped,) = run_one(percent, RESULT).findings
    assert (skipped.code, skipped.count) == ("check_skipped", 1)
    found = failing(percent, {**RESULT, "prosent": ["0.3", "1.0"]})
    assert (found.code, found.count, cells_of(found)) == ("share_wrong", 1, ["E5"])
    assert found.samples == ("0.3 ≠ 100 · 7 / 536",)
    assert failing(percent, {**RESULT, "budsjett": ["0", "480"]}).code == "share_of_zero"


def test_a_share_is_judged_at_its_exact_limit() -> None:
    percent = result(check("share", "avrundet", equals="prosent", of="avvik", base="budsjett", within=0.05))
    at_limit = {**RESULT, "budsjett": ["2000", "2000"], "avvik": ["27", "25"], "prosent": ["1.4", "1.3"]}
    assert run_one(percent, at_limit).findings == ()
    assert failing(percent, {**at_limit, "budsjett": ["2001", "2000"]}).places[0].cell == "E5"


def test_not_less_may_be_a_warning() -> None:
    words = {"value": "regnskap", "than": "avvik"}
    less = {**RESULT, "regnskap": ["529", "4"]}
    assert run_one(result(check("not_less", **words)), RESULT).findings == ()
    assert failing(result(check("not_less", **words)), less).samples == ("4 < 5",)
    (warning,) = run_one(result(check("not_less", severity="warning", **words)), less).findings
    assert (warning.code, warning.severity, cells_of(warning)) == ("less_than", "warning", ["C6"])


FRAMES: Cells = {"vedtak_id": ["V", "V"], "aar": ["2023", "2024"], "endring_kr": ["30", "0"]}
MEASURES: Cells = {
    "tiltak": ["a", "b", "c"],
    "vedtak": ["V", "V", "V"],
    "aar": ["2023", "2023", "2024"],
    "beloep": ["10.5", "19.5", "0"],
}


def measures(**more: Any) -> tuple[Table, Table]:
    words = {"per": {"vedtak": "vedtak_id", "aar": "aar"}, "equals": {"table": "ramme", "value": "endring_kr"}}
    tiltak = table(
        "tiltak",
        [field("tiltak"), field("vedtak"), field("aar", "integer"), field("beloep", "number", decimals=1)],
        ["tiltak", "aar"],
        checks=[check("sum_equals", value="beloep", **words, **more)],
    )
    ramme = table(
        "ramme", [field("vedtak_id"), field("aar", "year"), field("endring_kr", "integer")], ["vedtak_id", "aar"]
    )
    return tiltak, ramme


def run_both(tables: tuple[Table, Table], frames: Cells) -> Validation:
    return validate(dataset(*tables), reading({"tiltak": MEASURES, "ramme": frames}))


def test_sum_equals() -> None:
    assert run_both(measures(), FRAMES).findings == ()


@pytest.mark.parametrize(
    ("frames", "found"),
    [
        ({**FRAMES, "endring_kr": ["31", "0"]}, ("sum_differs", "ramme", ["C5"], ("vedtak=V, aar=2023: 30.0 ≠ 31.0",))),
        (
            {"vedtak_id": ["V"] * 3, "aar": ["2023", "2024", "2025"], "endring_kr": ["30", "0", "5"]},
            ("sum_differs", "ramme", ["C7"], ("vedtak=V, aar=2025: 0.0 ≠ 5.0",)),
        ),
        (
            {"vedtak_id": ["V"], "aar": ["2023"], "endring_kr": ["30"]},
            ("sum_without_counterpart", "tiltak", ["D7"], ("vedtak=V, aar=2024",)),
        ),
    ],
)
def test_sum_equals_tells_the_frame_that_its_measures_do_not_meet(frames: Cells, found: tuple[Any, ...]) -> None:
    with pytest.raises(DataRejected) as caught:
        run_both(measures(), frames)
    (finding,) = caught.value.findings
    assert (finding.code, finding.table, cells_of(finding), finding.samples) == found


def test_sum_equals_may_be_asked_of_some_groups_only() -> None:
    frames = {**FRAMES, "endring_kr": ["30", "999"]}
    assert run_both(measures(where={"aar": "2023"}), frames).findings == ()


def test_broken_cells_are_told_before_any_sum() -> None:
    found = failing(ledger(check("control_rows", equals=1)), with_amount(0, "x"))
    assert found.code == "wrong_type"


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (check("balances", value="beloep_kr"), "`per` is missing"),
        (check("balances", value="art", per=["aar"]), "`value`: expected a column of this table with numbers"),
        (check("balances", value="beloep_kr", per=["finnes_ikke"]), "`per`: expected a list of this table's columns"),
        (check("balances", value="beloep_kr", per=["aar"], over=["art"]), "unknown word `over`"),
        (check("balances", value="beloep_kr", per=["aar"], within="1"), "say why a difference is allowed"),
        (check("balances", "x", value="beloep_kr", per=["aar"], within="lite"), "`within`: expected a number"),
        (check("control_total", value="beloep_kr", equals=1), "say where the figure comes from"),
        (check("control_rows", equals=1, where={"aar": "i fjor"}), "`where`: expected columns of this table"),
        (check("control_rows", equals="mange"), "`equals`: expected a number of rows"),
        (
            check("sum_equals", value="beloep_kr", per={"aar": "x"}, equals={"table": "ledger", "value": "beloep_kr"}),
            "`per`: expected this table's columns, each with the other table's column",
        ),
        (
            check("sum_equals", value="beloep_kr", per={"aar": "aar"}, equals={"table": "borte", "value": "x"}),
            "`equals`: expected {table: a table of this dataset",
        ),
    ],
)
def test_wrong_words_are_told_before_any_row_is_read(wrong: Check, expected: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        check_definition(dataset(ledger(wrong)))
    assert expected in caught.value.message


def test_every_kind_of_check_has_words() -> None:
    assert set(CHECK_WORDS) == set(Check.__dataclass_fields__["kind"].type.__args__)
