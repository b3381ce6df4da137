"""A twin has the same pattern and other hidden cells; what is published of both is the same."""

import numpy as np
import pyarrow as pa

from apendata.disclosure import protect
from apendata.disclosure.leaks.inside import buffers_of
from apendata.disclosure.leaks.needles import Needles
from apendata.disclosure.twin import twin
from apendata.model import Disclosure
from tests.spec.disclosure.crosstabs import DATE, dataset, rows, table

FIELDS = {
    "dato": "string",
    "omraade": "string",
    "antall": "integer",
    "antall_status": "string",
    "andel": "number",
    "andel_status": "string",
}
POLICY = Disclosure(
    "suppression",
    people="ansatte",
    threshold=3,
    value="antall",
    dimensions=("omraade",),
    per=("dato",),
    derived=("andel",),
)
LINES = [
    (DATE, "A", 41, None, 1.5, None),
    (DATE, "B", 2, None, 2.5, None),
    (DATE, "C", 7, None, 3.5, None),
    (DATE, "D", None, ":", None, ":"),
]


def made():
    definition = table("ansatte", FIELDS, ("dato", "omraade"), POLICY)
    valid = {"ansatte": rows(definition, *LINES)}
    return valid, protect(dataset(definition), valid, {})


def test_protection_tells_which_cells_are_hidden_those_of_the_source_too():
    _, protection = made()
    shown = protection.tables["ansatte"].data
    for column in ("antall", "andel"):
        marked = [mark == ":" for mark in shown[f"{column}_status"].to_pylist()]
        assert protection.hidden["ansatte"][column].to_pylist() == marked
        assert marked[1]
        assert marked[3]


def test_every_hidden_cell_of_the_twin_holds_a_number_of_its_own():
    valid, protection = made()
    other = twin(valid, protection)
    held = []
    for column, hidden in protection.hidden["ansatte"].items():
        mine, theirs = (tables["ansatte"].data[column].to_pylist() for tables in (other.tables, valid))
        for one, true, gone in zip(mine, theirs, hidden.to_pylist(), strict=True):
            assert gone or one == true
            held += [one] if gone else []
    assert sorted(held) == sorted(other.sentinels)
    assert len(set(held)) == len(held) == sum(part.true_count for part in protection.hidden["ansatte"].values())
    assert all(100_000_000 <= one <= 999_999_999 for one in held)
    assert len({np.float32(one) for one in held}) == len(held), "they are told apart as float32 too"


def test_what_is_published_of_both_is_the_same_and_holds_none_of_them():
    valid, protection = made()
    other = twin(valid, protection)
    assert other.protection.tables["ansatte"].data.equals(protection.tables["ansatte"].data)
    needles = Needles(other.sentinels)
    assert not any(needles.found_in(part) for _, part in buffers_of(other.protection.tables["ansatte"].data))
    assert any(needles.found_in(part) for _, part in buffers_of(other.tables["ansatte"].data))


def test_a_type_without_room_for_such_a_number_keeps_its_values():
    valid, protection = made()
    data = valid["ansatte"].data
    dates = pa.array([None] * len(LINES), pa.bool_())
    valid = {"ansatte": type(valid["ansatte"])("ansatte", data.set_column(4, "andel", dates), valid["ansatte"].origin)}
    other = twin(valid, protection)
    assert other.tables["ansatte"].data["andel"].type == pa.bool_()
    assert len(other.sentinels) == protection.hidden["ansatte"]["antall"].true_count


def test_no_repr_tells_a_cell():
    valid, protection = made()
    other = twin(valid, protection)
    assert not any(str(one) in repr(other) for one in other.sentinels)
    assert "41" not in repr(protection)
