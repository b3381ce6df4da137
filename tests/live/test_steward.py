"""What people do at the portal, and what becomes of it: their texts stay, the release's own fields come back, told."""

from contextlib import suppress
from dataclasses import replace

import pytest

from apendata.errors import PortalRefused
from apendata.model import Outcome, Owner, Withdrawal
from apendata.portals.ckan import CkanPortal
from tests.live.house import ROWS, House, ids
from tests.live.test_release import same_rows


@pytest.fixture
def released(house):
    version = house.build()
    house.publish(version)
    return version


def fields(differences):
    return {(d.place, d.field) for d in differences}


def test_a_text_that_a_person_wrote_stays_until_ours_is_asked_for(house, released, editor, anybody):
    editor("package_patch", id="ansatte", title="Hennes tittel", notes="Hennes tekst")
    publication = house.publish(released, portal=house.again())
    assert publication.outcome is Outcome.UNCHANGED
    assert fields(publication.kept) == {("dataset", "title"), ("dataset", "notes")}
    newer = house.build((*ROWS, (2025, "0400", 3, None, None, None)))
    publication = house.publish(newer, portal=house.again())
    package = anybody("package_show", id="ansatte")
    assert (package["title"], package["notes"]) == ("Hennes tittel", "Hennes tekst")
    assert {r["apendata_release"] for r in package["resources"]} == {str(newer.number)}
    assert fields(publication.kept) == {("dataset", "title"), ("dataset", "notes")}
    house.publish(newer, portal=house.again(), take_ours=True)
    assert anybody("package_show", id="ansatte")["title"] == "ord"


def test_drift_says_what_who_and_when(house, released, editor):
    editor("package_patch", id="ansatte", title="Hennes tittel")
    (difference,) = house.again().drift(house.release(released))
    assert (difference.place, difference.field) == ("dataset", "title")
    assert (difference.live, difference.wanted) == ("Hennes tittel", "ord")
    assert difference.owner is Owner.TEXT
    assert difference.by == "editor"
    assert difference.at


def test_a_saved_form_that_wipes_our_fields_and_puts_an_old_address_back_is_mended(house, released, editor, anybody):
    resource = ids(released)["ansatte.xlsx"]
    editor("resource_update", id=resource, url="http://127.0.0.1:1/gammel.xlsx", name="Hennes navn")
    assert "apendata_release" not in anybody("resource_show", id=resource)
    assert house.portal.verify([house.release(released)])
    publication = house.publish(released, portal=house.again())
    assert publication.outcome is Outcome.PUBLISHED
    assert ("resource ansatte.xlsx", "url") in fields(publication.mended)
    after = anybody("resource_show", id=resource)
    assert after["url"].endswith("/v1.0.0/ansatte.xlsx")
    assert after["name"] == "Hennes navn"
    assert house.portal.verify([house.release(released)]) == ()


def test_an_old_form_that_brings_old_texts_back_is_not_taken_for_her_words(house, released, editor, anybody):
    """Form opened, release made, form saved: extras and notes are old again, the resources new (measured)."""
    before = editor("package_show", id="ansatte")
    newer = house.build((*ROWS, (2025, "0400", 3, None, None, None)))
    house.publish(newer)
    editor("package_patch", id="ansatte", extras=before["extras"], notes=before["notes"], version=before["version"])
    publication = house.publish(newer, portal=house.again())
    assert publication.kept == ()
    assert ("dataset", "apendata_release") in fields(publication.mended)
    assert anybody("package_show", id="ansatte")["version"] == str(newer.number)


def test_what_is_hers_is_never_touched(house, released, editor, anybody):
    package = editor("package_show", id="ansatte")
    editor("package_patch", id="ansatte", extras=[*package["extras"], {"key": "hennes", "value": "egen"}])
    own = editor("resource_create", package_id="ansatte", name="Notat", url="https://example.org/notat.pdf")
    house.publish(house.build((*ROWS, (2025, "0400", 3, None, None, None))), portal=house.again())
    after = anybody("package_show", id="ansatte")
    assert {"key": "hennes", "value": "egen"} in after["extras"]
    assert own["id"] in {r["id"] for r in after["resources"]}


def test_a_resource_that_she_deleted_comes_back_with_its_id_and_its_table(house, released, editor, anybody):
    editor("resource_delete", id=ids(released)["ansatte.csv"])
    publication = house.publish(released, portal=house.again())
    assert publication.outcome is Outcome.PUBLISHED
    assert same_rows(anybody, released)
    assert house.portal.verify([house.release(released)]) == ()


def test_a_renamed_package_gets_its_name_and_address_back(house, released, editor, anybody):
    editor("package_patch", id="ansatte", name="nytt-navn")
    publication = house.publish(released, portal=house.again())
    assert ("dataset", "name") in fields(publication.mended)
    assert anybody("package_show", id="ansatte")["name"] == "ansatte"
    assert anybody.ask("package_show", id="nytt-navn")[0] == 404


@pytest.mark.parametrize("how", ["made private", "deleted"])
def test_a_package_that_was_hidden_is_shown_again(house, released, editor, anybody, how):
    if how == "deleted":
        editor("package_delete", id="ansatte")
    else:
        editor("package_patch", id="ansatte", private=True)
    house.publish(released, portal=house.again())
    assert house.portal.verify([house.release(released)]) == ()
    assert anybody("package_show", id="ansatte")["state"] == "active"


def test_words_in_the_dictionary_are_hers_and_the_rest_is_ours(house, released, editor, anybody):
    resource = ids(released)["ansatte.csv"]
    info = anybody("datastore_info", id=resource)
    written = [{"id": f["id"], "type": {"int8": "bigint"}.get(f["type"], f["type"]), "info": {"label": "Hennes"}}
               for f in info["fields"]]  # fmt: skip
    editor("datastore_create", resource_id=resource, force=True, fields=written)
    drift = house.again().drift(house.release(released))
    assert ("dictionary ansatte", "kode.label") in fields(drift)
    house.publish(house.build((*ROWS, (2025, "0400", 3, None, None, None))), portal=house.again())
    words = {f["id"]: f["info"] for f in anybody("datastore_info", id=resource)["fields"]}
    assert words["beloep"]["label"] == "Hennes"
    assert words["beloep"]["unit"] == "NOK"


@pytest.mark.parametrize(
    "mischief",
    [
        {"method": "insert", "records": [{"aar": None, "kode": "0301", "antall": 9}]},
        {"method": "upsert", "records": [{"aar": 2023, "kode": "0301", "antall": 999}]},
        {"method": "insert", "records": [{"aar": 1999, "kode": "9999"}]},
    ],
    ids=["a row without a key", "another number", "a row of her own"],
)
def test_rows_that_others_wrote_are_found_and_put_right(house, released, editor, anybody, mischief):
    editor("datastore_upsert", resource_id=ids(released)["ansatte.csv"], force=True, **mischief)
    assert house.portal.verify([house.release(released)])
    assert ("datastore ansatte", "rows") in fields(house.portal.drift(house.release(released)))
    publication = house.publish(released, portal=house.again(), thorough=True)
    assert ("datastore ansatte", "rows") in fields(publication.mended)
    assert same_rows(anybody, released)


def test_a_table_that_others_made_with_other_types_is_made_anew(house, released, editor, anybody):
    resource = ids(released)["ansatte.csv"]
    editor("datastore_delete", resource_id=resource, force=True)
    editor("datastore_create", resource_id=resource, force=True, records=[{"aar": "2023", "kode": "301"}])
    publication = house.publish(released, portal=house.again(), thorough=True)
    assert ("datastore ansatte", "rows") in fields(publication.mended)
    assert same_rows(anybody, released)
    assert house.portal.verify([house.release(released)]) == ()


def test_a_plan_is_what_a_publish_does(house, released, editor):
    editor("package_patch", id="ansatte", title="Hennes", version="9")
    newer = house.build((*ROWS, (2025, "0400", 3, None, None, None)))
    portal = house.again()
    plan = portal.plan(house.release(newer))
    assert ("dataset", "version") in fields(plan)
    assert ("dataset", "title") not in fields(plan)
    assert ("datastore ansatte", "rows") in fields(plan)
    assert ("resource ansatte.csv", "url") in fields(plan)
    house.publish(newer)
    assert house.again().plan(house.release(newer)) == ()
    assert fields(house.again().plan(house.release(newer), take_ours=True)) == {("dataset", "title")}


@pytest.mark.parametrize("role", ["arkiv", "klargjoering"])
def test_a_private_package_of_hers_whose_name_we_would_take_stays_as_it_is(house, editor, anybody, ckan, role):
    hers = editor("package_create", name=f"ansatte-{role}", owner_org=ckan.org, private=True, notes="Hennes")
    editor("resource_create", package_id=hers["id"], name="Notat", url="https://example.org/notat.pdf")
    before = editor("package_show", id=hers["id"])
    access = replace(house.access, files="uploaded")
    installation = House(house.lake, CkanPortal(access), access, None)
    version = installation.build()
    if role == "arkiv":
        with pytest.raises(PortalRefused, match="ansatte-arkiv"):
            installation.publish(version)
    else:
        installation.publish(version)
    with suppress(PortalRefused):  # a new table of a public package needs the other one
        installation.publish(installation.build((*ROWS, (2025, "0400", 3, None, None, None))))
    assert editor("package_show", id=hers["id"]) == before
    assert anybody.ask("package_show", id=hers["id"])[0] in {403, 404}
    installation.portal.withdraw(Withdrawal("ansatte", None, "feil", "2026-11-26T10:00:00Z"), [version])
    assert editor("package_show", id=hers["id"]) == before


def test_a_renamed_archive_gets_its_name_back(house, editor, anybody):
    access = replace(house.access, files="uploaded")
    installation = House(house.lake, CkanPortal(access), access, None)
    version = installation.build()
    installation.publish(version)
    editor("package_patch", id="ansatte-arkiv", name="mitt-arkiv")
    installation.publish(version, portal=CkanPortal(access), thorough=True)
    assert anybody("package_show", id="ansatte-arkiv")["resources"]
    assert anybody.ask("package_show", id="mitt-arkiv")[0] == 404
