"""The portal on a CKAN."""

from collections.abc import Sequence

from apendata.model import (
    Checked,
    CkanAccess,
    Difference,
    Finding,
    Publication,
    Release,
    Version,
    VersionNumber,
    Withdrawal,
)
from apendata.portals.portal import is_loopback


class CkanPortal:
    """One organisation's datasets on one CKAN."""

    name = "ckan"

    def __init__(self, access: CkanAccess) -> None:
        self._access = access

    def is_local(self, base_url: str | None) -> bool:
        """Tell whether both CKAN and the public tree are for this machine alone."""
        return is_loopback(self._access.url) and (base_url is None or is_loopback(base_url))

    def publish(self, release: Release, *, take_ours: bool = False) -> Publication:
        raise NotImplementedError

    def plan(self, release: Release, *, take_ours: bool = False) -> tuple[Difference, ...]:
        raise NotImplementedError

    def drift(self, release: Release) -> tuple[Difference, ...]:
        raise NotImplementedError

    def current(self, dataset: str) -> VersionNumber | None:
        raise NotImplementedError

    def withdraw(self, withdrawal: Withdrawal, last: Version) -> None:
        raise NotImplementedError

    def check(self) -> tuple[Checked, ...]:
        raise NotImplementedError

    def verify(self, releases: Sequence[Release]) -> tuple[Finding, ...]:
        raise NotImplementedError
