"""A definition begun from a package: whatever a server wrote stands in it as text, and breaks nothing of it."""

from pathlib import Path

import yaml

from apendata.catalog.draft import draft
from apendata.model import ForeignColumn, ForeignPackage, ForeignTable

HOSTILE = 'x"\nrelease: automatic\u2028\u0085 # : {a'


def test_names_of_columns_are_quoted_where_they_must(tmp_path: Path) -> None:
    names = ("aar", "c: d", "# x", "a\n      b: {header: x}", HOSTILE)
    columns = tuple(ForeignColumn(name, "string", HOSTILE, HOSTILE) for name in names)
    table = ForeignTable(HOSTILE, HOSTILE, HOSTILE, HOSTILE, columns, ("aar",))
    package = ForeignPackage("navn", HOSTILE, HOSTILE, (HOSTILE,), HOSTILE, HOSTILE, HOSTILE, (table,))
    file, _ = draft(package, datasets=tmp_path / "datasets", schemas=tmp_path / "schemas")
    written = yaml.safe_load(file.read_text())
    assert written["release"] == "reviewed"
    (begun,) = written["tables"].values()
    assert tuple(begun["columns"]) == names
    assert all(column == {"header": HOSTILE} for column in begun["columns"].values())


def begun(tmp_path: Path, licence: str) -> tuple[str, list[str]]:
    """The text of a definition that was begun, and the files."""
    table = ForeignTable("Tall", "", "https://example.org/tall.ods", "ODS", (), ())
    package = ForeignPackage("navn", "Navn", "", (), licence, "", "", (table,))
    files = draft(package, datasets=tmp_path / "datasets", schemas=tmp_path / "schemas")
    return files[0].read_text(), [file.name for file in files]


def test_a_licence_that_names_no_version_is_not_guessed(tmp_path: Path) -> None:
    text, _ = begun(tmp_path, "cc-by")
    assert "licence" not in yaml.safe_load(text)
    assert '# licence: NLOD-2.0 or CC-BY-4.0; CKAN says "cc-by"' in text


def test_a_file_without_a_table_on_ckan_says_that_its_schema_is_missing(tmp_path: Path) -> None:
    text, files = begun(tmp_path, "CC-BY-4.0")
    assert yaml.safe_load(text)["licence"] == "CC-BY-4.0"
    assert files == ["dataset.yaml"]
    assert "schemas/tall.schema.json is yours to write" in text
