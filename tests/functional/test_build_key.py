"""The build key changes with all that decides a dataset's tables, and with nothing else."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from apendata.catalog import Catalog
from apendata.pipeline import fetch_inputs, inputs
from tests.functional.code_list import definition_of, export_of, use_code_list
from tests.functional.own_dataset import OwnDataset, make


@pytest.fixture
def own(tmp_path: Path) -> OwnDataset:
    own = make(tmp_path)
    use_code_list(own)
    return own


def key_of(own: OwnDataset) -> str:
    catalog = Catalog(own.folder / "datasets", own.folder / "schemas")
    return fetch_inputs(
        catalog.load("soeknader"),
        catalog=catalog,
        sources_of=lambda name: own.folder / "sources" / name,
        override=None,
        scratch=own.folder / "scratch",
    ).build_key


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def into_sample(own: OwnDataset) -> None:
    """The very export becomes a sample; bytes, name and definition are what they were."""
    sample = own.definition.parent / "sample" / "soeknader.csv"
    sample.parent.mkdir()
    sample.write_bytes(own.export.read_bytes())


def name_by_year(own: OwnDataset) -> None:
    """The year comes from the file's name, so the name is data."""
    edit(own.definition, "path: soeknader.csv", 'path: "soeknader-{aar}.csv"\n    placeholders: {aar: year}')
    edit(
        own.definition, "header: {contains: [År]}", "header: {contains: [Type]}\n    ignore: [{column: År, because: x}]"
    )
    edit(own.definition, "aar: {header: År}", "aar: {path: aar}")
    own.export.rename(own.export.with_name("soeknader-2024.csv"))


def rename_export(own: OwnDataset) -> None:
    own.export.with_name("soeknader-2024.csv").rename(own.export.with_name("soeknader-2025.csv"))


def transform(own: OwnDataset) -> None:
    (own.definition.parent / "transform.py").write_text("def transform(tables):\n    return tables\n")


CHANGES: dict[str, Callable[[OwnDataset], object]] = {
    "export": lambda own: edit(own.export, "2024;020;34", "2024;020;35"),
    "file name": rename_export,
    "definition": lambda own: edit(own.definition, "because: årsrapporten", "because: regnskapet"),
    "schema": lambda own: edit(own.folder / "schemas" / "soeknader.schema.json", '"minimum": 0', '"minimum": 1'),
    "transform": transform,
    "publisher": lambda own: edit(own.folder / "datasets" / "publisher.yaml", "Made-up", "Invented"),
    "code list's export": lambda own: edit(export_of(own), "Andre", "Annen"),
    "code list's definition": lambda own: edit(definition_of(own), "One row", "A row"),
    "synthetic": into_sample,
}


@pytest.mark.parametrize("change", CHANGES)
def test_each_ingredient_gives_another_key(own: OwnDataset, change: str) -> None:
    if change == "file name":
        name_by_year(own)
    before = key_of(own)
    assert key_of(own) == before, "equal inputs, equal key"
    CHANGES[change](own)
    assert key_of(own) != before


def test_the_engine_gives_another_key(own: OwnDataset, monkeypatch: pytest.MonkeyPatch) -> None:
    before = key_of(own)
    monkeypatch.setattr(inputs, "engine_sha256", lambda: "another")
    assert key_of(own) != before


PARTS = ("catalog", "model", "sources", "validation", "disclosure", "lake", "describe", "pipeline")


@pytest.mark.parametrize("part", PARTS)
def test_the_engine_is_its_source_code(part: str, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(root / "src" / "apendata", tmp_path / "apendata", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(inputs, "files", lambda name: tmp_path / name)
    before = inputs.engine_sha256.__wrapped__()
    assert inputs.engine_sha256.__wrapped__() == before
    with (tmp_path / "apendata" / part / "__init__.py").open("a") as stream:
        stream.write("# other\n")
    assert inputs.engine_sha256.__wrapped__() != before


@pytest.mark.parametrize("library", ["frictionless", "highspy", "numpy", "pyarrow", "python-calamine", "scipy"])
def test_the_engine_is_its_libraries_too(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = inputs.engine_sha256.__wrapped__()
    installed = inputs.installed_version
    monkeypatch.setattr(inputs, "installed_version", lambda name: "0" if name == library else installed(name))
    assert inputs.engine_sha256.__wrapped__() != before
