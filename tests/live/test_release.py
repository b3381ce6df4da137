"""A release on a real CKAN: whole, typed, read back; changed by its differences; never half, never twice."""

import csv
import io
from dataclasses import replace
from decimal import Decimal

import pytest

from apendata.errors import PortalForbidden, PortalMismatch, PortalRefused, PortalUnavailable
from apendata.model import Outcome, VersionNumber
from apendata.portals.ckan import CkanPortal
from tests.live.house import ROWS, ids
from tests.unit.lake import builders
from tests.unit.lake.builders import field, schema

MORE = (*ROWS, (2025, "0400", 3, None, Decimal("12345678901.25"), "ny"))


def dump(caller, resource):
    return list(csv.reader(io.StringIO(caller.get(f"datastore/dump/{resource}").text, newline="")))


def published(version, path="ansatte.csv"):
    with (version.folder / path).open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def without_ids(rows):
    head, *rest = rows
    assert head[0] == "_id"
    return [head[1:], *sorted(row[1:] for row in rest)]


def same_rows(caller, version, path="ansatte.csv", resource=None):
    ours = published(version, path)
    return without_ids(dump(caller, resource or ids(version)[path])) == [ours[0], *sorted(ours[1:])]


def test_the_first_release_is_public_whole_and_says_which_it_is(house, anybody):
    version = house.build()
    publication = house.publish(version)
    assert publication.outcome is Outcome.PUBLISHED
    package = anybody("package_show", id="ansatte")
    assert {r["apendata_release"] for r in package["resources"]} == {"1.0.0"}
    assert package["private"] is False
    assert [r["id"] for r in package["resources"]] == [
        ids(version)[name] for name in ("ansatte.csv", "ansatte.xlsx", "ansatte.parquet", "changes.csv",
                                        "datapackage.json")
    ]  # fmt: skip
    for resource, file in zip(package["resources"], ("csv", "xlsx", "parquet"), strict=False):
        reply = anybody.get(f"dataset/ansatte/resource/{resource['id']}/download")
        assert reply.content == (version.folder / f"ansatte.{file}").read_bytes()
    assert same_rows(anybody, version)


def test_types_keys_and_words_come_from_the_contract(house, anybody):
    version = house.build()
    house.publish(version)
    info = anybody("datastore_info", id=ids(version)["ansatte.csv"])
    types = {field["id"]: field["type"] for field in info["fields"]}
    assert types == {
        "aar": "int8",
        "kode": "text",
        "antall": "int8",
        "antall_status": "text",
        "beloep": "numeric",
        "merknad": "text",
    }
    words = {field["id"]: field["info"] for field in info["fields"]}
    assert (words["beloep"]["label"], words["beloep"]["notes_en"]) == ("beloep", "About beloep")
    assert (words["beloep"]["unit"], words["beloep"]["sign"]) == ("NOK", "expense_positive")
    keys = {field["id"]: field["schema"]["is_index"] for field in info["fields"]}
    assert keys["aar"]
    assert keys["kode"]


def test_a_code_keeps_its_zeros_an_amount_its_decimals_and_a_hidden_cell_is_nothing(house, anybody):
    version = house.build()
    house.publish(version)
    rows = {(row[1], row[2]): row for row in dump(anybody, ids(version)["ansatte.csv"])[1:]}
    assert rows["2023", "0301"][5] == "10.50"
    assert rows["2023", "0302"][3:5] == ["", ":"]
    assert rows["2024", "0302"][6] == "=1+1"


def test_an_unchanged_night_writes_nothing(house, anybody):
    version = house.build()
    house.publish(version)
    before = anybody("package_show", id="ansatte")["metadata_modified"]
    for portal in (house.portal, house.again()):
        assert house.publish(version, portal=portal).outcome is Outcome.UNCHANGED
    assert anybody("package_show", id="ansatte")["metadata_modified"] == before


def test_a_revision_changes_the_rows_and_the_pointer_and_keeps_every_id(house, anybody):
    first = house.build()
    house.publish(first)
    before = {r["name"]: r["id"] for r in anybody("package_show", id="ansatte")["resources"]}
    second = house.build(builders.revised(MORE, 0, antall=13)[1:])
    house.publish(second)
    package = anybody("package_show", id="ansatte")
    assert {r["name"]: r["id"] for r in package["resources"]} == before
    assert {r["apendata_release"] for r in package["resources"]} == {str(second.number)}
    assert same_rows(anybody, second)


def test_going_back_is_the_same_flip(house, anybody):
    (first,) = [house.build()]
    house.publish(first)
    second = house.build(MORE)
    house.publish(second)
    house.publish(first)
    assert house.portal.current("ansatte") == first.number
    assert same_rows(anybody, first)
    assert house.portal.verify([house.release(first)]) == ()


def test_a_new_column_comes_with_its_values(house, anybody):
    house.publish(house.build())
    wider = [*builders.ansatte_schema()["fields"], field("enhet")]
    definition = builders.dataset(
        builders.table(table_schema=schema(wider, ["aar", "kode"]), drift=builders.loose().tables[0].drift)
    )
    version = house.build([(*row, f"E{i}") for i, row in enumerate(ROWS)], definition)
    assert version.number == VersionNumber(1, 1, 0)
    house.publish(version)
    assert same_rows(anybody, version)
    assert anybody("datastore_info", id=ids(version)["ansatte.csv"])["fields"][-1]["info"]["label"] == "enhet"


def retyped():
    fields = [dict(f) for f in builders.ansatte_schema()["fields"]]
    fields[2] = field("antall", "number", decimals=1, unit="persons")
    return builders.dataset(
        builders.table(table_schema=schema(fields, ["aar", "kode"]), drift=builders.loose().tables[0].drift)
    )


def test_a_changed_type_gets_a_resource_of_its_own_and_the_old_one_keeps_its_table(house, anybody):
    first = house.build()
    house.publish(first)
    rows = [(*row[:2], None if row[2] is None else Decimal(row[2]), *row[3:]) for row in ROWS]
    second = house.build(rows, retyped())
    assert second.number.major == 2
    house.publish(second)
    package = anybody("package_show", id="ansatte")
    old = next(r for r in package["resources"] if r["id"] == ids(first)["ansatte.csv"])
    new = package["resources"][-3:]
    assert old["apendata_status"] == "superseded"
    assert old["apendata_version"] == "1.0.0"
    assert old["apendata_release"] == "2.0.0"
    assert same_rows(anybody, first)
    current = next(r for r in package["resources"] if r["apendata_status"] == "current" and r["format"] == "CSV"
                   and r.get("apendata_table"))  # fmt: skip
    assert current["id"] != old["id"]
    assert same_rows(anybody, second, resource=current["id"])
    assert new
    assert anybody.ask("package_show", id="ansatte-klargjoering")[0] == 403
    assert house.portal.verify([house.release(second)]) == ()


def test_what_ckan_would_spoil_is_refused_before_anything_is_sent(house, anybody):
    fields = builders.ansatte_schema()["fields"]
    named = [{**fields[0]}, {**fields[1]}, field("å" * 32)]
    definition = builders.dataset(builders.table(table_schema=schema(named, ["aar", "kode"])))
    version = house.build([(2023, "0301", "a")], definition)
    with pytest.raises(PortalRefused, match="63 bytes"):
        house.publish(version)
    assert anybody("package_list") == []


def test_a_token_that_counts_for_nothing_is_named_before_anything_is_written(house, ckan, anybody):
    version = house.build()
    portal = CkanPortal(replace(house.access, token="nobody"))
    with pytest.raises(PortalForbidden, match="APENDATA_CKAN_TOKEN"):
        house.publish(version, portal=portal)
    assert anybody("package_list") == []


def test_files_that_readers_would_not_get_are_not_released(house, anybody):
    version = house.build()
    nowhere = replace(house.release(version), base_url=house.base_url + "elsewhere/")
    with pytest.raises(PortalRefused, match="does not give the file"):
        house.portal.publish(nowhere)
    assert anybody("package_list") == []


def test_a_web_server_that_is_down_is_named_by_its_setting(house, anybody):
    version = house.build()
    dead = replace(house.release(version), base_url="http://127.0.0.1:9/")
    with pytest.raises(PortalUnavailable, match=r"127\.0\.0\.1:9 .* APENDATA_BASE_URL"):
        CkanPortal(replace(house.access, patience=0.0)).publish(dead)
    assert anybody("package_list") == []


def spoil(house, release, monkeypatch):
    """Let something between CKAN and the reader change a file after the pointer has moved."""
    from apendata.portals.ckan import reading_back

    real = reading_back.is_there
    monkeypatch.setattr(
        reading_back, "is_there", lambda api, url, file: file.path != "ansatte.xlsx" and real(api, url, file)
    )
    with pytest.raises(PortalMismatch, match=r"ansatte\.xlsx") as told:
        house.portal.publish(release)
    monkeypatch.undo()
    return told.value.message


def test_what_reads_back_otherwise_is_rolled_back_aloud(house, anybody, monkeypatch):
    first = house.build()
    house.publish(first)
    second = house.build(MORE)
    assert "1.0.0 was put back" in spoil(house, house.release(second), monkeypatch)
    assert house.portal.current("ansatte") == first.number
    assert same_rows(anybody, first)
    house.publish(second, portal=house.again())
    assert house.portal.verify([house.release(second)]) == ()


def test_a_first_release_that_reads_back_otherwise_is_hidden_again(house, anybody, monkeypatch):
    version = house.build()
    assert "private again" in spoil(house, house.release(version), monkeypatch)
    assert anybody.ask("package_show", id="ansatte")[0] == 403
    house.publish(version, portal=house.again())
    assert house.portal.verify([house.release(version)]) == ()


def test_a_package_that_is_not_ours_is_not_taken(house, editor, anybody):
    editor("package_create", name="ansatte", title="Hennes", owner_org="kommune")
    version = house.build()
    with pytest.raises(PortalRefused, match="did not make"):
        house.publish(version)
    assert anybody("package_show", id="ansatte")["title"] == "Hennes"
    house.publish(version, take_ours=True)
    assert anybody("package_show", id="ansatte")["title"] == "ord"
