"""Old versions stay public: nothing that they hide may come out by subtracting a new version from them."""

from dataclasses import replace

import pyarrow as pa
import pytest

from apendata.disclosure import protect
from apendata.errors import DisclosureRefused
from apendata.model import Disclosure, Shown
from tests.spec.disclosure.crosstabs import DATE, TEXT, Crosstab, dataset, public, rows, same, table

LARGE = """
             |  K |   M | ALLE
        A    | 30 |  40 |   70
        B    | 25 |  35 |   60
        C    | 20 |  50 |   70
        ALLE | 75 | 125 |  200
        """
SMALL = """
             |  K |  M | ALLE
        A    | 12 |  2 |   14
        B    | 20 |  9 |   29
        C    | 15 |  8 |   23
        ALLE | 47 | 19 |   66
        """
BARE = "  |  K | M\nA | 12 | 2\nB | 20 | 9"


def _first(text, *, threshold=3):
    crosstab = Crosstab(text, threshold=threshold)
    return crosstab, crosstab.public(protect(dataset(*crosstab.tables), crosstab.valid(), {}))


def _then(history, text, *, threshold=3):
    crosstab = Crosstab(text, threshold=threshold)
    return crosstab.shown(protect(dataset(*crosstab.tables), crosstab.valid(), history))


def _refused(history, tables, valid):
    with pytest.raises(DisclosureRefused) as refused:
        protect(dataset(*tables), valid, history)
    return refused.value.findings[0].code


def _refused_then(history, text, *, threshold=3):
    crosstab = Crosstab(text, threshold=threshold)
    return _refused(history, crosstab.tables, crosstab.valid())


# ------------------------------------------------------------------------------------------------- frozen dates


def test_a_count_that_was_shown_may_not_be_hidden_afterwards():
    """Shown: A/K 30, A/M 40. Revised to A/K 3, the total 43 less the old 40 would give it away."""
    _, before = _first(LARGE)
    smaller = LARGE.replace("| 30 |  40 |   70", "|  2 |  40 |   42").replace("75 | 125 |  200", "47 | 125 |  172")
    assert _refused_then(before, smaller) == "disclosure.frozen"


def test_a_date_without_hidden_cells_may_be_revised():
    _, before = _first(LARGE)
    larger = LARGE.replace("| 30 |  40 |   70", "| 33 |  40 |   73").replace("75 | 125 |  200", "78 | 125 |  203")
    assert _then(before, larger) == same(larger)


def test_a_revision_by_fewer_than_the_threshold_tells_of_those_few():
    _, before = _first(LARGE)
    larger = LARGE.replace("| 30 |  40 |   70", "| 32 |  40 |   72").replace("75 | 125 |  200", "77 | 125 |  202")
    assert _refused_then(before, larger) == "disclosure.small_difference"


@pytest.mark.parametrize(("date", "code"), [("2019-04-14", "disclosure.small_difference"), ("2019-04-15", None)])
def test_dates_less_than_a_quarter_apart_may_not_differ_by_a_few(date, code):
    crosstab, before = _first(LARGE)
    moved = Crosstab(
        LARGE.replace("| 30 |  40 |   70", "| 32 |  40 |   72").replace("75 | 125 |  200", "77 | 125 |  202"),
        threshold=3,
    )
    valid = {
        name: replace(made, data=pa.concat_tables([made.data, _at(moved.valid()[name].data, date)]))
        for name, made in crosstab.valid().items()
    }
    if code:
        assert _refused(before, crosstab.tables, valid) == code
    else:
        assert protect(dataset(*crosstab.tables), valid, before).tables


@pytest.mark.parametrize(
    "revised",
    [
        SMALL.replace("12 |  2 |   14", "12 |  3 |   15").replace("47 | 19 |   66", "47 | 20 |   67"),
        SMALL.replace("20 |  9 |   29", "21 |  9 |   30").replace("47 | 19 |   66", "48 | 19 |   67"),
        SMALL.replace("B ", "D "),
    ],
    ids=["a hidden count moves a total", "a shown count", "another code"],
)
def test_a_date_with_hidden_cells_keeps_what_it_shows(revised):
    _, before = _first(SMALL)
    assert _refused_then(before, revised) in {"disclosure.frozen", "disclosure.hidden_row_gone"}


def test_a_date_with_hidden_cells_gets_no_new_row():
    _, before = _first(BARE)
    assert _refused_then(before, BARE + "\nC | 7 | 8") == "disclosure.frozen"


def test_every_version_counts_and_not_the_last_alone():
    crosstab, last = _first("  | K | M\nA | 13 | ..\nB | 20 | ..")
    _, older = _first("  | K | M\nA | 12 | ..\nB | 20 | ..")
    now = "  | K | M\nA | 13 | 2\nB | 20 | 9"
    assert _then(last, now) == same("  | K | M\nA | 13 | :\nB | 20 | :")
    assert _refused_then({crosstab.name: last[crosstab.name] + older[crosstab.name]}, now) == "disclosure.frozen"


def test_another_date_is_free():
    crosstab, before = _first(BARE)
    moved = Crosstab(BARE.replace("12", "13"), threshold=3)
    name = crosstab.name
    both = [crosstab.valid()[name].data, _at(moved.valid()[name].data, "2020-12-31")]
    valid = {name: replace(crosstab.valid()[name], data=pa.concat_tables(both))}
    safe = protect(dataset(*crosstab.tables), valid, before).tables[name].data
    assert safe.filter(pa.compute.equal(safe["dato"], "2020-12-31"))["antall"].to_pylist() == [None, None, 20, 9]


def _at(data, date):
    return data.set_column(0, "dato", pa.array([date] * data.num_rows))


def test_an_unchanged_night_is_free():
    crosstab, before = _first(SMALL)
    assert _then(before, SMALL) == crosstab.shown(protect(dataset(*crosstab.tables), crosstab.valid(), {}))


def test_a_count_that_was_open_before_the_table_was_protected_is_frozen_too():
    crosstab = Crosstab(BARE, threshold=3)
    data = crosstab.valid()[crosstab.name].data
    history = {crosstab.name: (Shown(Disclosure("none", because=TEXT), crosstab.base.primary_key, data),)}
    assert _refused(history, crosstab.tables, crosstab.valid()) == "disclosure.frozen"


# ------------------------------------------------------------------------------------------------- the ratchet


def test_what_was_hidden_once_stays_hidden_when_it_is_small_no_more():
    _, before = _first(SMALL)
    moved = SMALL.replace("12 |  2 |   14", "11 |  3 |   14").replace("15 |  8 |   23", "16 |  7 |   23")
    assert _then(before, moved) == same(
        """
             |  K |  M | ALLE
        A    |  : |  : |   14
        B    | 20 |  9 |   29
        C    |  : |  : |   23
        ALLE | 47 | 19 |   66
        """
    )


def test_a_hidden_row_may_not_vanish_from_a_date_that_is_public():
    _, before = _first(BARE)
    assert _refused_then(before, "  |  K |  M\nAB | 32 | 11") == "disclosure.hidden_row_gone"


def test_without_dates_the_whole_table_is_one_part():
    def people(*lines):
        fields = {"omraade": "string", "antall": "integer", "antall_status": "string"}
        policy = Disclosure("suppression", people="a", threshold=5, value="antall", dimensions=("omraade",))
        definition = table("ansatte", fields, ("omraade",), policy)
        return definition, {"ansatte": rows(definition, *lines)}

    definition, valid = people(("A", 3, None), ("B", 9, None))
    before = public([definition], protect(dataset(definition), valid, {}))
    assert _refused(before, *_listed(people(("AB", 12, None)))) == "disclosure.hidden_row_gone"


def _listed(made):
    return [made[0]], made[1]


@pytest.mark.parametrize("recoded", [False, True])
@pytest.mark.parametrize(
    "policy",
    [Disclosure("none", because=TEXT), Disclosure("mandated", legal_basis=TEXT, one_way={})],
    ids=["none", "mandated"],
)
def test_another_method_does_not_free_what_was_hidden(policy, recoded):
    crosstab, before = _first(BARE)
    opened = replace(crosstab.base, disclosure=policy)
    valid = Crosstab(BARE.replace("A ", "A0") if recoded else BARE, threshold=3).valid()
    assert _refused(before, [opened], valid) == "disclosure.policy_changed"


def test_an_open_table_that_hides_by_itself_may_not_recode_what_is_hidden():
    fields = {"kode": "string", "antall": "integer", "antall_status": "string"}
    definition = table("aapen", fields, ("kode",), Disclosure("none", because=TEXT))
    valid = {"aapen": rows(definition, ("a", None, ":"), ("b", 3, None))}
    before = public([definition], protect(dataset(definition), valid, {}))
    recoded = {"aapen": rows(definition, ("a0", 2, None), ("b", 3, None))}
    assert _refused(before, [definition], recoded) == "disclosure.hidden_row_gone"


def test_a_table_with_hidden_cells_may_not_be_renamed():
    crosstab, before = _first(BARE)
    policy = replace(crosstab.base.disclosure, threshold=2)
    renamed = replace(crosstab.base, name="ny", disclosure=policy)
    valid = {"ny": rows(renamed, *(tuple(row.values()) for row in crosstab.valid()[crosstab.name].data.to_pylist()))}
    assert _refused(before, [renamed], valid) == "disclosure.table_gone"


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"people": "andre"}, "`people`"),
        ({"threshold": 2}, "`threshold`"),
        ({"per": (), "dimensions": ("dato", "omraade", "kjoenn")}, "`dimensions`, `per`"),
    ],
)
def test_the_terms_of_a_table_with_hidden_cells_stand(changes, word):
    crosstab, before = _first(BARE)
    changed = replace(crosstab.base, disclosure=replace(crosstab.base.disclosure, **changes))
    with pytest.raises(DisclosureRefused, match="hides cells") as refused:
        protect(dataset(changed), crosstab.valid(), before)
    assert refused.value.findings[0].params == {"words": word}


def test_totals_may_not_leave_the_people_whose_counts_are_hidden():
    """The totals hide nothing themselves, but they are what the hidden counts would be computed from."""
    crosstab, before = _first(SMALL)
    assert not any(mark == ":" for mark in before[crosstab.totals.name][0].data["antall_status"].to_pylist())
    valid = {crosstab.name: crosstab.valid()[crosstab.name]}
    assert _refused(before, [crosstab.base], valid) == "disclosure.table_gone"


def test_a_vanished_date_may_come_back_as_it_was():
    crosstab, before = _first(BARE)
    name = crosstab.name
    later = {name: replace(crosstab.valid()[name], data=_at(crosstab.valid()[name].data, "2020-12-31"))}
    gone = protect(dataset(*crosstab.tables), later, before)
    history = {name: (*public(crosstab.tables, gone)[name], *before[name])}
    assert _then(history, BARE) == same("  | K | M\nA | : | :\nB | 20 | 9")
    assert _refused_then(history, BARE.replace("20", "21")) == "disclosure.frozen"


def test_no_key_is_told_in_the_open():
    _, before = _first(SMALL)
    crosstab = Crosstab(
        SMALL.replace("20 |  9 |   29", "21 |  9 |   30").replace("47 | 19 |   66", "48 | 19 |   67"), threshold=3
    )
    with pytest.raises(DisclosureRefused) as refused:
        protect(dataset(*crosstab.tables), crosstab.valid(), before)
    assert DATE not in str(refused.value) + repr(refused.value.findings)
