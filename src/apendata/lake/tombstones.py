"""Takes what was withdrawn out of the public tree, and its echo out of the version after it; tombstones stay."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from apendata.lake import durable
from apendata.lake.changes import FILE
from apendata.lake.classify import PREDECESSOR, level_of
from apendata.lake.layout import Layout
from apendata.lake.records import DESCRIPTOR_FILE, pretty
from apendata.lake.state import Gone
from apendata.model import Change, FileRef, Version, VersionNumber

TOMBSTONE: Final = "withdrawn.json"


def bury(layout: Layout, dataset: str, number: VersionNumber, gone: Gone) -> None:
    """Put a tombstone in a withdrawn version's place; does nothing where it stands there, and nothing else.

    Each step leaves the version, or nothing, or the tombstone in its place, so a run that dies is gone on with by the
    next one that takes the lock.
    """
    if is_buried(layout, dataset, number, gone):
        return
    place, beside = layout.public_version(dataset, number), layout.public_beside(dataset, number)
    # A name that the sweep of unfinished work knows: what dies here is emptied by the next run.
    aside = beside.with_name(f"{beside.name}-withdrawn")
    for half in (beside, aside):
        if half.exists():
            durable.remove(half)
    durable.make_folder(place.parent, durable.PUBLIC_FOLDER)
    durable.make_folder(beside, durable.PRIVATE_FOLDER)
    durable.write_file(beside / TOMBSTONE, [_stone(dataset, number, gone)], durable.PUBLIC_FILE)
    if place.exists():
        durable.grant(place, durable.PRIVATE_FOLDER)  # first: should we die after the move, nobody reads it there
        durable.move(place, aside)
    durable.publish_folder(beside, place)
    if aside.exists():
        durable.remove(aside)


def is_buried(layout: Layout, dataset: str, number: VersionNumber, gone: Gone) -> bool:
    """Tell whether nothing but the tombstone stands in a withdrawn version's place."""
    place = layout.public_version(dataset, number)
    there = sorted(path.name for path in place.iterdir()) if place.is_dir() else []
    return there == [TOMBSTONE] and (place / TOMBSTONE).read_bytes() == _stone(dataset, number, gone)


def silence(folder: Path, version: Version, gone: Gone) -> None:
    """Take out of a version's public files what they tell of a withdrawn one; does nothing where that is done."""
    if (folder / FILE).exists():
        durable.remove(folder / FILE)
    told = pretty(as_public(version, gone, folder).descriptor)
    for name, content in ((DESCRIPTOR_FILE, told), (TOMBSTONE, echo_stone(version, gone))):
        if not (folder / name).is_file() or (folder / name).read_bytes() != content:
            durable.replace_file(folder / name, content, durable.PUBLIC_FILE)


def echo_stone(version: Version, gone: Gone) -> bytes:
    """Return the tombstone of a ``changes.csv`` that went with the version whose values it told."""
    return _stone(version.dataset, version.number, gone, file=FILE)


def as_public(version: Version, gone: Gone, place: Path) -> Version:
    """Return a version as the public may have it, when the one that it was compared with is withdrawn.

    ``changes.csv`` holds that one's values, and the list of changes names its codes and periods: both go, from the
    descriptor too. Leaving the descriptor as it was, since versions never change, was rejected: a name that had to go
    would stand there for ever as a code that was removed.

    Args:
        version: as the lake keeps it.
        gone: the withdrawal of the one that it was compared with.
        place: where the version's public files lie.
    """
    change = Change(PREDECESSOR, level_of(version.changes), details={"version": str(gone.number)})
    content = pretty(descriptor := _descriptor(version.descriptor, change))
    sha256 = durable.sha256_of_bytes(content)
    files = (
        FileRef(DESCRIPTOR_FILE, "json", None, sha256, len(content)) if file.path == DESCRIPTOR_FILE else file
        for file in version.files
        if file.path != FILE
    )
    return replace(version, files=tuple(files), descriptor=descriptor, changes=(change,), folder=place)


def _descriptor(descriptor: Mapping[str, Any], change: Change) -> Mapping[str, Any]:
    told = {"rule": change.rule, "level": str(change.level), "count": change.count, "details": dict(change.details)}
    left = {**descriptor, "changes": [told], "files": [f for f in descriptor.get("files", ()) if f["path"] != FILE]}
    return {name: value for name, value in left.items() if name != "files" or value}


def _stone(dataset: str, number: VersionNumber, gone: Gone, **more: str) -> bytes:
    told = {"dataset": dataset, "version": str(number), "withdrawn": True, "because": gone.because, "at": gone.at}
    return pretty({**told, **more})
