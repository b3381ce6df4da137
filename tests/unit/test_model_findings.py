"""What several tables say of one cell is said once; what is said of another cell, field or rule is kept."""

from apendata.model import Finding, Place, said_once

CELL = Place("f.xlsx", "Ark", 6, "Navn", "A6")
LINE = Place("f.xlsx", "Ark", 6)
FIRST = Finding("value_required", table="a", field="kode", places=(CELL,))


def test_the_same_of_the_same_cell_is_left_out() -> None:
    again = Finding("value_required", table="b", field="navn", places=(CELL,))
    row = Finding("value_required", table="c", field="kode", places=(LINE,))
    assert said_once([FIRST, again, row]) == (FIRST,)


def test_anything_else_is_kept() -> None:
    others = [
        Finding("wrong_type", table="a", field="kode", places=(CELL,)),
        Finding("value_required", severity="warning", table="a", field="kode", places=(CELL,)),
        Finding("value_required", table="a", field="kode", places=(Place("f.xlsx", "Ark", 7, "Navn", "A7"),)),
        Finding("value_required", table="a", field="kode", places=(Place("g.xlsx", "Ark", 6, "Navn", "A6"),)),
        Finding("value_required", table="a", field="annet", places=(LINE,)),
        Finding("value_required", table="a", field="kode", places=(CELL,), params={"expected": "x"}),
        Finding("table_missing", table="a"),
        Finding("table_missing", table="b"),
    ]
    assert said_once([FIRST, *others]) == (FIRST, *others)
