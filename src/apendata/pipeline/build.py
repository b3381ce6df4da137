"""From a dataset's exports to a version in the lake: read, validate, protect, commit."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import apendata
from apendata import disclosure, sources, validation
from apendata.errors import DriftExceeded, LakeConflict, SourceMissing
from apendata.lake import Lake, LastSource, Plan, Provenance
from apendata.model import Dataset, Finding, History, Outcome, Protection, Published, Reading, Validation, Version
from apendata.pipeline.audit import elsewhere
from apendata.pipeline.inputs import Inputs, engine_sha256, read_codelists
from apendata.pipeline.leaks import NOWHERE, Places, refuse_leaks
from apendata.pipeline.leaving import described, let_descriptor_through, let_tables_through, planned
from apendata.pipeline.outcomes import Result
from apendata.pipeline.transform import transformed

if TYPE_CHECKING:
    import pyarrow as pa

Stage = Callable[[str], None]
"""Told the name of every stage as the work comes to it."""


@dataclass(frozen=True, slots=True, repr=False)
class _Public:
    """What readers have already."""

    seen: History = field(default_factory=dict)
    """What public versions have shown of each table."""
    elsewhere: tuple[Published, ...] = ()
    """What other datasets have shown of the same people."""
    texts: Mapping[str, "pa.Table"] = field(default_factory=dict)
    """The free texts that they have now."""


@dataclass(frozen=True, slots=True, repr=False)
class Made:
    """A dataset's safe tables, and what was learned while they were made."""

    inputs: Inputs
    reading: Reading
    validation: Validation
    protection: Protection
    notes: tuple[Finding, ...] = ()
    """What is to be said of how they were made."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Warnings and notes of all stages; an error would have stopped the dataset."""
        return (
            *self.notes,
            *self.inputs.strangers,
            *self.reading.findings,
            *self.validation.findings,
            *self.protection.findings,
        )


def make(inputs: Inputs, lake: Lake, stage: Stage) -> Made:
    """Read, validate and protect; write nothing.

    Args:
        inputs: the exports.
        lake: what was there before, and what is public.
        stage: told of each stage.

    Raises:
        SourceError, LakeConflict, PersonalDataFound, DataRejected, DisclosureRefused: the dataset stops here.
    """
    _refuse_vanished(inputs, lake)
    _refuse_mixing(inputs, lake)
    return _made(inputs, _public(lake, inputs), stage)


def check(inputs: Inputs, lake: Lake, stage: Stage, *, whole: bool) -> Made:
    """As :func:`make`, for somebody who only wants to know whether exports are in order.

    A lake of the other kind is no answer to that: nothing of it is compared with, and that is said. The alternative, to
    refuse as a build does, kept who had tried the samples from trying a file of her own.

    Args:
        inputs: the exports.
        lake: what was there before, and what is public.
        stage: told of each stage.
        whole: whether every export of the last version must be there; not where she tries one file.

    Raises:
        SourceError, PersonalDataFound, DataRejected, DisclosureRefused: a build would stop for it too.
    """
    base = lake.ever_public(inputs.dataset.id)
    if base is not None and base.synthetic != inputs.synthetic:
        kind = "lake_of_samples" if base.synthetic else "lake_of_real_data"
        note = Finding(kind, "warning" if whole else "info")
        made = _made(inputs, _Public(), stage)
        return replace(made, notes=(*made.notes, note))
    if whole:
        _refuse_vanished(inputs, lake)
    return _made(inputs, _public(lake, inputs), stage)


def _public(lake: Lake, inputs: Inputs) -> _Public:
    dataset = inputs.dataset
    return _Public(lake.seen(dataset), elsewhere(dataset, lake), lake.free_texts(dataset))


def _made(inputs: Inputs, public: _Public, stage: Stage) -> Made:
    dataset = inputs.dataset
    stage("read")
    codelists = read_codelists(inputs)
    reading = transformed(dataset, sources.read(dataset, inputs.snapshots, codelists), codelists)
    stage("validate")
    valid = validation.validate(dataset, reading, codelists)
    stage("protect")
    safe = disclosure.protect(dataset, valid.tables, public.seen, public.elsewhere)
    let_tables_through(inputs, safe)
    return Made(inputs, reading, valid, safe, disclosure.new_texts(dataset, public.texts, safe.tables))


def build(inputs: Inputs, lake: Lake, stage: Stage, places: Places = NOWHERE) -> Result:
    """Make a new version of a dataset where something changed. The caller holds the dataset's lock.

    ``places``: where it may be released; nothing is released here, but what they would show is looked at.

    Raises:
        ApendataError: the dataset stops; the last version and the last release are untouched.
    """
    dataset = inputs.dataset
    if (version := lake.unchanged(dataset.id, inputs.build_key)) is not None:
        why = _with_strangers("same exports, same definition, same engine", inputs)
        return Result(dataset.id, Outcome.UNCHANGED, why, version, findings=inputs.strangers)
    made = make(inputs, lake, stage)
    stage("commit")
    with lake.stage(dataset, made.protection.tables) as staged:
        plan = planned(staged, lake, inputs)
        # What is there already was public before; only a new version can be too different.
        notes = lake.check_drift(plan) if plan.changed else ()
        # Before the commit: after it, a run that dies here is never made up for, since the next night finds the same
        # inputs and stops. A raw file that no version names is purged.
        lake.keep_raw(dataset, inputs.snapshots)
        version = _commit(plan, lake, made, places) if plan.changed else lake.keep(dataset, _provenance(made))
    return Result(
        dataset.id,
        Outcome.BUILT if plan.changed else Outcome.UNCHANGED,
        _with_strangers(why_of(plan), inputs),
        version,
        changes=plan.changes,
        accounts=made.reading.accounts,
        findings=(*made.findings, *notes),
    )


def preview(inputs: Inputs, lake: Lake, stage: Stage) -> Result:
    """Say what a build would change for readers; commit nothing. The caller holds the dataset's lock.

    What differs by more than the definition allows is a failure, as it would be of the build, and the changes are told
    with it: they are what somebody must look at before the limit is raised.

    Raises:
        ApendataError: a build would stop for it too.
    """
    dataset = inputs.dataset
    made = make(inputs, lake, stage)
    with lake.stage(dataset, made.protection.tables) as staged:
        plan = planned(staged, lake, inputs)
        notes, error = _drift(plan, lake)
    result = Result(
        dataset.id,
        Outcome.BUILT if plan.changed else Outcome.UNCHANGED,
        why_of(plan),
        changes=plan.changes,
        accounts=made.reading.accounts,
        findings=(*made.findings, *notes),
    )
    if error is None:
        return result
    return replace(result, outcome=Outcome.FAILED, why=error.message, error=error)


def _with_strangers(why: str, inputs: Inputs) -> str:
    """A night is told by one line: an export with a wrong name must show in it, or it is waited for in vain."""
    count = sum(finding.count for finding in inputs.strangers)
    return f"{why}; files that no source reads: {count}" if count else why


def why_of(plan: Plan) -> str:
    """Say in a few words why there is a new version, or why there is none."""
    if not plan.changed:
        return "built again; nothing that a reader sees has changed"
    if plan.kind == "first":
        return "first version"
    return ", ".join(dict.fromkeys(change.rule.replace("_", " ") for change in plan.changes))


def _commit(plan: Plan, lake: Lake, made: Made, places: Places) -> Version:
    descriptor = described(plan)
    let_descriptor_through(made.inputs, descriptor)
    true, protection = made.validation.tables, made.protection
    refuse_leaks(plan, made.inputs, lake, true=true, protection=protection, places=places)
    return lake.commit(plan, descriptor, _provenance(made))


def _provenance(made: Made) -> Provenance:
    return Provenance(
        build_key=made.inputs.build_key,
        engine=f"{apendata.__version__} {engine_sha256()[:12]}",
        snapshots=made.inputs.everything,
        samples=made.inputs.samples,
        accounts=made.reading.accounts,
        origins={name: table.origin for name, table in made.validation.tables.items()},
        protected=made.protection.protected,
    )


def _drift(plan: Plan, lake: Lake) -> tuple[tuple[Finding, ...], DriftExceeded | None]:
    """What a build would note of a difference, and what would stop it."""
    try:
        return lake.check_drift(plan) if plan.changed else (), None
    except DriftExceeded as error:
        return (), error


def _refuse_vanished(inputs: Inputs, lake: Lake) -> None:
    """A period or part that the last build had and that no file has now is an error, never a deletion.

    By source and placeholders and not by file names: a file with another name for the same period is the same export.
    What the definition no longer asks for has not vanished, nor what it says is ``gone``. A source is its dataset's:
    the owner of a code list may call one of its own by the same name.
    """
    there = {_export(one.dataset, one.source, one.placeholders) for one in inputs.everything}
    gone = []
    for last in lake.last_sources(inputs.dataset.id):
        asked = [owner for name, owner in inputs.owners.items() if last.dataset in (name, None) and _asks(owner, last)]
        if asked and not any(_export(owner.id, last.source, last.placeholders) in there for owner in asked):
            gone.append(last.name)
    if gone:
        names = ", ".join(sorted(set(gone)))
        raise SourceMissing(
            f"{inputs.dataset.id}: these exports were there at the last version and are gone: {names}. Put them back; "
            "a vanished file is never taken for a deletion. One that was a mistake is named under `gone` of its "
            "source in dataset.yaml, with the reason.",
            findings=[Finding("export_vanished", count=len(set(gone)), params={"files": names})],
        )


def _asks(owner: Dataset, last: LastSource) -> bool:
    """Whether a dataset's definition, as it is now, wants an export of the last build."""
    source = owner.sources.get(last.source)
    return source is not None and set(source.placeholders) == set(last.placeholders) and last.name not in source.gone


def _export(dataset: str, source: str, placeholders: Mapping[str, str]) -> Hashable:
    return (dataset, source, *sorted(placeholders.items()))


def _refuse_mixing(inputs: Inputs, lake: Lake) -> None:
    """Samples and real data never share a lake: they would share numbers, history and what must stay hidden."""
    base = lake.ever_public(inputs.dataset.id)
    if base is None or base.synthetic == inputs.synthetic:
        return
    names = "; ".join(f"{sample.dataset}: {sample.name}" for sample in inputs.samples)
    there, new = ("samples", "real exports") if base.synthetic else ("real exports", f"samples ({names})")
    raise LakeConflict(
        f"{inputs.dataset.id}: the versions in this lake were made from {there}, and this build reads {new}. "
        "Let APENDATA_LAKE name another folder for these"
        + (", or remove this lake if it was only a trial." if base.synthetic else ".")
    )
