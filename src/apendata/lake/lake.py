"""The lake: versions of datasets as files, one pointer each, and everything that is done to them."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from apendata.errors import InternalError, LakeBusy, LakeConflict, LakeCorrupt, UsageError
from apendata.lake import (
    accepting,
    commit as commits,
    durable,
    exposure,
    ledger,
    plan as plans,
    retention,
    tombstones,
    verify as verifying,
    withdrawal as withdrawals,
)
from apendata.lake.acceptance import Acceptance
from apendata.lake.drift import Drift
from apendata.lake.journal import Clock, Journal, now
from apendata.lake.locks import hold_lock, share_lock
from apendata.lake.plan import Plan
from apendata.lake.provenance import Provenance, write_last_build
from apendata.lake.records import Head, accepted_of, read_record, read_version, write_head
from apendata.lake.stage import Staged, write_tables
from apendata.lake.state import Gone, Hold, with_exposed, write_state
from apendata.model import (
    Dataset,
    Finding,
    Publication,
    SafeTable,
    Snapshot,
    Version,
    VersionNumber,
    Withdrawal,
)


class Lake(Journal):
    """One lake on a local disk.

    Whatever changes a dataset wants its lock: ``with lake.lock(id): ...``. One call that reads needs none: a version is
    complete and immutable as soon as the pointer names it. Who reads more than once: ``with lake.reading(id): ...``.
    """

    def __init__(self, root: Path, *, clock: Clock = now) -> None:
        super().__init__(root, clock)
        self._locked: set[str] = set()

    @classmethod
    def open(cls, root: Path, *, clock: Clock = now) -> "Lake":
        """Open the lake in a folder; make its two trees where there are none."""
        lake = cls(root.absolute(), clock=clock)
        durable.make_folder(lake.layout.public, durable.PUBLIC_FOLDER)
        for folder in (lake.layout.internal, *lake.layout.folders):
            durable.make_folder(folder)
        return lake

    # ------------------------------------------------------------------------------------------- one run at a time

    @contextmanager
    def lock(self, dataset_id: str, *, wait_seconds: float = 0) -> Iterator[None]:
        """Hold a dataset for the block; what an earlier run left unfinished is swept first.

        Raises:
            LakeBusy: another run holds it, and still does after ``wait_seconds``.
        """
        with self._hold(dataset_id, wait_seconds):
            self._recover(dataset_id)
            self._clear(dataset_id)
            yield

    @contextmanager
    def reading(self, dataset_id: str, *, wait_seconds: float = 0) -> Iterator[None]:
        """Read a dataset for the block while no run changes it; not a byte is written, and nothing is swept.

        One call alone needs no lock. Several do: a build between two drops the version that the first one named.

        Raises:
            LakeBusy: a run holds it, and still does after ``wait_seconds``.
        """
        with share_lock(self.layout.lock(dataset_id), dataset=dataset_id, wait_seconds=wait_seconds):
            yield

    # ------------------------------------------------------------------------------------------- building

    @contextmanager
    def stage(self, dataset: Dataset, tables: Mapping[str, SafeTable]) -> Iterator[Staged]:
        """Write tables in all formats into scratch; what is not committed in the block is removed after it.

        Raises:
            InternalError: the tables are not those of the definition, or hold an empty text.
        """
        self._require_lock(dataset.id)
        scratch = self.layout.scratch(dataset.id)
        durable.remove(scratch)
        with self._scratch(scratch, "version") as folder:
            yield write_tables(dataset, tables, folder)

    @contextmanager
    def stage_twin(self, dataset: Dataset, tables: Mapping[str, SafeTable]) -> Iterator[Staged]:
        """As :meth:`stage`, beside what is staged and inside its block; nothing of it can be committed.

        Raises:
            InternalError: as :meth:`stage`.
        """
        self._require_lock(dataset.id)
        with self._scratch(self.layout.scratch(dataset.id) / "twin", "version") as folder:
            yield write_tables(dataset, tables, folder)

    def plan(self, staged: Staged, contract: Mapping[str, Any]) -> Plan:
        """Compare staged tables with :meth:`baseline`; write ``changes.csv`` beside them.

        Args:
            staged: from :meth:`stage`.
            contract: the public descriptor without version and files, ``describe.contract``.
        """
        dataset = staged.dataset.id
        highest = next(iter(self._exposed_entries(dataset)), None)
        return plans.make_plan(
            staged,
            self.baseline(dataset),
            contract,
            created=self._stamp(),
            taken=self._load(dataset, highest) if highest else None,
            last=self.last_release(dataset),
            word_for=partial(self._accepted, dataset),
        )

    def drift(self, plan: Plan) -> Drift | None:
        """Hold a plan's tables against what readers have now; None where they have nothing."""
        return plans.drift_of(plan)

    def check_drift(self, plan: Plan) -> tuple[Finding, ...]:
        """Stop where tables differ from the last release by more than their definition allows, and nobody said yes.

        Returns what is only to be seen.

        Raises:
            DriftExceeded: with a finding per limit.
        """
        drift = self.drift(plan)
        if drift is not None and drift.stops and plan.accepted is None:
            raise drift.error()
        return drift.notes if drift else ()

    def accept(self, plan: Plan, asked: Acceptance) -> None:
        """Remember that somebody lets the plan's difference through: good for the one version that has it.

        The caller has asked :meth:`accepted_as` whether anything is in the way.

        Raises:
            DifferenceUnknown: it is not the difference that stands, or nothing stops.
        """
        dataset = plan.staged.dataset.id
        self._require_lock(dataset)
        state = accepting.accepted(self._state(dataset), self.drift(plan), asked)
        write_state(self.layout.state(dataset), state)
        self._note_acceptance(dataset)

    def take_back(self, dataset_id: str, difference: str) -> bool:
        """Forget an acceptance that no build has used yet; return whether there was one of that difference."""
        self._require_lock(dataset_id)
        state = self._state(dataset_id)
        if state.accepted is None or state.accepted.difference != difference:
            return False
        self._change(dataset_id, replace(state, accepted=None), "unaccepted", difference=difference)
        return True

    def written(self, plan: Plan, descriptor: Mapping[str, Any], build_key: str) -> Version:
        """Write all files of the plan's version where it is staged, and return it; nothing names it, so it is none yet.

        What :meth:`commit` makes of the same plan and descriptor has the same files.
        """
        self._require_lock(plan.staged.dataset.id)
        return commits.write_records(plan, descriptor, build_key)

    def commit(self, plan: Plan, descriptor: Mapping[str, Any], provenance: Provenance) -> Version:
        """Make the plan's version the last one; where the last one is the same and waits, that one stays.

        A version that was never exposed gives its number, and its place, to this one.

        Args:
            plan: with ``plan.changed``.
            descriptor: ``datapackage.json`` for ``plan.number``, ``plan.created`` and ``plan.files``.
            provenance: of this build.

        Raises:
            LakeConflict: the number has become public in the meantime.
        """
        dataset = plan.staged.dataset.id
        self._require_lock(dataset)
        head = self._head(dataset)
        waiting = self._load(dataset, head.last) if head else None
        if head and waiting and commits.is_same(waiting, plan):
            return self._forward(plan.staged.dataset, replace(head, build_key=provenance.build_key), provenance)
        moved = commits.commit(
            self.layout,
            plan,
            descriptor=descriptor,
            provenance=provenance,
            head=head,
            state=self._state(dataset),
        )
        self._note_commit(dataset, moved)
        self._forget_used(dataset, moved)
        commits.sweep(self.layout, dataset, moved)
        return self._load(dataset, moved.last)

    def keep(self, dataset: Dataset, provenance: Provenance) -> Version:
        """A build gave what :meth:`baseline` already is: make that the last version again and remember the build.

        A version that waited for its release is dropped: it is not what the sources say now.

        Raises:
            InternalError: there is no version to keep.
        """
        self._require_lock(dataset.id)
        head, base = self._head(dataset.id), self.baseline(dataset.id)
        entry = head.entry(base.number) if head and base else None
        if head is None or entry is None:
            raise InternalError(f"{dataset.id}: nothing was ever exposed, so there is nothing to keep.")
        entries = tuple(e for e in head.entries if e.number in self._state(dataset.id).exposed)
        return self._forward(dataset, Head(entry, provenance.build_key, entries), provenance)

    # ------------------------------------------------------------------------------------------- publishing

    def expose(self, version: Version) -> Path:
        """Put a version's files under ``public/<id>/v<number>/`` and return that place; renews lost ones.

        Nothing is written where all stand there already; of a released version only presence and size are then looked
        at. The number is taken for good before the first byte is public.

        Raises:
            UsageError: the version was withdrawn.
            LakeCorrupt: a file is not what its recorded hash says.
        """
        self._require_lock(version.dataset)
        state = self._state(version.dataset)
        if self._is_withdrawn(version.dataset, version.number):
            raise UsageError(f"{version.dataset} {version.number} was withdrawn, and is never public again.")
        if version.number not in state.exposed:
            state = with_exposed(state, version.number)
            write_state(self.layout.state(version.dataset), state)
        for entry in self._visible_entries(version.dataset):
            if entry.number == version.number or not self.layout.public_version(version.dataset, entry.number).is_dir():
                released = entry.number in state.released.values()
                loaded = self._load(version.dataset, entry)
                gone = self._echo(version.dataset, entry.number, loaded.folder)
                exposure.expose(self.layout, loaded, gone=gone, released=released)
        self._note_exposed(version.dataset)
        return self.layout.public_version(version.dataset, version.number)

    def record(self, publication: Publication) -> None:
        """Remember that a portal's pointer names a version; ends a hold on another version.

        Raises:
            LakeConflict: the version was never exposed.
        """
        dataset, number = publication.dataset, publication.version
        self._require_lock(dataset)
        state = self._state(dataset)
        if number not in state.exposed:
            raise LakeConflict(
                f"{dataset} {number}: recorded for {publication.portal}, but its files were never exposed."
            )
        before = state.released.get(publication.portal)
        hold = state.hold if state.hold and state.hold.number == number else None
        if before == number and hold == state.hold:
            return
        released = {**state.released, publication.portal: number}
        event: ledger.Event = "rolled_back" if before and number < before else "published"
        facts = {"portal": publication.portal, "version": str(number), "url": publication.url}
        self._change(dataset, replace(state, released=released, hold=hold), event, **facts)

    def hold(self, dataset_id: str, number: VersionNumber, because: str) -> Hold:
        """Hold a dataset on an exposed version until a new version is built from other sources or another definition.

        Moving the portals' pointers is the caller's work: publish that version, then :meth:`record` it.

        Raises:
            UsageError: that version was never public, or was withdrawn.
        """
        self._require_lock(dataset_id)
        state, head = self._state(dataset_id), self._head(dataset_id)
        if head is None or number not in state.visible:
            raise UsageError(f"{dataset_id} {number} was never public, or was withdrawn: nobody can go back to it.")
        hold = self._hold_on(dataset_id, head, number, because)
        self._change(dataset_id, replace(state, hold=hold), "held", version=str(number), because=because)
        return hold

    def withdraw(self, dataset_id: str, number: VersionNumber | None, because: str) -> Withdrawal:
        """Take a version, or with None all of a dataset, out of the public tree for good; a tombstone stays.

        Where readers see that version, the newest one before it is held instead; where there is none, all of the
        dataset goes, and the answer says so by having no number. All of that is on record, in one step, before anything
        is removed, so that a run that dies is gone on with. Emptying the portals is the caller's work.

        Raises:
            UsageError: that version was never public.
        """
        self._require_lock(dataset_id)
        state, head = self._state(dataset_id), self._head(dataset_id)
        if head is None or not state.exposed or (number is not None and number not in state.exposed):
            raise UsageError(
                f"{dataset_id}{f' {number}' if number else ''} was never public, so there is nothing to withdraw."
            )
        after, instead = withdrawals.decide(state, Gone(number, because, self._stamp()), self.shown(dataset_id))
        if after != state:
            hold = after.hold if after.hold and after.hold.number in after.visible else None
            hold = self._hold_on(dataset_id, head, instead, because) if instead else hold
            write_state(self.layout.state(dataset_id), replace(after, hold=hold))
            self._note_withdrawals(dataset_id)
        self._clear(dataset_id)
        return next(part for part in self.withdrawn(dataset_id) if part.number in {None, number})

    def forget(self, dataset_id: str, portal: str) -> None:
        """Remember that a portal shows nothing of a dataset any more."""
        self._require_lock(dataset_id)
        state = self._state(dataset_id)
        if portal in state.released:
            released = {name: number for name, number in state.released.items() if name != portal}
            self._change(dataset_id, replace(state, released=released), "emptied", portal=portal)

    def resume(self, dataset_id: str) -> bool:
        """End by hand what keeps the newest version back: a hold, or a withdrawal; return whether there was anything.

        The versions that were withdrawn stay so. Those whose rows the newest version has may come again with it, under
        its number: that is what she who says this has looked at.
        """
        self._require_lock(dataset_id)
        state, head = self._state(dataset_id), self.head(dataset_id)
        if head is None or (state.hold is None and state.closed is None and self.withdrawal_of(head) is None):
            return False
        rows = self._rows(dataset_id)
        kept = tuple(
            replace(gone, again=gone.again or rows[gone.number] == head.data_sha256)
            for gone in state.withdrawn
            if gone.number is not None
        )
        self._change(dataset_id, replace(state, hold=None, withdrawn=kept), "resumed")
        return True

    # ------------------------------------------------------------------------------------------- keeping

    def keep_raw(self, dataset: Dataset, snapshots: Iterable[Snapshot]) -> None:
        """Keep a copy of each export by its hash, unless ``keep_raw`` is false.

        Raises:
            SourceUnreadable: an export has changed since it was hashed.
        """
        retention.keep_raw(self.layout, dataset, snapshots)

    def purge(self, datasets: Iterable[Dataset], today: date, *, wait_seconds: float = 60) -> tuple[str, ...]:
        """Remove raw exports and reports past their ``retention_days``; return their paths from the lake's root.

        Args:
            datasets: those whose definition can be read. Of all others the raw exports stay, and the reports go after
                ``retention.REPORT_DAYS`` days.
            today: the day to count from, UTC.
            wait_seconds: how long to wait for each dataset that is at work.

        Raises:
            LakeBusy: a dataset was at work for longer than ``wait_seconds``; nothing was removed.
        """
        defined = tuple(datasets)
        built = (folder.name for folder in self.layout.provenance_root.iterdir() if folder.is_dir())
        with ExitStack() as all_held:
            for dataset in sorted({*built, *(dataset.id for dataset in defined)}):
                all_held.enter_context(self._hold(dataset, wait_seconds))
            return tuple(self.layout.short(file) for file in retention.purge(self.layout, defined, today))

    def reports(self, dataset_id: str) -> Path:
        """The folder for the steward's reports on a dataset; private, and purged by ``retention_days``."""
        durable.make_folder(self.layout.root, durable.PUBLIC_FOLDER)  # a check may be the first to come here
        durable.make_folder(self.layout.reports(dataset_id))
        return self.layout.reports(dataset_id)

    def write_report(self, dataset_id: str, name: str, content: bytes) -> Path:
        """Write one file of a private report, readable by the operator's account alone; return its path."""
        file = self.reports(dataset_id) / name
        durable.replace_file(file, content)
        return file

    def verify(self, *, wait_seconds: float = 60) -> tuple[Finding, ...]:
        """Hold every file against its recorded hash, every pointer, public copy and permission; empty: all is well.

        Raises:
            LakeBusy: a dataset was at work for longer than ``wait_seconds``; with what was found in the others.
        """
        findings: list[Finding] = []
        busy: list[LakeBusy] = []
        files = (path for part in ("state", "ledger") for path in (self.layout.internal / part).iterdir())
        names = {path.stem for path in files if not path.name.startswith(".")}  # half written when the disk was full
        for dataset in sorted({*self.datasets(), *names}):
            try:
                findings += self._verified(dataset, wait_seconds)
            except LakeBusy as error:
                busy.append(error)
        findings += (*verifying.verify_raw(self.layout), *verifying.verify_permissions(self.layout))
        if busy:
            raise LakeBusy("\n".join(error.message for error in busy), findings=findings)
        return tuple(findings)

    # ------------------------------------------------------------------------------------------- inside

    @contextmanager
    def _scratch(self, parent: Path, name: str) -> Iterator[Path]:
        """A folder of unfinished work for the block."""
        durable.make_folder(parent / name)
        try:
            yield parent / name
        finally:
            durable.remove(parent)

    def _verified(self, dataset_id: str, wait_seconds: float) -> tuple[Finding, ...]:
        with self._hold(dataset_id, wait_seconds):
            with suppress(LakeCorrupt):  # which is among the findings
                self._recover(dataset_id)
            return tuple(verifying.verify_dataset(self.layout, dataset_id))

    @contextmanager
    def _hold(self, dataset_id: str, wait_seconds: float) -> Iterator[None]:
        file = self.layout.lock(dataset_id)
        with hold_lock(file, dataset=dataset_id, since=self._stamp(), wait_seconds=wait_seconds):
            self._locked.add(dataset_id)
            try:
                yield
            finally:
                self._locked.discard(dataset_id)

    def _clear(self, dataset_id: str) -> None:
        """Bring the public tree to what the state says is withdrawn; does nothing where it is so already."""
        state = self._state(dataset_id)
        for part in state.withdrawn:
            if part.number is not None:
                tombstones.bury(self.layout, dataset_id, part.number, part)
        for entry in self._visible_entries(dataset_id) if state.withdrawn else ():
            folder = self.layout.versions(dataset_id) / entry.folder
            place = self.layout.public_version(dataset_id, entry.number)
            if place.is_dir() and (gone := withdrawals.echo(state, entry.number, read_record(folder))) is not None:
                tombstones.silence(place, read_version(folder), gone)

    def _hold_on(self, dataset_id: str, head: Head, number: VersionNumber, because: str) -> Hold:
        return Hold(
            number=number,
            because=because,
            since=self._stamp(),
            known=tuple(entry.folder for entry in head.entries),
            inputs=self._inputs(dataset_id, head.last),
        )

    def _forward(self, dataset: Dataset, head: Head, provenance: Provenance) -> Version:
        """Move the pointer where it differs, after the build is on record; nothing is written where it does not."""
        if head != self._head(dataset.id):
            folder = self.layout.provenance(dataset.id) / head.last.folder
            write_last_build(folder, provenance, definition_sha256=dataset.definition_sha256, created=self._stamp())
            write_head(self.layout.head(dataset.id), head)
            self.note(dataset.id, "kept", version=str(head.last.number), build_key=head.build_key)
            commits.sweep(self.layout, dataset.id, head)
        return self._load(dataset.id, head.last)

    def _recover(self, dataset_id: str) -> None:
        """Sweep what a dead run left, and tell the ledger of what it could not tell itself."""
        head = self._head(dataset_id)
        commits.sweep(self.layout, dataset_id, head)
        self._tell_rest(dataset_id, head)
        if head:
            self._forget_used(dataset_id, head)

    def _forget_used(self, dataset_id: str, head: Head) -> None:
        """Let go of an acceptance that the last version has used up: the version itself remembers it."""
        state = self._state(dataset_id)
        if state.accepted and accepted_of(self._folder(dataset_id, head.last)) == state.accepted:
            write_state(self.layout.state(dataset_id), replace(state, accepted=None))

    def _require_lock(self, dataset_id: str) -> None:
        if dataset_id not in self._locked:
            raise InternalError(f"{dataset_id}: the lake was to be changed without the dataset's lock.")
