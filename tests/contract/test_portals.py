"""The static portal does what every portal must."""

import pytest

from apendata import app
from apendata.errors import PortalRefused
from apendata.model import Outcome
from apendata.portals.site import SitePortal
from apendata.settings import Settings
from tests.contract.portal_duties import *  # noqa: F403 (the duties are the tests)
from tests.contract.portal_duties import Place
from tests.unit.portals import samples

PUBLIC = "https://data.example/"


@pytest.fixture
def place(tmp_path):
    public = tmp_path / "public"
    return Place(SitePortal(public), public, lambda: _state(public))


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


def test_10_what_is_told_before_is_what_stands_there_after(place):
    first, middle, _ = samples.staff_history(place.public)
    other = next(r for r in samples.releases(place.public) if r.dataset != "ansatte")
    for release in (other, place.release(first), place.release(middle, first)):
        told = {surface.name: surface.content for surface in place.portal.shows(release)}
        place.portal.publish(release)
        assert {name: (place.public / name).read_bytes() for name in told} == told


def _state(public):
    """Every path with its kind, content, mode and time of change; links are not followed."""
    found = {}
    for path in sorted(public.rglob("*")):
        status = path.lstat()
        content = path.readlink() if path.is_symlink() else path.read_bytes() if path.is_file() else None
        found[path] = (status.st_mode, status.st_mtime_ns, status.st_ino, content)
    return found
