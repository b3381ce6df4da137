"""A policy that leaves something open is refused, never guessed."""

from dataclasses import replace

import pyarrow as pa
import pytest

from apendata.disclosure import people, protect
from apendata.disclosure.linked import Pattern, audit
from apendata.errors import DefinitionError, DisclosureRefused, InternalError
from apendata.model import Column, Disclosure, Lookup, Origin, Shown, ValidTable
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


def _with_field(name, kind, *columns, derived=()):
    fields = {"omraade": "string", "antall": "integer", "antall_status": "string", name: kind}
    policy = Disclosure(
        "suppression", people="a", threshold=3, value="antall", dimensions=("omraade",), derived=derived
    )
    return table("ansatte", fields, ("omraade",), policy, columns=columns)


@pytest.mark.parametrize("kind", ["integer", "number", "string", "boolean", "year", "date"])
def test_a_column_that_the_policy_does_not_know_could_tell_a_count(kind):
    definition = _with_field("andel", kind)
    with pytest.raises(DefinitionError, match="«andel» is not in the policy"):
        protect(dataset(definition), {"ansatte": _nothing(definition)}, {})


def _nothing(definition):
    data = pa.table({str(field["name"]): pa.array([], pa.string()) for field in definition.fields})
    return ValidTable(definition.name, data, Origin((), {}, pa.table({})))


@pytest.mark.parametrize(
    "column",
    [
        Column("navn", lookup=Lookup("omraader", by="omraade", match="kode", take="navn")),
        Column("navn", constant="Trondheim"),
    ],
    ids=["label of a code in the key", "constant"],
)
def test_what_is_known_before_the_counts_may_stand_beside_them(column):
    definition = _with_field("navn", "string", column)
    valid = {"ansatte": rows(definition, ("A", 1, None, "x"), ("B", 7, None, "y"))}
    assert protect(dataset(definition), valid, {}).tables["ansatte"].data["navn"].to_pylist() == ["x", "y"]


def test_the_name_by_which_a_code_of_the_key_was_found_is_its_label():
    by_name = Column("omraade", lookup=Lookup("omraader", by="navn", match="navn", take="kode"))
    definition = _with_field("navn", "string", by_name, Column("navn", header=("Navn",)))
    assert protect(dataset(definition), {"ansatte": rows(definition, ("A", 7, None, "x"))}, {}).tables


def test_a_derived_value_that_can_be_hidden_needs_its_status():
    definition = _with_field("loenn", "integer", derived=("loenn",))
    with pytest.raises(DefinitionError, match="«loenn» can be hidden: the schema needs the field «loenn_status»"):
        protect(dataset(definition), {"ansatte": rows(definition, ("A", 1, None, 500))}, {})


def test_a_value_that_can_be_hidden_may_not_be_required():
    definition = _with_field("navn", "string", Column("navn", constant="Trondheim"))
    fields = [f | {"constraints": {"required": True}} if f["name"] == "antall" else f for f in definition.fields]
    definition = replace(definition, schema={**definition.schema, "fields": fields})
    with pytest.raises(DefinitionError, match="«antall» can be hidden and then has no value"):
        protect(dataset(definition), {"ansatte": rows(definition, ("A", 1, None, "x"))}, {})


@pytest.mark.parametrize("part", ["kjoenn_tekst", "annet"])
def test_the_header_that_a_code_stands_for_is_its_label(part):
    code = Column("omraade", unpivot="omraade", codes={"Område A": "A"})
    definition = _with_field(
        "navn", "string", code, Column("navn", unpivot="omraade" if part == "kjoenn_tekst" else "annet")
    )
    valid = {"ansatte": rows(definition, ("A", 7, None, "Område A"))}
    if part == "kjoenn_tekst":
        assert protect(dataset(definition), valid, {}).tables
    else:
        with pytest.raises(DefinitionError, match="«navn» is not in the policy"):
            protect(dataset(definition), valid, {})


def test_a_follower_may_not_carry_a_number_in_its_key():
    crosstab = Crosstab(TABLE, threshold=3)
    policy = Disclosure(
        "follows",
        table="omraade_kjoenn",
        on={"dato": "dato", "omraade": "omraade", "kjoenn": "kjoenn"},
        values=("aarsverk",),
    )
    fields = dict.fromkeys(("dato", "omraade", "kjoenn"), "string")
    fields |= {"hoder": "integer", "aarsverk": "number", "aarsverk_status": "string"}
    follower = table("aarsverk", fields, ("dato", "omraade", "kjoenn", "hoder"), policy)
    valid = crosstab.valid() | {"aarsverk": rows(follower, (DATE, "A", "M", 2, 1.6, None))}
    with pytest.raises(DefinitionError, match="«hoder» is not in the policy"):
        protect(dataset(*crosstab.tables, follower), valid, {})


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


def test_three_tables_linked_in_a_circle_are_one_system():
    # Each table alone would need four cells; what two of them hide, the third may not give back.
    pairs = [("omraade", "kjoenn"), ("kjoenn", "alder"), ("omraade", "alder")]
    texts = ["| K | M\nA | 2 | 9\nB | 9 | 9", "| x | y\nK | 9 | 2\nM | 9 | 9", "| x | y\nA | 9 | 2\nB | 9 | 9"]
    crosstabs = [Crosstab(text, threshold=3, first=a, second=b) for text, (a, b) in zip(texts, pairs, strict=True)]
    valid = {name: found for c in crosstabs for name, found in c.valid().items()}
    safe = protect(dataset(*(t for c in crosstabs for t in c.tables)), valid, {})
    for crosstab in crosstabs:
        shown = [row["antall"] for row in safe.tables[crosstab.name].data.to_pylist()]
        assert 2 not in shown
        assert shown.count(None) >= 2


def test_too_many_cells_are_refused_before_they_take_the_night(monkeypatch):
    monkeypatch.setattr(people, "_CELLS_LIMIT", 8)
    crosstab = Crosstab(TABLE, threshold=3)
    with pytest.raises(DisclosureRefused) as refused:
        protect(dataset(*crosstab.tables), crosstab.valid(), {})
    assert refused.value.findings[0].params == {"cells": "9", "limit": "8"}


def test_a_pattern_that_does_not_hold_is_refused_whatever_made_it(monkeypatch):
    monkeypatch.setattr(people, "protect", lambda linked: Pattern(frozenset(), audit(linked, ())))
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
    status = pa.array([":"], pa.string())
    hidden = pa.table({"kode": ["a"], "antall": pa.array([None], pa.int64()), "antall_status": status})
    before = {"aapen": [Shown(definition.disclosure, ("kode",), hidden)]}
    if passes:
        assert protect(dataset(definition), valid, before).tables["aapen"].data.equals(valid["aapen"].data)
    else:
        with pytest.raises(DisclosureRefused) as refused:
            protect(dataset(definition), valid, before)
        assert refused.value.findings[0].code == "disclosure.shown_again"


def test_earlier_keys_under_other_columns_cannot_be_forgotten():
    crosstab = Crosstab(TABLE, threshold=3)
    hidden = pa.table({"dato": [DATE], "avdeling": ["A"], "antall_status": [":"]})
    before = {crosstab.name: [Shown(crosstab.base.disclosure, ("dato", "avdeling"), hidden)]}
    with pytest.raises(DisclosureRefused) as refused:
        protect(dataset(*crosstab.tables), crosstab.valid(), before)
    assert refused.value.findings[0].code == "disclosure.hidden_key_changed"


def test_tables_that_are_not_the_definition_s_are_a_defect():
    definition = _open_table()
    with pytest.raises(InternalError):
        protect(dataset(definition), {}, {})


def test_the_account_tells_counts_and_in_private_which_rows_are_hidden_and_why():
    crosstab = Crosstab(TABLE, threshold=3)
    findings = protect(dataset(*crosstab.tables), crosstab.valid(), {}).findings
    assert [(f.code, f.table, f.count, f.params, f.samples) for f in findings] == [
        ("disclosure.aggregate_first", "omraade_kjoenn", 1, {"date": DATE, "percent": "44"}, ()),
        ("disclosure.hidden", "omraade_kjoenn", 4, {"rows": "4"}, ()),
        ("disclosure.hidden_protected", "omraade_kjoenn", 1, {}, (f"{DATE}, A, M",)),
        (
            "disclosure.hidden_beside",
            "omraade_kjoenn",
            3,
            {},
            (f"{DATE}, A, K", f"{DATE}, B, K", f"{DATE}, B, M"),
        ),
        ("disclosure.hidden", "omraade_kjoenn_totalt", 0, {"rows": "5"}, ()),
    ]
    assert "A, M" not in repr(findings)
