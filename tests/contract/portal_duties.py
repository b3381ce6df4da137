"""What every portal must do, whichever it is; the numbers are the duties of ``portals.portal.Portal``.

A test module of one portal imports all of this and gives the fixture ``place``: ``test_portals.py`` the static one,
``tests/live/test_portal_duties.py`` a real CKAN.
"""

import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from apendata.errors import PortalRefused
from apendata.model import Outcome, VersionNumber, Withdrawal
from apendata.portals import Portal
from tests.unit.portals import samples


@dataclass(frozen=True)
class Place:
    """A portal of one kind, and what the duties need to know of it."""

    portal: Portal
    public: Path
    """The lake's public tree."""
    state: Callable[[], Any]
    """All that a reader may see, with every sign of a write."""
    base_url: str | None = None
    public_address: str | None = "https://data.example/"
    """An address under which real data can be released here, local or not."""
    reads_the_tree: bool = True
    """Its files are those of the public tree."""

    def release(self, version, *earlier, **more):
        return samples.release(version, *earlier, **{"base_url": self.base_url, **more})


def test_a_dataset_that_was_never_published_has_no_version(place):
    assert place.portal.current("ansatte") is None


def test_what_is_published_is_what_stands_there(place):
    first, middle, newest = samples.staff_history(place.public)
    for version, earlier in ((first, ()), (middle, (first,)), (newest, (middle, first))):
        answer = place.portal.publish(place.release(version, *earlier))
        assert answer.outcome is Outcome.PUBLISHED
        assert (answer.portal, answer.dataset, answer.version) == (place.portal.name, "ansatte", version.number)
        assert place.portal.current("ansatte") == version.number
        assert place.portal.verify([place.release(version, *earlier)]) == ()


def test_3_publishing_again_writes_nothing(place):
    released = samples.releases(place.public, base_url=place.base_url)
    for release in released:
        place.portal.publish(release)
    before = place.state()
    for release in released:
        assert place.portal.publish(release).outcome is Outcome.UNCHANGED
    assert place.state() == before


def test_4_an_older_version_may_be_published_over_a_newer_one(place):
    first, middle, newest = samples.staff_history(place.public)
    place.portal.publish(place.release(newest, middle, first))
    answer = place.portal.publish(place.release(first, newest, middle, first))
    assert answer.outcome is Outcome.PUBLISHED
    assert place.portal.current("ansatte") == VersionNumber(1, 0, 0)
    assert place.portal.verify([place.release(first, newest, middle, first)]) == ()
    assert place.portal.publish(place.release(newest, middle, first)).outcome is Outcome.PUBLISHED
    assert place.portal.current("ansatte") == newest.number


def test_8_a_plan_names_what_a_publish_would_change_and_changes_nothing(place):
    first, middle, _ = samples.staff_history(place.public)
    before = place.state()
    assert place.portal.plan(place.release(first))
    assert place.state() == before
    place.portal.publish(place.release(first))
    assert place.portal.plan(standing(place.release(first))) == ()
    assert place.portal.plan(place.release(middle, first))
    assert place.portal.drift(standing(place.release(first))) == ()


def test_9_nothing_of_a_withdrawn_dataset_can_be_had_and_a_tombstone_stays(place):
    first, middle, _ = samples.staff_history(place.public)
    place.portal.publish(place.release(middle, first))
    gone = Withdrawal("ansatte", None, "Feil telling", "2026-11-26T10:00:00Z")
    place.portal.withdraw(gone, [middle, first])
    assert place.portal.current("ansatte") is None
    assert place.portal.verify([]) == ()
    before = place.state()
    place.portal.withdraw(gone, [middle, first])
    assert place.state() == before
    assert place.portal.publish(place.release(middle, first)).outcome is Outcome.PUBLISHED
    assert place.portal.current("ansatte") == middle.number


CANARY = 987_654_321


def test_9_nothing_of_a_withdrawn_version_can_be_had_once_another_one_is_released(place):
    first, _, newest = samples.staff_history(place.public)
    rows = samples.STAFF_ROWS | {"ansatte": [{**samples.STAFF_ROWS["ansatte"][-4], "antall": CANARY}]}
    bad = samples.put_version(place.public, samples.STAFF, rows, number="1.0.1", changes=samples.CHANGES)
    place.portal.publish(place.release(first))
    place.portal.publish(replace(place.release(bad, first), standing=first.number))
    assert shows(place, CANARY)
    gone = (Withdrawal("ansatte", bad.number, "Feil telling", "2026-11-26T10:00:00Z"),)
    shutil.rmtree(bad.folder)  # what the lake does first
    instead = replace(place.release(first), standing=bad.number, withdrawn=gone)
    assert place.portal.publish(instead).outcome is Outcome.PUBLISHED
    assert not shows(place, CANARY)
    assert "Feil telling" in repr(place.state())
    assert place.portal.verify([standing(instead)]) == ()
    assert place.portal.publish(standing(instead)).outcome is Outcome.UNCHANGED
    after = replace(place.release(newest, first), standing=first.number, withdrawn=gone)
    place.portal.publish(after)
    assert not shows(place, CANARY)
    assert place.portal.verify([standing(after)]) == ()


def shows(place, value):
    """Whether a reader finds a number anywhere, as figures or as people write it."""
    seen = repr(place.state()).replace("\\xc2\\xa0", "").replace("\xa0", "")
    return str(value) in seen


def standing(release):
    """The release as the lake hands it over after it was recorded."""
    return replace(release, standing=release.version.number)


PUBLIC = "https://data.example/"


def test_5_a_portal_that_is_not_local_refuses_samples_and_takes_real_data(place):
    version = samples.put_version(place.public, samples.KOSTRA, samples.KOSTRA_ROWS, synthetic=True)
    assert not place.portal.is_local(PUBLIC)
    with pytest.raises(PortalRefused, match="sample export"):
        place.portal.publish(place.release(version, base_url=PUBLIC))
    assert place.portal.current("budsjett-kostra") is None
    real = samples.put_version(place.public, samples.KOSTRA, samples.KOSTRA_ROWS, synthetic=False)
    address = place.public_address
    assert place.portal.publish(place.release(real, base_url=address)).outcome is Outcome.PUBLISHED


def test_6_datasets_may_be_published_at_the_same_time(place):
    released = samples.releases(place.public, base_url=place.base_url)
    threads = [threading.Thread(target=place.portal.publish, args=(release,)) for release in released]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert place.portal.verify(released) == ()
    assert {r.dataset: place.portal.current(r.dataset) for r in released} == {
        r.dataset: r.version.number for r in released
    }


def test_a_version_that_the_lake_has_not_put_in_place_is_refused(place):
    version = samples.put_version(place.public, samples.KOSTRA, samples.KOSTRA_ROWS)
    elsewhere = replace(version, number=VersionNumber(9, 9, 9))
    if not place.reads_the_tree:
        pytest.skip("its files are uploaded from the lake itself")
    with pytest.raises(PortalRefused, match=r"v9\.9\.9"):
        place.portal.publish(place.release(elsewhere))


def test_10_what_a_portal_shows_is_told_before_and_nothing_is_written(place):
    first, *_ = samples.staff_history(place.public)
    before = place.state()
    surfaces = tuple(place.portal.shows(place.release(first)))
    assert place.state() == before
    assert surfaces
    assert all(surface.content for surface in surfaces)
    tables = {part["name"] for part in first.descriptor["resources"]}
    assert tables == {table for surface in surfaces for table in surface.tables}
    assert all(surface.version == first.number for surface in surfaces if surface.tables)
