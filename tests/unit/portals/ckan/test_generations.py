"""A table keeps its resource until a reader of it would compute something wrong."""

from dataclasses import replace

import pytest

from apendata.model import VersionNumber
from apendata.portals.ckan.generations import generation_of, generations
from tests.unit.portals import samples


def versions(tmp_path, *changes):
    """Versions 1.0.0, 2.0.0 …, each with the one before it changed by a function of a table's descriptor."""
    base = samples.put_version(tmp_path, samples.KOSTRA, samples.KOSTRA_ROWS)
    made = [base]
    for major, change in enumerate(changes, start=2):
        resources = [change(resource) for resource in made[-1].descriptor["resources"]]
        descriptor = {**made[-1].descriptor, "resources": resources}
        made.append(replace(base, number=VersionNumber(major, 0, 0), descriptor=descriptor))
    return made


def with_field(resource, position, **words):
    fields = [dict(field) for field in resource["schema"]["fields"]]
    fields[position].update(words)
    return {**resource, "schema": {**resource["schema"], "fields": fields}}


BREAKS = {
    "type": lambda r: with_field(r, 3, type="number"),
    "unit": lambda r: with_field(r, 3, unit="kNOK"),
    "sign": lambda r: with_field(r, 3, sign="income_positive"),
    "decimals": lambda r: with_field(r, 4, decimals=2),
    "name": lambda r: with_field(r, 3, name="belop"),
    "key": lambda r: {**r, "schema": {**r["schema"], "primaryKey": ["aar"]}},
    "removed": lambda r: {**r, "schema": {**r["schema"], "fields": r["schema"]["fields"][:-1]}},
    "reordered": lambda r: {**r, "schema": {**r["schema"], "fields": r["schema"]["fields"][::-1]}},
    "price level": lambda r: {**r, "priceLevel": 1999},
}


@pytest.mark.parametrize("change", BREAKS)
def test_a_new_resource_begins(tmp_path, change) -> None:
    old, new = versions(tmp_path, BREAKS[change])
    found = generations([new, old])
    assert {number: v.number for number, v in found["budsjett_kostra"].items()} == {1: old.number, 2: new.number}
    assert generation_of(found, "budsjett_kostra", old) == 1
    assert generation_of(found, "budsjett_kostra", new) == 2


KEEPS = {
    "a column more": lambda r: {
        **r, "schema": {**r["schema"], "fields": [*r["schema"]["fields"], {"name": "ny", "type": "string"}]}},
    "another title": lambda r: with_field(r, 3, title="Beløp i kroner"),
    "nothing": lambda r: r,
}  # fmt: skip


@pytest.mark.parametrize("change", KEEPS)
def test_the_resource_stays(tmp_path, change) -> None:
    old, new = versions(tmp_path, KEEPS[change])
    assert {n: v.number for n, v in generations([old, new])["budsjett_kostra"].items()} == {1: new.number}


def test_going_there_and_back_is_three_resources(tmp_path) -> None:
    made = versions(tmp_path, BREAKS["unit"], lambda r: with_field(r, 3, unit="NOK"))
    assert sorted(generations(made)["budsjett_kostra"]) == [1, 2, 3]
