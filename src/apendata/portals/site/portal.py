"""The static portal: one release is one rename."""

import os
import shutil
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final, Literal

from apendata.errors import PortalRefused, UsageError
from apendata.model import (
    Checked,
    Difference,
    Finding,
    ForeignPackage,
    Outcome,
    Owner,
    Publication,
    Release,
    Surface,
    Version,
    VersionNumber,
    Withdrawal,
)
from apendata.portals.portal import is_loopback, refuse_synthetic
from apendata.portals.site import assets, catalog, check, pages, pointer, store

STABLE: Final = ("index.html", "en.html", "latest.json", "latest")
"""What stands at a lasting address under ``<id>/``, each a link through the pointer."""


class SitePortal:
    """The portal in the lake's own public tree."""

    name = "site"

    def __init__(self, public: Path) -> None:
        self.public = public

    def is_local(self, base_url: str | None) -> bool:
        """Tell whether the tree is for this machine: it has no address, or one on loopback."""
        return base_url is None or is_loopback(base_url)

    def publish(self, release: Release, *, take_ours: bool = False, thorough: bool = False) -> Publication:
        """Render the dataset's pages beside, move the pointer, bring the catalog up to date.

        Nobody writes here but apendata, and pages are rendered each time: neither of the two changes anything.

        Raises:
            PortalRefused: the version is synthetic and the tree has a public address, or it does not lie in the tree.
        """
        del take_ours, thorough
        refuse_synthetic(self, release.version, release.base_url)
        home = self._home(release)
        with store.locked(home / "releases"):
            folder = self._render(home, release)
            before = _target(home / "release")
            for name in STABLE:
                store.point(home / name, f"release/{name}")
            moved = store.point(home / "release", f"releases/{folder.name}")
            _sweep(home / "releases", keep=folder.name, before=before, gone={str(w.number) for w in release.withdrawn})
        catalog.update(self.public, release.base_url)
        return Publication(
            portal=self.name,
            dataset=release.dataset,
            version=release.version.number,
            outcome=Outcome.PUBLISHED if moved else Outcome.UNCHANGED,
            url=_address(self.public, release),
        )

    def shows(self, release: Release) -> Iterator[Surface]:
        """Yield the dataset's pages and pointer, and the catalog's with this release in it."""
        tables = tuple(part["name"] for part in release.version.descriptor["resources"])
        files, _ = _state(release, assets.path())
        for name, content in files.items():
            of = tables if name.endswith(".html") else ()
            yield Surface(f"{release.dataset}/{name}", _kind(name), content, of, release.version.number)
        for name, content in catalog.expected(self.public, release.base_url, coming=release).items():
            yield Surface(name, _kind(name), content)

    def current(self, dataset: str) -> VersionNumber | None:
        """Return the number of the version behind the pointer; None where there is none, or a tombstone."""
        latest = store.read_json(self.public / dataset / "release" / "latest.json")
        return None if latest.get("withdrawn", not latest) is True else VersionNumber.parse(latest["version"])

    def plan(self, release: Release, *, take_ours: bool = False) -> tuple[Difference, ...]:
        """Return the version behind the pointer where publishing moves it, or the state of its pages alone."""
        del take_ours
        if other := self.drift(release):
            return other
        live = _target(self.public / release.dataset / "release")
        wanted = store.content_name(*_state(release, assets.path()))
        return () if live == wanted else (self._difference(release, "pages", live, wanted),)

    def drift(self, release: Release) -> tuple[Difference, ...]:
        """Return whether the pointer names another version than the lake remembers; nobody else writes here.

        Pages that a newer apendata makes otherwise were changed by no other hand; ``verify`` finds those that were.
        """
        live, wanted = self.current(release.dataset), release.version.number
        if live == wanted:
            return ()
        return (self._difference(release, "version", None if live is None else str(live), str(wanted)),)

    def _difference(self, release: Release, field: str, live: str | None, wanted: str) -> Difference:
        return Difference(self.name, release.dataset, "dataset", field, live=live, wanted=wanted, owner=Owner.RELEASE)

    def withdraw(self, withdrawal: Withdrawal, versions: Sequence[Version]) -> None:
        """Put a tombstone in the place of the dataset's pages, by one move of the pointer, and remove the old pages."""
        home = self.public / withdrawal.dataset
        style, told = assets.put(self.public), versions[0].descriptor
        files = {
            "index.html": pages.tombstone_page(withdrawal, told, "nb", style).encode(),
            "en.html": pages.tombstone_page(withdrawal, told, "en", style).encode(),
            "latest.json": pointer.tombstone_json(withdrawal, told),
        }
        with store.locked(home / "releases"):
            folder = home / "releases" / store.content_name(files, {})
            store.write_folder(folder, files, {})
            for name in files:
                store.point(home / name, f"release/{name}")
            store.point(home / "release", f"releases/{folder.name}")
            store.unlink(home / "latest")
            _sweep(home / "releases", keep=folder.name, before=None, gone=None)
        catalog.update(self.public, catalog.base_url_of(self.public))

    def foreign(self, name: str) -> ForeignPackage:
        """Nobody publishes here but apendata.

        Raises:
            UsageError: always.
        """
        raise UsageError(f"The static portal holds nothing that people made; «{name}» must stand on a CKAN.")

    def check(self, base_url: str | None) -> tuple[Checked, ...]:  # noqa: ARG002 (it needs no address)
        """Return whether the public tree is there and can be written."""
        writable = os.access(self.public, os.W_OK)
        todo = "" if writable else "Let the account that works at night own the lake's folder."
        return (Checked("public tree", ok=writable, found=str(self.public), todo=todo),)

    def verify(self, releases: Sequence[Release] = ()) -> tuple[Finding, ...]:
        """Look at every pointer, page and catalog file, and at the presence and size of every file they name."""
        del releases  # the tree tells all by itself
        return tuple(check.findings(self.public, STABLE))

    def _home(self, release: Release) -> Path:
        home = self.public / release.dataset
        folder = home / f"v{release.version.number}"
        if not folder.is_dir():
            raise PortalRefused(
                f"{release.dataset} {release.version.number} is not in the public tree; expected its folder at "
                f"{release.dataset}/v{release.version.number}. Build it again, then publish."
            )
        return home

    def _render(self, home: Path, release: Release) -> Path:
        """Write one state of the dataset's pages under the name of its content; the pointer does not move yet."""
        files, links = _state(release, assets.put(self.public))
        folder = home / "releases" / store.content_name(files, links)
        store.write_folder(folder, files, links)
        return folder


def _state(release: Release, style: str) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return a dataset's pages as a release wants them: the files, and the links with their targets."""
    files = {
        "index.html": pages.dataset_page(release, "nb", style).encode(),
        "en.html": pages.dataset_page(release, "en", style).encode(),
        "latest.json": pointer.latest_json(release),
    }
    return files, {"latest": f"../../v{release.version.number}"}


def _kind(name: str) -> Literal["html", "json"]:
    return "html" if name.endswith(".html") else "json"


def _target(link: Path) -> str | None:
    return link.readlink().name if link.is_symlink() else None


def _sweep(releases: Path, *, keep: str, before: str | None, gone: Collection[str] | None) -> None:
    """Remove earlier states, except the one before: a reader who is half through it must be able to finish.

    Not where it was made before a version in ``gone`` was withdrawn: it shows what had to go. None: spare nothing.
    """
    half = [folder for folder in releases.iterdir() if folder.name.startswith(store.HALF_WRITTEN)]
    others = [folder for folder in releases.iterdir() if folder.name != keep and folder not in half]
    newest = max(others, key=lambda folder: folder.stat().st_mtime_ns, default=None)
    spared = before if before != keep else newest and newest.name
    for folder in half:
        shutil.rmtree(folder)
    for folder in others:
        if folder.name != spared or gone is None or not pointer.knows_of(folder, gone):
            store.remove_folder(folder)


def _address(public: Path, release: Release) -> str:
    if release.base_url is not None:
        return f"{release.base_url}{release.dataset}/"
    return (public / release.dataset / "index.html").absolute().as_uri()
