"""Another installation that publishes, or withdrew, the same dataset on the same CKAN while we worked."""

from collections.abc import Mapping, Sequence
from typing import Any

from apendata.errors import PortalContested
from apendata.portals.ckan import names
from apendata.portals.ckan.fields import TOMBSTONE, extras_of, our_resources
from apendata.portals.ckan.packages import Package
from apendata.portals.ckan.wanted import WantedPackage


def refuse_others(package: Package | None, first: Package, wanted: WantedPackage) -> None:
    """Stop where another publisher moved the pointer while we worked: two nights must not take turns.

    Trying again is no way out: it would find the other release standing there, and take it for the one to replace.

    The tables are CKAN's own and under no match: rows of the other release may have become ours before we looked, and
    its next publish puts them right.

    Args:
        package: as it is now. None, where it is gone, has nothing to overwrite.
        first: as it was found before anything was written.
        wanted: of the release.

    Raises:
        PortalContested: the release there is neither the one that we found first nor ours, or it was withdrawn.
    """
    found = None if package is None else _by_others(package, first, wanted)
    if found is not None:
        raise PortalContested(f"{wanted.dataset}: {found}")


def _by_others(package: Package, first: Package, wanted: WantedPackage) -> str | None:
    """What others did to our release since ``first`` was read, and what to do; None: nothing to stop for."""
    there, before = _release(package), _release(first)
    if there is not None and there not in {before, str(wanted.release["version"])}:
        return (
            f"another publisher released {there} on CKAN while we worked. Its release was not overwritten; rows of its "
            "tables may have been. See to it that one installation publishes this dataset, then run `apendata publish "
            f"{wanted.dataset}` there."
        )
    # No release and yet our resources: a form wiped their marks while we worked; they are put back as after any form.
    if there is not None or our_resources(package, wanted.ever):
        return None
    if extras_of(package).get(TOMBSTONE) != extras_of(first).get(TOMBSTONE):
        return (
            "another publisher withdrew it on CKAN while we worked. Its tombstone stays. Find out why, and withdraw it "
            f"here too: `apendata withdraw {wanted.dataset}`."
        )
    if before is None and not our_resources(first, wanted.ever):  # it was empty when we came
        return None
    return "somebody removed all that was released of it from CKAN while we worked. Find out who, then run again."


def _release(package: Package) -> str | None:
    """The release that a package's resources name; they are never mixed among themselves (measured)."""
    current: Sequence[Mapping[str, Any]] = [r for r in package.get("resources") or [] if names.RELEASE in r]
    return next((str(resource[names.RELEASE]) for resource in current), None)
