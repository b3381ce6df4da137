"""Withdrawn from a real CKAN: nothing answers any more, a tombstone stays, and a new release may follow."""

from dataclasses import replace

import pytest

from apendata.errors import PortalContested, PortalForbidden, PortalNotEmptied, PortalRefused, PortalUnavailable
from apendata.model import Outcome, Withdrawal
from apendata.portals.ckan import CkanPortal
from tests.live.house import ROWS, House, ids
from tests.live.test_faults import during
from tests.unit.lake import builders

CANARY = 987654321
WORD = "Kvitrestad"
"""For files on a disk that other tests write to too: digits alone turn up in a compressed file by chance."""
WITH_CANARY = builders.revised(ROWS, 0, antall=CANARY, merknad=WORD)
GONE = Withdrawal("ansatte", None, "Feil telling <script>alert(1)</script>", "2026-11-26T10:00:00Z")


@pytest.fixture(params=["linked", "uploaded"])
def installation(request, house):
    if request.param == "linked":
        return house
    access = replace(house.access, files="uploaded")
    return House(house.lake, CkanPortal(access), access, None)


def test_nothing_of_a_withdrawn_dataset_answers(installation, anybody, editor):
    version = installation.build(WITH_CANARY)
    installation.publish(version)
    resource = ids(version)["ansatte.csv"]
    urls = [r["url"] for r in anybody("package_show", id="ansatte")["resources"]]
    assert str(CANARY) in anybody.get(f"datastore/dump/{resource}").text
    installation.portal.withdraw(GONE, [version])
    assert anybody.ask("datastore_search", resource_id=resource)[0] == 404
    assert sql_gives_nothing(*anybody.ask("datastore_search_sql", sql=f'SELECT * FROM "{resource}"'))
    assert anybody.get(f"datastore/dump/{resource}").status_code == 404
    assert editor.ask("datastore_search", resource_id=resource)[0] == 404
    for url in urls:
        if url.startswith(anybody.url):
            assert anybody.get(url.removeprefix(f"{anybody.url}/")).status_code in {403, 404}
    package = anybody("package_show", id="ansatte")
    assert package["resources"] == []
    assert "Trukket tilbake 2026-11-26" in package["notes"]
    assert "<script>" not in anybody.get("dataset/ansatte").text.replace("<script>window", "")
    assert installation.portal.current("ansatte") is None


def sql_gives_nothing(status, answer):
    """Refused, or not there at all: SQL search is off where CKAN's administrator has not set it."""
    return status in {403, 404, 409} or (status == 400 and "Action name not known: datastore_search_sql" in str(answer))


def test_uploaded_files_are_gone_from_the_disk_too(house, ckan):
    access = replace(house.access, files="uploaded")
    installation = House(house.lake, CkanPortal(access), access, None)
    version = installation.build(WITH_CANARY)
    installation.publish(version)
    assert stored(ckan)
    installation.portal.withdraw(GONE, [version])
    assert stored(ckan) == []


def stored(ckan):
    files = [path for path in (ckan.state / "storage").rglob("*") if path.is_file()]
    return [path for path in files if WORD.encode() in path.read_bytes()]


def test_withdrawing_again_writes_nothing(installation, anybody):
    version = installation.build()
    installation.publish(version)
    installation.portal.withdraw(GONE, [version])
    before = anybody("package_show", id="ansatte")["metadata_modified"]
    installation.portal.withdraw(GONE, [version])
    assert anybody("package_show", id="ansatte")["metadata_modified"] == before


def test_a_release_after_a_withdrawal_is_whole_again(installation, anybody):
    version = installation.build()
    installation.publish(version)
    installation.portal.withdraw(GONE, [version])
    with installation.lake.lock("ansatte"):
        installation.lake.forget("ansatte", "ckan")
    publication = installation.publish(version, portal=CkanPortal(installation.access))
    assert publication.outcome is Outcome.PUBLISHED
    package = anybody("package_show", id="ansatte")
    assert "Trukket" not in package["notes"]
    assert not any(extra["key"] == "apendata_withdrawn" for extra in package["extras"])
    assert installation.portal.verify([installation.release(version)]) == ()


def test_one_version_goes_and_the_archive_and_the_history_lose_it(house, anybody, ckan):
    access = replace(house.access, files="uploaded")
    installation = House(house.lake, CkanPortal(access), access, None)
    first = installation.build()
    installation.publish(first)
    second = installation.build(WITH_CANARY)
    installation.publish(second)
    assert stored(ckan)
    with installation.lake.lock("ansatte"):
        installation.lake.withdraw("ansatte", second.number, "Feil")
    installation.publish(first)
    assert stored(ckan) == []
    archived = anybody("package_show", id="ansatte-arkiv")["resources"]
    assert {r["apendata_version"] for r in archived} == {"1.0.0"}
    extras = {e["key"]: e["value"] for e in anybody("package_show", id="ansatte")["extras"]}
    assert any("1.0.1 trukket tilbake" in key and value == "Feil" for key, value in extras.items())
    assert installation.portal.verify([installation.release(first)]) == ()


def test_the_version_after_it_keeps_none_of_its_old_values_in_the_archive(house, ckan):
    """``changes.csv`` of 1.0.2 repeats what 1.0.1 said; the release of 1.0.2 has no such file any more."""
    access = replace(house.access, files="uploaded")
    installation = House(house.lake, CkanPortal(access), access, None)
    installation.publish(installation.build())
    bad = installation.build(WITH_CANARY)
    installation.publish(bad)
    last = installation.build(builders.revised(ROWS, 0, antall=13))
    installation.publish(last)
    with installation.lake.lock("ansatte"):
        installation.lake.withdraw("ansatte", bad.number, "Feil")
    installation.publish(last)
    assert stored(ckan) == []


def test_what_was_renamed_is_emptied_too(installation, anybody, editor, ckan):
    """A steward may give the package and its archive other names; their files and tables are ours all the same."""
    version = installation.build(WITH_CANARY)
    installation.publish(version)
    urls = [r["url"].removeprefix(f"{anybody.url}/") for r in anybody("package_show", id="ansatte")["resources"]]
    archive = editor.ask("package_show", id="ansatte-arkiv")[1].get("result")
    if archive:
        urls += [r["url"].removeprefix(f"{anybody.url}/") for r in archive["resources"]]
        editor("package_patch", id="ansatte-arkiv", name="mitt-arkiv")
        urls += [url.replace("ansatte-arkiv", "mitt-arkiv") for url in urls]
    editor("package_patch", id="ansatte", name="nytt-navn")
    installation.portal.withdraw(GONE, [version])
    assert anybody.ask("datastore_search", resource_id=ids(version)["ansatte.csv"])[0] == 404
    assert [url for url in urls if "://" not in url and anybody.get(url).status_code == 200] == []
    assert stored(ckan) == []
    assert "Trukket tilbake" in anybody("package_show", id="nytt-navn")["notes"]


def test_a_package_that_only_bears_the_name_is_left_alone(installation, anybody, editor, ckan):
    version = installation.build(WITH_CANARY)
    installation.publish(version)
    editor("package_patch", id="ansatte", name="nytt-navn")
    hers = editor("package_create", name="ansatte", owner_org=ckan.org, notes="Hennes")
    editor("resource_create", package_id=hers["id"], name="Notat", url="https://example.org/notat.pdf")
    before = anybody("package_show", id=hers["id"])
    installation.portal.withdraw(GONE, [version])
    assert anybody("package_show", id=hers["id"]) == before
    assert anybody("package_show", id="nytt-navn")["resources"] == []


@pytest.fixture
def elsewhere(admin):
    """Another organisation, of which apendata's user is no member."""
    if admin.ask("organization_show", id="annen")[0] != 200:
        admin("organization_create", name="annen")
    return admin("organization_show", id="annen")["id"]


@pytest.mark.parametrize("what", ["ansatte", "ansatte-arkiv"])
@pytest.mark.parametrize("private", [False, True])
def test_what_was_moved_out_of_reach_is_not_called_gone(house, admin, elsewhere, what, private):
    access = replace(house.access, files="uploaded")
    installation = House(house.lake, CkanPortal(access), access, None)
    version = installation.build(WITH_CANARY)
    installation.publish(version)
    admin("package_patch", id=what, owner_org=elsewhere, private=private)
    with pytest.raises(PortalForbidden, match=r"annen|another organisation"):
        installation.portal.withdraw(GONE, [version])
    admin("package_patch", id=what, owner_org="kommune")
    installation.portal.withdraw(GONE, [version])


@pytest.mark.parametrize(("private", "error"), [(False, PortalForbidden), (True, PortalRefused)])
def test_a_package_that_was_moved_out_of_reach_is_told(house, admin, elsewhere, private, error):
    version = house.build()
    house.publish(version)
    admin("package_patch", id="ansatte", owner_org=elsewhere, private=private)
    with pytest.raises(error, match="organisation"):
        house.publish(house.build(WITH_CANARY), portal=house.again())


def of_two_tables(house):
    """A release of two tables, and one after it without the second, whose resource stays as it was last."""
    second = builders.table("gammel", drift=builders.loose().tables[0].drift)
    both = builders.dataset(builders.loose().tables[0], second)
    tables = builders.safe() | builders.safe(WITH_CANARY, "gammel")
    versions = []
    for definition, given in ((both, tables), (builders.loose(), builders.safe())):
        version = builders.build(house.lake, definition, given)
        with house.lake.lock("ansatte"):
            house.lake.expose(version)
        house.publish(version)
        versions.append(version)
    return versions


def test_a_table_that_an_old_version_had_goes_too_though_a_form_wiped_its_marks(house, anybody, editor):
    """A steward's save of the resource form takes our fields away: then only the old version knows that it is ours."""
    first, _ = of_two_tables(house)
    resource = ids(first)["gammel.csv"]
    editor("resource_update", id=resource, name="Gammel tabell", url="https://example.org/gammel.csv")
    assert str(CANARY) in anybody.get(f"datastore/dump/{resource}").text
    house.portal.withdraw(GONE, house.lake.versions("ansatte"))
    assert anybody.ask("datastore_search", resource_id=resource)[0] == 404
    assert anybody.get(f"datastore/dump/{resource}").status_code == 404
    assert anybody("package_show", id="ansatte")["resources"] == []


def test_her_title_outlives_a_withdrawal_and_ours_does_not_become_hers(house, anybody, editor):
    version = house.build()
    house.publish(version)
    editor("package_patch", id="ansatte", title="Hennes tittel", notes="Hennes omtale")
    house.portal.withdraw(GONE, [version])
    assert "Trukket tilbake" in anybody("package_show", id="ansatte")["notes"]
    house.portal.withdraw(replace(GONE, at="2026-11-27T10:00:00Z"), [version])
    with house.lake.lock("ansatte"):
        house.lake.forget("ansatte", "ckan")
    release = replace(house.release(version), standing=None)
    assert house.again().publish(release).outcome is Outcome.PUBLISHED
    package = anybody("package_show", id="ansatte")
    assert package["title"] == "Hennes tittel"
    assert "**Coverage:** word" in package["notes"]
    kept = {difference.field for difference in house.again().drift(house.release(version))}
    assert kept == {"title"}
    assert house.again().publish(release, take_ours=True)
    assert anybody("package_show", id="ansatte")["title"] == version.descriptor["title"]


def test_a_version_s_own_table_goes_with_it_though_a_form_wiped_its_marks(house, anybody, editor):
    first, second = of_two_tables(house)
    resource = ids(first)["gammel.csv"]
    editor("resource_update", id=resource, name="Gammel tabell", url="https://example.org/gammel.csv")
    with house.lake.lock("ansatte"):
        house.lake.withdraw("ansatte", first.number, "Feil")
    house.publish(second, portal=house.again())
    assert anybody.ask("datastore_search", resource_id=resource)[0] == 404
    assert resource not in {r["id"] for r in anybody("package_show", id="ansatte")["resources"]}
    assert house.portal.verify([house.release(second)]) == ()


def test_what_another_installation_withdraws_while_we_publish_stays_withdrawn(house, anybody):
    house.publish(house.build())
    second = house.build(WITH_CANARY)
    other, versions = CkanPortal(house.access), house.lake.versions("ansatte")
    conflict = pytest.raises(PortalContested, match="withdrew")
    with during(house, "package_revise", lambda: other.withdraw(GONE, versions)) as portal, conflict:
        portal.publish(house.release(second))
    assert anybody.ask("datastore_search", resource_id=ids(second)["ansatte.csv"])[0] == 404
    package = anybody("package_show", id="ansatte")
    assert (package["resources"], package["notes"][:26]) == ([], "**Trukket tilbake 2026-11-")
    house.publish(second, portal=house.again())  # who begins over a tombstone was told to, and may


def test_a_form_that_wipes_our_marks_everywhere_while_we_publish_is_no_other_publisher(house, editor):
    house.publish(house.build())
    second = house.build(WITH_CANARY)

    def wipe() -> None:
        package = editor("package_show", id="ansatte")
        for resource in package["resources"]:
            editor("resource_update", id=resource["id"], name=resource["name"], url=resource["url"])

    with during(house, "package_revise", wipe) as portal:
        portal.publish(house.release(second))
    assert house.portal.verify([house.release(second)]) == ()


def in_an_archive_of_another_s(house, editor, anybody, rows=ROWS):
    """Release with uploaded files, and let the archive pass for another dataset's: it is not ours to empty then."""
    uploading = House(house.lake, CkanPortal(replace(house.access, files="uploaded")), house.access, None)
    version = uploading.build(rows)
    uploading.publish(version)
    urls = [resource["url"] for resource in anybody("package_show", id="ansatte")["resources"]]
    mark_archive(editor, "annet")
    return version, urls


def mark_archive(editor, dataset):
    marks = {"apendata_dataset": dataset, "apendata_role": "archive"}
    editor("package_patch", id="ansatte-arkiv", extras=[{"key": key, "value": marks[key]} for key in marks])


def test_an_uploaded_file_that_still_answers_is_told_of(house, editor, anybody):
    version, urls = in_an_archive_of_another_s(house, editor, anybody, WITH_CANARY)
    with pytest.raises(PortalNotEmptied) as told:
        house.portal.withdraw(GONE, [version])
    assert all(url in told.value.message for url in urls)
    mark_archive(editor, "ansatte")
    house.portal.withdraw(GONE, [version])
    assert {anybody.get(url.removeprefix(f"{anybody.url}/")).status_code for url in urls} == {404}


def test_an_uploaded_file_of_a_single_version_that_still_answers_is_told_of(house, editor, anybody):
    """The release before it stands again all the same: what was withdrawn is shown by nobody's pointer."""
    first = house.build()
    house.publish(first)
    second, urls = in_an_archive_of_another_s(house, editor, anybody, WITH_CANARY)
    with house.lake.lock("ansatte"):
        house.lake.withdraw("ansatte", second.number, "Feil")
    with pytest.raises(PortalNotEmptied) as told:
        house.publish(first, portal=house.again())
    assert all(url in told.value.message for url in urls)
    assert house.portal.current("ansatte") == first.number
    mark_archive(editor, "ansatte")
    house.publish(first, portal=house.again())


def test_a_table_whose_resource_somebody_dropped_is_not_called_gone(house, editor, anybody):
    """Everybody reads it until its package is written to again; it stays in the database, and we may not remove it."""
    version = house.build(WITH_CANARY)
    house.publish(version)
    resource = ids(version)["ansatte.csv"]
    editor("package_revise", match={"name": "ansatte"}, filter=[f"-resources__{resource}"])
    assert str(CANARY) in anybody.get(f"datastore/dump/{resource}").text
    assert editor.ask("datastore_delete", resource_id=resource, force=True)[0] == 404
    with pytest.raises(PortalUnavailable, match=f"dump/{resource}"):
        house.portal.withdraw(GONE, [version])
    assert anybody.ask("datastore_search", resource_id=resource)[0] == 404
    assert anybody.get(f"datastore/dump/{resource}").status_code == 500
