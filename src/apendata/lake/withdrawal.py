"""Takes versions out of the public tree and leaves a tombstone in their place; the internal ones stay.

What is withdrawn was public: disclosure control must reckon with it for ever, and its number is never given again. So
nothing is removed from ``internal/``, and ``exposed`` keeps the number. Removing a version for good was rejected: the
next one would be judged as if nobody had ever seen it.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from apendata.lake import durable
from apendata.lake.changes import FILE
from apendata.lake.layout import Layout
from apendata.lake.records import Gone, State, pretty
from apendata.model import FileRef, VersionNumber

TOMBSTONE: Final = "withdrawn.json"


def gone_files(state: State, records: Mapping[VersionNumber, Mapping[str, Any]]) -> Mapping[VersionNumber, Gone]:
    """Return the versions whose ``changes.csv`` may not be public, and why: it tells a withdrawn version's values.

    Args:
        state: of the dataset.
        records: version.json of every exposed version.
    """
    found: dict[VersionNumber, Gone] = {}
    for gone in state.withdrawn:
        for number in state.visible:
            if gone.number is not None and _tells_of(gone, gone.number, number, records):
                found[number] = gone
    return found


def _tells_of(
    gone: Gone, withdrawn: VersionNumber, number: VersionNumber, records: Mapping[VersionNumber, Mapping[str, Any]]
) -> bool:
    record = records[number]
    if "compared_with" in record:
        return bool(record["compared_with"] == str(withdrawn))
    # Made before that was recorded: the one that follows on it, unless the withdrawal was earlier.
    later = min((n for n in records if n > withdrawn), default=None)
    return number == later and bool(record["created"] <= gone.at)


def without(files: Iterable[FileRef], name: str) -> tuple[FileRef, ...]:
    """Return the files without one of them."""
    return tuple(file for file in files if file.path != name)


def clear(layout: Layout, dataset: str, state: State, gone: Mapping[VersionNumber, Gone]) -> None:
    """Bring the public tree to what the state says; does nothing where it is so already. The caller holds the lock.

    Each step leaves the version, or nothing, or the tombstone in its place, so a run that dies is gone on with by the
    next one that takes the lock.
    """
    for part in state.withdrawn:
        if part.number is not None:
            _bury(layout, dataset, part, part.number)
    for number, part in gone.items():
        _remove_changes(layout, dataset, number, part)


def is_buried(layout: Layout, dataset: str, number: VersionNumber) -> bool:
    """Whether nothing but the tombstone stands in a version's place."""
    place = layout.public_version(dataset, number)
    return place.is_dir() and [path.name for path in place.iterdir()] == [TOMBSTONE]


def _bury(layout: Layout, dataset: str, gone: Gone, number: VersionNumber) -> None:
    if is_buried(layout, dataset, number):
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
        durable.move(place, aside)
    durable.publish_folder(beside, place)
    if aside.exists():
        durable.remove(aside)


def _remove_changes(layout: Layout, dataset: str, number: VersionNumber, gone: Gone) -> None:
    place = layout.public_version(dataset, number)
    if not (place / FILE).exists():
        return
    durable.write_file(place / TOMBSTONE, [_stone(dataset, number, gone, file=FILE)], durable.PUBLIC_FILE)
    durable.remove(place / FILE)


def _stone(dataset: str, number: VersionNumber, gone: Gone, **more: str) -> bytes:
    told = {"dataset": dataset, "version": str(number), "withdrawn": True, "because": gone.because, "at": gone.at}
    return pretty({**told, **more})
