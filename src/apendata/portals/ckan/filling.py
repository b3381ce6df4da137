"""Fills the DataStore before the flip; a table that readers may not see yet is filled in a private package.

CKAN wants a resource for every table, and a resource stands in a package. One that was dropped from its package can be
put into another one, with its id and its table (measured: while it is in neither, nobody may read it). So a new table
of a package that is public is filled in the dataset's staging package, and comes over in the flip itself.
"""

from contextlib import suppress

from apendata.errors import PortalConflict
from apendata.portals.ckan import names
from apendata.portals.ckan.answers import LostMatch, Unsure
from apendata.portals.ckan.datastore import ROUNDS, Loader
from apendata.portals.ckan.packages import Package, Packages
from apendata.portals.ckan.wanted import WantedPackage, WantedResource


class Filler:
    """Brings all tables of a package to a release's rows."""

    def __init__(self, packages: Packages, loader: Loader) -> None:
        self._packages = packages
        self._loader = loader

    def fill(self, package: Package, wanted: WantedPackage, *, take_ours: bool) -> frozenset[str]:
        """Make every table what it shall be; return the names of those that were written to.

        Raises:
            PortalConflict: others change the same tables.
            Answer: CKAN refused, or its patience is at an end.
        """
        there = {str(resource.get("id")) for resource in package.get("resources") or []}
        new = [resource for resource in wanted.resources if resource.id not in there]
        if any(resource.table is not None for resource in new):
            # A package that nobody sees yet gets room for all, so that they come to stand in the release's order.
            room = new if package.get("private") else [resource for resource in new if resource.table is not None]
            self._give_room(package, room, wanted)
        return frozenset(t.table for t in wanted.tables if self._loader.converge(t, take_ours=take_ours))

    def release_new(self, wanted: WantedPackage) -> None:
        """Take the filled resources out of the staging package, so that the flip can put them into the public one."""
        name = names.staging_name(wanted.dataset)
        for attempt in range(ROUNDS + 1):  # the last time we only look: the write before it may have been done
            staging = self._packages.show(name) or {}
            ids = [str(resource.get("id")) for resource in staging.get("resources") or []]
            drop = [f"-resources__{id_}" for id_ in ids if names.is_computed(id_)]
            if not drop:
                return
            if attempt == ROUNDS:
                break
            with suppress(LostMatch, Unsure):  # done or not: the next look tells
                self._packages.revise(staging, filter=drop)
        raise PortalConflict(f"{wanted.dataset}: its staging package on CKAN is being changed by others. Run again.")

    def _give_room(self, package: Package, new: list[WantedResource], wanted: WantedPackage) -> None:
        """Put stubs of new resources where readers do not see them; nothing happens to those that are there."""
        for attempt in range(ROUNDS + 1):  # as above
            home = self._home(package, wanted)
            there = {str(resource.get("id")) for resource in home.get("resources") or []}
            stubs = [_stub(resource) for resource in new if resource.id not in there]
            if not stubs:
                return
            if attempt == ROUNDS:
                break
            try:
                self._packages.revise(home, update__resources__extend=stubs)
            except (LostMatch, Unsure):
                continue
        raise PortalConflict(f"{wanted.dataset}: its package on CKAN is being changed by others. Run again.")

    def _home(self, package: Package, wanted: WantedPackage) -> Package:
        if package.get("private"):
            return self._packages.show(str(package["id"])) or package
        name = names.staging_name(wanted.dataset)
        staging = self._packages.keep(wanted.dataset, "staging", name, f"{wanted.text['title']} (klargjøring)")
        if not staging.get("private") or staging.get("state") != "active":
            staging = self._packages.revise(staging, update={"private": True, "state": "active"})
        return staging


def _stub(resource: WantedResource) -> dict[str, object]:
    return {"id": resource.id, "name": resource.text["name"], "url": resource.release["url"]}
