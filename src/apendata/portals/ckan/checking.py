"""What a first run needs of a CKAN, asked and tried before it, with what to do where it is not so."""

import base64
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from apendata.model import Checked, CkanAccess
from apendata.portals.ckan import names
from apendata.portals.ckan.answers import Answer, Denied, Later, Missing
from apendata.portals.ckan.api import Api
from apendata.portals.ckan.datastore import Loader
from apendata.portals.ckan.packages import Package, Packages
from apendata.portals.ckan.rights import organizations

OLDEST: Final = (2, 11)
"""``datastore_records_delete`` came then; what is measured in docs/ckan.md was measured with 2.12."""
TRIAL: Final = "apendata-proeve"
_LARGEST_TRIAL: Final = 16 << 20
_MOST_SKEW: Final = 120.0
_DIGITS: Final = 5
_SOON: Final = 14 * 86_400


def checks(api: Api, packages: Packages, access: CkanAccess) -> Iterator[Checked]:
    """Yield every check in turn; where CKAN cannot be reached at all, that one alone."""
    try:
        status = api.read("status_show")
    except Answer as answer:
        yield Checked("reachable", ok=False, found=str(answer), todo="See to APENDATA_CKAN_URL, the network and CKAN.")
        return
    yield Checked("reachable", ok=True, found=access.url)
    yield _clock(api.server_time)
    yield _version(str(status.get("ckan_version")))
    plugins = {str(name) for name in status.get("extensions") or []}
    yield _plugin(plugins, "datastore", "Let CKAN's administrator add `datastore` to ckan.plugins.")
    yield _plugin(plugins, "activity", "Without it `drift` cannot say who changed a field, and when.")
    yield _plugin(plugins, "datatables_view", "Without it readers get no preview of a table on its page.")
    yield _no_loader(plugins)
    yield from _token(api, access)
    yield _body_limit(api, access)
    if access.organization in organizations(api):
        yield from _datastore(api, packages, Loader(api, access))


def files_place(public: Api, access: CkanAccess, base_url: str | None) -> Checked:
    """Whether files have a place where readers can fetch them; nothing need lie there before the first run."""
    if access.files == "uploaded":
        return Checked("files", ok=True, found="uploaded to CKAN")
    if base_url is None:
        todo = "Set APENDATA_BASE_URL to where a web server shows the public tree, or APENDATA_CKAN_FILES=uploaded."
        return Checked("files", ok=False, found="linked, to an address that is not known", todo=todo)
    try:
        public.fetch(base_url)
    except (Missing, Denied):
        pass  # it answers; there is no first page yet
    except Answer as answer:
        todo = "See to the web server that shows the public tree at APENDATA_BASE_URL."
        return Checked("files", ok=False, found=str(answer), todo=todo)
    return Checked("files", ok=True, found=f"linked, to {base_url}")


def _clock(server: datetime | None) -> Checked:
    if server is None:
        return Checked("clock", ok=True, found="CKAN does not tell its time")
    skew = abs((datetime.now(UTC) - server).total_seconds())
    todo = "" if skew <= _MOST_SKEW else "Let both machines take their time from the network (NTP)."
    return Checked("clock", ok=skew <= _MOST_SKEW, found=f"{skew:.0f} s apart from this machine's", todo=todo)


def _version(text: str) -> Checked:
    parts = text.split(".")
    number = tuple(int(part) for part in parts[:2] if part.isdecimal() and len(part) < _DIGITS)
    todo = "" if number >= OLDEST else f"apendata needs CKAN {OLDEST[0]}.{OLDEST[1]} or newer."
    return Checked("version", ok=number >= OLDEST, found=text[:20], todo=todo)


def _plugin(plugins: set[str], name: str, todo: str) -> Checked:
    there = name in plugins
    return Checked(f"plugin {name}", ok=there, found="there" if there else "not there", todo="" if there else todo)


def _no_loader(plugins: set[str]) -> Checked:
    loaders = sorted(plugins & {"xloader", "datapusher", "datapusher_plus"})
    todo = "Keep it away from apendata's resources: it writes columns as text over the typed ones." if loaders else ""
    return Checked("no other loader", ok=not loaders, found=", ".join(loaders) or "none", todo=todo)


def _token(api: Api, access: CkanAccess) -> Iterator[Checked]:
    mine = organizations(api)
    todo = "" if access.organization in mine else (
        "The token is wrong, expired or revoked, or its user is no editor of the organisation: see docs/ckan.md."
    )  # fmt: skip
    found = ", ".join(mine) or "may publish for no organisation"
    yield Checked("token's rights", ok=access.organization in mine, found=found, todo=todo)
    all_powerful = _may(api, "config_option_list")
    advice = "Use an editor of the organisation: a token of a sysadmin that leaks gives away all of CKAN."
    yield Checked("no sysadmin", ok=not all_powerful, found="a sysadmin" if all_powerful else "an ordinary user",
                  todo=advice if all_powerful else "")  # fmt: skip
    yield _expiry(access.token)


def _expiry(token: str) -> Checked:
    """When the token ends: a JWT says so itself, to whoever holds it."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        end = float(claims["exp"])
        told = f"{datetime.fromtimestamp(end, UTC):%Y-%m-%d}"
    except (IndexError, KeyError, TypeError, ValueError, OverflowError, OSError, RecursionError):
        return Checked("token's end", ok=True, found="none that it tells of")
    left = end - time.time()
    return Checked("token's end", ok=left > _SOON, found=told, todo="" if left > _SOON else "Make a new token in time.")


def _body_limit(api: Api, access: CkanAccess) -> Checked:
    """Find by trial how large a request may be: no proxy tells. Blanks are sent, to an action that ignores them."""
    largest = 0
    size = 1 << 18
    while size <= _LARGEST_TRIAL and _takes(api, size):
        largest, size = size, size * 2
    ok = largest >= access.body_limit or _takes(api, access.body_limit)
    todo = "" if ok else f"Set APENDATA_CKAN_BODY_LIMIT to {largest}, or raise the proxy's limit."
    more = "" if largest < _LARGEST_TRIAL else ", or more"
    return Checked("body limit", ok=ok, found=f"{largest} bytes pass{more}", todo=todo)


def _takes(api: Api, size: int) -> bool:
    """Whether a body of so many bytes passes; what refuses a large one may cut the connection without a word.

    Raises:
        Later: a small body does not pass either, so CKAN is away, and nothing was learnt about its limit.
    """
    try:
        api.read("status_show", padding=" " * size)
    except Later:
        api.read("status_show")
        return False
    except Answer:
        return False
    return True


def _datastore(api: Api, packages: Packages, loader: Loader) -> Iterator[Checked]:
    """Write a table in a private package, search it, and take it away again."""
    try:
        with _Trial(api, packages, loader) as resource:
            yield Checked("DataStore", ok=True, found="can be written")
            yield _language(bool(api.read("datastore_search", resource_id=resource, q="kommune")["total"]))
    except Answer as answer:
        todo = "Let CKAN's administrator look at the DataStore (ckan datastore set-permissions) and at CKAN's log."
        yield Checked("DataStore", ok=False, found=str(answer), todo=todo)


def _language(norwegian: bool) -> Checked:  # noqa: FBT001 (it is what was found)
    """«kommunene» is found by «kommune» only where both the rows and the query are stemmed as Norwegian."""
    todo = (
        "Let CKAN's administrator set ckan.datastore.default_fts_lang = norwegian, the language of queries, and in "
        "PostgreSQL default_text_search_config = pg_catalog.norwegian for the DataStore's database, that of the rows."
    )
    found = "norwegian" if norwegian else "another than norwegian, in CKAN or in its database"
    return Checked("full-text language", ok=norwegian, found=found, todo="" if norwegian else todo)


class _Trial:
    """A private package with one small table, for as long as the block lasts."""

    def __init__(self, api: Api, packages: Packages, loader: Loader) -> None:
        self._api = api
        self._packages = packages
        self._loader = loader

    def __enter__(self) -> str:
        package = self._packages.show(TRIAL) or self._packages.make(TRIAL, "apendata: prøve", {names.ROLE: "trial"})
        if package.get("state") != "active" or not package.get("private"):
            package = self._packages.revise(package, update={"state": "active", "private": True})
        self._drop(package)
        package = self._packages.show(TRIAL) or package
        stub = {"name": "proeve", "url": "https://example.org/"}
        package = self._packages.revise(package, update__resources__extend=[stub])
        resource = str(package["resources"][-1]["id"])
        self._api.write(
            "datastore_create",
            resource_id=resource,
            force=True,
            fields=[{"id": "ord", "type": "text"}],
            records=[{"ord": "kommunene"}],
            primary_key=["ord"],
            calculate_record_count=False,
        )
        return resource

    def __exit__(self, *_: object) -> None:
        package = self._packages.show(TRIAL)
        if package is not None:
            self._drop(package)
            self._api.write("package_delete", id=package["id"])

    def _drop(self, package: Package) -> None:
        ids = [str(resource["id"]) for resource in package.get("resources") or []]
        for id_ in ids:
            self._loader.remove(id_)
        if ids:  # read anew: a removed table has changed its package
            self._packages.revise(self._packages.show(TRIAL) or package, filter=[f"-resources__{id_}" for id_ in ids])


def _may(api: Api, action: str) -> bool:
    try:
        api.read(action)
    except Later:  # an outage is no lack of rights
        raise
    except Answer:
        return False
    return True
