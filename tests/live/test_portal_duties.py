"""A real CKAN does what every portal must, with linked files and with uploaded ones."""

from dataclasses import replace

import pytest

from apendata.portals.ckan import CkanPortal
from tests.contract.portal_duties import *  # noqa: F403 (the duties are the tests)
from tests.contract.portal_duties import Place
from tests.live.portal import web_server


@pytest.fixture(params=["linked", "uploaded"])
def place(request, empty, access, admin, anybody, tmp_path):
    public = tmp_path / "public"
    portal = CkanPortal(replace(access, files=request.param))
    if request.param == "uploaded":
        yield Place(portal, public, lambda: seen(admin, anybody), None, reads_the_tree=False)
        return
    with web_server(public) as base_url:
        yield Place(portal, public, lambda: seen(admin, anybody), base_url, public_address=base_url)


def seen(admin, anybody):
    """Every package as it is, with its times, and every table's rows."""
    packages = admin("package_search", rows=1000, include_private=True)["results"]
    tables = [r["id"] for p in packages for r in p["resources"] if r.get("datastore_active")]
    shown = {p["name"]: admin("package_show", id=p["name"]) for p in packages}
    return shown, {id_: anybody.get(f"datastore/dump/{id_}").text for id_ in tables}
