"""What every portal does, and what it must never do."""

from typing import Protocol

from apendata.errors import PortalRefused
from apendata.model import Finding, Publication, Release, VersionNumber


class Portal(Protocol):
    """A place where the public finds the released version of each dataset.

    The duties of an implementation:

    1. A reader sees the release from before or the release from after, whole; a crash at any point leaves the old one.
    2. Publishing again after a crash ends where an undisturbed run would have ended.
    3. Publishing what is already there writes nothing and answers ``UNCHANGED``.
    4. Any version may be published over any other: after going back to an older one, the history still shows the newer.
    5. A synthetic release is marked as such wherever it shows, and refused where ``local`` is false.
    6. Datasets do not touch each other; several may be published at the same time.
    """

    name: str
    local: bool
    """Only who can reach this machine's own files, or its loopback address, sees it."""

    def publish(self, release: Release) -> Publication:
        """Make ``release`` the one that the public sees.

        Raises:
            PortalRefused: the portal may not take this release.
            PortalUnavailable: the portal did not answer; trying again later may succeed.
        """
        ...

    def current(self, dataset: str) -> VersionNumber | None:
        """Return the number of the version that the public sees; None where the dataset was never published.

        Raises:
            PortalUnavailable: the portal did not answer.
        """
        ...

    def verify(self) -> tuple[Finding, ...]:
        """Look for all that a reader would stumble on; no finding means that every pointer is whole.

        Raises:
            PortalUnavailable: the portal did not answer.
        """
        ...


def refuse_synthetic(portal: Portal, release: Release) -> None:
    """Stop a release made from samples from reaching a portal where it could be taken for real figures.

    Raises:
        PortalRefused: the release is synthetic and the portal is not local.
    """
    if release.version.synthetic and not portal.local:
        raise PortalRefused(
            f"{release.dataset} {release.version.number} is made from a sample export, and the portal «{portal.name}» "
            "is not on this machine. Point APENDATA_SOURCES at the real exports and run again."
        )
