"""Looks at a release from outside, as somebody without a token: package, files, tables. Only then it is recorded."""

from collections.abc import Iterator

from apendata.portals.ckan.answers import Answer, Denied, Later, Missing
from apendata.portals.ckan.api import Api
from apendata.portals.ckan.datastore import is_as_wanted, look
from apendata.portals.ckan.files import download, is_there
from apendata.portals.ckan.packages import decide
from apendata.portals.ckan.rows import wanted_rows
from apendata.portals.ckan.tables import WantedTable
from apendata.portals.ckan.wanted import WantedPackage, WantedResource


def mismatches(public: Api, wanted: WantedPackage, url: str) -> Iterator[str]:
    """Yield what is not as wanted, such as ``resource ansatte.csv: its bytes`` or ``datastore ansatte``.

    Args:
        public: CKAN without a token.
        wanted: of the release.
        url: of the portal; the files are fetched by the resources' own lasting addresses there.

    Raises:
        Later: CKAN did not answer.
    """
    package = list(_package(public, wanted))
    yield from package
    if not package:  # an address that somebody put there may lead to anybody's server
        for resource in wanted.resources:
            yield from _file(public, resource, download(url, wanted.name, resource.id))
    yield from (f"datastore {table.table}" for table in wanted.tables if not table_is_there(public, table))


def table_is_there(public: Api, table: WantedTable) -> bool:
    """Whether anybody can read just the rows, types and key of a table that a release has.

    Raises:
        Later: CKAN did not answer.
    """
    try:
        return is_as_wanted(look(public, table), table, wanted_rows(table))
    except Denied:
        return False


def _file(public: Api, resource: WantedResource, url: str) -> Iterator[str]:
    try:
        if not is_there(public, url, resource.ref):
            yield f"resource {resource.file}: its bytes"
    except Later:
        raise
    except Answer as answer:  # by its own name: what readers get is not known, and that is no release that stands
        yield f"resource {resource.file}: {answer}"


def _package(public: Api, wanted: WantedPackage) -> Iterator[str]:
    try:
        package = public.read("package_show", id=wanted.name)
    except (Missing, Denied):
        yield "package: readers do not get it"
        return
    except Later:
        raise
    except Answer as answer:
        yield f"package: {answer}"
        return
    decision = decide(package, wanted, take_ours=False, standing=True)
    yield from (f"{change.place}: {change.field}" for change in decision.merged.changes)
    yield from (f"resource {id_}: it should be gone" for id_ in decision.drop)
