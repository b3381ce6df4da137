"""Where the gate stands: what leaves is looked at as soon as it is there, and once more whole before the commit."""

from collections.abc import Mapping
from typing import Any

from apendata import describe, disclosure
from apendata.lake import Lake, Plan, Staged
from apendata.model import Protection
from apendata.pipeline.inputs import Inputs


def let_tables_through(inputs: Inputs, safe: Protection) -> None:
    """Look at the tables, the contract and the reasons of revisions: a check tells what would stop a build.

    Raises:
        PersonalDataFound, DataRejected, DefinitionError: something in them may not leave.
    """
    dataset = inputs.dataset
    reasons = [text for t in dataset.tables for r in t.revisions for text in (r.because.nb, r.because.en)]
    told = disclosure.found_in_metadata(describe.contract(dataset, synthetic=inputs.synthetic), reasons)
    disclosure.let_through(dataset.id, (*told, *disclosure.found_in_tables(dataset, safe.tables)))


def planned(staged: Staged, lake: Lake, inputs: Inputs) -> Plan:
    """What a commit would do.

    Raises:
        PersonalDataFound: it would tell a person's number that the version before holds.
    """
    plan = lake.plan(staged, describe.contract(inputs.dataset, synthetic=inputs.synthetic))
    before = {name: difference.old for name, difference in plan.differences.items()}
    disclosure.let_through(inputs.dataset.id, disclosure.found_in_changes(inputs.dataset, before))
    return plan


def described(plan: Plan) -> dict[str, Any]:
    """Return the ``datapackage.json`` of the version that a plan would make."""
    return describe.datapackage(
        plan.contract,
        number=plan.number,
        created=plan.created,
        files=plan.files,
        data_sha256=plan.staged.data_sha256,
        changes=plan.changes,
    )


def let_descriptor_through(inputs: Inputs, descriptor: Mapping[str, Any]) -> None:
    """Look at the whole descriptor: names of files and what changed stand there alone.

    Raises:
        PersonalDataFound, DefinitionError: something in it may not leave.
    """
    disclosure.let_through(inputs.dataset.id, disclosure.found_in_metadata(descriptor))
