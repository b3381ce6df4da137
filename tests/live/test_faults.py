"""What befalls servers, and what people do, while a release is on its way: the old one or the new one, and a name."""

import subprocess
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest

from apendata.errors import (
    ApendataError,
    PortalConflict,
    PortalContested,
    PortalForbidden,
    PortalRefused,
    PortalUnavailable,
)
from apendata.portals.ckan import CkanPortal
from tests.live.chaos.proxy import Proxy
from tests.live.chaos.scenarios import REVISED
from tests.live.house import House, ids
from tests.live.test_release import same_rows


@pytest.fixture
def first(house):
    version = house.build()
    house.publish(version)
    return version


@pytest.fixture
def second(house, first):
    return house.build(REVISED)


def quick(house, **more):
    return CkanPortal(replace(house.access, timeout=4, patience=1, **more))


@contextmanager
def during(house, action, deed):
    """Do something when the first request for an action has come, before the server sees it."""
    done = threading.Event()

    def meet(number, forwarded):
        if not forwarded and not done.is_set() and proxy.seen[number - 1].action == action:
            done.set()
            deed()

    with Proxy(house.access.url, meet=meet) as proxy:
        yield CkanPortal(replace(house.access, url=proxy.url))
    assert done.is_set(), f"no {action} came"


def test_solr_is_down(house, first, second, ckan, anybody):
    ckan.process("solr").kill()
    try:
        with pytest.raises(PortalUnavailable, match="package_revise"):
            house.publish(second, portal=quick(house))
        assert {r["apendata_release"] for r in anybody("package_show", id="ansatte")["resources"]} == {"1.0.0"}
    finally:
        ckan.start("solr")
    house.publish(second)
    assert house.portal.verify([house.release(second)]) == ()


def test_solr_hangs_and_then_shows_what_was_rolled_back(house, first, second, ckan, anybody):
    ckan.process("solr").freeze()
    try:
        with pytest.raises(PortalUnavailable):
            house.publish(second, portal=quick(house))
    finally:
        ckan.process("solr").thaw()
    house.publish(second, portal=house.again())
    assert house.portal.verify([house.release(second)]) == ()
    assert same_rows(anybody, second)


def test_redis_is_down_and_nobody_minds(house, first, second, ckan):
    ckan.process("redis").kill()
    try:
        house.publish(second)
        assert house.portal.verify([house.release(second)]) == ()
    finally:
        ckan.start("redis")


def settle(anybody, resource):
    """Ask until every worker has thrown away the connections that a restart has broken, the DataStore's too."""
    well = 0
    for _ in range(200):
        answers = anybody.ask("package_list")[0], anybody.ask("datastore_search", resource_id=resource)[0]
        well = well + 1 if answers == (200, 200) else 0
        if well == 40:
            return
    raise AssertionError("CKAN did not find its database again")


def test_postgres_is_restarted_in_the_middle_of_an_upsert(house, first, ckan, anybody):
    rows = [(2000 + i // 3, ("0301", "0302", "0400")[i % 3], i, None, None, f"rad {i}") for i in range(6000)]
    version = house.build(rows)
    restarted = []

    def restart():
        ckan.process("postgres").stop()
        ckan.start("postgres")
        restarted.append(True)

    timer = threading.Timer(0.7, restart)
    with during(house, "datastore_upsert", timer.start) as portal:
        try:
            house.publish(version, portal=portal)
        except PortalUnavailable:
            timer.join()
            settle(anybody, ids(first)["ansatte.csv"])
            house.publish(version)
    timer.join()
    settle(anybody, ids(first)["ansatte.csv"])
    assert restarted
    assert house.portal.verify([house.release(version)]) == ()


def test_an_expired_token_is_named_before_anything_is_sent(house, first, second, ckan, anybody):
    with pytest.raises(PortalForbidden, match="expired"):
        house.publish(second, portal=quick(house, token=ckan.expired))
    assert same_rows(anybody, first)


@pytest.mark.parametrize("deed", ["edits", "deletes a resource", "renames"])
def test_a_steward_works_on_the_package_while_we_publish(house, first, second, editor, anybody, deed):
    deeds = {
        "edits": lambda: editor("package_patch", id="ansatte", title="Hennes"),
        "deletes a resource": lambda: editor("resource_delete", id=ids(first)["ansatte.csv"]),
        "renames": lambda: editor("package_patch", id="ansatte", name="nytt-navn"),
    }
    with during(house, "package_revise", deeds[deed]) as portal:
        house.publish(second, portal=portal)
    assert same_rows(anybody, second)
    package = anybody("package_show", id="ansatte")
    assert {r["apendata_release"] for r in package["resources"]} == {str(second.number)}
    assert package["title"] == ("Hennes" if deed == "edits" else "ord")


def test_two_publishers_of_one_release_end_with_one(house, first, second):
    ended = at_once(house, (second, second))
    assert all(error is None or isinstance(error, PortalConflict) for error in ended)
    house.publish(second)
    assert house.portal.verify([house.release(second)]) == ()


def test_two_publishers_of_two_releases_never_mix_them(house, first, second, anybody):
    ended = at_once(house, (first, second))
    assert all(error is None or isinstance(error, ApendataError) for error in ended)
    releases = {r["apendata_release"] for r in anybody("package_show", id="ansatte")["resources"]}
    assert len(releases) == 1
    house.publish(second)
    assert house.portal.verify([house.release(second)]) == ()
    assert same_rows(anybody, second)


def at_once(house, versions):
    ended = []

    def publish(version):
        try:
            CkanPortal(house.access).publish(house.release(version), thorough=True)
            ended.append(None)
        except ApendataError as error:
            ended.append(error)

    threads = [threading.Thread(target=publish, args=(version,)) for version in versions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


@pytest.mark.parametrize("action", ["package_revise", "datastore_upsert"], ids=["at our flip", "as we fill a table"])
def test_another_publisher_with_another_release_is_told_of_and_not_overwritten(house, first, second, action):
    """Another installation moves the pointer between our look and our flip."""
    third = house.build((*REVISED, (2026, "0301", 1, None, None, None)))
    other = CkanPortal(house.access)
    conflict = pytest.raises(PortalContested, match="another publisher released")
    with during(house, action, lambda: other.publish(house.release(third))) as portal, conflict:
        portal.publish(house.release(second))
    assert house.portal.current("ansatte") == third.number
    other.publish(house.release(third), thorough=True)
    assert house.portal.verify([house.release(third)]) == ()


def test_the_disk_is_full_when_files_are_uploaded(house, ckan, anybody):
    access = replace(house.access, files="uploaded")
    uploading = House(house.lake, CkanPortal(access), access, None)
    rows = [(2000 + i // 3, ("0301", "0302", "0400")[i % 3], i, None, None, f"rad {i}") for i in range(3000)]
    version = uploading.build(rows)
    storage = ckan.state / "storage"
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", storage], check=True)
    try:
        with pytest.raises((PortalRefused, PortalUnavailable)):
            uploading.publish(version)
        assert anybody.ask("package_show", id="ansatte")[0] in {403, 404}
    finally:
        subprocess.run(["umount", storage], check=True)
    uploading.publish(version)
    assert uploading.portal.verify([uploading.release(version)]) == ()
