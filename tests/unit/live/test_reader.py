"""The reader sees what is torn, empty or gone, says so, and cannot be content without having looked."""

import time

import pytest

from tests.live.chaos.reader import Reader
from tests.unit.live.toy_ckan import ROWS, resources, toy_ckan


@pytest.fixture
def toy(monkeypatch):
    monkeypatch.setattr("tests.live.chaos.reader.PAUSE", 0.02)
    with toy_ckan() as toy:
        toy.put("1.0.0")
        yield toy


def reader(toy, *, public=True):
    known = {release: {r["id"]: (r["url"], r["apendata_sha256"]) for r in resources(release)} for release in ROWS}
    rows = [tuple(row.values()) for release in ROWS.values() for row in release]
    return Reader(toy.url, "toy", known, "a.csv", lambda row: (row["kode"], row["antall"]) in rows, public=public)


def watched(toy, change=None, **how):
    """Watch the state before and the state after a change."""
    with reader(toy, **how) as watching:
        until(watching, 1)
        if change is not None:
            change(toy)
        until(watching, watching.rounds + 2)
    return watching


def until(watching, rounds):
    end = time.monotonic() + 20
    while watching.rounds < rounds and time.monotonic() < end:
        time.sleep(0.01)


def test_a_whole_release_and_the_next_one(toy):
    seen = watched(toy, lambda toy: toy.put("1.0.1"))
    assert (seen.torn, seen.gaps, seen.hidden) == ([], [], [])
    assert seen.seen >= 2


def mixed(toy):
    toy.resources = [resources("1.0.0")[0], resources("1.0.1")[1]]


def half_flipped(toy):
    """All say the new release, and one still has the old address."""
    toy.resources = [resources("1.0.1")[0], {**resources("1.0.1")[1], "url": resources("1.0.0")[1]["url"]}]


def other_bytes(toy):
    toy.resources = [resources("1.0.1")[0], {**resources("1.0.1")[1], "apendata_sha256": "other"}]


def fewer(toy):
    toy.resources = resources("1.0.1")[:1]


def twice(toy):
    toy.resources = [*resources("1.0.1"), *resources("1.0.1", "x")]


def unmarked(toy):
    toy.resources = [{"id": r["id"], "url": r["url"]} for r in resources("1.0.1")]


def unknown(toy):
    toy.resources = resources("9.9.9")


@pytest.mark.parametrize("change", [mixed, half_flipped, other_bytes, fewer, twice, unmarked, unknown])
def test_a_torn_release(toy, change):
    seen = watched(toy, change)
    assert seen.torn
    assert seen.gaps == []


def test_a_row_of_neither_release(toy):
    seen = watched(toy, lambda toy: toy.rows.append({"kode": "a", "antall": 5}))
    assert set(seen.torn) == {"a row that is neither an old nor a new one"}


def test_a_row_with_other_columns(toy):
    assert watched(toy, lambda toy: toy.rows.append({"noe": "a"})).torn


@pytest.mark.parametrize("rows", [None, []], ids=["gone", "empty"])
def test_a_table_without_rows(toy, rows):
    seen = watched(toy, lambda toy: setattr(toy, "rows", rows))
    assert set(seen.gaps) == {"the table was gone or empty"}
    assert seen.torn == []


def test_a_dataset_that_is_gone(toy):
    seen = watched(toy, lambda toy: toy.put(None))
    assert len(set(seen.gaps)) == 3


def test_a_first_release_may_not_be_there_yet(toy):
    toy.put(None)
    seen = watched(toy, lambda toy: toy.put("1.0.0"), public=False)
    assert (seen.torn, seen.gaps, seen.hidden) == ([], [], [])
    assert seen.seen


def test_a_first_release_that_is_taken_back_is_told_and_not_counted(toy):
    seen = watched(toy, lambda toy: toy.put(None), public=False)
    assert (seen.torn, seen.gaps) == ([], [])
    assert len(set(seen.hidden)) == 3


@pytest.mark.parametrize("raw", [b"<html>log in</html>", b"{}", b"[]"])
def test_an_answer_that_nobody_can_read(toy, raw):
    assert watched(toy, lambda toy: setattr(toy, "raw", raw)).torn


def test_a_reader_who_was_shown_nothing_has_failed():
    seen = Reader("http://127.0.0.1:9", "toy", {}, "a.csv", bool)
    with seen:
        pass
    assert seen.torn == ["the reader was never shown the dataset"]
    assert seen.rounds
