"""Equal mistakes stand together, what was meant is asked, and the first thing to mend comes first."""

import time
from dataclasses import replace

import pytest

from apendata.model import Finding, Place
from apendata.report.groups import in_order, mistakes
from apendata.report.proposals import Proposal, propose


def found(code: str, cells: list[str], **params: str) -> Finding:
    places = tuple(Place("a.xlsx", "S", row, "Beløp", f"B{row}") for row in range(2, 2 + len(cells)))
    return Finding(code, count=len(cells), places=places, cells=tuple(cells), params=params)


def test_equal_values_are_one_line_with_their_number() -> None:
    (points,) = mistakes(found("undeclared_mark", ["12.5"] * 300 + ["7.25"] * 18))
    assert (points.kind, points.count) == ("decimal_point", 318)
    assert [(e.cell, e.times, e.place.cell) for e in points.examples] == [("12.5", 300, "B2"), ("7.25", 18, "B302")]


def test_mistakes_of_different_kinds_stand_apart() -> None:
    told = mistakes(found("undeclared_mark", ["12.5", "3O4", "\u22127", "ukjent", "1.5"]))
    assert (told[0].kind, told[0].count) == ("decimal_point", 2)
    assert {m.kind for m in told} == {"decimal_point", "letters", "minus", None}


@pytest.mark.parametrize(
    ("code", "cell", "params", "meant"),
    [
        ("undeclared_mark", "12.345", {}, ("12345", "12,345")),
        ("undeclared_mark", "1234.5", {}, ("1234,5",)),
        ("undeclared_mark", "1\u00a0234,50", {}, ("1234,50",)),
        ("undeclared_mark", "\u2212500", {}, ("-500",)),
        ("undeclared_mark", "3O4", {}, ("304",)),
        ("undeclared_mark", "(1 234)", {}, ("-1234",)),
        ("undeclared_mark", "kr 7", {}, ("7",)),
        ("outer_blanks", " Oslo\u00a0", {}, ("Oslo",)),
        ("date_form", "31.12.2025", {"expected": "YYYY-MM-DD"}, ("31.12.2025",)),
        ("date_form", "31.02.2025", {"expected": "YYYY-MM-DD"}, None),
        ("not_in_enum", "Trondhiem", {"expected": "Oslo, Trondheim"}, ("Trondheim",)),
        ("not_in_enum", "xyz", {"expected": "Oslo, Trondheim"}, None),
        ("not_in_enum", "10", {"expected": "010, 020"}, ("010",)),
        ("not_in_enum", "021", {"expected": "010, 020"}, None),
        ("pattern_not_met", "10", {"expected": "[0-9]{3}"}, ("010",)),
        ("undeclared_mark", "ukjent", {}, None),
        ("key_repeated", "12.5", {}, None),
    ],
)
def test_what_may_have_been_meant_is_asked_where_it_is_sensible(code, cell, params, meant) -> None:
    proposal = propose(found(code, [cell], **params), cell)
    assert (proposal.values if proposal else None) == meant


def test_a_misspelt_code_is_held_against_the_list_and_a_long_list_takes_no_time() -> None:
    listed = Finding("code_not_in_list", known=("helse", "skole", "vei"))
    assert propose(listed, "skoel") == propose(listed, "SKOLE ") == Proposal("spelling", ("skole",))
    assert "skole" not in repr(listed)
    cells = [f"{number}.5" for number in range(50_000)]
    many = found("code_not_in_list", [f"kode {number}" for number in range(3_000)])
    began = time.process_time()
    assert [one.count for one in mistakes(found("undeclared_mark", cells))] == [50_000]
    assert sum(one.count for one in mistakes(replace(many, known=tuple(f"navn {n}" for n in range(1_000))))) == 3_000
    assert time.process_time() - began < 8


def test_a_file_that_cannot_be_read_comes_before_its_cells_and_errors_before_warnings() -> None:
    cells = found("undeclared_mark", ["1.5"] * 9)
    few = found("outer_blanks", [" x"])
    whole, warned = Finding("file_empty", places=(Place("b.csv"),)), Finding("hidden_rows", "warning", count=99)
    assert in_order([warned, few, cells, whole]) == [whole, cells, few, warned]
