"""The collected cases of identity numbers and of spreadsheet formulas, through validation, protection and the gate.

The cases lie beside the project and not in it: ``APENDATA_SDC_CASES``, by default ``../shared/sdc-cases``. What a case
holds is known by the form of its data file alone.
"""

import json
import os
import re
from pathlib import Path

import pytest
import yaml

from apendata.disclosure import found_in_metadata, found_in_tables, let_through, protect
from apendata.errors import ApendataError
from apendata.model import AllowedIdentifier, Column, FreeText
from apendata.validation import validate
from tests.unit.validation.made import dataset, field, reading, table

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / os.environ.get("APENDATA_SDC_CASES", "../shared/sdc-cases")
NUMERIC = re.compile(r"numeric|number|integer|decimal|value", re.IGNORECASE)
OTHERS = tuple(
    AllowedIdentifier(kind, "a case") for kind in ("organisation_number", "account_number", "email", "phone")
)
WAYS = ["{}", "fnr. {}, se sak", "x{}y", "({})"]
GROUPS = [(6, 11), (6, 9, 11), (2, 4, 6, 11)]
MARKS = [" ", "-", ".", "\u00a0"]


def _entries():
    """Every item of every case whose data file is a list of the one form or the other."""
    if not FOLDER.is_dir():
        reason = f"no cases at {FOLDER}: set APENDATA_SDC_CASES"
        return [pytest.param(None, marks=pytest.mark.skip(reason=reason), id="no-cases")]
    found = []
    for file in sorted(FOLDER.glob("*/case.yaml")):
        case = yaml.safe_load(file.read_text(encoding="utf-8"))
        if case.get("model") == "json" and isinstance(case.get("data"), str):
            items = json.loads((file.parent / case["data"]).read_text(encoding="utf-8"))
            found += [pytest.param(item, id=f"{file.parent.name}-{at}") for at, item in enumerate(_of_a_form(items))]
    return found


def _of_a_form(items):
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        return []
    return [item for item in items if {"number", "gate_must_block"} <= set(item) or {"value", "expect"} <= set(item)]


def _leaves(text, kind="string", allowed=()):
    """Whether a cell comes through: validated, protected and let through as in a build."""
    fields = [field("nr", "integer", required=True, unit="count"), field("verdi", kind, unit="count", decimals=2)]
    fields += [field("verdi_status", enum=[":"])] if kind != "string" else []
    free = FreeText("a case", 1000) if kind == "string" else None
    house = dataset(table("tabell", fields, ["nr"], columns=[Column("verdi", text=free, allow_identifiers=allowed)]))
    cells = {"nr": ["1"], "verdi": [text or None]}
    cells |= {"verdi_status": [None if text else ":"]} if kind != "string" else {}
    try:
        valid = validate(house, reading({"tabell": cells}))
        let_through(house.id, found_in_tables(house, protect(house, valid.tables, {}).tables))
    except ApendataError as error:
        told = f"{error}{error.findings}"
        assert len(text) < 4 or text not in told, "its own words hold a sign or two of that kind"
        return False
    return True


@pytest.mark.parametrize("item", _entries())
def test_the_gate_gives_the_case_s_verdict(item) -> None:
    if "number" in item:
        _judge_number(item["number"], item["gate_must_block"])
    elif NUMERIC.search(item.get("context", "")) and "text" not in item.get("context", ""):
        assert [_leaves(item["value"], kind) for kind in ("integer", "number")] == [item["expect"] == "allow"] * 2
    else:
        assert _leaves(item["value"]) is (item["expect"] == "allow")


def _judge_number(number, must_block) -> None:
    """What is no person's may be an account's by chance: a column may allow that, and then it must come through."""
    written = [way.format(number) for way in WAYS]
    written += [mark.join(number[a:b] for a, b in zip((0, *g), g, strict=False)) for g in GROUPS for mark in MARKS]
    for text in written:
        assert _leaves(text, allowed=OTHERS) is not must_block, "as a text"
        named = found_in_metadata({"resources": [{"name": "t", "path": f"{text}.csv", "title": f"Tall {text}"}]})
        assert bool([f for f in named if f.params["found"] == "national_identity_number"]) is must_block, "as a name"
    assert _leaves(number, "integer") is not must_block, "as a whole number"
