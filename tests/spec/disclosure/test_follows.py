"""Årsverk of a group are hidden wherever its heads are: 0.6 of a full-time post is one person."""

import pytest

from apendata.disclosure import protect
from apendata.errors import DisclosureRefused
from apendata.model import Disclosure, Table
from tests.spec.disclosure.crosstabs import ALL, DATE, Crosstab, dataset, rows, table

# B's single woman goes; with the totals shown, B's man and A's must go with her.
HEADS = """
             |  K |  M | ALLE
        A    | 12 |  8 |   20
        B    |  1 |  7 |    8
        ALLE | 13 | 15 |   28
        """
SMALL_AREA = """
             |  K |  M | ALLE
        A    | 12 |  8 |   20
        B    |  1 |  0 |    1
        C    |  9 |  9 |   18
        ALLE | 22 | 17 |   39
        """
FIELDS = {"dato": "string", "omraade": "string", "kjoenn": "string", "aarsverk": "number", "aarsverk_status": "string"}
PER_SEX = table(
    "aarsverk",
    FIELDS,
    ("dato", "omraade", "kjoenn"),
    Disclosure(
        "follows",
        table="omraade_kjoenn",
        on={"dato": "dato", "omraade": "omraade", "kjoenn": "kjoenn"},
        values=("aarsverk",),
    ),
)
PER_AREA = table(
    "aarsverk",
    {name: kind for name, kind in FIELDS.items() if name != "kjoenn"},
    ("dato", "omraade"),
    Disclosure(
        "follows",
        table="omraade_kjoenn_totalt",
        on={"dato": "dato", "omraade": "omraade"},
        where={"kjoenn": ALL},
        values=("aarsverk",),
    ),
)


def _left(heads: str, follower: Table, *lines):
    crosstab = Crosstab(heads, threshold=3)
    valid = crosstab.valid() | {"aarsverk": rows(follower, *((DATE, *line) for line in lines))}
    safe = protect(dataset(*crosstab.tables, follower), valid, {}).tables["aarsverk"].data
    return {
        tuple(row[c] for c in follower.primary_key[1:]): (row["aarsverk"], row["aarsverk_status"])
        for row in safe.to_pylist()
    }


def test_full_time_equivalents_are_hidden_with_their_heads():
    left = _left(
        HEADS, PER_SEX, ("A", "K", 11.2, None), ("A", "M", 7.5, None), ("B", "K", 0.6, None), ("B", "M", 6.0, None)
    )
    assert left == dict.fromkeys([("A", "K"), ("A", "M"), ("B", "K"), ("B", "M")], (None, ":"))


def test_they_follow_a_total_where_they_are_not_told_by_sex():
    left = _left(SMALL_AREA, PER_AREA, ("A", 18.7, None), ("B", 0.6, None), ("C", 17.0, None))
    # B's total of one person needs a companion, or the grand total would give it back.
    assert left == {("A",): (18.7, None), ("B",): (None, ":"), ("C",): (None, ":")}


def test_where_heads_are_shown_they_are_shown():
    assert _left(HEADS, PER_AREA, ("A", 18.7, None), ("B", 6.6, None)) == {
        ("A",): (18.7, None),
        ("B",): (6.6, None),
    }


def test_a_missing_value_stays_missing_even_where_it_would_be_hidden():
    left = _left(HEADS, PER_SEX, ("B", "K", None, ".."), ("B", "M", None, "."))
    assert left == {("B", "K"): (None, ".."), ("B", "M"): (None, ".")}


def test_without_a_counterpart_nothing_says_that_it_may_be_shown():
    with pytest.raises(DisclosureRefused) as refused:
        _left(HEADS, PER_AREA, ("A", 18.7, None), ("X", 2.0, None))
    (finding,) = refused.value.findings
    assert (finding.code, finding.table, finding.count) == ("disclosure.no_counterpart", "aarsverk", 1)


def test_what_the_source_hid_hides_its_followers():
    left = _left("  | K  | M\nA | 12 | :", PER_SEX, ("A", "K", 11.0, None), ("A", "M", 3.5, None))
    assert left == {("A", "K"): (11.0, None), ("A", "M"): (None, ":")}
