"""What a reader of the site could stumble on: pointers to nothing, pages that were changed, files that are gone."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from apendata.model import Finding, Place
from apendata.portals.site import catalog, pointer, store


def findings(public: Path, stable: Sequence[str]) -> Iterator[Finding]:
    """Yield a finding for each thing that is not whole.

    Codes, each with the path as its place: ``portal_pointer_broken``, ``portal_link_broken``,
    ``portal_page_changed``, ``portal_file_missing``, ``portal_catalog_stale``, ``portal_not_withdrawn``.
    """
    for releases in sorted(public.glob("*/releases")):
        yield from _dataset(public, releases.with_name("release"), stable)
    yield from _catalog(public)


def _dataset(public: Path, link: Path, stable: Sequence[str]) -> Iterator[Finding]:
    home = link.parent
    if not (link / "latest.json").is_file():
        yield _finding("portal_pointer_broken", public, link)
        return
    folder = link.resolve()
    if _content_name(folder) != folder.name:
        yield _finding("portal_page_changed", public, folder)
    latest = store.read_json(folder / "latest.json")
    for name in stable:
        if not (home / name).exists() and not (name == "latest" and latest.get("withdrawn") is True):
            yield _finding("portal_link_broken", public, home / name)
    yield from (_finding("portal_not_withdrawn", public, state) for state in _from_before(folder, latest))
    for entry in latest.get("files", ()):
        file = folder / "latest" / entry["path"]
        if not file.is_file() or file.stat().st_size != entry["bytes"]:
            yield _finding("portal_file_missing", public, file)


def _from_before(folder: Path, latest: Mapping[str, Any]) -> Iterator[Path]:
    """States that show what was withdrawn since; beside a tombstone there may be none at all."""
    gone = latest.get("withdrawn", [])
    for state in sorted(folder.parent.iterdir()) if gone else ():
        versions = [] if gone is True else [part["version"] for part in gone]
        if state.name != folder.name and (gone is True or not pointer.knows_of(state, versions)):
            yield state


def _content_name(folder: Path) -> str:
    files = {file.name: file.read_bytes() for file in folder.iterdir() if not file.is_symlink()}
    links = {link.name: str(link.readlink()) for link in folder.iterdir() if link.is_symlink()}
    return store.content_name(files, links)


def _catalog(public: Path) -> Iterator[Finding]:
    """The catalog must tell of just the versions, and tombstones, that stand behind the pointers."""
    there = {
        **{entry["dataset"]: entry["version"] for entry in catalog.released(public)},
        **{entry["dataset"]: entry["at"] for entry in catalog.withdrawn(public)},
    }
    file = public / "catalog.json"
    told = store.read_json(file)
    listed = {
        **{entry["dataset"]: entry["version"] for entry in told.get("datasets", [])},
        **{entry["dataset"]: entry["at"] for entry in told.get("withdrawn", [])},
    }
    pages = all((public / name).is_file() for name in ("index.html", "en.html")) or not there
    if listed != there or not pages:
        yield _finding("portal_catalog_stale", public, file)


def _finding(code: str, public: Path, path: Path) -> Finding:
    return Finding(code, places=(Place(str(path.relative_to(public.parent))),))
