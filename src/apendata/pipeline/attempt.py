"""One dataset's step, from which no failure escapes: it becomes a result, a private report and a line in the ledger."""

import json
import traceback
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime

from apendata.errors import ApendataError, InternalError, LakeUnwritable
from apendata.lake import Lake
from apendata.model import Outcome
from apendata.pipeline.outcomes import Result, remember
from apendata.report import ERRORS, HEADINGS, Language, as_document, as_text, harmless


def attempt(
    dataset_id: str, step: str, lake: Lake, work: Callable[[], Result], *, only_failures: bool = False
) -> Result:
    """Run ``work`` and return how it ended, also when it failed: one dataset's failure never stops another.

    Args:
        dataset_id: whose.
        step: what the ledger and the report call it.
        lake: where both are kept.
        work: what may fail.
        only_failures: keep nothing of what went well, for who only wants to look.
    """
    try:
        result = work()
        if only_failures:
            return result
    except ApendataError as error:
        result = _failed(dataset_id, error)
    except OSError as error:  # the disk is full, a folder may not be written: the operator can mend it
        result = _failed(
            dataset_id, LakeUnwritable(f"{error.strerror or type(error).__name__}: {error.filename or 'the lake'}.")
        )
    except (Exception, SystemExit) as error:  # noqa: BLE001 (a defect; its text may hold values: for the private report)
        details = traceback.format_exc()
        told = InternalError(f"A defect in apendata ({type(error).__name__}). Send the private report to its makers.")
        result = _failed(dataset_id, told)
        return _kept(result, step, lake, details)
    return _kept(result, step, lake)


def _failed(dataset_id: str, error: ApendataError) -> Result:
    return Result(dataset_id, Outcome.FAILED, error.message, error=error)


def _kept(result: Result, step: str, lake: Lake, details: str = "") -> Result:
    """Write what is worth keeping; where even that cannot be done, say it and keep the result."""
    try:
        reported = _with_report(result, step, lake, details)
        remember(lake, step, reported)
    except Exception as error:  # noqa: BLE001 (the last line of defence: nothing may come between two datasets)
        why = f"{result.why} (its report could not be written: {type(error).__name__})"
        return replace(result, why=why, error=result.error or LakeUnwritable(why), outcome=Outcome.FAILED)
    return reported


def _with_report(result: Result, step: str, lake: Lake, details: str) -> Result:
    told = result.error or result.found or result.accounts or result.mended or result.kept
    if result.outcome is Outcome.UNCHANGED or not told:
        return result
    stem = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{step}"
    document = {
        "dataset": result.dataset,
        "step": step,
        "outcome": result.outcome.value,
        "error": type(result.error).__name__ if result.error else None,
        "message": result.error.message if result.error else None,
        **as_document(result.private, result.accounts),
        "mended": [asdict(difference) for difference in result.mended],
        "kept": [asdict(difference) for difference in result.kept],
        "details": details,
    }
    text = _text(result)
    lake.write_report(
        result.dataset,
        f"{stem}.json",
        json.dumps(document, ensure_ascii=False, indent=2).encode(errors="backslashreplace"),
    )
    lake.write_report(result.dataset, f"{stem}.txt", (text + details).encode(errors="backslashreplace"))
    path = lake.write_report(result.dataset, f"{stem}.html", _page(result, stem, lake))
    return replace(result, report=str(path))


def _page(result: Result, stem: str, lake: Lake) -> bytes:
    """The page that she reads, with her own workbooks beside it."""
    from apendata.report.page import as_page  # a run that is well needs none

    workbooks = result.error.handed_back if result.error else result.handed_back
    names = [f"{stem}-{workbook.name}" for workbook in workbooks]
    for name, workbook in zip(names, workbooks, strict=True):
        lake.write_report(result.dataset, name, workbook.content)
    page = as_page(
        result.dataset,
        result.private,
        result.accounts,
        made=datetime.now(UTC),
        message={language: _message(result, language) for language in ERRORS},
        hands={language: _hands(result, language) for language in ERRORS},
        returned=names,
    )
    return page.encode(errors="backslashreplace")


def _message(result: Result, language: Language) -> str:
    """What kind of failure it is; where nothing was found by place, the error's own words too."""
    if result.error is None:
        return ""
    said = ERRORS[language][type(result.error).__name__]
    return said if result.found else f"{said}\n{HEADINGS[language]['details']}: {result.error.message}"


def _text(result: Result) -> str:
    """The report as a steward reads it: what it is, what to mend, and where every row went."""
    if result.error is None:
        return f"{result.dataset}\n\n{as_text(result.found, result.accounts, 'nb')}{_hands(result, 'nb')}"
    head = f"{result.dataset}\n\n{ERRORS['nb'][type(result.error).__name__]}\n\n"
    if not result.found:
        return f"{head}{HEADINGS['nb']['details']}: {result.error.message}\n"
    return head + as_text(result.private, result.accounts, "nb")


def _hands(result: Result, language: Language) -> str:
    """What people had changed on the portals: what was put right, and what was left as they wrote it."""
    words = HEADINGS[language]
    lines = []
    for heading, found in ((words["mended"], result.mended), (words["kept"], result.kept)):
        lines += ["", f"{heading}:"] if found else []
        for difference in found:
            lines.append(f"  {difference.portal}: {difference.place}, {difference.field}")
            lines += [_whole("-", difference.live), _whole("+", difference.wanted)]
    return harmless("".join(f"{line}\n" for line in lines))


def _whole(sign: str, value: str | None) -> str:
    """A value with all its lines, each of them set in, so that none looks like the report's own."""
    return f"    {sign} " + "\n      ".join((value or "").splitlines())
