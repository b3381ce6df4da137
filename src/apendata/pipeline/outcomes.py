"""How one dataset ended: what the table at the end of a night says, and what becomes the exit code."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime

from apendata import errors
from apendata.errors import EXIT_OK, ApendataError, HandedBack, InternalError, exit_code, gravest
from apendata.lake import Lake
from apendata.model import Change, Difference, Finding, Outcome, Owner, RowAccount, Version, VersionNumber


@dataclass(frozen=True, slots=True)
class Result:
    """One dataset's line. Holds no cell value but in ``findings``' samples, which nothing but the report may show."""

    dataset: str
    outcome: Outcome
    why: str
    version: Version | None = None
    error: ApendataError | None = None
    changes: tuple[Change, ...] = ()
    accounts: tuple[RowAccount, ...] = ()
    findings: tuple[Finding, ...] = field(default=(), repr=False)
    """Warnings and notes; what stopped the dataset stands in ``error``."""
    report: str | None = None
    """The private report's path; of a night the last one: the publish's, where it left one."""
    report_before: str | None = None
    """The build's, where the publish after it left one of its own."""
    handed_back: tuple[HandedBack, ...] = field(default=(), repr=False)
    """Her exports with the cells marked that warnings speak of; those of a failure are in ``error``."""
    returned: tuple[str, ...] = ()
    """Where they were laid, beside the report."""
    mended: tuple[Difference, ...] = ()
    """What stood on a portal otherwise than it was released, and was put right."""
    kept: tuple[Difference, ...] = ()
    """What a person wrote on a portal, and what was left."""
    differences: tuple[Difference, ...] = ()
    """Of a plan: what would be written; of a drift: what other hands changed."""

    @property
    def found(self) -> tuple[Finding, ...]:
        """All that was found: what stopped the dataset, then warnings and notes."""
        return (*(self.error.findings if self.error else ()), *self.findings)

    @property
    def private(self) -> tuple[Finding, ...]:
        """The same as the private report says it, with values in their words where it is the one place for them."""
        return (*(self.error.private if self.error else ()), *self.findings)


def exit_code_of(results: Iterable[Result]) -> int:
    """Return the gravest failure's exit code, or 0 where none failed."""
    worst = gravest(result.error for result in results if result.error is not None)
    return EXIT_OK if worst is None else exit_code(worst)


def together(built: Result, published: Result) -> Result:
    """Make one line of a build and the publish after it; a build that failed has the last word."""
    if built.error is not None:
        return built
    why = built.why if published.outcome in (Outcome.PUBLISHED, Outcome.UNCHANGED) else published.why
    if published.outcome is Outcome.PUBLISHED and built.outcome is Outcome.UNCHANGED:
        why = published.why
    return replace(
        built,
        outcome=published.outcome,
        why=why,
        version=published.version,
        error=published.error,
        changes=published.changes or built.changes,
        report=published.report or built.report,
        report_before=built.report if published.report else None,
        returned=(*built.returned, *published.returned),
        mended=published.mended,
        kept=published.kept,
    )


def remember(lake: Lake, step: str, result: Result) -> None:
    """Write a result into the dataset's ledger, so that a table can be made by a process that did not do the work."""
    facts = {"step": step, "outcome": result.outcome.value, "why": result.why}
    if result.version is not None:
        facts["version"] = str(result.version.number)
    if result.error is not None:
        facts["error"] = type(result.error).__name__
    if result.report is not None:
        facts["report"] = result.report
    for word, differences in (("mended", result.mended), ("kept", result.kept)):
        if differences:  # places and fields; what stood there stays on the portal and in the private report
            facts[word] = json.dumps([[d.portal, d.place, d.field] for d in differences], ensure_ascii=False)
    if result.accounts:
        facts["accounts"] = json.dumps([asdict(account) for account in result.accounts], ensure_ascii=False)
    lake.note(result.dataset, "ended", **facts)


def last_result(lake: Lake, dataset_id: str, since: datetime) -> Result | None:
    """Return how a dataset's night ended, from its ledger; None where nothing ended since that moment (UTC)."""
    start = f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    events = (event for event in lake.history(dataset_id) if event["event"] == "ended")
    ended = [event for event in events if event["at"] >= start and event["step"] in ("build", "publish")]
    built = next((event for event in ended if event["step"] == "build"), None)
    if built is None:
        return None
    result = _recalled(lake, dataset_id, built)
    published = ended[0] if ended[0]["step"] == "publish" else None
    return together(result, _recalled(lake, dataset_id, published)) if published else result


def _recalled(lake: Lake, dataset_id: str, event: Mapping[str, str]) -> Result:
    version = lake.version(dataset_id, VersionNumber.parse(event["version"])) if "version" in event else None
    kind: type[ApendataError] = getattr(errors, event.get("error", ""), InternalError)
    return Result(
        dataset_id,
        Outcome(event["outcome"]),
        event["why"],
        version,
        error=kind(event["why"]) if "error" in event else None,
        accounts=tuple(RowAccount(**account) for account in json.loads(event.get("accounts", "[]"))),
        report=event.get("report"),
        mended=_recalled_fields(dataset_id, event.get("mended", "[]"), Owner.RELEASE),
        kept=_recalled_fields(dataset_id, event.get("kept", "[]"), Owner.TEXT),
    )


def _recalled_fields(dataset_id: str, told: str, owner: Owner) -> tuple[Difference, ...]:
    return tuple(
        Difference(portal, dataset_id, place, field, live=None, wanted=None, owner=owner)
        for portal, place, field in json.loads(told)
    )
