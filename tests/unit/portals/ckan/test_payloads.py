"""What CKAN would be sent is yielded whole, and a value at a hidden key of it is found."""

import json

from apendata.disclosure.leaks.told import records_in
from apendata.lake import hidden_rows
from apendata.portals.ckan.payloads import payloads
from apendata.portals.ckan.wanted import wanted_package
from tests.unit.portals import samples


def _surfaces(tmp_path):
    first, *_ = samples.staff_history(tmp_path / "public")
    wanted = wanted_package(samples.release(first), lambda version, file: f"https://data.example/{file.path}")
    return first, wanted, tuple(payloads(wanted))


def test_package_dictionaries_and_rows_are_there(tmp_path):
    first, wanted, surfaces = _surfaces(tmp_path)
    tables = [part["name"] for part in first.descriptor["resources"]]
    assert [s.tables for s in surfaces if s.kind == "rows"] == [(name,) for name in tables]
    package = json.loads(surfaces[0].content)
    assert package["name"] == wanted.name
    assert [r["id"] for r in package["resources"]] == [r.id for r in wanted.resources]
    for table, surface in zip(wanted.tables, (s for s in surfaces if s.kind == "rows"), strict=True):
        rows = json.loads(surface.content)
        assert len(rows) == len(table.csv.read_text().splitlines()) - 1
        assert list(rows[0]) == [column.name for column in table.columns]


def test_a_value_at_a_hidden_key_is_found_in_the_rows(tmp_path):
    first, _, surfaces = _surfaces(tmp_path)
    hidden = hidden_rows(first)
    assert hidden, "the sample hides cells"
    for name, rows in hidden.items():
        (surface,) = (s for s in surfaces if s.kind == "rows" and s.tables == (name,))
        told = json.loads(surface.content)
        assert list(records_in(told, rows.key, rows.rows)) == []
        column, keys = next(iter(rows.rows.items()))
        record = next(r for r in told if tuple(str(r[part]) for part in rows.key) in keys)
        record[column] = 2
        assert list(records_in(told, rows.key, rows.rows)) == [column]
