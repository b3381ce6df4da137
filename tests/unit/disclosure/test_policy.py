"""A policy that leaves something open is refused, never guessed."""

from dataclasses import replace

import pyarrow as pa
import pytest

from apendata.disclosure import people, protect
from apendata.errors import DefinitionError, DisclosureRefused, InternalError
from apendata.model import Disclosure
from tests.spec.disclosure.crosstabs import ALL, DATE, TEXT, Crosstab, dataset, rows, table

TABLE = "     |  K |  M | ALLE\nA    | 12 |  2 |   14\nB    | 20 |  9 |   29\nALLE | 32 | 11 |   43"


def _broken(**changes):
    crosstab = Crosstab(TABLE, threshold=3)
    base = replace(crosstab.base, disclosure=replace(crosstab.base.disclosure, **changes))
    return dataset(base, crosstab.totals), crosstab.valid()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"people": None}, "people"),
        ({"threshold": None}, "threshold"),
        ({"threshold": 1}, "threshold"),
        ({"value": None}, "integer field"),
        ({"dimensions": ()}, "dimensions"),
        ({"dimensions": ("omraade",)}, "primary key"),
        ({"per": ()}, "primary key"),
        ({"threshold": 5}, "totals need the policy of their table"),
        ({"people": "andre"}, "totals need the policy of their table"),
        ({"method": "none", "because": TEXT}, "totals need the policy of their table"),
        ({"method": "none", "because": None}, "because"),
    ],
)
def test_an_incomplete_or_contradicting_policy_is_named(changes, said):
    definition, valid = _broken(**changes)
    with pytest.raises(DefinitionError, match=said):
        protect(definition, valid, {})


def test_a_number_that_the_policy_does_not_name_is_refused():
    definition = table(
        "ansatte",
        {"omraade": "string", "antall": "integer", "antall_status": "string", "andel": "number"},
        ("omraade",),
        Disclosure("suppression", people="a", threshold=3, value="antall", dimensions=("omraade",)),
    )
    with pytest.raises(DefinitionError, match="andel"):
        protect(dataset(definition), {"ansatte": rows(definition, ("A", 1, None, 0.5))}, {})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"table": "finnes_ikke"}, "method: suppression"),
        ({"on": {"dato": "dato"}}, "primary key"),
        ({"values": ()}, "values"),
        ({"values": ("annet",)}, "no field"),
    ],
)
def test_a_follower_must_name_one_row_to_follow(changes, said):
    crosstab = Crosstab(TABLE, threshold=3)
    policy = Disclosure(
        "follows",
        table="omraade_kjoenn_totalt",
        on={"dato": "dato", "omraade": "omraade"},
        where={"kjoenn": ALL},
        values=("aarsverk",),
    )
    fields = {"dato": "string", "omraade": "string", "aarsverk": "number", "aarsverk_status": "string"}
    follower = table("aarsverk", fields, ("dato", "omraade"), replace(policy, **changes))
    valid = crosstab.valid() | {"aarsverk": rows(follower, (DATE, "A", 13.0, None))}
    with pytest.raises(DefinitionError, match=said):
        protect(dataset(*crosstab.tables, follower), valid, {})


def test_three_tables_linked_in_a_circle_are_refused():
    pairs = [("omraade", "kjoenn"), ("kjoenn", "alder"), ("alder", "omraade")]
    crosstabs = [Crosstab("  | x | y\nx | 9 | 9\ny | 9 | 9", threshold=3, first=a, second=b) for a, b in pairs]
    valid = {name: found for c in crosstabs for name, found in c.valid().items()}
    with pytest.raises(DisclosureRefused) as refused:
        protect(dataset(*(t for c in crosstabs for t in c.tables)), valid, {})
    assert refused.value.findings[0].code == "disclosure.link_unsupported"


def test_too_many_cells_are_refused_before_they_take_the_night(monkeypatch):
    monkeypatch.setattr(people, "_CELLS_LIMIT", 8)
    crosstab = Crosstab(TABLE, threshold=3)
    with pytest.raises(DisclosureRefused) as refused:
        protect(dataset(*crosstab.tables), crosstab.valid(), {})
    assert refused.value.findings[0].params == {"cells": "9", "limit": "8"}


def test_a_pattern_that_does_not_hold_is_refused_whatever_made_it(monkeypatch):
    monkeypatch.setattr(people, "suppress", lambda block, kept: block.protected | kept)
    crosstab = Crosstab(TABLE, threshold=3)
    with pytest.raises(DisclosureRefused) as refused:
        protect(dataset(*crosstab.tables), crosstab.valid(), {})
    (finding,) = refused.value.findings
    assert (finding.code, finding.count, finding.samples) == ("disclosure.uncertified", 1, ("kjoenn=M, omraade=A",))
    assert "omraade=A" not in str(refused.value) + repr(refused.value.findings)


def _open_table():
    fields = {"kode": "string", "antall": "integer", "antall_status": "string"}
    return table("aapen", fields, ("kode",), Disclosure("none", because=TEXT))


@pytest.mark.parametrize(("mark", "passes"), [(":", True), (None, False)])
def test_an_open_table_may_not_show_what_was_hidden(mark, passes):
    definition = _open_table()
    valid = {"aapen": rows(definition, ("a", None if mark else 2, mark), ("b", 3, None))}
    before = {"aapen": pa.table({"kode": ["a"]})}
    if passes:
        assert protect(dataset(definition), valid, before).tables["aapen"].data.equals(valid["aapen"].data)
    else:
        with pytest.raises(DisclosureRefused) as refused:
            protect(dataset(definition), valid, before)
        assert refused.value.findings[0].code == "disclosure.shown_again"


def test_earlier_keys_under_other_columns_cannot_be_forgotten():
    crosstab = Crosstab(TABLE, threshold=3)
    before = {crosstab.name: pa.table({"dato": [DATE], "avdeling": ["A"]})}
    with pytest.raises(DisclosureRefused) as refused:
        protect(dataset(*crosstab.tables), crosstab.valid(), before)
    assert refused.value.findings[0].code == "disclosure.hidden_key_changed"


def test_tables_that_are_not_the_definition_s_are_a_defect():
    definition = _open_table()
    with pytest.raises(InternalError):
        protect(dataset(definition), {}, {})


def test_the_account_tells_counts_and_no_cell():
    crosstab = Crosstab(TABLE, threshold=3)
    findings = protect(dataset(*crosstab.tables), crosstab.valid(), {}).findings
    assert [(f.code, f.table, f.count, f.params, f.samples) for f in findings] == [
        ("disclosure.hidden", "omraade_kjoenn", 4, {"rows": "4"}, ()),
        ("disclosure.hidden", "omraade_kjoenn_totalt", 0, {"rows": "5"}, ()),
    ]
