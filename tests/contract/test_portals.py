"""What every portal must do, whichever it is; the numbers are the duties of ``portals.portal.Portal``."""

import threading
from dataclasses import replace

import pytest

from apendata import app
from apendata.errors import PortalRefused
from apendata.model import Outcome, VersionNumber, Withdrawal
from apendata.portals import PORTALS
from apendata.settings import Settings
from tests.unit.portals import samples


@pytest.fixture
def public(tmp_path):
    return tmp_path / "public"


@pytest.fixture(params=["site"])  # CKAN passes the same in tests/live, where a real one stands
def portal(request, public):
    return PORTALS[request.param](public, None)


def test_a_dataset_that_was_never_published_has_no_version(portal):
    assert portal.current("ansatte") is None


def test_what_is_published_is_what_stands_there(portal, public):
    first, middle, newest = samples.staff_history(public)
    for version, earlier in ((first, ()), (middle, (first,)), (newest, (middle, first))):
        answer = portal.publish(samples.release(version, *earlier))
        assert answer.outcome is Outcome.PUBLISHED
        assert (answer.portal, answer.dataset, answer.version) == (portal.name, "ansatte", version.number)
        assert portal.current("ansatte") == version.number
        assert portal.verify([]) == ()


def test_3_publishing_again_writes_nothing(portal, public):
    released = samples.releases(public)
    for release in released:
        portal.publish(release)
    before = _state(public)
    for release in released:
        assert portal.publish(release).outcome is Outcome.UNCHANGED
    assert _state(public) == before


def test_4_an_older_version_may_be_published_over_a_newer_one(portal, public):
    first, middle, newest = samples.staff_history(public)
    portal.publish(samples.release(newest, middle, first))
    answer = portal.publish(samples.release(first, newest, middle, first))
    assert answer.outcome is Outcome.PUBLISHED
    assert portal.current("ansatte") == VersionNumber(1, 0, 0)
    assert portal.verify([]) == ()
    assert portal.publish(samples.release(newest, middle, first)).outcome is Outcome.PUBLISHED
    assert portal.current("ansatte") == newest.number


def test_8_a_plan_names_what_a_publish_would_change_and_changes_nothing(portal, public):
    first, middle, _ = samples.staff_history(public)
    before = _state(public)
    assert portal.plan(samples.release(first))
    assert _state(public) == before
    portal.publish(samples.release(first))
    assert portal.plan(standing(samples.release(first))) == ()
    assert portal.plan(samples.release(middle, first))
    assert portal.drift(standing(samples.release(first))) == ()


def test_9_nothing_of_a_withdrawn_dataset_can_be_had_and_a_tombstone_stays(portal, public):
    first, middle, _ = samples.staff_history(public)
    portal.publish(samples.release(middle, first))
    gone = Withdrawal("ansatte", None, "Feil telling", "2026-11-26T10:00:00Z")
    portal.withdraw(gone, middle)
    assert portal.current("ansatte") is None
    assert portal.verify([]) == ()
    before = _state(public)
    portal.withdraw(gone, middle)
    assert _state(public) == before
    assert portal.publish(samples.release(middle, first)).outcome is Outcome.PUBLISHED
    assert portal.current("ansatte") == middle.number


def standing(release):
    """The release as the lake hands it over after it was recorded."""
    return replace(release, standing=release.version.number)


PUBLIC = "https://data.example/"


def test_5_a_portal_that_is_not_local_refuses_samples_and_takes_real_data(portal, public):
    version = samples.put_version(public, samples.KOSTRA, samples.KOSTRA_ROWS, synthetic=True)
    assert not portal.is_local(PUBLIC)
    with pytest.raises(PortalRefused, match="sample export"):
        portal.publish(samples.release(version, base_url=PUBLIC))
    assert portal.current("budsjett-kostra") is None
    real = samples.put_version(public, samples.KOSTRA, samples.KOSTRA_ROWS, synthetic=False)
    assert portal.publish(samples.release(real, base_url=PUBLIC)).outcome is Outcome.PUBLISHED


@pytest.mark.parametrize(
    ("dataset", "outcome"), [("rekruttering", Outcome.FAILED), ("varsling", Outcome.AWAITING_REVIEW)]
)
def test_5_a_sample_for_a_public_address_is_refused_before_anything_of_it_is_exposed(root, tmp_path, dataset, outcome):
    values = {"APENDATA_LAKE": str(tmp_path / "lake"), "APENDATA_BASE_URL": PUBLIC}
    house = app.load(Settings.from_mapping(values, root).on_samples())
    result = house.run(dataset)
    assert result.outcome is outcome
    assert isinstance(result.error, PortalRefused) or outcome is Outcome.AWAITING_REVIEW
    assert [path for path in (tmp_path / "lake" / "public").rglob("*") if path.is_file()] == []


def test_6_datasets_may_be_published_at_the_same_time(portal, public):
    released = samples.releases(public)
    threads = [threading.Thread(target=portal.publish, args=(release,)) for release in released]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert portal.verify([]) == ()
    assert {r.dataset: portal.current(r.dataset) for r in released} == {r.dataset: r.version.number for r in released}


def test_a_version_that_the_lake_has_not_put_in_place_is_refused(portal, public):
    version = samples.put_version(public, samples.KOSTRA, samples.KOSTRA_ROWS)
    elsewhere = replace(version, number=VersionNumber(9, 9, 9))
    with pytest.raises(PortalRefused, match=r"v9\.9\.9"):
        portal.publish(samples.release(elsewhere))


def _state(public):
    """Every path with its kind, content, mode and time of change; links are not followed."""
    found = {}
    for path in sorted(public.rglob("*")):
        status = path.lstat()
        content = path.readlink() if path.is_symlink() else path.read_bytes() if path.is_file() else None
        found[path] = (status.st_mode, status.st_mtime_ns, status.st_ino, content)
    return found
