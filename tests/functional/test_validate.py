"""`apendata validate`: what somebody sees who runs `frictionless validate` today."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

SCHEMA: dict[str, Any] = {
    "fields": [
        {"name": "kode", "type": "string", "constraints": {"pattern": "[0-9]{3}"}},
        {"name": "beloep", "type": "integer"},
    ],
    "primaryKey": "kode",
}


def run(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "apendata", "validate", *words]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, **environment}, timeout=60
    )


def put(folder: Path, text: str, schema: dict[str, Any] = SCHEMA, name: str = "t.csv") -> None:
    (folder / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
    (folder / name).write_bytes(text.encode())


def test_a_valid_file_is_said_to_be_valid(tmp_path: Path) -> None:
    put(tmp_path, "kode,beloep\n010,5\n011,-7\n")
    done = run(tmp_path, "t.csv", "--schema", "schema.json")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("✓ t.csv: 2 rader, 2 kolonner")


def test_errors_are_counted_by_column_with_the_first_rows(tmp_path: Path) -> None:
    put(tmp_path, "kode,beloep\n" + "".join(f"{n:03d},x\n" for n in range(30)) + "7,1\n")
    done = run(tmp_path, "t.csv", "--schema", "schema.json")
    assert done.returncode == 17
    assert "kolonne 2 «beloep» 30 × verdien er ikke av feltets type (linje 2, 3, 4, 5, 6, …)" in done.stdout
    assert "kolonne 1 «kode» 1 × verdien har ikke den formen som er avtalt (linje 32)" in done.stdout
    english = run(tmp_path, "t.csv", "--schema", "schema.json", "--language", "en")
    assert "30 × the value is not of the field's type" in english.stdout


def test_what_stands_in_the_first_wrong_cells_is_shown(tmp_path: Path) -> None:
    long = "y" * 60
    put(tmp_path, f"kode,beloep\n010,x\n011,x\n012,\x1b[2J\n013,{long}\n14,1\n015,1,mer\n")
    done = run(tmp_path, "t.csv", "--schema", "schema.json")
    assert f"feltets type (linje 2, 3, 4, 5): «x», «[2J», «{long[:39]}…»\n" in done.stdout
    assert "formen som er avtalt (linje 6): «14»\n" in done.stdout
    assert "(linje 7): «mer»\n" in done.stdout


@pytest.mark.parametrize(("sign", "written"), [(";", ";"), ("\t", "\\t"), ("|", "|")])
def test_a_file_read_as_one_column_gets_a_hint_at_the_dialect(tmp_path: Path, sign: str, written: str) -> None:
    put(tmp_path, f"kode{sign}beloep\n010{sign}5\n")
    done = run(tmp_path, "t.csv", "--schema", "schema.json", "--language", "en")
    assert done.returncode == 17
    assert f'--dialect FILE.json with {{"delimiter": "{written}"}} in it' in done.stdout
    put(tmp_path, "kode\n010\n")
    assert "--dialect" not in run(tmp_path, "t.csv", "--schema", "schema.json").stdout


def test_json_is_a_frictionless_report_that_counts_what_it_does_not_list(tmp_path: Path) -> None:
    put(tmp_path, "kode,beloep\n" + "".join(f"{n:03d},x\n" for n in range(30)))
    done = run(tmp_path, "t.csv", "--schema", "schema.json", "--json", "--limit-errors", "4")
    report = json.loads(done.stdout)
    assert (report["valid"], report["stats"]["errors"]) == (False, 30)
    (task,) = report["tasks"]
    assert [(e["type"], e["rowNumber"], e["fieldNumber"], e["fieldName"]) for e in task["errors"]] == [
        ("type-error", row, 2, "beloep") for row in (2, 3, 4, 5)
    ]
    assert task["warnings"] == ["26 more errors are counted and not listed"]
    assert task["stats"]["bytes"] == (tmp_path / "t.csv").stat().st_size
    assert len(task["stats"]["sha256"]) == 64
    every = json.loads(run(tmp_path, "t.csv", "--schema", "schema.json", "--json", "--limit-errors", "0").stdout)
    assert len(every["tasks"][0]["errors"]) == 30


def test_dialect_and_encoding_are_declared(tmp_path: Path) -> None:
    put(tmp_path, "")
    (tmp_path / "t.csv").write_bytes("kode;beløp\n010;5\n".encode("cp1252"))
    (tmp_path / "d.json").write_text('{"delimiter": ";"}')
    schema = {**SCHEMA, "fields": [SCHEMA["fields"][0], {"name": "beløp", "type": "integer"}]}
    (tmp_path / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
    words = ("t.csv", "--schema", "schema.json", "--dialect", "d.json")
    assert run(tmp_path, *words, "--encoding", "windows-1252").returncode == 0
    undeclared = run(tmp_path, *words)
    assert undeclared.returncode == 12
    assert "ikke den tegnkodingen som er oppgitt" in undeclared.stdout


def test_without_the_stricter_rules_the_verdict_is_frictionless_own(tmp_path: Path) -> None:
    put(tmp_path, "kode,beloep\n010,1_000\n")
    assert run(tmp_path, "t.csv", "--schema", "schema.json").returncode == 17
    assert run(tmp_path, "t.csv", "--schema", "schema.json", "--as-frictionless").returncode == 0


def test_a_workbook_is_checked_by_its_own_types(tmp_path: Path) -> None:
    put(tmp_path, "")
    book = Workbook()
    for row in (["kode", "beloep"], ["010", 5], ["011", 7.5], [12, "8"]):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    done = run(tmp_path, "t.xlsx", "--schema", "schema.json", "--json")
    errors = json.loads(done.stdout)["tasks"][0]["errors"]
    told = [(e["type"], e["rowNumber"], e.get("fieldNumber")) for e in errors]
    assert told == [("type-error", 3, 2), ("type-error", 4, 1), ("primary-key", 4, None)]


def test_a_package_is_checked_with_its_foreign_keys(tmp_path: Path) -> None:
    put(tmp_path, "kode,beloep\n010,5\n", name="a.csv")
    put(tmp_path, "til\n010\n011\n", name="b.csv")
    key = {"fields": "til", "reference": {"resource": "a", "fields": "kode"}}
    other = {"fields": [{"name": "til", "type": "string"}], "foreignKeys": [key]}
    resources = [
        {"name": "a", "path": "a.csv", "schema": "schema.json"},
        {"name": "b", "path": "b.csv", "schema": other},
    ]
    (tmp_path / "datapackage.json").write_text(json.dumps({"name": "p", "resources": resources}))
    done = run(tmp_path, "datapackage.json", "--package")
    assert done.returncode == 17
    assert "✓ a.csv" in done.stdout
    assert "1 × verdien finnes ikke i tabellen den viser til (linje 3): «011»" in done.stdout


HOSTILE: dict[str, dict[str, Any]] = {
    "half.json": {"field": {"constraints": {"enum": ["\ud800"]}}},
    "keys.json": {"schema": {"uniqueKeys": [["nobody"]]}},
    "categories.json": {"field": {"categories": [{"label": "x"}]}},
    "pattern.json": {"field": {"constraints": {"pattern": "("}}},
    "self.json": {
        "schema": {"foreignKeys": [{"fields": "kode", "reference": {"resource": "", "fields": "nobody"}}]},
    },
}


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["t.csv"], 64, "--schema is missing"),
        (["t.csv", "--schema", "schema.json", "--package"], 64, "leave --schema"),
        (["t.csv", "--schema", "schema.json", "--limit-errors", "-1"], 64, "whole number"),
        (["no.csv", "--schema", "schema.json"], 11, "no such file"),
        (["t.csv", "--schema", "no.json"], 11, "cannot be read"),
        (["t.csv", "--schema", "t.csv"], 10, "no JSON document"),
        (["t.pdf", "--schema", "schema.json"], 10, "is not validated"),
        (["t.csv", "--schema", "schema.json", "--encoding", "klingon"], 10, "not known"),
        (["t.csv", "--schema", "schema.json", "--encoding", "base64"], 10, "not known"),
        (["t.json", "--schema", "schema.json"], 12, "kan ikke leses som en tabell"),
        (["t.xlsx", "--schema", "schema.json"], 12, "ikke av det formatet"),
        (["t.csv", "--schema", "bad.json"], 10, "skjemaet er ikke gyldig"),
        (["t.csv", "--schema", "half.json"], 10, "half of a character"),
        (["t.csv", "--schema", "keys.json"], 10, "uniqueKeys"),
        (["t.csv", "--schema", "categories.json"], 10, "categories"),
        (["t.csv", "--schema", "pattern.json"], 10, "no regular expression"),
        (["t.csv", "--schema", "self.json"], 17, "finnes ikke i tabellen"),
        (["t.csv", "--schema", "schema.json", "--dialect", "wrong.json"], 10, "must be of type str"),
        (["outside.json", "--package"], 10, "beside or below the package"),
    ],
)
def test_what_cannot_be_checked_is_said_with_what_to_do(tmp_path: Path, words: list[str], code: int, told: str) -> None:
    put(tmp_path, "kode,beloep\n010,5\n")
    (tmp_path / "t.pdf").write_bytes(b"%PDF")
    (tmp_path / "bad.json").write_text('{"fields": [{"name": "kode"}, {"name": "kode"}]}')
    (tmp_path / "wrong.json").write_text('{"delimiter": 7}')
    for name in ("t.json", "t.xlsx"):
        (tmp_path / name).write_bytes(b"nope")
    for name, words_ in HOSTILE.items():
        kode = {"name": "kode", "type": "string"} | words_.get("field", {})
        fields = [kode, {"name": "beloep", "type": "integer"}]
        (tmp_path / name).write_text(json.dumps({"fields": fields, **words_.get("schema", {})}))
    outside = {"resources": [{"name": "x", "path": "../../etc/passwd", "schema": SCHEMA}]}
    (tmp_path / "outside.json").write_text(json.dumps(outside))
    done = run(tmp_path, *words)
    assert done.returncode == code, done.stdout + done.stderr
    assert told in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("text", "code"), [("", 12), ("kode,beloep\n", 17)])
def test_an_empty_file_and_a_header_alone_are_refused(tmp_path: Path, text: str, code: int) -> None:
    put(tmp_path, text)
    done = run(tmp_path, "t.csv", "--schema", "schema.json")
    assert done.returncode == code


def test_what_a_terminal_would_obey_is_shown_and_not_obeyed(tmp_path: Path) -> None:
    put(tmp_path, "\x1b[31mkode,beloep\n010,\x1b[2J\n")
    for words in ((), ("--json",)):
        done = run(tmp_path, "t.csv", "--schema", "schema.json", *words)
        assert "\x1b" not in done.stdout + done.stderr


UNREADABLE = "/proc/self/mem"
"""Linux has it: a file that can be opened, and of which nothing can be read."""


@pytest.mark.parametrize(
    "name", ["folder.csv", "link.csv", "link.csv.gz", "link.json", "link.xlsx", "long" * 99 + ".csv"]
)
@pytest.mark.skipif(not Path(UNREADABLE).exists(), reason="it is Linux that has such a file")
def test_what_is_there_and_cannot_be_read_is_called_so(tmp_path: Path, name: str) -> None:
    put(tmp_path, "kode,beloep\n010,5\n")
    if name.startswith("link"):
        (tmp_path / name).symlink_to(UNREADABLE)
    if name.startswith("folder"):
        (tmp_path / name).mkdir()
    done = run(tmp_path, name, "--schema", "schema.json")
    assert done.returncode == 12, done.stdout + done.stderr
    assert "Lake" not in done.stderr
    assert run(tmp_path, "t.csv", "--schema", ".").returncode == 12
    assert run(tmp_path, ".", "--package").returncode == 12


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_called_so(tmp_path: Path) -> None:
    put(tmp_path, "kode,beloep\n010,5\n")
    (tmp_path / "t.csv").chmod(0)
    done = run(tmp_path, "t.csv", "--schema", "schema.json")
    assert done.returncode == 12, done.stdout + done.stderr
    assert "cannot be opened" in done.stdout


def test_a_package_with_a_table_that_is_gone_is_not_valid(tmp_path: Path) -> None:
    put(tmp_path, "kode,beloep\n010,5\n")
    resources = [{"name": name, "path": f"{name}.csv", "schema": "schema.json"} for name in ("t", "gone")]
    (tmp_path / "datapackage.json").write_text(json.dumps({"name": "p", "resources": resources}))
    done = run(tmp_path, "datapackage.json", "--package")
    assert done.returncode == 12
    assert "✓ t.csv" in done.stdout
    assert "1 × filen finnes ikke eller kan ikke åpnes" in done.stdout
