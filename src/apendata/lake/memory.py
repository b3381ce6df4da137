"""What a lake remembers of its datasets: all that can be asked without changing a byte."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from apendata.errors import UsageError
from apendata.lake import accepting, ledger, tombstones, withdrawal as withdrawals
from apendata.lake.acceptance import Acceptance
from apendata.lake.layout import Layout
from apendata.lake.provenance import (
    LastSource,
    inputs_of,
    last_sources,
    protected_of,
    read_last_build,
    read_provenance,
    samples_of,
)
from apendata.lake.published import published
from apendata.lake.records import Entry, Head, accepted_of, newest_first, read_head, read_record, read_version
from apendata.lake.seen import free_texts, seen
from apendata.lake.state import Gone, Hold, State, read_state
from apendata.model import Dataset, History, Protected, Published, Version, VersionNumber, Withdrawal


class Memory:
    """The half of a lake that only reads; one call needs no lock, since a version is never changed."""

    def __init__(self, root: Path) -> None:
        self.layout = Layout(root)

    def datasets(self) -> tuple[str, ...]:
        """Ids of the datasets that have a version, sorted."""
        return tuple(sorted(file.parent.name for file in self.layout.internal.glob("versions/*/head.json")))

    def head(self, dataset_id: str) -> Version | None:
        """The version committed last, perhaps not released; None before the first."""
        head = self._head(dataset_id)
        return self._load(dataset_id, head.last) if head else None

    def version(self, dataset_id: str, number: VersionNumber) -> Version:
        """One version.

        Raises:
            UsageError: there is none of that number.
        """
        head = self._head(dataset_id)
        entry = head.entry(number) if head else None
        if entry is None:
            raise UsageError(f"{dataset_id} has no version {number}. `apendata history {dataset_id}` lists them.")
        return self._load(dataset_id, entry)

    def versions(self, dataset_id: str) -> tuple[Version, ...]:
        """All versions, newest first: those that are or were public, and the one that waits, if there is one."""
        head = self._head(dataset_id)
        return tuple(self._load(dataset_id, entry) for entry in newest_first(head.entries)) if head else ()

    def exposed(self, dataset_id: str) -> tuple[Version, ...]:
        """The versions that stand under ``public/``, newest first, as the public may have them: a portal's history."""
        return tuple(self.as_public(self._load(dataset_id, entry)) for entry in self._visible_entries(dataset_id))

    def as_public(self, version: Version) -> Version:
        """A version without what it tells of one that was withdrawn; itself where that is nothing."""
        gone = self._echo(version.dataset, version.number, version.folder)
        if gone is None:
            return version
        place = self.layout.public_version(version.dataset, version.number)
        return tombstones.as_public(version, gone, place if place.is_dir() else version.folder)

    def withdrawn(self, dataset_id: str) -> tuple[Withdrawal, ...]:
        """What was withdrawn of a dataset, newest first; without a number: the whole of it, while that lasts."""
        gone = self._state(dataset_id).withdrawn
        return tuple(_told(dataset_id, part) for part in reversed(gone))

    def withdrawal_of(self, version: Version) -> Withdrawal | None:
        """Why a version may not be released: it was withdrawn, or has the rows of one that was; None: it may.

        Rows that a version which still stands has too are no reason, nor those that :meth:`resume` let come again.
        """
        state = self._state(version.dataset)
        if not state.withdrawn:
            return None
        back = withdrawals.repeated(state, version, self._rows(version.dataset))
        return None if back is None else _told(version.dataset, back)

    def shown(self, dataset_id: str) -> VersionNumber | None:
        """The version that readers see, or are to see once every portal was reached; None: nothing."""
        return withdrawals.shown(self._state(dataset_id), self.held(dataset_id))

    def left(self, dataset_id: str) -> tuple[str, ...]:
        """Portals that show what was withdrawn, as far as is known."""
        state = self._state(dataset_id)
        return tuple(sorted(portal for portal, number in state.released.items() if number not in state.visible))

    def baseline(self, dataset_id: str) -> Version | None:
        """The newest version that readers have: what ``changes.csv`` counts from."""
        entry = next(iter(self._visible_entries(dataset_id)), None)
        return self._load(dataset_id, entry) if entry else None

    def ever_public(self, dataset_id: str) -> Version | None:
        """The newest version that is or was public: what was withdrawn gives the lake its kind as well."""
        entries = self._exposed_entries(dataset_id)
        return self._load(dataset_id, entries[0]) if entries else None

    def last_release(self, dataset_id: str) -> Version | None:
        """What readers have now: after a rollback that is not :meth:`baseline`."""
        released = self._state(dataset_id).released.values()
        return self.version(dataset_id, max(released)) if released else self.baseline(dataset_id)

    def accepted(self, dataset_id: str) -> Acceptance | None:
        """The difference that somebody has accepted and no build has used yet."""
        return self._state(dataset_id).accepted

    def accepted_as(self, dataset_id: str, asked: Acceptance) -> Acceptance | None:
        """The acceptance on record that says the same as what is asked; None: nothing is in the way of it.

        Raises:
            AcceptanceUsed: a version was made of that difference already.
            AlreadyAccepted: it is accepted with another reason, and waits for its build.
        """
        head = self._head(dataset_id)
        entries = head.entries if head else ()
        used = {part.difference: e.number for e in entries if (part := accepted_of(self._folder(dataset_id, e)))}
        return accepting.standing(self._state(dataset_id), used, asked)

    def released(self, dataset_id: str, portal: str) -> VersionNumber | None:
        """The version that a portal's pointer names, as far as the lake was told by ``record``."""
        return self._state(dataset_id).released.get(portal)

    def unchanged(self, dataset_id: str, build_key: str) -> Version | None:
        """The last version, if it is what a build with this key gives and its files are there with their sizes."""
        head = self._head(dataset_id)
        if head is None or head.build_key != build_key or self._is_withdrawn(dataset_id, head.last.number):
            return None
        version = self._load(dataset_id, head.last)
        return version if all(_is_there(version.folder / f.path, f.bytes) for f in version.files) else None

    def history(self, dataset_id: str) -> tuple[Mapping[str, str], ...]:
        """What happened to a dataset, newest first: ``at``, ``event`` and the event's own words."""
        return tuple(ledger.read(self.layout.ledger(dataset_id)))[::-1]

    def seen(self, dataset: Dataset) -> History:
        """Table → what each version that is or was public shows of it: withdrawn ones were seen, waiting ones not."""
        return seen(dataset, [self._load(dataset.id, entry) for entry in self._exposed_entries(dataset.id)])

    def published(self, dataset_id: str, about_to: Version | None = None) -> tuple[Published, ...]:
        """Every table of counts of people that a version showed, withdrawn ones too, oldest first.

        ``about_to``: a version that is to be public next; it counts as if it were.
        """
        versions = [self._load(dataset_id, entry) for entry in self._exposed_entries(dataset_id)[::-1]]
        if about_to is not None and about_to.number not in self._state(dataset_id).exposed:
            versions.append(about_to)
        return published((version, self._protected(version)) for version in versions)

    def _protected(self, version: Version) -> Mapping[str, tuple[Protected, ...]]:
        return protected_of(read_provenance(self.layout.provenance(version.dataset) / version.folder.name))

    def free_texts(self, dataset: Dataset) -> Mapping[str, pa.Table]:
        """Table → the free texts that readers have now; empty where they have nothing."""
        last = self.last_release(dataset.id)
        return free_texts(dataset, last) if last else {}

    def last_sources(self, dataset_id: str) -> tuple[LastSource, ...]:
        """Each export of the last build, the code lists' too; empty before the first."""
        head = self._head(dataset_id)
        if head is None:
            return ()
        return last_sources(read_last_build(self.layout.provenance(dataset_id) / head.last.folder))

    def samples_of(self, version: Version) -> tuple[str, ...]:
        """Which exports of a version were samples, each as dataset and file, as far as its record tells."""
        return samples_of(read_provenance(self.layout.provenance(version.dataset) / version.folder.name))

    def held(self, dataset_id: str) -> Hold | None:
        """The hold that still counts: what was built last was there already, or has the same sources and definition."""
        hold, head = self._state(dataset_id).hold, self._head(dataset_id)
        if hold is None or head is None:
            return None
        counts = head.last.folder in hold.known or self._inputs(dataset_id, head.last) == hold.inputs
        return hold if counts else None

    def _head(self, dataset_id: str) -> Head | None:
        return read_head(self.layout.head(dataset_id))

    def _state(self, dataset_id: str) -> State:
        return read_state(self.layout.state(dataset_id))

    def _load(self, dataset_id: str, entry: Entry) -> Version:
        return read_version(self._folder(dataset_id, entry))

    def _folder(self, dataset_id: str, entry: Entry) -> Path:
        return self.layout.versions(dataset_id) / entry.folder

    def _accepted(self, dataset_id: str, difference: str) -> Acceptance | None:
        """A steward's word for this difference: one that waits, or the one that the last version is made of.

        The second, so that a build of the very same, by another engine, does not ask again.
        """
        head, waits = self._head(dataset_id), self._state(dataset_id).accepted
        used = accepted_of(self._folder(dataset_id, head.last)) if head else None
        return next((word for word in (waits, used) if word and word.difference == difference), None)

    def _exposed_entries(self, dataset_id: str) -> tuple[Entry, ...]:
        """All that ever was public, newest first."""
        head, numbers = self._head(dataset_id), self._state(dataset_id).exposed
        return newest_first(entry for entry in (head.entries if head else ()) if entry.number in numbers)

    def _visible_entries(self, dataset_id: str) -> tuple[Entry, ...]:
        visible = self._state(dataset_id).visible
        return tuple(entry for entry in self._exposed_entries(dataset_id) if entry.number in visible)

    def _rows(self, dataset_id: str) -> Mapping[VersionNumber, str]:
        """Number → hash of its rows, of all that ever was public."""
        return {e.number: self._load(dataset_id, e).data_sha256 for e in self._exposed_entries(dataset_id)}

    def _is_withdrawn(self, dataset_id: str, number: VersionNumber) -> bool:
        state = self._state(dataset_id)
        return number in state.exposed and number not in state.visible

    def _echo(self, dataset_id: str, number: VersionNumber, folder: Path) -> Gone | None:
        """The withdrawal of which a version's list of changes tells."""
        state = self._state(dataset_id)
        return withdrawals.echo(state, number, read_record(folder)) if state.withdrawn else None

    def _inputs(self, dataset_id: str, entry: Entry) -> str:
        return inputs_of(read_provenance(self.layout.provenance(dataset_id) / entry.folder))


def _told(dataset_id: str, gone: Gone) -> Withdrawal:
    return Withdrawal(dataset_id, gone.number, gone.because, gone.at)


def _is_there(file: Path, size: int) -> bool:
    return file.is_file() and file.stat().st_size == size
