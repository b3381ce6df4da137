"""How results, versions and findings are told: lines for people, JSON for programs, and no cell's value in either."""

from collections.abc import Sequence
from typing import Any, Final

from apendata.cli.differences import difference_document
from apendata.cli.screen import columns
from apendata.errors import ApendataError
from apendata.model import SHOWN_PLACES, Change, Finding, Version, VersionNumber
from apendata.pipeline import Result
from apendata.report.render import account_lines, advice, place_text, sentence, summary
from apendata.report.texts import ERRORS, HEADINGS, Language

_OTHER_LAKE: Final = frozenset({"lake_of_samples", "lake_of_real_data"})


def outcome_table(results: Sequence[Result]) -> list[str]:
    """Return the table that ends a night: dataset, outcome, rows, version, why."""
    heading = ("dataset", "outcome", "rows", "version", "why")
    rows = [
        (
            r.dataset,
            r.outcome.value,
            str(r.version.rows) if r.version else "",
            str(r.version.number) if r.version else "",
            r.why.splitlines()[0],
        )
        for r in results
    ]
    return columns([heading, *rows])


def failure_lines(results: Sequence[Result], language: Language) -> list[str]:
    """Say of every failure what was found and where, without any cell's value, and where the values are."""
    lines: list[str] = []
    for result in results:
        if result.error is None:
            continue
        told = [problem_line(finding, language) for finding in result.error.findings]
        name = type(result.error).__name__
        # What it is in her language first; the name is for whoever looks it up in the operations' table.
        lines += ["", f"{result.dataset}: {ERRORS[language][name]} ({name})"]
        lines += [f"  {line}" for line in told or result.error.message.splitlines()]
        lines += report_lines(result, language)
    return lines


def unasked_lines(where: str, error: ApendataError, language: Language) -> list[str]:
    """Say who could not be looked at, and why: that nothing is said of it is no good news."""
    name = type(error).__name__
    return [
        "",
        f"{where}: {name}",
        f"  {ERRORS[language][name]}",
        *(f"  {line}" for line in error.message.splitlines()),
    ]


def report_lines(result: Result, language: Language) -> list[str]:
    """Say where the private report is, and her workbooks beside it."""
    words = HEADINGS[language]
    report = [f"  {words['report']}: {path}" for path in (result.report_before, result.report) if path]
    return report + [f"  {words['marked']}: {file}" for file in result.returned]


def check_lines(results: Sequence[Result], language: Language) -> list[str]:
    """Say how a check ended: where the rows went, what must be mended, and where her files are."""
    lines = account_table(results, language)
    for result in results:
        mark = "✗" if result.error else "✓"
        lines += ["", f"{mark} {result.dataset}: {_verdict(result, language)}"]
        if result.error is None:
            lines += [f"  {_compared(result, language)}"]
            lines += report_lines(result, language)
    return [*lines, *failure_lines(results, language)][1:]


def _compared(result: Result, language: Language) -> str:
    """That nothing was compared, and what does that; in a lake of the other kind that cannot be done at all."""
    other = next((found for found in result.findings if found.code in _OTHER_LAKE), None)
    return sentence(other, language) if other else HEADINGS[language]["not_compared"].format(dataset=result.dataset)


def _verdict(result: Result, language: Language) -> str:
    """A failure without findings is told below in its own words."""
    if result.error and not result.found:
        return ERRORS[language][type(result.error).__name__]
    return summary(result.found, language)


def account_table(results: Sequence[Result], language: Language) -> list[str]:
    """Say of every dataset that was read where each row of each export went, and what to look at."""
    lines: list[str] = []
    for result in results:
        warnings = [problem_line(f, language) for f in result.findings if f.severity == "warning"]
        told = [*account_lines(result.accounts, language), *warnings]
        lines += ["", result.dataset, *(f"  {line}" for line in told)] if told else []
    return lines


def problem_line(finding: Finding, language: Language) -> str:
    """Say a finding in one line: what, where first, how many more."""
    where = f" – {place_text(finding.places[0], language)}" if finding.places else ""
    more = f" (+{finding.count - 1})" if finding.places and finding.count > 1 else ""
    return f"{sentence(finding, language)} {advice(finding, language)}{where}{more}"


def result_document(result: Result, language: Language) -> dict[str, Any]:
    """Return a result as JSON."""
    return {
        "dataset": result.dataset,
        "outcome": result.outcome.value,
        "why": result.why,
        "version": str(result.version.number) if result.version else None,
        "rows": result.version.rows if result.version else None,
        "synthetic": result.version.synthetic if result.version else None,
        "error": type(result.error).__name__ if result.error else None,
        "message": result.error.message if result.error else None,
        "changes": [change_document(change) for change in result.changes],
        "findings": [
            finding_document(finding) | {"text": sentence(finding, language), "todo": advice(finding, language)}
            for finding in result.found
        ],
        "accounts": [{"file": a.file, "sheet": a.sheet, "rule": a.rule, "rows": a.rows} for a in result.accounts],
        "report": result.report,
        "report_before": result.report_before,
        "workbooks": list(result.returned),
        **{
            name: [difference_document(difference) for difference in found]
            for name, found in (
                ("mended", result.mended),
                ("kept", result.kept),
                ("differences", result.differences),
            )
        },
    }


def finding_document(finding: Finding) -> dict[str, Any]:
    """A finding as JSON, without its samples: standard output is no private place."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "table": finding.table,
        "field": finding.field,
        "count": finding.count,
        "places": [str(place) for place in finding.places[:SHOWN_PLACES]],
    }


def version_document(version: Version, released: set[VersionNumber]) -> dict[str, Any]:
    """Return a version as JSON."""
    return {
        "version": str(version.number),
        "created": version.created,
        "kind": version.kind,
        "released": version.number in released,
        "rows": version.rows,
        "synthetic": version.synthetic,
        "data_sha256": version.data_sha256,
        "changes": [change_document(change) for change in version.changes],
    }


def change_document(change: Change) -> dict[str, Any]:
    """Return a change as JSON."""
    return {
        "rule": change.rule,
        "level": change.level.value,
        "table": change.table,
        "field": change.field,
        "count": change.count,
    }


def change_line(change: Change) -> str:
    """Say a change in one line."""
    where = ".".join(part for part in (change.table, change.field) if part)
    return f"{change.rule} {where} ×{change.count} ({change.level.value})".replace("  ", " ")
