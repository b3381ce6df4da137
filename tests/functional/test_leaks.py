"""A defect anywhere between protection and a portal lets nothing of a hidden cell out: the release is refused.

Each test breaks one part on purpose, and runs the night as it is.
"""

import hashlib
import importlib
import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from apendata.disclosure import residue
from apendata.disclosure.leaks.needles import Needles, files_below
from apendata.portals.site import preview
from tests.functional.conftest import Ended, Run, apendata
from tests.functional.pay import HIDDEN, PAY, pay_dataset, settings

__all__ = ["apendata"]

LEAK = 28


@pytest.fixture
def night(apendata: Run, tmp_path: Path):
    """Run the night on a dataset with hidden pay; the first one published it."""
    source = pay_dataset(tmp_path)

    def run(*arguments: str) -> Ended:
        return apendata(*(arguments or ("run", "--json")), **settings(tmp_path))

    run.source = source
    return run


def public(tmp_path: Path) -> dict[str, bytes]:
    return dict(files_below(tmp_path / "lake" / "public" / "loenn"))


def refused(ended: Ended, tmp_path: Path, *words: str) -> None:
    assert ended.code == LEAK, ended.out
    why = ended.line("loenn")["why"]
    assert all(word in why for word in words), why
    assert public(tmp_path) == {}
    assert not any(str(number) in ended.out + ended.err for number in HIDDEN)


def masked_copy(data: pa.Table, hidden: Mapping[str, Any]) -> pa.Table:
    """What a pipeline does that has not thought of it: the true table, with its nulls drawn over it."""
    for column, rows in hidden.items():
        mask = pa.array(rows)
        at, status = data.column_names.index(column), f"{column}_status"
        values = data[column].combine_chunks()
        nulls = pa.Array.from_buffers(
            values.type, len(values), [pc.invert(mask).buffers()[1], values.buffers()[1]], offset=0
        )
        data = data.set_column(at, column, nulls)
        marks = pc.if_else(mask, ":", data[status])
        data = data.set_column(data.column_names.index(status), status, marks)
    return data


def test_an_honest_night_is_published(night, tmp_path: Path) -> None:
    assert night().line("loenn")["outcome"] == "PUBLISHED"
    assert b"2024,B,K,,:,,:\n" in public(tmp_path)["v1.0.0/loenn.csv"]
    assert night().line("loenn")["outcome"] == "UNCHANGED"


def test_a_masked_copy_of_the_true_table_is_refused_though_no_file_shows_it(night, tmp_path, monkeypatch) -> None:
    for module in ("protect", "twin"):
        monkeypatch.setattr(importlib.import_module(f"apendata.disclosure.{module}"), "published", masked_copy)
    refused(night(), tmp_path, "Arrow", "table «loenn»", "sentinel")


def test_a_cell_that_protection_forgets_is_refused(night, tmp_path, monkeypatch) -> None:
    def forgetful(data: pa.Table, hidden: Mapping[str, Any]) -> pa.Table:
        return residue.published(data, {name: rows & (np.arange(len(rows)) != 2) for name, rows in hidden.items()})

    monkeypatch.setattr(importlib.import_module("apendata.disclosure.protect"), "published", forgetful)
    refused(night(), tmp_path, "loenn.csv", "loenn.xlsx", "loenn.parquet", "value")


def test_two_marks_for_hidden_cells_are_refused(night, tmp_path, monkeypatch) -> None:
    def talkative(data: pa.Table, hidden: Mapping[str, Any]) -> pa.Table:
        safe = residue.published(data, hidden)
        marks = pa.array(
            [".." if mark and row == 2 else mark for row, mark in enumerate(safe["antall_status"].to_pylist())]
        )
        return safe.set_column(safe.column_names.index("antall_status"), "antall_status", marks)

    monkeypatch.setattr(importlib.import_module("apendata.disclosure.protect"), "published", talkative)
    refused(night(), tmp_path, "column «antall_status»", "status")


STAGE = "apendata.lake.stage"


def parquet_with_metadata(table: pa.Table, file: Path) -> tuple[str, int]:
    pq.write_table(table.replace_schema_metadata({"rader": "4"}), file)
    return _told(file)


def parquet_with_categories(table: pa.Table, file: Path) -> tuple[str, int]:
    frame = table.to_pandas()
    frame["omraade"] = pd.Categorical(frame["omraade"], categories=["A", "B", *map(str, HIDDEN)])
    frame.to_parquet(file, index=False)
    return _told(file)


def csv_by_size(table: pa.Table, file: Path) -> tuple[str, int]:
    from apendata.lake.formats_csv import write_csv

    return write_csv(table.sort_by([("antall", "ascending")]), file)


def csv_without_hidden_rows(table: pa.Table, file: Path) -> tuple[str, int]:
    from apendata.lake.formats_csv import write_csv

    return write_csv(table.filter(table["antall"].is_valid()), file)


def _told(file: Path) -> tuple[str, int]:
    return hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_size


@pytest.mark.parametrize(
    ("writer", "broken", "words"),
    [
        ("write_parquet", parquet_with_metadata, ("loenn.parquet", "left over")),
        ("write_parquet", parquet_with_categories, ("loenn.parquet", "left over")),
        ("write_csv", csv_by_size, ("loenn.csv", "grid")),
        ("write_csv", csv_without_hidden_rows, ("loenn.csv", "grid")),
    ],
    ids=["metadata", "categories", "sorted by size", "hidden rows dropped"],
)
def test_a_writer_that_does_otherwise_is_refused(night, tmp_path, monkeypatch, writer, broken, words) -> None:
    monkeypatch.setattr(importlib.import_module(STAGE), writer, broken)
    refused(night(), tmp_path, *words)


def test_a_writer_that_knows_the_true_values_is_refused(night, tmp_path, monkeypatch) -> None:
    """It reads them where it should not, and writes them where no reader of rows looks."""
    stage = importlib.import_module(STAGE)
    protect = importlib.import_module("apendata.disclosure.protect")
    twin = importlib.import_module("apendata.disclosure.twin")
    seen: list[int] = []

    def watching(data: pa.Table, hidden: Mapping[str, Any]) -> pa.Table:
        seen[:] = data["loenn_kr"].to_pylist()
        return residue.published(data, hidden)

    def with_a_trailer(table: pa.Table, file: Path, fields: Any) -> tuple[str, int]:
        import zipfile

        stage_xlsx(table, file, fields)
        with zipfile.ZipFile(file, "a") as book:
            book.writestr("docProps/custom.xml", f"<sum>{Decimal(sum(seen)) if which == 'sum' else seen[2]}</sum>")
        return _told(file)

    stage_xlsx = stage.write_xlsx
    for module in (protect, twin):
        monkeypatch.setattr(module, "published", watching)
    monkeypatch.setattr(stage, "write_xlsx", with_a_trailer)
    for which, word in (("cell", "sentinel"), ("sum", "twin")):  # noqa: B007 (the writer reads it)
        refused(night(), tmp_path, "loenn.xlsx", word)


@pytest.mark.parametrize("what", ["profile", "hash", "build key"])
def test_a_descriptor_that_tells_more_is_refused(night, tmp_path, monkeypatch, what) -> None:
    leaks, build = (importlib.import_module(f"apendata.pipeline.{name}") for name in ("leaks", "build"))
    honest = leaks.described
    raw = hashlib.sha256(night.source.read_bytes()).hexdigest()
    told = {"profile": {"antall": {"min": 3}}, "hash": f"sha256:{raw}", "build key": raw.upper()}[what]

    def talkative(plan: Any) -> dict[str, Any]:
        return honest(plan) | {"about": told}

    for module in (leaks, build):
        monkeypatch.setattr(module, "described", talkative)
    refused(night(), tmp_path, "datapackage.json", "profile" if what == "profile" else "hash")


def test_changes_that_tell_a_value_of_a_hidden_cell_are_refused(night, tmp_path, monkeypatch) -> None:
    plan = importlib.import_module("apendata.lake.plan")
    honest = plan.changes_table
    key = json.dumps({"aar": 2024, "omraade": "B", "kjoenn": "K"})
    line = {"tabell": "loenn", "noekkel": key, "kolonne": "antall", "gammel_verdi": "30", "endring": "endret"}

    def talkative(*what: Any) -> pa.Table:
        lines = honest(*what)
        return pa.concat_tables([lines, pa.Table.from_pylist([line], schema=lines.schema)])

    monkeypatch.setattr(plan, "changes_table", talkative)
    refused(night(), tmp_path, "changes.csv", "changes")


def test_a_page_that_shows_what_the_file_does_not_is_refused(night, tmp_path, monkeypatch) -> None:
    honest = preview._plain_cell

    def guessing(row: Any, field: Any, language: str) -> Any:
        return preview.Cell("3") if row.get(f"{field['name']}_status") == ":" else honest(row, field, language)

    monkeypatch.setattr(preview, "_plain_cell", guessing)
    ended = night()
    assert ended.code == LEAK, ended.out
    assert "loenn/index.html" in ended.line("loenn")["why"]
    assert not (tmp_path / "lake" / "public" / "loenn" / "release").exists(), "no pointer moved"


def test_a_page_that_does_not_say_which_rows_it_shows_is_refused(night, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(preview, "_key", lambda row, key: "ingen")
    ended = night()
    assert ended.code == LEAK, ended.out
    assert "index.html" in ended.line("loenn")["why"]


def test_a_pointer_with_a_hash_of_an_export_is_refused(night, tmp_path, monkeypatch) -> None:
    pointer = importlib.import_module("apendata.portals.site.pointer")
    raw = hashlib.sha256(night.source.read_bytes()).hexdigest()
    honest = pointer.latest_json

    def talkative(release: Any) -> bytes:
        return pointer.as_json(json.loads(honest(release)) | {"source": raw})

    monkeypatch.setattr(pointer, "latest_json", talkative)
    ended = night()
    assert ended.code == LEAK, ended.out
    assert "latest.json" in ended.line("loenn")["why"]
    assert not (tmp_path / "lake" / "public" / "loenn" / "release").exists()


def test_nothing_that_is_public_holds_a_hash_of_what_is_not(night, tmp_path: Path) -> None:
    said = night()
    raw = hashlib.sha256(night.source.read_bytes()).hexdigest()
    head = json.loads((tmp_path / "lake" / "internal" / "versions" / "loenn" / "head.json").read_text())
    everything = b"".join(public(tmp_path).values()) + (said.out + said.err).encode()
    for secret in (raw, raw[:16], head["build_key"], head["build_key"][:16]):
        assert secret.encode() not in everything


def test_every_file_of_the_public_tree_is_searched_for_what_is_hidden(night, tmp_path: Path) -> None:
    night()
    needles, shown = Needles(HIDDEN), Needles([PAY["A", "K"]])
    found = {name: needles.found_inside(name, content) for name, content in public(tmp_path).items()}
    assert {name: parts for name, parts in found.items() if parts} == {}
    there = {name for name, content in public(tmp_path).items() if shown.found_inside(name, content)}
    assert {"v1.0.0/loenn.csv", "v1.0.0/loenn.xlsx", "v1.0.0/loenn.parquet"} <= there
    assert any(name.endswith("index.html") for name in there)
