"""From a dataset's exports to a version in the lake: read, validate, protect, commit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import apendata
from apendata import describe, disclosure, sources, validation
from apendata.errors import InternalError, SourceMissing
from apendata.lake import Lake, Plan, Provenance
from apendata.model import Dataset, Finding, Outcome, Protection, RawTable, Reading, Validation, Version
from apendata.pipeline.inputs import Inputs, engine_sha256, read_codelists
from apendata.pipeline.outcomes import Result

Stage = Callable[[str], None]
"""Told the name of every stage as the work comes to it."""


@dataclass(frozen=True, slots=True, repr=False)
class Made:
    """A dataset's safe tables, and what was learned while they were made."""

    inputs: Inputs
    reading: Reading
    validation: Validation
    protection: Protection

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Warnings and notes of all stages; an error would have stopped the dataset."""
        return (*self.reading.findings, *self.validation.findings, *self.protection.findings)


def make(inputs: Inputs, lake: Lake, stage: Stage) -> Made:
    """Read, validate and protect; write nothing.

    Raises:
        SourceError, PersonalDataFound, DataRejected, DisclosureRefused: the dataset stops here.
    """
    dataset = inputs.dataset
    stage("read")
    codelists = read_codelists(inputs)
    reading = _transformed(dataset, sources.read(dataset, inputs.snapshots, codelists), codelists)
    stage("validate")
    valid = validation.validate(dataset, reading)
    stage("protect")
    safe = disclosure.protect(dataset, valid.tables, lake.hidden_before(dataset.id))
    return Made(inputs, reading, valid, safe)


def build(inputs: Inputs, lake: Lake, stage: Stage) -> Result:
    """Make a new version of a dataset where something changed. The caller holds the dataset's lock.

    Raises:
        ApendataError: the dataset stops; the last version and the last release are untouched.
    """
    dataset = inputs.dataset
    _refuse_vanished(inputs, lake)
    if (version := lake.unchanged(dataset.id, inputs.build_key)) is not None:
        return Result(dataset.id, Outcome.UNCHANGED, "same exports, same definition, same engine", version)
    made = make(inputs, lake, stage)
    stage("commit")
    with lake.stage(dataset, made.protection.tables) as staged:
        plan = lake.plan(staged, describe.contract(dataset, synthetic=inputs.synthetic))
        lake.check_drift(plan)
        version = _commit(plan, lake, made) if plan.changed else lake.keep(dataset.id, inputs.build_key)
    lake.keep_raw(dataset, inputs.snapshots)
    return Result(
        dataset.id,
        Outcome.BUILT if plan.changed else Outcome.UNCHANGED,
        why_of(plan),
        version,
        changes=plan.changes,
        accounts=made.reading.accounts,
        findings=made.findings,
    )


def preview(inputs: Inputs, lake: Lake, stage: Stage) -> Result:
    """Say what a build would change for readers; commit nothing. The caller holds the dataset's lock."""
    dataset = inputs.dataset
    made = make(inputs, lake, stage)
    with lake.stage(dataset, made.protection.tables) as staged:
        plan = lake.plan(staged, describe.contract(dataset, synthetic=inputs.synthetic))
    return Result(
        dataset.id,
        Outcome.BUILT if plan.changed else Outcome.UNCHANGED,
        why_of(plan),
        changes=plan.changes,
        accounts=made.reading.accounts,
        findings=made.findings,
    )


def why_of(plan: Plan) -> str:
    """Say in a few words why there is a new version, or why there is none."""
    if not plan.changed:
        return "built again; nothing that a reader sees has changed"
    if plan.kind == "first":
        return "first version"
    return ", ".join(dict.fromkeys(change.rule.replace("_", " ") for change in plan.changes))


def _commit(plan: Plan, lake: Lake, made: Made) -> Version:
    descriptor = describe.datapackage(
        plan.contract,
        number=plan.number,
        created=plan.created,
        files=plan.files,
        data_sha256=plan.staged.data_sha256,
        changes=plan.changes,
    )
    provenance = Provenance(
        build_key=made.inputs.build_key,
        engine=f"{apendata.__version__} {engine_sha256()[:12]}",
        snapshots=made.inputs.everything,
        accounts=made.reading.accounts,
        origins={name: table.origin for name, table in made.validation.tables.items()},
    )
    return lake.commit(plan, descriptor, provenance)


def _transformed(dataset: Dataset, reading: Reading, codelists: Mapping[str, RawTable]) -> Reading:
    """Apply the dataset's own pure function, if it has one; tables of margins are then made from what it gave."""
    if dataset.transform is None:
        return reading
    try:
        tables = dict(dataset.transform(reading.tables))
    except Exception as error:  # noqa: BLE001 (not our code; its text may hold values, so only its kind is told)
        raise InternalError(f"{dataset.folder / 'transform.py'} failed with {type(error).__name__}.") from None
    made = sources.with_margins(dataset, tables, codelists)
    return Reading(made, reading.sum_rows, reading.accounts, reading.findings)


def _refuse_vanished(inputs: Inputs, lake: Lake) -> None:
    """A file of the last version that is no longer there is an error, never a deletion."""
    before = lake.source_names(inputs.dataset.id)
    gone = sorted(before - {snapshot.name for snapshot in inputs.everything})
    if gone:
        raise SourceMissing(
            f"{inputs.dataset.id}: these exports were there at the last version and are gone: {', '.join(gone)}. "
            "Put them back; a vanished file is never taken for a deletion."
        )
