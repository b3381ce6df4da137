"""What the lake tells disclosure control of the versions that readers have seen."""

from dataclasses import replace
from pathlib import Path

import pytest

from apendata.lake import Lake
from apendata.lake.records import VERSION_FILE
from apendata.model import Dataset, Disclosure
from tests.unit.lake.builders import (
    CLOCK,
    ROWS,
    WORD,
    Row,
    ansatte_schema,
    arrow,
    build,
    build_and_publish,
    dataset,
    loose,
    revised,
    safe,
    table,
)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(tmp_path / "lake", clock=CLOCK)


PEOPLE = Disclosure("suppression", people="a", threshold=5, value="antall", dimensions=("kode",), per=("aar",))


def _counting() -> Dataset:
    return dataset(replace(loose().tables[0], disclosure=PEOPLE))


def _rows(lake: Lake, definition: Dataset) -> list[list[tuple[object, ...]]]:
    return [
        [tuple(row.values()) for row in shown.data.select(["aar", "kode", "antall_status"]).to_pylist()]
        for shown in lake.seen(definition)["ansatte"]
    ]


OTHER: tuple[Row, ...] = revised(revised(ROWS, 1, antall=6, antall_status=None), 0, antall=None, antall_status=":")


def test_of_an_open_table_each_version_s_hidden_rows(lake: Lake) -> None:
    build_and_publish(lake, loose())
    build_and_publish(lake, loose(), safe(OTHER))
    assert _rows(lake, loose()) == [[(2023, "0301", ":")], [(2023, "0302", ":")]]
    assert lake.seen(replace(loose(), id="ukjent")) == {}


def test_of_a_table_of_people_everything_and_its_terms(lake: Lake) -> None:
    build_and_publish(lake, _counting())
    (shown,) = lake.seen(_counting())["ansatte"]
    assert (shown.policy, shown.key) == (PEOPLE, ("aar", "kode"))
    assert shown.data.equals(arrow(ROWS).select(["aar", "kode", "antall", "beloep", "antall_status"]))


def test_an_open_table_that_is_to_count_people_is_told_whole(lake: Lake) -> None:
    build_and_publish(lake, loose())
    (shown,) = lake.seen(_counting())["ansatte"]
    assert (shown.policy.method, shown.data.num_rows) == ("none", len(ROWS))


def test_versions_that_show_the_same_count_once_and_one_that_waits_not_at_all(lake: Lake) -> None:
    build_and_publish(lake, _counting())
    build_and_publish(lake, replace(_counting(), coverage=replace(WORD, nb="annet")))
    build(lake, _counting(), safe(OTHER))
    assert len(lake.exposed("ansatte")) == 2
    assert len(lake.seen(_counting())["ansatte"]) == 1


def test_an_earlier_key_is_not_forgotten(lake: Lake) -> None:
    build_and_publish(lake, loose())
    renamed = ansatte_schema()
    renamed["fields"][1]["name"], renamed["primaryKey"] = "omraade", ["aar", "omraade"]
    other = dataset(table(table_schema=renamed, drift=loose().tables[0].drift))
    build_and_publish(lake, other, safe(OTHER, table_schema=renamed))
    assert [shown.key for shown in lake.seen(other)["ansatte"]] == [("aar", "omraade"), ("aar", "kode")]


def test_who_is_counted_stays_in_the_house(lake: Lake) -> None:
    version = build_and_publish(lake, _counting())
    assert '"people": "a"' in (version.folder / VERSION_FILE).read_text(encoding="utf-8")
    public = [path for path in lake.layout.public.rglob("*") if path.is_file()]
    assert public
    assert not any(b'"people": "a"' in path.read_bytes() for path in public)
