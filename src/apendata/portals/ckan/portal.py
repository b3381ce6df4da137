"""The portal on a CKAN: files first, then the DataStore, then one pointer; looked at from outside before it counts."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Final

from apendata.errors import PortalError, PortalMismatch, PortalRefused
from apendata.model import (
    Checked,
    CkanAccess,
    Difference,
    Finding,
    ForeignPackage,
    Outcome,
    Place,
    Publication,
    Release,
    Surface,
    Version,
    VersionNumber,
    Withdrawal,
)
from apendata.portals.ckan import names
from apendata.portals.ckan.answers import Answer, told
from apendata.portals.ckan.api import Api
from apendata.portals.ckan.checking import checks, files_place
from apendata.portals.ckan.datastore import Loader
from apendata.portals.ckan.drifting import told_by_history
from apendata.portals.ckan.files import Files, LinkedFiles, UploadedFiles
from apendata.portals.ckan.importing import foreign_package
from apendata.portals.ckan.moving import Moved, Mover
from apendata.portals.ckan.packages import Decision, Packages, decide
from apendata.portals.ckan.payloads import payloads
from apendata.portals.ckan.planning import package_changes, table_changes, table_drift, who_and_when
from apendata.portals.ckan.reading_back import mismatches, table_is_there
from apendata.portals.ckan.rights import require_rights
from apendata.portals.ckan.survey import Survey
from apendata.portals.ckan.wanted import WantedPackage, wanted_package
from apendata.portals.ckan.withdrawal import Emptier, prove, uploaded
from apendata.portals.portal import is_loopback, refuse_synthetic

_PARTS: Final = 10
"""In so many nights the DataStore of every dataset is looked at once, changed or not."""


def _today() -> date:
    return datetime.now(UTC).date()


def is_due(dataset: str, day: date) -> bool:
    """Tell whether a dataset's tables are looked at on a day although nothing seems to have changed."""
    return zlib.crc32(dataset.encode()) % _PARTS == day.toordinal() % _PARTS


class CkanPortal:
    """One organisation's datasets on one CKAN, as an editor of it."""

    name = "ckan"

    def __init__(self, access: CkanAccess, *, today: Callable[[], date] = _today) -> None:
        self._access = access
        self._today = today
        self._api = Api(access)
        self._public = Api(access, anonymous=True)
        self._packages = Packages(self._api, access.organization)
        self._loader = Loader(self._api, access)
        self._mover = Mover(self._api, self._packages, self._loader, patience=access.patience)
        self._survey = Survey(self._api, access.organization)

    def is_local(self, base_url: str | None) -> bool:
        """Tell whether both CKAN and the public tree are for this machine alone."""
        both = is_loopback(self._access.url) and is_loopback(self._access.address)
        return both and (base_url is None or is_loopback(base_url))

    def publish(self, release: Release, *, take_ours: bool = False, thorough: bool = False) -> Publication:
        """Make a release the one that CKAN shows; see :class:`apendata.portals.portal.Portal`."""
        refuse_synthetic(self, release.version, release.base_url)
        with told():
            wanted, files = self._wanted(release)
            decision = None if take_ours or thorough else self._standing(release, wanted)
            if decision is not None:
                return self._publication(release, Moved(decision))
            require_rights(self._api, self._access.organization)
            pruned = self._pruned(release)  # before the pointer: what dies here is gone on with by the next run
            files.put(wanted)
            moved = self._mover.move(release, wanted, take_ours=take_ours)
            self._read_back(release, wanted, moved)
            self._survey.forget(release.dataset)
            prove(release.dataset, uploaded(self._public, self._archive(), release.gone, pruned))
            return self._publication(release, moved)

    def shows(self, release: Release) -> Iterator[Surface]:
        """Yield the package, the data dictionaries and the rows of every table, as they would be sent."""
        yield from payloads(self._wanted(release)[0])

    # ------------------------------------------------------------------------------------------- inside

    def _wanted(self, release: Release) -> tuple[WantedPackage, Files]:
        files = self._files(release.base_url)
        return wanted_package(release, files.address), files

    def _files(self, base_url: str | None) -> Files:
        if self._access.files == "uploaded":
            return self._archive()
        if base_url is None:
            raise PortalRefused(
                "CKAN's resources lead to the public tree, whose address is not known. Set APENDATA_BASE_URL to where "
                "a web server shows it, or APENDATA_CKAN_FILES=uploaded to put the files on CKAN."
            )
        return LinkedFiles(self._public, base_url)

    def _pruned(self, release: Release) -> frozenset[str]:
        if not release.withdrawn:
            return frozenset()
        return self._archive().prune(release.dataset, (*release.history, release.version))

    def _archive(self) -> UploadedFiles:
        return UploadedFiles(self._public, self._packages, self._access.address)

    def _standing(self, release: Release, wanted: WantedPackage) -> Decision | None:
        """Return what is kept there where the release stands already and needs no write; None where there is work.

        The lake must remember it too: it read it back once, which a search never does.
        """
        if release.standing != release.version.number:
            return None
        decision = decide(self._survey.package(release.dataset), wanted, take_ours=False, standing=True)
        if decision.package is None or decision.is_needed:
            return None
        if is_due(release.dataset, self._today()) and not all(
            table_is_there(self._public, table) for table in wanted.tables
        ):
            return None
        return decision

    def _read_back(self, release: Release, wanted: WantedPackage, moved: Moved) -> None:
        """Look from outside; twice before anything is moved back, since what lies between may stumble once."""
        look = partial(mismatches, self._public, wanted, self._access.url)
        if list(look()) and (problems := list(look())):
            back = self._put_back(release, wanted, moved)
            raise PortalMismatch(
                f"{release.dataset} {release.version.number}: read back from CKAN without a token, these are not as "
                f"they were sent: {'; '.join(problems[:10])}. {back}"
            )

    def _put_back(self, release: Release, wanted: WantedPackage, moved: Moved) -> str:
        """Move the pointer back to the release that stood there, or hide a first one again; say how it went."""
        last = next((version for version in release.history if version.number == release.standing), None)
        try:
            if moved.was_hidden:
                self._packages.hide(wanted)
                return "Readers saw no such dataset before, so it was made private again."
            if last is None or last.number == release.version.number:
                return "No other release is known to have stood there, so nothing could be put back."
            before = Release(version=last, history=release.history, base_url=release.base_url)
            self._mover.move(before, self._wanted(before)[0], take_ours=False)
        except (Answer, PortalError) as error:
            return f"What stood there before could not be put back either. {error}"
        return f"{last.number} was put back."

    def _publication(self, release: Release, moved: Moved) -> Publication:
        standing = release.standing == release.version.number
        return Publication(
            portal=self.name,
            dataset=release.dataset,
            version=release.version.number,
            outcome=Outcome.PUBLISHED if moved.written else Outcome.UNCHANGED,
            url=f"{self._access.address}dataset/{release.dataset}",
            mended=(*moved.decision.merged.changes, *moved.tables_as_mended()) if standing and moved.written else (),
            kept=moved.decision.merged.kept,
        )

    def plan(self, release: Release, *, take_ours: bool = False) -> tuple[Difference, ...]:
        """Return what :meth:`publish` would write; nothing is written."""
        refuse_synthetic(self, release.version, release.base_url)
        with told():
            wanted, _ = self._wanted(release)
            decision = self._mover.decide(release, wanted, take_ours=take_ours)
            tables = table_changes(self._api, wanted, take_ours=take_ours)
            return (*package_changes(decision, wanted), *tables)

    def drift(self, release: Release) -> tuple[Difference, ...]:
        """Return what other hands changed since ``release`` was published, with who and when where CKAN tells."""
        with told():
            wanted, _ = self._wanted(release)
            decision = self._mover.decide(release, wanted, take_ours=False)
            files = {resource.id: resource.file for resource in wanted.resources}
            package = (*package_changes(decision, wanted), *decision.merged.kept)
            states = who_and_when(self._api, decision.package)
            tables = table_drift(self._api, wanted)
            found = (*told_by_history(package, states, self._api, files), *tables)
        return tuple(replace(difference, by_hand=True) for difference in found)

    def current(self, dataset: str) -> VersionNumber | None:
        """Return the version that readers see; None where they see none."""
        with told():
            package = self._packages.show(dataset) or {}
        found = [r[names.RELEASE] for r in package.get("resources") or [] if names.RELEASE in r]
        return VersionNumber.parse(str(found[0])) if found and not package.get("private") else None

    def withdraw(self, withdrawal: Withdrawal, versions: Sequence[Version]) -> None:
        """Empty CKAN of a dataset, and prove it; see :class:`apendata.portals.portal.Portal`."""
        with told():
            require_rights(self._api, self._access.organization)
            archive = self._archive()
            Emptier(self._public, self._packages, self._loader, files=archive, url=self._access.url).empty(
                withdrawal, versions
            )
            self._survey.forget(withdrawal.dataset)

    def foreign(self, name: str) -> ForeignPackage:
        """Read a package that people made, for a definition to begin with.

        Raises:
            UsageError: there is no such package, or none that we may see.
            PortalUnavailable, PortalForbidden: as :meth:`publish`.
        """
        with told():
            return foreign_package(self._api, self._packages, name)

    def check(self, base_url: str | None) -> tuple[Checked, ...]:
        """Return what a first run needs of this CKAN, asked and tried."""
        with told():
            place = files_place(self._public, self._access, base_url)
            return (*checks(self._api, self._packages, self._access), place)

    def verify(self, releases: Sequence[Release]) -> tuple[Finding, ...]:
        """Read every release from outside: package, files byte for byte, tables cell by cell."""
        with told():
            return tuple(finding for release in releases for finding in self._verified(release))

    def _verified(self, release: Release) -> Iterator[Finding]:
        """One finding a release: what mends one difference mends them all."""
        wanted, _ = self._wanted(release)
        if problems := tuple(mismatches(self._public, wanted, self._access.url)):
            places = tuple(Place(f"ckan: {release.dataset}, {problem}") for problem in problems)
            yield Finding("portal_differs", count=len(problems), places=places)
