"""A word in a bad cell goes down every path that fails, and is found in her report alone."""

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.functional.code_list import use_code_list
from tests.functional.conftest import Run, apendata
from tests.functional.own_dataset import EXPORT, SCHEMA, OwnDataset, make
from tests.functional.test_handed_back import _whole

__all__ = ["apendata"]

CANARY = "Kanarifugl-4471"
ANY_CODE = {"pattern": "[0-9A-Za-z-]{1,20}"}
"""Which the canary fits, so that it comes as far as it can."""
BAD = EXPORT.replace("2024;020", f"2024;{CANARY}")


def _schema(own: OwnDataset, **words: object) -> None:
    (own.folder / "schemas" / "soeknader.schema.json").write_text(json.dumps({**SCHEMA, **words}))


def _fields(constraints: dict[str, object]) -> list[object]:
    changed = {**SCHEMA["fields"][1], "constraints": constraints}
    return [SCHEMA["fields"][0], changed, *SCHEMA["fields"][2:]]


def not_in_enum(own: OwnDataset) -> None:
    _schema(own, fields=_fields({"enum": ["010", "020"]}))
    own.export.write_text(BAD, encoding="utf-8")


def wrong_form(own: OwnDataset) -> None:
    own.export.write_text(BAD, encoding="utf-8")


def wrong_type(own: OwnDataset) -> None:
    own.export.write_text(EXPORT.replace(";34", f";{CANARY}"), encoding="utf-8")


def key_repeated(own: OwnDataset) -> None:
    _schema(own, fields=_fields(ANY_CODE))
    own.export.write_text(BAD + f"2024;{CANARY};7\n", encoding="utf-8")


def foreign_key(own: OwnDataset) -> None:
    reference = {"resource": "", "fields": ["aar"]}
    _schema(own, fields=_fields(ANY_CODE), foreignKeys=[{"fields": ["type_kode"], "reference": reference}])
    own.export.write_text(BAD, encoding="utf-8")


def code_list(own: OwnDataset) -> None:
    use_code_list(own)
    own.export.write_text(BAD, encoding="utf-8")


def control_total(own: OwnDataset) -> None:
    _schema(own, fields=_fields(ANY_CODE))
    own.export.write_text(BAD.replace(";34", ";35"), encoding="utf-8")


def transform_fails(own: OwnDataset) -> None:
    _transform(own, "raise ValueError(str(tables['soeknader'].data.to_pylist()))")


def transform_leaves(own: OwnDataset) -> None:
    _transform(own, "raise SystemExit(str(tables['soeknader'].data.to_pylist()))")


def _transform(own: OwnDataset, line: str) -> None:
    _schema(own, fields=[*_fields(ANY_CODE), {**SCHEMA["fields"][1], "name": "partall", "constraints": ANY_CODE}])
    code = f"def transform(tables):\n    {line}\n"
    (own.definition.parent / "transform.py").write_text(code)
    columns = "      antall: {header: Antall}\n"
    own.definition.write_text(
        own.definition.read_text().replace(columns, columns + "      partall: {transform: true}\n")
    )
    own.export.write_text(BAD, encoding="utf-8")


def too_many_changes(own: OwnDataset) -> None:
    """A second export with every row gone but one: the guard stops it."""
    _schema(own, fields=_fields(ANY_CODE))
    text = own.definition.read_text()
    own.definition.write_text(text.split("    checks:")[0] + "    disclosure:" + text.split("    disclosure:")[1])
    own.export.write_text(f"År;Type;Antall\n2025;{CANARY};1\n", encoding="utf-8")


FAILURES: list[tuple[Callable[[OwnDataset], None], set[int]]] = [
    (not_in_enum, {17}),
    (wrong_form, {17}),
    (wrong_type, {14}),
    (key_repeated, {14, 17}),
    (foreign_key, {17}),
    (code_list, {14, 17}),
    (control_total, {17}),
    (transform_fails, {70}),
    (transform_leaves, {70}),
]


@pytest.fixture
def own(tmp_path: Path) -> OwnDataset:
    return make(tmp_path)


def assert_private(own: OwnDataset, *said: str) -> None:
    assert CANARY not in "".join(said)
    lake = own.folder / "lake"
    holding = [file for file in lake.rglob("*") if file.is_file() and CANARY.encode() in _whole(file)]
    assert all("reports" in file.relative_to(lake).parts for file in holding), holding


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize(("spoil", "codes"), FAILURES, ids=lambda one: getattr(one, "__name__", ""))
def test_no_failure_tells_what_stood_in_the_cell(
    apendata: Run, own: OwnDataset, caplog: pytest.LogCaptureFixture, spoil, codes, command: str
) -> None:
    caplog.set_level(logging.DEBUG)
    spoil(own)
    for words in ((), ("--json",), ("--language", "en")):
        done = apendata(command, "soeknader", *words, **own.settings)
        assert done.code in codes, done.out + done.err
        assert_private(own, done.out, done.err, caplog.text)


def test_nor_does_what_changed_too_much(apendata: Run, own: OwnDataset) -> None:
    assert apendata("run", "soeknader", **own.settings).code == 0
    too_many_changes(own)
    done = apendata("run", "soeknader", "--json", **own.settings)
    assert done.code == 19
    assert_private(own, done.out, done.err)


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize(
    "broken", ["sources.read", "validation.validate", "disclosure.protect", "report.page.as_page"], ids=str
)
def test_nor_does_a_defect_of_our_own(
    apendata: Run, own: OwnDataset, monkeypatch: pytest.MonkeyPatch, broken: str, command: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(CANARY)

    wrong_type(own) if broken == "report.page.as_page" else None
    monkeypatch.setattr(f"apendata.{broken}", fail)
    done = apendata(command, "soeknader", **own.settings)
    assert done.code in (70, 14)
    assert_private(own, done.out, done.err)


def test_where_marking_breaks_she_is_still_told_what_is_wrong(
    apendata: Run, own: OwnDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(CANARY)

    wrong_type(own)
    monkeypatch.setattr("apendata.report.handing_back.workbook_of_rows", fail)
    done = apendata("check", "soeknader", "--json", **own.settings)
    assert done.code == 14
    (told,) = done.line("soeknader")["workbooks"]
    assert told.endswith("-soeknader-ikke-merket.txt")
    assert "«Antall»" in done.line("soeknader")["findings"][0]["text"]
    assert_private(own, done.out, done.err)
