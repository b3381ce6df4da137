"""The same verdict as ``frictionless.validate``, cell by cell, on generated tables; but for the stricter rules."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import frictionless
from hypothesis import HealthCheck, event, given, settings, strategies as st

from apendata.errors import DataRejected
from apendata.validation import validate
from tests.unit.validation.made import FIRST_ROW, V2, dataset, field, reading, table

STRICTER = {"not_finite", "digit_underscore", "non_ascii_digits", "too_many_decimals", "number_too_large"}
FRICTIONLESS = {"wrong_type": "type-error", "not_unique": "unique-error"}  # other codes of cells: constraint-error
CELL_ERRORS = {"type-error", "constraint-error", "unique-error"}

NUMBERS = ["0", "-0", "7", "007", "+7", " 7 ", "7 ", "-12", "1e1", "1E-1", ".5", "5.", "7.0", "7.5", "1.25", "0x1F"]
NASTY = [
    "",
    " ",
    "-",
    "1_0",
    "１２",
    "٣",
    "NaN",
    "inf",
    "−7",
    "1 0",
    "1,5",
    "9" * 19,
    "1e99",
    "None",
    "null",
    "²",
    "7\n",
]
YEARS = ["2019", "2020", "0000", "201", " 201", "-201", "+201", "2_19", "20190"]
DATES = ["2019-01-15", "2020-02-29", "2019-02-29", "2019-1-5", "15.01.2019", "2019-01-15 ", "0000-01-01", "20190115"]
BOOLEANS = ["true", "True", "1", "false", "0", "FALSE", "ja", "tRUE"]
CODES = ["010", "10", "0100", "a", "b", "ab", "xb", "æ", "Ø", "a b", "c", "०१०", "a\n", "x-1", "A.1"]
PATTERNS = [
    *(r"\d{3}", r"^\d+$", "[0-9]+", "a|b", "(a|x)b", "(?:ab)?c*", ".{2}", "[a-zæ]+", r"[^0-9]+", r"\w+", r"\S*"),
    *(r"\d{,3}", "a++b?", "a+?", "(?i:AB)", "x-[0-9]", r"A\.1", "a$", "[A-Za-z ]{1,3}", r"[\d]+", "(a)?(b)?", "^a|b$"),
]
TEXTS = {
    "string": CODES,
    "integer": NUMBERS,
    "number": NUMBERS,
    "year": YEARS,
    "date": DATES,
    "boolean": BOOLEANS,
}
BOUND_NAMES = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]
BOUNDS = {"integer": ["0", "7", "10"], "number": ["0", "7.5", "1.25"], "year": ["2019"], "date": ["2019-01-15"]}
ENUMS = {**BOUNDS, "number": ["0", "7"], "string": ["010", "a", "æ"]}


@st.composite
def fields(draw: st.DrawFn, name: str) -> dict[str, Any]:
    type_ = draw(st.sampled_from(sorted(TEXTS)))
    constraints: dict[str, Any] = {
        name: True for name in draw(st.sets(st.sampled_from(["required", "unique"]))) if draw(st.booleans())
    }
    if type_ in ENUMS and draw(st.integers(0, 4)) == 0:
        constraints["enum"] = ENUMS[type_]
    if type_ in BOUNDS:
        for bound in draw(st.sets(st.sampled_from(BOUND_NAMES), max_size=2)):
            constraints[bound] = draw(st.sampled_from(BOUNDS[type_]))
    if type_ == "string":
        for length in draw(st.sets(st.sampled_from(["minLength", "maxLength"]), max_size=1)):
            constraints[length] = draw(st.integers(0, 3))
        if draw(st.booleans()):
            constraints["pattern"] = draw(st.sampled_from(PATTERNS))
    return field(name, type_, decimals=draw(st.integers(0, 2)), **constraints)


@st.composite
def cells(draw: st.DrawFn, field_: dict[str, Any], rows: int) -> list[str | None]:
    """Mostly right cells, so that whole columns are accepted too."""
    right = st.sampled_from(TEXTS[field_["type"]])
    anything = st.one_of(right, st.none(), st.sampled_from(NASTY), st.text(max_size=4))
    return draw(st.lists(draw(st.sampled_from([right, right, anything])), min_size=rows, max_size=rows))


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[str], dict[str, list[str | None]]]:
    """Fields, primary key, and cells by column."""
    names = [f"f{i}" for i in range(draw(st.integers(1, 3)))]
    rows = draw(st.integers(1, 6))
    made = [draw(fields(name)) for name in names]
    return made, names[: draw(st.integers(1, len(names)))], {f["name"]: draw(cells(f, rows)) for f in made}


@given(tables())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_verdict_is_frictionless_own(
    made: tuple[list[dict[str, Any]], list[str], dict[str, list[str | None]]],
) -> None:
    schema_fields, key, columns = made
    theirs = frictionless_errors(schema_fields, key, columns)
    ours, repeated_keys = our_errors(schema_fields, key, columns)
    blank = {row for kind, row, _ in theirs if kind == "blank-row"}
    strict = {(row, name) for code, row, name in ours if code in STRICTER}
    null_keys = {(row, name) for code, row, name in ours if code == "key_null"}
    event("valid" if not ours else "refused")

    assert not {(row, name) for kind, row, name in theirs if kind == "type-error"} & strict, "stricter than accepted"
    assert blank <= {row for row, _ in null_keys} | {row for _, row, _ in ours}, "a blank row has no key"
    assert comparable(translated(ours), blank, strict) == comparable(theirs, blank, strict)
    if not ours:
        assert not theirs
    if repeated_keys:
        rows, keys = repeated_keys
        later = {row for kind, row, _ in theirs if kind == "primary-key"}
        assert later <= rows
        assert len(rows) == len(later) + keys


Error = tuple[str, int, str]


def frictionless_errors(schema_fields: list[dict[str, Any]], key: list[str], columns: dict[str, Any]) -> set[Error]:
    schema = {"$schema": V2, "fields": schema_fields, "primaryKey": key, "missingValues": [""]}
    data = [list(columns), *map(list, zip(*columns.values(), strict=True))]
    profile = V2.replace("tableschema", "dataresource")
    resource = frictionless.Resource.from_descriptor({"$schema": profile, "name": "t", "data": data, "schema": schema})
    errors = frictionless.validate(resource).flatten(["type", "rowNumber", "fieldName"])
    return {(kind, row - 2, name or "") for kind, row, name in errors}


def our_errors(
    schema_fields: Sequence[dict[str, Any]], key: list[str], columns: dict[str, Any]
) -> tuple[set[Error], tuple[set[int], int] | None]:
    """Errors of cells, and (rows, number of keys) where keys are repeated."""
    try:
        validate(dataset(table("t", schema_fields, key)), reading({"t": columns}))
    except DataRejected as error:
        found = {
            (f.code, place.row - FIRST_ROW, f.field or "") for f in error.findings for place in f.places if place.row
        }
        if "key_repeated" in {f.code for f in error.findings}:
            return found, ({row for _, row, _ in found}, int(error.findings[0].params["keys"]))
        return found, None
    return set(), None


def translated(ours: set[Error]) -> set[Error]:
    ignored = {*STRICTER, "key_null", "key_repeated"}
    return {(FRICTIONLESS.get(code, "constraint-error"), row, name) for code, row, name in ours if code not in ignored}


def comparable(errors: set[Error], blank: set[int], strict: set[tuple[int, str]]) -> set[Error]:
    """Errors of cells that both judge alike.

    Not compared: rows without any value (one blank-row error there, here one for each cell), cells that only we refuse,
    and uniqueness in a column with refused cells (there a refused value is compared too).
    """
    by_column = defaultdict(set)
    errors = {(kind, row, name) for kind, row, name in errors if row not in blank}
    for kind, _, name in errors:
        by_column[name].add(kind)
    refused = {name for name, kinds in by_column.items() if kinds & {"type-error", "constraint-error"}}
    refused |= {name for _, name in strict}
    return {
        (kind, row, name)
        for kind, row, name in errors
        if kind in CELL_ERRORS and (row, name) not in strict
        if not (kind == "unique-error" and name in refused)
    }
