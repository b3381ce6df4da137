"""One real CKAN for all live tests, empty before each of them; where none can be had, a skip, or in CI a failure."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from apendata.model import CkanAccess
from tests.live.house import House, house as make_house
from tests.live.portal import Caller, access_to, web_server, wipe
from tests.live.stack import Stack, up
from tests.live.stack.guard import guarded
from tests.live.stack.machine import CannotBeInstalled


@pytest.fixture(scope="session")
def ckan() -> Iterator[Stack]:
    """Below /tmp and not in the project: PostgreSQL's user must be able to reach its data."""
    state = Path(tempfile.mkdtemp(prefix="apendata-ckan-"))
    with guarded(state):
        try:
            stack = up(state)
        except CannotBeInstalled as error:
            if os.environ.get("CI") == "true":
                raise
            pytest.skip(f"no CKAN here: {error}")
        yield stack


@pytest.fixture
def admin(ckan: Stack) -> Caller:
    return Caller(ckan.url, ckan.sysadmin)


@pytest.fixture
def editor(ckan: Stack) -> Caller:
    return Caller(ckan.url, ckan.editor)


@pytest.fixture
def anybody(ckan: Stack) -> Caller:
    return Caller(ckan.url)


@pytest.fixture
def empty(admin: Caller) -> None:
    wipe(admin)


@pytest.fixture
def access(ckan: Stack) -> CkanAccess:
    return access_to(ckan.url, ckan.editor, ckan.org)


@pytest.fixture
def house(empty: None, access: CkanAccess, tmp_path: Path) -> Iterator[House]:
    """An installation whose files are linked to its public tree."""
    with web_server(tmp_path / "lake" / "public") as base_url:
        yield make_house(tmp_path / "lake", base_url, access)
