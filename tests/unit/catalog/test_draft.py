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
