"""No cell value in an exception's text or repr, nor in any repr or log: a canary goes down every path of refusal."""

import logging
import traceback
from typing import Any

import pytest

from apendata.disclosure.counts import Entry
from apendata.disclosure.facts import Count
from apendata.errors import DataRejected
from apendata.model import Check, Table
from apendata.validation import validate
from apendata.validation.checks.codes_of_lists import _Asked
from tests.unit.validation.made import Cells, dataset, field, reading, table

CANARY = "KANARI99"
AMOUNT = "987654321987"


def _table(*checks: Check, **properties: Any) -> Table:
    fields = [field("id"), field("verdi", **properties), field("beloep", "integer"), field("beloep_status")]
    return table("t", fields, ["id"], checks=checks)


ROWS: Cells = {"id": [CANARY, "b"], "verdi": ["a", "b"], "beloep": [AMOUNT, "1"], "beloep_status": [None, None]}
_SUM = {"id": [CANARY], "verdi": [None], "beloep": ["5"], "beloep_status": [None]}

PATHS: dict[str, tuple[Table, Cells, Cells | None]] = {
    "wrong type": (_table(type_="integer"), {**ROWS, "verdi": [CANARY, "1"]}, None),
    "pattern": (_table(pattern="[ab]"), {**ROWS, "verdi": [CANARY, "b"]}, None),
    "enum": (_table(enum=["a"]), {**ROWS, "verdi": [CANARY, "b"]}, None),
    "stricter": (_table(type_="number", decimals=0), {**ROWS, "verdi": ["NaN", f"{AMOUNT}.5"]}, None),
    "unique": (_table(unique=True), {**ROWS, "verdi": [CANARY, CANARY]}, None),
    "key": (_table(), {**ROWS, "id": [CANARY, CANARY]}, None),
    "status": (_table(), {**ROWS, "beloep_status": [CANARY, ":"]}, None),
    "balances": (_table(Check("balances", {"value": "beloep", "per": ["id"]})), ROWS, None),
    "control": (_table(Check("control_total", {"value": "beloep", "equals": 1}, "x")), ROWS, None),
    "difference": (_table(Check("difference", {"equals": "beloep", "from": "beloep", "minus": "beloep"})), ROWS, None),
    "sum rows": (_table(Check("sums_to_sum_rows", {"value": "beloep", "over": []})), ROWS, _SUM),
}


@pytest.mark.parametrize("path", PATHS)
def test_no_cell_value_leaves_but_in_samples(path: str, caplog: pytest.LogCaptureFixture) -> None:
    table_, cells, sums = PATHS[path]
    read = reading({"t": cells}, {"t": sums} if sums else None)
    with caplog.at_level(logging.DEBUG), pytest.raises(DataRejected) as caught:
        validate(dataset(table_), read)

    error = caught.value
    spoken = [str(error), repr(error), repr(error.findings), repr(read), caplog.text]
    spoken += traceback.format_exception(error)
    for text in spoken:
        assert CANARY not in text
        assert AMOUNT not in text
    assert "t" in error.message
    assert error.findings[0].code in error.message


def test_the_error_tells_table_column_count_and_place() -> None:
    cells = {**ROWS, "verdi": ["x", "y"]}
    with pytest.raises(DataRejected) as caught:
        validate(dataset(_table(type_="integer")), reading({"t": cells}))
    first, second = (f"hr-2019.xlsx, sheet «Uttrekk», cell B{row}, column «Verdi»" for row in (5, 6))
    expected = f"table «t», column «verdi»: 2 × wrong_type (expected: integer) at {first}; {second}"
    assert expected in caught.value.message.splitlines()


def test_what_a_table_s_row_says_stays_out_of_its_repr() -> None:
    spoken = repr(Entry("ansatte", 0, Count(CANARY, (("kjoenn", CANARY),)), 31415926, impossible=False, threshold=3))
    assert CANARY not in spoken + repr(Count(CANARY, (("kjoenn", CANARY),)))
    assert "31415926" not in spoken
    assert CANARY not in repr(_Asked([0], CANARY, CANARY, ()))
