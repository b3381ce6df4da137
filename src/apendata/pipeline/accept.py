"""A steward accepts one exact difference from the last release, so that one build may make a version of it."""

from datetime import UTC, datetime

from apendata import describe, sources
from apendata.errors import UsageError
from apendata.lake import Acceptance, Lake
from apendata.model import Outcome
from apendata.pipeline.build import Stage, make
from apendata.pipeline.inputs import Inputs
from apendata.pipeline.outcomes import Result


def asked(difference: str, *, because: str, by: str | None) -> Acceptance:
    """Return what somebody wants to accept, from now on.

    Raises:
        UsageError: the reason, which readers see, or the role holds a national identity number.
    """
    if any(sources.has_identity_number(text) for text in (because, by or "")):
        raise UsageError("There is a national identity number in it. Readers see the reason: name no person in it.")
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return Acceptance(difference.strip().lower(), _one_line(because), _one_line(by or "") or None, now)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def accept(inputs: Inputs, lake: Lake, stage: Stage, asked_for: Acceptance) -> Result:
    """Make the tables again, hold them against the last release, and put the acceptance on record if it names that.

    Making them again lets nobody accept a difference that no longer stands. The caller holds the dataset's lock.

    Raises:
        ApendataError: a build would stop for it too, or the difference cannot be accepted.
    """
    dataset = inputs.dataset
    if (there := lake.accepted_as(dataset.id, asked_for)) is not None:
        return Result(dataset.id, Outcome.ACCEPTED, f"accepted since {there.at}; the next build uses it")
    made = make(inputs, lake, stage)
    with lake.stage(dataset, made.protection.tables) as staged:
        plan = lake.plan(staged, describe.contract(dataset, synthetic=inputs.synthetic))
        lake.accept(plan, asked_for)
    why = f"the difference {asked_for.difference} is accepted; the next build uses it"
    return Result(dataset.id, Outcome.ACCEPTED, why, changes=plan.changes)
