"""How one dataset ended: what the table at the end of a night says, and what becomes the exit code."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from apendata.errors import EXIT_OK, ApendataError, exit_code, gravest
from apendata.model import Change, Finding, Outcome, RowAccount, Version


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
    report: str | None = None
    """The private report's path."""


def exit_code_of(results: Iterable[Result]) -> int:
    """Return the gravest failure's exit code, or 0 where none failed."""
    worst = gravest(result.error for result in results if result.error is not None)
    return EXIT_OK if worst is None else exit_code(worst)
