"""Puts versions where the public can fetch them: copied, checked against their hashes, and never changed again."""

from pathlib import Path

from apendata.errors import LakeCorrupt
from apendata.lake import durable
from apendata.lake.layout import Layout
from apendata.lake.state import Gone
from apendata.lake.tombstones import as_public, silence
from apendata.model import Version


def expose(layout: Layout, version: Version, *, gone: Gone | None, released: bool) -> None:
    """Put a version's files under ``public/<id>/v<number>/``; does nothing where they stand there right already.

    Of a version that is ``released`` only presence and size are looked at: no pointer is about to move to it, and
    reading all bytes of every dataset each night is what ``verify`` is for. With ``gone``, what it tells of the
    withdrawn version stays inside.

    Raises:
        LakeCorrupt: a file here or there is not what its recorded hash says.
    """
    place = layout.public_version(version.dataset, version.number)
    if place.is_dir():
        _check(as_public(version, gone, place) if gone else version, place, sizes_only=released)
        return
    beside = layout.public_beside(version.dataset, version.number)
    durable.make_folder(place.parent, durable.PUBLIC_FOLDER)
    durable.grant(place.parent, durable.PUBLIC_FOLDER)
    durable.remove(beside)
    durable.make_folder(beside, durable.PRIVATE_FOLDER)
    for file in version.files:
        copied = durable.copy_file(version.folder / file.path, beside / file.path, durable.PUBLIC_FILE)
        if copied != (file.sha256, file.bytes):
            raise LakeCorrupt(
                f"{version.dataset} {version.number}, {file.path}: is not what its recorded hash says. "
                "Nothing was published. Restore the lake from a backup."
            )
    if gone is not None:
        silence(beside, version, gone)
    durable.publish_folder(beside, place)


def _check(version: Version, place: Path, *, sizes_only: bool) -> None:
    for file in version.files:
        there = place / file.path
        present = there.is_file() and there.stat().st_size == file.bytes
        if not present or not (sizes_only or durable.sha256_of(there) == file.sha256):
            raise LakeCorrupt(
                f"{version.dataset} {version.number}, {file.path}: the public copy is missing or changed. "
                f"Remove {place.parent.name}/{place.name} under public/ and publish again to renew it."
            )
