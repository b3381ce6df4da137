"""A steward accepts one exact difference from the last release, so that one build may make a version of it."""

import re
from datetime import UTC, datetime
from typing import Final

from apendata import describe
from apendata.errors import UsageError
from apendata.lake import Acceptance, Lake
from apendata.model import Outcome
from apendata.pipeline.build import Stage, make
from apendata.pipeline.inputs import Inputs
from apendata.pipeline.outcomes import Result
from apendata.pipeline.reasons import fit_to_read, stated

_NAME: Final = re.compile("[0-9a-f]{16}")


def asked(difference: str, *, because: str, by: str) -> Acceptance:
    """Return what somebody wants to accept, from now on.

    Raises:
        UsageError: that is no difference's name, there is no reason, or it or the role is no text for others to read.
    """
    name = difference.strip().lower()
    if not _NAME.fullmatch(name):
        raise UsageError("--difference wants the name as the failure and `apendata diff` say it: 16 signs.")
    reason, role = stated(because), fit_to_read(by)
    return Acceptance(name, reason, role or None, f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")


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
