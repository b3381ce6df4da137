"""A steward's and an operator's day with a real CKAN, by the command line."""

import socket

import pytest

from tests.functional import own_dataset
from tests.functional.conftest import apendata
from tests.live.portal import web_server

__all__ = ["apendata"]


@pytest.fixture
def own(tmp_path):
    return own_dataset.make(tmp_path)


@pytest.fixture
def line(apendata, own, empty, ckan, tmp_path):
    with web_server(tmp_path / "lake" / "public") as base_url:
        settings = {
            **own.settings,
            "APENDATA_PORTALS": "site,ckan",
            "APENDATA_BASE_URL": base_url,
            "APENDATA_CKAN_URL": ckan.url,
            "APENDATA_CKAN_TOKEN": ckan.editor,
            "APENDATA_CKAN_ORGANIZATION": ckan.org,
            "APENDATA_CKAN_PATIENCE": "2",
        }
        yield lambda *words, **more: apendata(*words, **{**settings, **more})


@pytest.fixture
def free_port():
    """A port of this machine behind which nobody listens."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return place.getsockname()[1]


def test_the_first_day(line):
    assert line("portal", "check").code == 0
    line("build")
    plan = line("plan", "--json")
    assert plan.code == 2
    assert {d["portal"] for d in plan.line("soeknader")["differences"]} == {"site", "ckan"}
    said = line("publish")
    assert said.code == 0
    assert "released to site, ckan" in said.out
    assert line("plan").code == 0
    assert line("drift").code == 0
    assert line("verify").code == 0
    assert line("run", "--json").line("soeknader")["outcome"] == "UNCHANGED"


def test_where_files_lie_is_asked_before_the_first_run(line, free_port):
    nowhere = line("portal", "check", "--language", "en", APENDATA_BASE_URL="")
    assert nowhere.code == 30
    assert "Set APENDATA_BASE_URL" in nowhere.out
    silent = line("portal", "check", "--language", "en", APENDATA_BASE_URL=f"http://127.0.0.1:{free_port}/")
    assert silent.code == 30
    assert "See to the web server" in silent.out
    assert line("portal", "check", APENDATA_BASE_URL="", APENDATA_CKAN_FILES="uploaded").code == 0


def test_a_text_written_at_the_portal_is_told_kept_and_taken_back_on_demand(line, editor, anybody):
    line("run")
    editor("package_patch", id="soeknader", title="Hennes", version="7")
    drift = line("drift", "--language", "en")
    assert drift.code == 2
    assert "dataset, title (changed by editor," in drift.out
    said = line("publish", "--language", "en")
    assert said.code == 0
    assert "mended on ckan: 1 field" in said.out
    assert "left as somebody wrote it on the portal" in said.out
    assert "publish soeknader --take ours" in said.out
    assert anybody("package_show", id="soeknader")["title"] == "Hennes"
    line("publish", "--take", "ours")
    assert anybody("package_show", id="soeknader")["title"] != "Hennes"


def test_going_back_and_taking_away(line, own, anybody):
    line("run")
    own.export.write_text(own_dataset.EXPORT.replace("1\u00a0300", "1\u00a0301"))
    line("run")
    assert line("rollback", "soeknader", "1.0.0", "--because", "prøve", "--json").line("soeknader")["outcome"] == "HELD"
    shown = anybody("package_show", id="soeknader")
    assert {r["apendata_release"] for r in shown["resources"]} == {"1.0.0"}
    assert line("withdraw", "soeknader", "--because", "Feil", "--yes").code == 0
    assert anybody("package_show", id="soeknader")["resources"] == []
    assert line("run", "--json").line("soeknader")["outcome"] == "WITHDRAWN"
    line("resume", "soeknader")
    assert line("run", "--json").line("soeknader")["outcome"] == "PUBLISHED"
    assert line("verify").code == 0


def test_moving_in(line, editor, ckan, tmp_path):
    package = editor("package_create", name="fra-foer", title="Fra før", notes="Vår tekst", owner_org=ckan.org,
                     resources=[{"name": "Tabell", "url": "https://example.org/t.csv", "format": "CSV"}])  # fmt: skip
    fields = [{"id": "kode", "type": "text", "info": {"label": "Kode"}}, {"id": "beloep", "type": "numeric"}]
    editor(
        "datastore_create", resource_id=package["resources"][0]["id"], force=True, fields=fields, primary_key=["kode"]
    )
    said = line("import", "fra-foer")
    assert said.code == 0
    definition = (tmp_path / "datasets" / "fra-foer" / "dataset.yaml").read_text()
    assert 'nb: "Fra før"' in definition
    assert '"primaryKey": [\n    "kode"\n  ]' in (tmp_path / "schemas" / "tabell.schema.json").read_text()
    check = line("check", "fra-foer")
    assert check.code == 10
    assert "disclosure" in check.out
    assert line("import", "Fra før", APENDATA_CKAN_URL="http://127.0.0.1:9/").code == 10, "CKAN need not be asked"
    again = line("import", "fra-foer")
    assert again.code == 10
    assert "Nothing was written" in again.err
