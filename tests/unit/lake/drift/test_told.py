"""What the guard says, in what order, and what it does where it cannot see."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from apendata.lake.drift import Compared, Drift, assess
from apendata.lake.rows import RowDifference
from apendata.model import DriftLimits, ValuesLimit, VersionNumber
from apendata.report.render import sentence
from tests.unit.lake.builders import ROWS, Row, ansatte_schema, arrow, revised, schema
from tests.unit.lake.drift.tables import WHY, codes, history, limited, sums, told

LABELS = {
    "labels": {"0301": {"nb": "Helse og velferd", "en": "Health and welfare"}},
    "title": "Området",
    "title_en": "Area",
}


def said(definition: Any, old: Any, new: Any, language: str = "nb") -> list[str]:
    found = [part for part in told(definition, old, new) if part.stops]
    return [sentence(f, language).replace("\u00a0", " ") for part in found for f in part.private]  # type: ignore[arg-type]


def kroner(*amounts: str | None) -> list[Row]:
    return [(2021 + i, "0301", 1, None, None if a is None else Decimal(a), None) for i, a in enumerate(amounts)]


def test_an_area_that_vanished_is_named_in_both_languages() -> None:
    definition = limited(ValuesLimit("kode", may_vanish=False, may_appear=True, because=WHY), kode=LABELS)
    new = [row for row in ROWS if row[1] != "0301"]
    (text,) = said(definition, ROWS, new)
    start = "«Ansatte i kommunen»: Området 0301 Helse og velferd er borte. 2 rader i forrige utgivelse."
    assert text == f"{start} Grunnen til grensen: {WHY}."
    assert said(definition, ROWS, new, "en") == [
        f"«Employees»: Area 0301 Health and welfare is gone. 2 rows in the last release. Why there is a limit: {WHY}."
    ]


def test_what_vanished_is_told_once_and_not_by_its_sum_too() -> None:
    area = ValuesLimit("kode", may_vanish=False, may_appear=True, because=WHY)
    old = [*kroner("12000000", "12000000"), (2021, "0302", 1, None, Decimal(5000000), None)]
    moved = (*old[2][:4], Decimal(9000000), None)
    per_area = limited(area, sums("beloep", ("kode",), "10", "100000"))
    assert [text.partition(" 0301 ")[2][:9] for text in said(per_area, old, old[2:])] == ["er borte."]
    both = said(per_area, old, [moved])
    assert [("er borte" in one, "summen av" in one) for one in both] == [(True, False), (False, True)]


def test_a_column_beside_it_names_a_value() -> None:
    limit = ValuesLimit("kode", may_vanish=False, may_appear=False, because=WHY, named_by="merknad")
    old = revised(ROWS, 0, merknad="Helse")
    assert said(limited(limit), old, old[1::2])[0].startswith("«Ansatte i kommunen»: kode 0301 Helse er borte.")
    assert "kode 0301 Helse er ny: 1 rad." in said(limited(limit), old[1:2], old[:2])[0]


def test_a_year_s_sum_that_moved_is_told_in_millions() -> None:
    (text,) = said(limited(sums("beloep", ("aar",), "10", "100000")), kroner("12000000"), kroner("13400000"))
    assert text == (
        "«Ansatte i kommunen»: summen av beloep for 2021 gikk fra 12,0 mill til 13,4 mill kroner (+12 %). "
        f"Grensen er 10 % og 100 000 kroner. Grunnen til grensen: {WHY}."
    )


@pytest.mark.parametrize(
    ("old", "new", "moved"),
    [
        ("100", "109.99", False),  # past neither
        ("100", "140", False),  # past the share, but a small group
        ("1000000", "1000060", False),  # past the amount, but a small share
        ("100", "150.01", True),
        ("0", "50.01", True),  # from nothing: no share, so the amount decides
        ("0", "50", False),
        ("500", "450", False),
        ("500", "449.99", True),
        ("-500", "-550.01", True),
    ],
)
def test_a_sum_has_moved_too_far_when_it_is_past_both(old: str, new: str, moved: bool) -> None:
    limit = sums("beloep", ("aar",), "10", "50")
    assert (codes(told(limited(limit), kroner(old), kroner(new))) == ["drift_sums_moved"]) is moved


def test_a_hidden_cell_is_not_guessed() -> None:
    """10 + hidden → 10 + 90: that the 90 came to light is no movement; that 10 became 30 is one."""
    limit = sums("antall", ("aar",), "10", "5")
    old = [(2023, "0301", 10, None, None, None), (2023, "0302", None, ":", None, None)]
    shown = [old[0], (2023, "0302", 90, None, None, None)]
    assert codes(told(limited(limit), old, shown)) == ["drift_sum_unknown"]
    (text,) = said(limited(limit), old, [(2023, "0301", 30, None, None, None), old[1]])
    assert "gikk fra 10 til 30 personer (+200 %); 1 av cellene er skjult eller mangler og er ikke regnet med" in text


def test_two_limits_on_one_column_note_its_hidden_cells_once() -> None:
    both = limited(sums("antall", ("aar",)), sums("antall", ("kode",)))
    drift = Drift("ansatte", VersionNumber(1, 0, 0), "0" * 16, told(both, ROWS, ROWS))
    assert [(note.code, note.count) for note in drift.notes] == [("drift_sum_unknown", 2)]
    assert not drift.stops


def test_a_new_group_is_not_a_movement_and_one_that_is_gone_is() -> None:
    limit = sums("beloep", ("aar",), "10", "50")
    assert codes(told(limited(limit), kroner("500"), kroner("500", "900"))) == []
    assert (
        "gikk fra 500 til 0 kroner (til null)"
        in said(limited(limit), kroner("500", "900")[:1], kroner(None, "1")[1:])[0]
    )


def test_what_is_gone_comes_first_then_history_then_sums_then_rows_then_what_is_new() -> None:
    definition = limited(
        ValuesLimit("kode", may_vanish=False, may_appear=False, because=WHY),
        sums("antall", ("aar",), "1", "1"),
        history(still_open=0),
    )
    limits = replace(definition.drift, max_fewer_rows=0.0, max_changed_rows=0.0)
    new = [(2023, "0301", 99, None, None, "a"), (2024, "0400", 1, None, None, None)]
    found = told(replace(definition, drift=limits), ROWS, new)
    assert codes([part for part in found if part.stops]) == [
        "drift_values_gone",
        "drift_history_changed",
        "drift_sums_moved",
        "drift_fewer_rows",
        "drift_changed_rows",
        "drift_values_new",
    ]


def test_of_many_the_heaviest_are_told_and_the_rest_is_counted() -> None:
    limit = ValuesLimit("merknad", may_vanish=False, may_appear=True, because=WHY)
    old = [(year, "0301", None, None, None, f"m{year}") for year in range(2000, 2030)]
    found = said(limited(limit), old, old[:1])
    assert len(found) == 21
    assert found[-1] == "9 forskjeller til av samme slag."


def test_a_limit_is_held_by_its_own_digits() -> None:
    """0.07 of 100 rows is 7 rows, although the machine's 0.07 · 100 is a little more, and its 0.29 · 100 less."""
    many = [(2000 + i, "0301", None, None, None, None) for i in range(100)]
    for share, gone in ((0.07, 7), (0.29, 29), (0.57, 57)):
        definition = limited()
        definition = replace(definition, drift=DriftLimits(share, None, None, WHY))
        assert told(definition, many, many[gone:]) == ()
        assert codes(told(definition, many, many[gone + 1 :])) == ["drift_fewer_rows"]


def test_a_guard_that_cannot_see_says_so() -> None:
    definition = limited(ValuesLimit("kode", may_vanish=False, may_appear=True, because=WHY), sums("antall"), history())
    before, after = arrow(ROWS), arrow(ROWS[:2])
    by_another_key = assess([Compared(definition, before, after, None)])
    assert codes(by_another_key) == ["drift_not_comparable", "drift_not_comparable"]
    no_code = assess([Compared(definition, before.drop(["kode"]), after, None)])
    assert codes(no_code).count("drift_not_comparable") == 3
    no_value = assess([Compared(limited(sums("antall")), before.drop(["antall"]), after, None)])
    assert codes(no_value) == [], "what was never published cannot have moved"


def test_a_column_of_another_type_is_compared_where_it_can_be() -> None:
    definition = limited(sums("antall"), history(), ValuesLimit("aar", may_vanish=False, may_appear=True, because=WHY))
    before, after = arrow(ROWS), arrow(revised(ROWS, 0, antall=13))
    texts = before.set_column(2, "antall", before["antall"].cast("string"))
    years = before.set_column(0, "aar", before["aar"].cast("string"))
    for old, wanted in (
        (texts, ["drift_not_comparable", "drift_history_changed"]),
        (years, ["drift_history_changed", "drift_sum_unknown"]),
    ):
        rows = RowDifference("ansatte", ("aar", "kode"), old, after)
        assert sorted(codes(assess([Compared(definition, old, after, rows)]))) == sorted(wanted)


def test_a_steward_sees_what_a_changed_row_was_and_is() -> None:
    new = [*revised(ROWS, 0, antall=None, antall_status=":", beloep=None)[:1], (2023, "0400", 1, None, None, None)]
    (found,) = told(limited(history(still_open=0)), ROWS, new)
    assert [(finding.code, finding.params["period"], finding.samples) for finding in found.private] == [
        ("drift_period_values", "2023", ("2023, 0301: antall 12 → :, beloep 10.50 → –",)),
        ("drift_period_rows_gone", "2024", ("2024, 0301", "2024, 0302")),
        ("drift_period_rows_gone", "2023", ("2023, 0302",)),
        ("drift_period_rows_new", "2023", ("2023, 0400",)),
    ]


def test_flags_and_new_periods_are_no_changed_history() -> None:
    fields = [
        *ansatte_schema()["fields"][:3],
        {"name": "antall_flagg", "type": "string", "title": "f", "title_en": "f"},
    ]
    wanted = schema(fields, ["aar", "kode"])
    old = [(2022, "0301", 1, None), (2023, "0301", 2, None), (2024, "0301", 3, None)]
    new = [(2021, "0301", 9, None), (2022, "0301", 1, "b"), (2023, "0301", 2, "r"), (2024, "0301", 4, None)]
    definition = replace(limited(history()), schema=wanted)
    before, after = arrow(old, wanted), arrow(new, wanted)
    assert assess([Compared(definition, before, after, RowDifference("ansatte", ("aar", "kode"), before, after))]) == ()


def test_the_error_says_places_and_counts_and_how_to_go_on() -> None:
    definition = limited(ValuesLimit("kode", may_vanish=False, may_appear=True, because=WHY), kode=LABELS)
    new = [row for row in ROWS if row[1] != "0301"]
    error = Drift("ansatte", VersionNumber(1, 0, 0), "0123456789abcdef", told(definition, ROWS, new)).error()
    assert "apendata accept ansatte --difference 0123456789abcdef" in error.message
    assert "0301" not in error.message + repr(error) + repr(error.findings)
    assert [finding.code for finding in error.findings] == ["drift_values_gone", "drift_accept"]
    assert [finding.code for finding in error.private] == ["drift_value_gone", "drift_accept"]
