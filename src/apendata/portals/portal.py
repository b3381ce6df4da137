"""What every portal does, and what it must never do."""

import ipaddress
from collections.abc import Iterator, Sequence
from typing import Protocol
from urllib.parse import urlsplit

from apendata.errors import PortalRefused
from apendata.model import (
    Checked,
    Difference,
    Finding,
    ForeignPackage,
    Publication,
    Release,
    Surface,
    Version,
    VersionNumber,
    Withdrawal,
)


class Portal(Protocol):
    """A place where the public finds the released version of each dataset.

    The duties of an implementation:

    1. A reader sees the release from before or the release from after, whole; a crash at any point leaves the old one.
    2. Publishing again after a crash ends where an undisturbed run would have ended.
    3. Publishing what is already there writes nothing and answers ``UNCHANGED``.
    4. Any version may be published over any other: after going back to an older one, the history still shows the newer.
    5. A synthetic release is marked as such wherever it shows, and refused where the portal is not local.
    6. Datasets do not touch each other; several may be published at the same time.
    7. What a person wrote at the portal in a field that is hers, or in a text that apendata only proposes, is kept;
       what only a release may say is mended, and told.
    8. ``plan`` names exactly what ``publish`` would change, and changes nothing itself.
    9. After ``withdraw`` nothing of what was withdrawn can be had; a tombstone says that it was there and why it went.
    10. ``shows`` yields what readers will have after ``publish``, made by the same code; it writes and asks nothing.
    """

    name: str

    def is_local(self, base_url: str | None) -> bool:
        """Tell whether only who reaches this machine's own files or loopback address sees what is published there.

        ``base_url`` is the release's: the public tree's address, or None.
        """
        ...

    def publish(self, release: Release, *, take_ours: bool = False, thorough: bool = False) -> Publication:
        """Make ``release`` the one that the public sees, and remove what is left of versions that were withdrawn.

        Args:
            release: with ``standing``, the version that the lake remembers to stand here.
            take_ours: put the definition's texts back where a person wrote others.
            thorough: look at all of a release that stands already, also at what an unchanged night takes on trust.

        Raises:
            PortalRefused: the portal may not take this release.
            PortalUnavailable: the portal did not answer; trying again later may succeed.
            PortalForbidden: the portal does not know us, or not as one who may publish.
            PortalConflict: somebody changed the dataset there again and again while we published.
            PortalContested: another installation released or withdrew it there while we published; that stands.
            PortalMismatch: what the portal shows is not what was sent.
            PortalNotEmptied: the release stands, and something of a version that was withdrawn can still be read.
        """
        ...

    def shows(self, release: Release) -> Iterator[Surface]:
        """Yield what :meth:`publish` is about to show: pages, documents, and rows that are not files of the version.

        Nothing is written and nobody is asked. The pipeline reads it back before it publishes.

        Raises:
            PortalRefused: the portal cannot show this release.
        """
        ...

    def plan(self, release: Release, *, take_ours: bool = False) -> tuple[Difference, ...]:
        """Return what :meth:`publish` would change, field by field; nothing is written.

        Raises:
            PortalUnavailable, PortalForbidden: as :meth:`publish`.
        """
        ...

    def drift(self, release: Release) -> tuple[Difference, ...]:
        """Return what was changed at the portal by other hands since ``release``, which stands there, was published.

        Raises:
            PortalUnavailable, PortalForbidden: as :meth:`publish`.
        """
        ...

    def withdraw(self, withdrawal: Withdrawal, versions: Sequence[Version]) -> None:
        """Empty the portal of a whole dataset, and leave a tombstone; does nothing where that is so already.

        Args:
            withdrawal: with ``number`` None. Of a single version it is :meth:`publish` of another one that removes it.
            versions: all that the dataset has or had, newest first, since each may have left something; the first
                one's texts say what stood there.

        Raises:
            PortalUnavailable, PortalForbidden, PortalConflict: as :meth:`publish`.
            PortalNotEmptied: something of it can still be read.
        """
        ...

    def foreign(self, name: str) -> ForeignPackage:
        """Return what people published there under a name, for a definition to begin with.

        Raises:
            UsageError: there is nothing of that name, or the portal holds nothing but apendata's own.
            PortalUnavailable, PortalForbidden: as :meth:`publish`.
        """
        ...

    def check(self, base_url: str | None) -> tuple[Checked, ...]:
        """Return what a first run needs, and whether it is there; an answer that is not well says what to do.

        Args:
            base_url: the public tree's address; None where it is not known.
        """
        ...

    def current(self, dataset: str) -> VersionNumber | None:
        """Return the number of the version that the public sees; None where the dataset was never published.

        Raises:
            PortalUnavailable: the portal did not answer.
        """
        ...

    def verify(self, releases: Sequence[Release]) -> tuple[Finding, ...]:
        """Look for all that a reader would stumble on; no finding means that every pointer is whole.

        Args:
            releases: what the lake remembers to stand here.

        Raises:
            PortalUnavailable: the portal did not answer.
        """
        ...


def refuse_synthetic(portal: Portal, version: Version, base_url: str | None) -> None:
    """Stop a version made from samples from reaching a portal where it could be taken for real figures.

    Raises:
        PortalRefused: the version is synthetic and the portal is not local.
    """
    if version.synthetic and not portal.is_local(base_url):
        raise PortalRefused(
            f"{version.dataset} {version.number} is made from a sample export, and the portal «{portal.name}» is not "
            "for this machine alone. Point APENDATA_SOURCES at the real exports and run again; or, to look at samples, "
            "leave APENDATA_BASE_URL out."
        )


def is_loopback(base_url: str) -> bool:
    """Tell whether an address leads to this machine itself, by its host's name or number."""
    host = urlsplit(base_url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
