"""Labels and notes: ours unless a person wrote there; units and signs always ours; a mark says whose the rows are."""

from pathlib import Path

from apendata.portals.ckan.dictionary import CHANGING, ROWS, LiveField, as_wanted, by_hand, fields
from apendata.portals.ckan.tables import Column, WantedTable

COLUMNS = (Column("kode", "text", "Kode", "En kode.", {"label_en": "Code"}),
           Column("beloep", "numeric", "Beløp", "", {"unit": "NOK"}))  # fmt: skip
TABLE = WantedTable("r", "tabell", COLUMNS, ("kode",), Path("t.csv"), "sha")


def written(live=(), *, take_ours=False, rows="sha", only=None):
    made = fields(TABLE, live, rows=rows, only=only, take_ours=take_ours)
    return tuple(LiveField(field["id"], field["type"], field["info"], indexed=True) for field in made)


def with_label(live, label):
    return (LiveField(live[0].name, live[0].type, {**live[0].info, "label": label}, indexed=True), *live[1:])


def test_what_was_written_is_as_wanted() -> None:
    assert as_wanted(TABLE, written(), take_ours=False)
    assert not as_wanted(TABLE, written(rows=CHANGING), take_ours=False)


def test_a_person_s_label_stays_until_ours_is_asked_for() -> None:
    hers = with_label(written(), "Hennes")
    assert by_hand(COLUMNS[0], hers[0])
    again = written(written(hers))
    assert again[0].info["label"] == "Hennes"
    assert again[0].info["label_en"] == "Code"
    assert as_wanted(TABLE, again, take_ours=False)
    assert written(hers, take_ours=True)[0].info["label"] == "Kode"


def test_a_form_that_wiped_our_words_gets_them_back_beside_her_label() -> None:
    wiped = (LiveField("kode", "text", {"label": "Hennes", "notes": ""}, indexed=True), *written()[1:])
    again = written(wiped)
    assert (again[0].info["label"], again[0].info["label_en"]) == ("Hennes", "Code")


def test_the_mark_of_the_rows_alone_was_written_by_nobody() -> None:
    filling = written(only=[], rows=CHANGING)
    assert filling[0].info == {ROWS: CHANGING}
    assert not by_hand(COLUMNS[0], filling[0])
    assert written(filling)[0].info["label"] == "Kode"
