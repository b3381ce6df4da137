"""Holds everything in the lake against what was recorded: files, pointers, public copies, permissions."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from apendata.errors import LakeCorrupt
from apendata.lake import durable, ledger
from apendata.lake.changes import FILE as CHANGES_FILE
from apendata.lake.layout import Layout
from apendata.lake.provenance import read_last_build, read_provenance
from apendata.lake.records import VERSION_FILE, Entry, Head, read_head, read_record, read_version
from apendata.lake.state import Gone, State, read_state
from apendata.lake.tombstones import TOMBSTONE, as_public, echo_stone, is_buried
from apendata.lake.withdrawal import echo
from apendata.model import Finding, Place, Version

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def verify_dataset(layout: Layout, dataset: str) -> Iterator[Finding]:
    """Yield what is wrong with one dataset; the caller holds its lock.

    Codes: ``lake_record_broken``, ``lake_file_missing``, ``lake_file_changed``, ``lake_file_unknown``,
    ``lake_pointer_broken``, ``lake_never_exposed``, ``lake_not_yet_exposed``, ``lake_not_withdrawn``,
    ``lake_portal_not_emptied``.
    """
    for file, read in ((layout.head(dataset), read_head), (layout.state(dataset), read_state)):
        try:
            read(file)
        except LakeCorrupt:
            yield _finding("lake_record_broken", layout, file)
            return
    head, state = read_head(layout.head(dataset)), read_state(layout.state(dataset))
    if head is None:
        if state.exposed or state.released:
            yield _finding("lake_pointer_broken", layout, layout.head(dataset))
        return
    for entry in head.entries:
        yield from _version(layout, dataset, entry)
        yield from _public(layout, dataset, entry, state)
    yield from _pointers(layout, dataset, head, state)
    yield from _strangers(
        layout, layout.versions(dataset), {layout.head(dataset).name, *(e.folder for e in head.entries)}
    )
    yield from _strangers(layout, layout.provenance(dataset), {e.folder for e in head.entries})
    shown = {layout.public_version(dataset, number).name for number in state.exposed}
    places = [f for f in _entries(layout.public_dataset(dataset)) if f.name[:1] == "v" and f.name[1:2].isdigit()]
    yield from (_finding("lake_file_unknown", layout, place) for place in places if place.name not in shown)
    yield from _ledger(layout, dataset)


def verify_raw(layout: Layout) -> Iterator[Finding]:
    """Yield raw exports that are not what their names say; one that a purge takes away meanwhile is none."""
    for file in _entries(layout.raw):
        with suppress(FileNotFoundError):
            if not file.name.startswith(".") and durable.sha256_of(file) != file.name[:64]:
                yield _finding("lake_file_changed", layout, file)


def verify_permissions(layout: Layout) -> Iterator[Finding]:
    """Yield what of the internal tree is open to others: ``lake_open_to_others``."""
    for path in _all_in(layout.internal):
        with suppress(FileNotFoundError):  # a run at work makes and removes its scratch
            if path.lstat().st_mode & _OTHERS:
                yield _finding("lake_open_to_others", layout, path)


def _all_in(folder: Path) -> Iterator[Path]:
    """A folder and all below it, by name. Not ``rglob``: it fails where a folder vanishes while it looks."""
    yield folder
    for place, folders, files in os.walk(folder):
        folders.sort()
        yield from (Path(place, name) for name in sorted((*folders, *files)))


def _version(layout: Layout, dataset: str, entry: Entry) -> Iterator[Finding]:
    folder = layout.versions(dataset) / entry.folder
    record = folder / VERSION_FILE
    if not record.is_file() or durable.sha256_of(record) != entry.sha256:
        yield _finding("lake_record_broken", layout, record)
        return
    try:
        version = read_version(folder)
        read_provenance(layout.provenance(dataset) / entry.folder)
        read_last_build(layout.provenance(dataset) / entry.folder)
    except LakeCorrupt:
        yield _finding("lake_record_broken", layout, folder)
        return
    yield from _files(layout, version, folder, known={VERSION_FILE})


def _public(layout: Layout, dataset: str, entry: Entry, state: State) -> Iterator[Finding]:
    """A version's public place: its files, or its tombstone alone."""
    if entry.number not in state.exposed:
        return
    place = layout.public_version(dataset, entry.number)
    buried = next((gone for gone in state.withdrawn if gone.number == entry.number), None)
    if buried is not None:
        if not is_buried(layout, dataset, entry.number, buried):
            yield _finding("lake_not_withdrawn", layout, place)
        return
    if not place.is_dir():  # the number is taken before the first byte is public; what died in between is no damage
        yield _finding("lake_not_yet_exposed", layout, place)
        return
    folder = layout.versions(dataset) / entry.folder
    try:
        version, record = read_version(folder), read_record(folder)
    except LakeCorrupt:  # told already
        return
    if (gone := echo(state, entry.number, record)) is None:
        yield from _files(layout, version, place, known=set())
    else:
        yield from _silenced(layout, version, place, gone)


def _silenced(layout: Layout, version: Version, place: Path, gone: Gone) -> Iterator[Finding]:
    """A version that was compared with a withdrawn one: it tells nothing of it, and says that it was made not to."""
    stone = place / TOMBSTONE
    if (place / CHANGES_FILE).exists() or not stone.is_file() or stone.read_bytes() != echo_stone(version, gone):
        yield _finding("lake_not_withdrawn", layout, place)
    yield from _files(layout, as_public(version, gone, place), place, known={TOMBSTONE, CHANGES_FILE})


def _files(layout: Layout, version: Version, folder: Path, known: set[str]) -> Iterator[Finding]:
    for file in version.files:
        path = folder / file.path
        if not path.is_file():
            yield _finding("lake_file_missing", layout, path)
        elif path.stat().st_size != file.bytes or durable.sha256_of(path) != file.sha256:
            yield _finding("lake_file_changed", layout, path)
    yield from _strangers(layout, folder, known | {file.path for file in version.files})


def _pointers(layout: Layout, dataset: str, head: Head, state: State) -> Iterator[Finding]:
    numbers = {entry.number for entry in head.entries}
    held = (state.hold.number,) if state.hold else ()
    if not {*state.exposed, *state.released.values(), *held} <= numbers:
        yield _finding("lake_pointer_broken", layout, layout.state(dataset))
    if not {*state.released.values(), *held} <= set(state.exposed):
        yield _finding("lake_never_exposed", layout, layout.state(dataset))
    if not set(state.released.values()) <= set(state.visible):
        yield _finding("lake_portal_not_emptied", layout, layout.state(dataset))


def _ledger(layout: Layout, dataset: str) -> Iterator[Finding]:
    try:
        list(ledger.read(layout.ledger(dataset)))
    except LakeCorrupt:
        yield _finding("lake_record_broken", layout, layout.ledger(dataset))


def _strangers(layout: Layout, folder: Path, known: Iterable[str]) -> Iterator[Finding]:
    expected = set(known)
    yield from (_finding("lake_file_unknown", layout, path) for path in _entries(folder) if path.name not in expected)


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _finding(code: str, layout: Layout, path: Path) -> Finding:
    return Finding(code, places=(Place(layout.short(path)),))
