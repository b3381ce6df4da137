"""Without the stricter rules, the verdict is ``frictionless.validate``'s own: every error, in every word, in order."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from frictionless import Package, system
from hypothesis import HealthCheck, assume, event, given, settings, strategies as st

from apendata.errors import DefinitionError
from apendata.tabular import Options, Task, as_report, decoding, validate_package
from apendata.tabular.task import FIRST_ROWS
from tests.unit.tabular.made import V2, Made, cells, fields, tables, written
from tests.unit.tabular.oracle import errors_of, ours, report, theirs, write

CASES = int(os.environ.get("APENDATA_ORACLE_CASES", "1000"))
"""APENDATA_ORACLE_CASES=100000 is the long run."""
ALL = settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))
SOME = settings(ALL, max_examples=CASES // 4)


def both(folder: str, made: Made) -> tuple[dict[str, Any], Task]:
    """Both verdicts; where Frictionless ends with a traceback of its own, ours only must not."""
    path = write(Path(folder), made)
    try:
        expected = theirs(path, made)
    except TypeError:
        event("Frictionless ends with a TypeError")
        try:
            ours(path)
        except DefinitionError:
            event("a bound is no value of its type")
        assume(False)
    return expected, ours(path)


@given(tables())
@ALL
def test_the_verdict_is_frictionless_own(made: Made) -> None:
    with tempfile.TemporaryDirectory() as folder:
        expected, found = both(folder, made)
    event("valid" if expected["valid"] else "refused")
    assert errors_of(report(found)) == errors_of(expected)
    assert found.errors == expected["stats"]["errors"]
    assert report(found)["valid"] == expected["valid"]


@given(tables(), st.integers(1, 40))
@SOME
def test_it_is_the_same_wherever_the_file_is_cut_into_blocks(made: Made, size: int) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "BLOCK_BYTES", size)
        expected, found = both(folder, made)
    assert errors_of(report(found)) == errors_of(expected)


@given(tables(), st.integers(1, 3))
@SOME
def test_a_limit_lists_the_first_errors_and_counts_them_all(made: Made, limit: int) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "BLOCK_BYTES", 20)
        path = write(Path(folder), made)
        try:
            every, few = ours(path), ours(path, limit=limit)
        except DefinitionError:
            assume(False)
    assert [error.row for error in few.listed] == [error.row for error in every.listed][: len(few.listed)]
    assert set(errors_of(report(few))) <= set(errors_of(report(every)))
    assert len(few.listed) <= limit + len([error for error in every.listed if error.row is None])
    assert few.counts == every.counts
    for (kind, rule, column), first in few.first_rows.items():
        rows = [e.row for e in every.listed if (e.kind, e.rule, e.field_number or 0) == (kind, rule, column)]
        assert [one.row for one in first] == rows[:FIRST_ROWS]


@pytest.mark.parametrize("type_", ["number", "integer", "string", "boolean", "any", "date"])
@pytest.mark.parametrize("size", [12, 1 << 22])
def test_a_key_repeats_where_its_values_are_equal(
    tmp_path: Path, type_: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "BLOCK_BYTES", size)
    texts = ["NaN", "NaN", "7", "007", "7.0", "inf", "inf", "-1", "-1.0", "x", "x", "", "true", "1", "2020-1-5"] * 2
    fields = [{"name": "a", "type": type_, "constraints": {"unique": True}}, {"name": "b", "type": "integer"}]
    text = "a,b\n" + "".join(f"{text},{n % 3}\n" for n, text in enumerate(texts))
    made = Made({"$schema": V2, "fields": fields, "primaryKey": ["a", "b"]}, {}, text)
    expected, found = both(str(tmp_path), made)
    assert errors_of(report(found)) == errors_of(expected)


@st.composite
def packages(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[list[list[str]]]]:
    """Two tables; the second one's first column refers to the first one's."""
    types = ["string", "integer", "number", "date", "year", "boolean"]
    made = []
    for name in ("a", "b"):
        field = draw(fields(f"{name}0").filter(lambda f: f["type"] in types and "format" not in f))
        made.append([field, draw(fields(f"{name}1"))])
    rows = [[list(row) for row in zip(*[draw(cells(f, 5)) for f in table], strict=True)] for table in made]
    if draw(st.booleans()):
        rows[1][0][0] = rows[0][0][0]
    schemas = [{"$schema": V2, "fields": table} for table in made]
    reference = {"resource": draw(st.sampled_from(["first", "first", ""])), "fields": ["a0"]}
    if not reference["resource"]:
        reference["fields"] = ["b1"] if made[1][1]["type"] in types else ["b0"]
    schemas[1]["foreignKeys"] = [{"fields": ["b0"], "reference": reference}]
    return schemas, rows


@given(packages())
@SOME
def test_foreign_keys_between_tables_are_frictionless_own(made: tuple[list[Any], list[Any]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        resources = []
        for table, schema, rows in zip(("first", "second"), *made, strict=True):
            header = [field["name"] for field in schema["fields"]]
            (folder / f"{table}.csv").write_bytes(written([header, *rows], {}, "\n").encode())
            dialect = {"header": True, "headerRows": [1], "csv": {"delimiter": ",", "skipInitialSpace": False}}
            resources.append({"name": table, "type": "table", "path": f"{table}.csv", "encoding": "utf-8"})
            resources[-1] |= {"schema": schema, "dialect": dialect}
        profile = V2.replace("tableschema", "datapackage")
        (folder / "datapackage.json").write_text(json.dumps({"$schema": profile, "name": "p", "resources": resources}))
        try:
            with system.use_context(trusted=True):
                expected = Package(str(folder / "datapackage.json")).validate(limit_errors=10**9).to_descriptor()
        except TypeError:
            assume(False)
        options = Options(strict=False, limit=None)
        found = as_report(validate_package(folder / "datapackage.json", options), 0.0)
    event("valid" if expected["valid"] else "refused")
    assert errors_of(found) == errors_of(expected)


@pytest.mark.parametrize("size", [4, 1 << 22])
@pytest.mark.parametrize("limit", [1, None])
def test_the_first_rows_whose_foreign_key_stands_nowhere_are_named(
    tmp_path: Path, size: int, limit: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "BLOCK_BYTES", size)
    key = {"fields": ["b"], "reference": {"resource": "", "fields": ["a"]}}
    schema = {"$schema": V2, "fields": [{"name": "a"}, {"name": "b"}], "foreignKeys": [key]}
    made = Made(schema, {}, "a,b\n" + "".join(f"{n},{n + 2}\n" for n in range(2)) + "".join("9,x\n" * 9))
    (first,) = ours(write(tmp_path, made), limit=limit).first_rows.values()
    assert [(one.row, one.cell) for one in first] == [(2, "2"), (3, "3"), (4, "x"), (5, "x"), (6, "x")]
