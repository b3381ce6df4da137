"""The CKAN of the live tests is what they take it for: its rights, its language, its tokens, and servers that die."""

import json
import subprocess
import sys

import pytest

from tests.live.portal import Caller
from tests.live.stack import status, up

SERVERS = ["postgres", "redis", "solr", "ckan"]


@pytest.fixture
def outsider(ckan):
    return Caller(ckan.url, ckan.outsider)


@pytest.fixture
def expired(ckan):
    return Caller(ckan.url, ckan.expired)


def test_all_of_it_is_up(ckan, anybody, root):
    assert anybody("status_show")["ckan_version"] == "2.12.0"
    command = [sys.executable, "-m", "tests.live.stack", "status", ckan.state]
    said = json.loads(subprocess.run(command, cwd=root, capture_output=True, check=True).stdout)
    assert said == {"state": str(ckan.state), "servers": status(ckan.state)}
    assert list(said["servers"]) == SERVERS
    assert all(said["servers"].values())


def test_the_same_folder_again_starts_nothing(ckan):
    before = status(ckan.state)
    assert up(ckan.state) == ckan
    assert status(ckan.state) == before


def test_an_editor_may_write_in_the_organisation_and_others_may_not(empty, ckan, editor, outsider, anybody):
    for stranger in (outsider, anybody):
        assert stranger.ask("package_create", name="proeve", owner_org=ckan.org)[0] == 403
    assert editor("package_create", name="proeve", owner_org=ckan.org)["name"] == "proeve"
    assert editor.ask("dataset_purge", id="proeve")[0] == 403
    assert editor.ask("organization_patch", id=ckan.org, title="Min")[0] == 403


def test_an_expired_token_is_nobodys(empty, ckan, editor, expired):
    """CKAN does not say so: it reads for everybody, and refuses the write of a user without a name."""
    editor("package_create", name="proeve", owner_org=ckan.org, private=True)
    asked = {"permission": "create_dataset"}
    assert [o["name"] for o in editor("organization_list_for_user", **asked)] == [ckan.org]
    assert expired("organization_list_for_user", **asked) == []
    assert expired.ask("package_show", id="proeve")[0] == 403
    status_code, answer = expired.ask("package_patch", id="proeve", title="Ny")
    assert status_code == 403
    assert "User  not authorized" in answer["error"]["message"]


def test_rows_and_queries_are_both_stemmed_in_norwegian(empty, ckan, editor, anybody):
    package = editor("package_create", name="proeve", owner_org=ckan.org, resources=[{"url": "http://127.0.0.1/"}])
    table = package["resources"][0]["id"]
    fields = [{"id": "sted", "type": "text"}]
    records = [{"sted": "kommunene"}, {"sted": "fylket"}]
    editor("datastore_create", resource_id=table, fields=fields, records=records, force=True)
    found = anybody("datastore_search", resource_id=table, q="kommuner")["records"]
    assert [row["sted"] for row in found] == ["kommunene"]


def test_a_server_that_died_is_started_again_and_no_other(empty, ckan, editor, anybody):
    editor("package_create", name="proeve", owner_org=ckan.org)
    before = status(ckan.state)
    ckan.process("solr").kill()
    assert status(ckan.state) == {**before, "solr": None}
    assert anybody.ask("package_search")[0] == 500
    up(ckan.state)
    after = status(ckan.state)
    assert after["solr"] not in {None, before["solr"]}
    assert after == {**before, "solr": after["solr"]}
    assert [package["name"] for package in anybody("package_search")["results"]] == ["proeve"]
