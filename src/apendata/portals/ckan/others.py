"""Another installation that publishes, or withdrew, the same dataset on the same CKAN while we worked."""

from collections.abc import Mapping, Sequence
from typing import Any

from apendata.errors import PortalConflict, PortalContested
from apendata.portals.ckan import names
from apendata.portals.ckan.fields import TOMBSTONE, extras_of, is_tombstone, our_resources
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
        PortalConflict: all that was released is gone from there, and no tombstone says why.
    """
    there, before = _release(package or {}), _release(first)
    if there is not None and there not in {before, str(wanted.release["version"])}:
        raise PortalContested(
            f"{wanted.dataset}: another publisher released {there} on CKAN while we worked. Its release was not "
            "overwritten; rows of its tables may have been. See to it that one installation publishes this dataset, "
            f"then run `apendata publish {wanted.dataset}` there."
        )
    if package is not None and there is None:
        _refuse_emptied(package, first, wanted)


def _refuse_emptied(package: Package, first: Package, wanted: WantedPackage) -> None:
    """A person's form may have wiped the marks of every resource while we worked: those stay, and are marked again."""
    if our_resources(package, wanted.ever):
        return
    if is_tombstone(package) and extras_of(package)[TOMBSTONE] != extras_of(first).get(TOMBSTONE):
        raise PortalContested(
            f"{wanted.dataset}: another publisher withdrew it on CKAN while we worked. Its tombstone stays. Find out "
            f"why, and withdraw it here too: `apendata withdraw {wanted.dataset}`."
        )
    if _release(first) is not None or our_resources(first, wanted.ever):  # it was not empty when we came
        raise PortalConflict(
            f"{wanted.dataset}: somebody removed all that was released of it from CKAN while we worked. Run again."
        )


def _release(package: Package) -> str | None:
    """The release that a package's resources name; they are never mixed among themselves (measured)."""
    current: Sequence[Mapping[str, Any]] = [r for r in package.get("resources") or [] if names.RELEASE in r]
    return next((str(resource[names.RELEASE]) for resource in current), None)
