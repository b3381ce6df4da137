"""An unchanged night asks for all datasets at once, and writes nothing."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

from apendata.model import Outcome
from apendata.portals.ckan import CkanPortal
from apendata.portals.ckan.names import MARK, ROLE
from apendata.portals.ckan.portal import is_due
from tests.live.chaos.proxy import Proxy
from tests.live.house import ids
from tests.live.portal import access_to
from tests.live.test_release import same_rows
from tests.unit.portals import samples

MANY = 120


def test_an_unchanged_night_makes_one_request_for_each_hundred_datasets(house, editor, ckan, tmp_path):
    """Four real datasets among many: the others are packages of ours that stand there, and cost nothing more."""
    for number in range(MANY):
        marks = [{"key": MARK, "value": f"annet-{number}"}, {"key": ROLE, "value": "dataset"}]
        editor("package_create", name=f"annet-{number}", owner_org=ckan.org, extras=marks)
    released = samples.releases(house.lake.layout.public, base_url=house.base_url)
    for release in released:
        house.portal.publish(release)
    night = [replace(release, standing=release.version.number) for release in released]
    with Proxy(house.access.url) as proxy:
        portal = CkanPortal(access_to(proxy.url, ckan.editor, ckan.org), today=not_due)
        outcomes = [portal.publish(release).outcome for release in night]
    assert outcomes == [Outcome.UNCHANGED] * len(night)
    assert Counter(seen.action for seen in proxy.seen) == {"package_search": 2}
    assert len(proxy.seen) * 100 <= MANY + len(night) + 99


def not_due():
    """A day on which none of the samples' tables is looked at in turn."""
    names = {samples.STAFF.id, samples.KOSTRA.id, samples.REPORTS.id, samples.LONG.id}
    days = (date(2026, 1, 1) + timedelta(days=n) for n in range(10))
    return next(day for day in days if not any(is_due(name, day) for name in names))


def test_in_ten_nights_every_table_is_looked_at_once(house, editor, anybody):
    version = house.build()
    house.publish(version)
    editor("datastore_upsert", resource_id=ids(version)["ansatte.csv"], force=True, method="upsert",
           records=[{"aar": 2023, "kode": "0301", "antall": 999}])  # fmt: skip
    mended = []
    for night in range(10):
        portal = CkanPortal(house.access, today=lambda night=night: date(2026, 1, 1) + timedelta(days=night))
        mended.append(house.publish(version, portal=portal).outcome is Outcome.PUBLISHED)
    assert mended.count(True) == 1
    assert same_rows(anybody, version)
