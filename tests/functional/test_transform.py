"""A dataset's own pure function: what it gives is validated and published; what it breaks stops that dataset only."""

import json
from pathlib import Path

import pytest

from apendata import app
from apendata.model import Outcome
from apendata.settings import Settings
from tests.functional.own_dataset import SCHEMA, OwnDataset, make

TRANSFORM = '''\
"""Says of every year whether it is even."""

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa

from apendata.model import RawTable


def transform(tables: Mapping[str, RawTable]) -> Mapping[str, RawTable]:
    table = tables["soeknader"]
    even = pa.array(["ja" if int(year) % 2 == 0 else "nei" for year in table.data["aar"].to_pylist()])
    place = table.data.schema.get_field_index("aar") + 1
    return {"soeknader": replace(table, data=table.data.add_column(place, "partall", even))}
'''


@pytest.fixture
def own(tmp_path: Path) -> OwnDataset:
    own = make(tmp_path)
    own.definition.write_text(
        own.definition.read_text().replace(
            "      type_kode: {header: Type}", "      partall: {transform: true}\n      type_kode: {header: Type}"
        )
    )
    field = {**SCHEMA["fields"][1], "name": "partall", "constraints": {"enum": ["ja", "nei"]}}
    schema = {**SCHEMA, "fields": [SCHEMA["fields"][0], field, *SCHEMA["fields"][1:]]}
    (tmp_path / "schemas" / "soeknader.schema.json").write_text(json.dumps(schema))
    return own


def run(own: OwnDataset):
    settings = Settings.from_mapping({"APENDATA_LAKE": str(own.folder / "lake"), **own.settings}, own.folder)
    return app.load(settings).run("soeknader")


def report_of(own: OwnDataset) -> str:
    reports = own.folder / "lake" / "internal" / "reports" / "soeknader"
    return next(reports.glob("*-build.txt")).read_text(encoding="utf-8")


def test_what_it_makes_is_published(own: OwnDataset) -> None:
    (own.definition.parent / "transform.py").write_text(TRANSFORM)
    assert run(own).outcome is Outcome.PUBLISHED
    assert "2024,ja,010,1200," in (own.public / "latest" / "soeknader.csv").read_text()


def test_what_it_makes_is_validated(own: OwnDataset) -> None:
    (own.definition.parent / "transform.py").write_text(TRANSFORM.replace('"ja" if', '"kanskje" if'))
    result = run(own)
    assert type(result.error).__name__ == "DataRejected"
    assert not own.public.exists()


def test_rows_that_it_drops_and_rows_that_it_makes_do_not_cancel_out(own: OwnDataset) -> None:
    """One gone and one new are two things to account for, not none."""
    swapped = TRANSFORM.replace(
        '    table = tables["soeknader"]\n',
        """    table = tables["soeknader"]
    rows = table.data.to_pylist()
    rows[-1] = rows[-1] | {"aar": "2030"}
    table = replace(table, data=pa.Table.from_pylist(rows, schema=table.data.schema))
""",
    )
    (own.definition.parent / "transform.py").write_text(swapped)
    told = [(a.rule, a.rows) for a in run(own).accounts if a.file == "transform.py"]
    assert told == [("transform", 1), ("transform_made", -1), ("out", 4)]
    assert "4 rader = 1 borte i transform.py − 1 laget i transform.py + 4 til data" in report_of(own)


def test_its_own_failure_is_told_without_its_words(own: OwnDataset) -> None:
    broken = TRANSFORM.replace('    table = tables["soeknader"]', '    raise ValueError("kanarifugl")')
    (own.definition.parent / "transform.py").write_text(broken)
    result = run(own)
    assert result.error is not None
    assert "transform.py failed with ValueError" in result.why
    assert "kanarifugl" not in str(result.error)
