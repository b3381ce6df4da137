"""Makes a version of staged files: everything is written beside and synced, then one rename of the pointer counts."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from apendata.errors import LakeConflict
from apendata.lake import durable
from apendata.lake.acceptance import Acceptance
from apendata.lake.changes import FILE as CHANGES_FILE
from apendata.lake.hashing import sha256_of_json
from apendata.lake.layout import Layout
from apendata.lake.plan import Plan
from apendata.lake.provenance import Provenance, write_provenance
from apendata.lake.records import (
    DESCRIPTOR_FILE,
    VERSION_FILE,
    Entry,
    Head,
    accepted_of,
    folder_name,
    policy_record,
    pretty,
    version_bytes,
    write_head,
)
from apendata.lake.state import State
from apendata.model import FileRef, Version


def commit(
    layout: Layout,
    plan: Plan,
    *,
    descriptor: Mapping[str, Any],
    provenance: Provenance,
    head: Head | None,
    state: State,
) -> Head:
    """Make the plan's version the last one, and return the new pointer.

    Order matters: the version and its provenance have their final names before the pointer moves, so the pointer never
    names what is not there; what a crash leaves without a pointer to it is swept by the next run.

    Raises:
        LakeConflict: the number has been exposed in the meantime.
    """
    if plan.number in state.exposed:
        raise LakeConflict(f"{plan.staged.dataset.id} {plan.number}: this number is already public. Build again.")
    dataset = plan.staged.dataset
    version = write_records(plan, descriptor, provenance.build_key)
    name = folder_name(version.number, *_content(version, plan.accepted))
    origin = layout.scratch(dataset.id) / "provenance"
    write_provenance(origin, provenance, definition_sha256=dataset.definition_sha256, created=plan.created)
    for parent in (layout.versions(dataset.id), layout.provenance(dataset.id)):
        durable.make_folder(parent)
    durable.move(origin, layout.provenance(dataset.id) / name)
    durable.move(plan.staged.folder, layout.versions(dataset.id) / name)
    entry = Entry(version.number, name, durable.sha256_of(layout.versions(dataset.id) / name / VERSION_FILE))
    kept = tuple(e for e in (head.entries if head else ()) if e.number in state.exposed)
    moved = Head(entry, provenance.build_key, (*kept, entry))
    write_head(layout.head(dataset.id), moved)
    return moved


def is_same(version: Version, plan: Plan) -> bool:
    """Tell whether a committed version is what the plan would make, reasons and all."""
    return (version.number, *_content(version, accepted_of(version.folder))) == (
        plan.number,
        plan.staged.data_sha256,
        sha256_of_json(plan.contract),
        *_told(plan.files, plan.accepted),
    )


def _content(version: Version, accepted: Acceptance | None) -> tuple[str | None, ...]:
    return version.data_sha256, version.descriptor_sha256, *_told(version.files, accepted)


def _told(files: Iterable[FileRef], accepted: Acceptance | None) -> tuple[str | None, str | None]:
    """What a version says besides its rows and contract: the hash of its ``changes.csv``, and what was accepted.

    A reason that is stated afterwards makes another candidate of the same rows.
    """
    changes = next((file.sha256 for file in files if file.path == CHANGES_FILE), None)
    return changes, accepted.difference if accepted else None


def sweep(layout: Layout, dataset: str, head: Head | None) -> None:
    """Remove what no pointer names: unfinished work of a run that died, and candidates that another one replaced."""
    known = {entry.folder for entry in head.entries} if head else set()
    pointer = layout.head(dataset).name
    for parent in (layout.versions(dataset), layout.provenance(dataset)):
        for path in _inside(parent):
            if path.name not in known and path.name != pointer:
                durable.remove(path)
    for path in (*_inside(layout.scratch(dataset)), *_unfinished(layout.public_dataset(dataset))):
        durable.remove(path)


def write_records(plan: Plan, descriptor: Mapping[str, Any], build_key: str) -> Version:
    """Write datapackage.json and version.json beside the tables; the version is none yet, for no pointer names it."""
    folder, dataset = plan.staged.folder, plan.staged.dataset
    sha256, size = durable.write_file(folder / DESCRIPTOR_FILE, [pretty(descriptor)])
    version = Version(
        dataset=dataset.id,
        number=plan.number,
        kind=plan.kind,
        build_key=build_key,
        data_sha256=plan.staged.data_sha256,
        descriptor_sha256=sha256_of_json(plan.contract),
        created=plan.created,
        synthetic=bool(plan.contract["synthetic"]),
        files=(*plan.files, FileRef(DESCRIPTOR_FILE, "json", None, sha256, size)),
        descriptor=descriptor,
        changes=plan.changes,
        folder=folder,
    )
    policies = {table.name: policy_record(table) for table in dataset.tables}
    base = plan.base.number if plan.base else None
    record = version_bytes(
        version, plan.contract, plan.staged.table_sha256s, policies, compared_with=base, accepted=plan.accepted
    )
    durable.write_file(folder / VERSION_FILE, [record])
    durable.sync_folder(folder)
    return version


def _inside(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _unfinished(folder: Path) -> list[Path]:
    return [path for path in _inside(folder) if path.name.startswith(".v")]
