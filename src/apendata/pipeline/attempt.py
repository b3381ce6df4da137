"""One dataset's step, from which no failure escapes: it becomes a result, a private report and a line in the ledger."""

import json
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from apendata.errors import ApendataError, InternalError, LakeUnwritable
from apendata.lake import Lake
from apendata.model import Outcome
from apendata.pipeline.outcomes import Result, remember
from apendata.pipeline.shelf import Folder, Shelf
from apendata.report.foreign import harmless
from apendata.report.render import as_document, as_text
from apendata.report.texts import ERRORS, HEADINGS, Language


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
        details = ""
    except (Exception, SystemExit) as error:  # noqa: BLE001 (no failure escapes: see _told)
        result, details = _told(dataset_id, error)
    return _kept(result, step, lake, details)


def looked_at(dataset_id: str, step: str, lake: Lake, work: Callable[[], Result], *, to: Path | None) -> Result:
    """Run ``work`` that changes nothing and say how it ended, also where the lake is held, or not there yet.

    Args:
        dataset_id: whose.
        step: what the report calls it.
        lake: its folder of private reports is the one thing in it that is written.
        work: what may fail.
        to: another folder for the report; then the lake is not touched at all.
    """
    details = ""
    try:
        result = work()
    except (Exception, SystemExit) as error:  # noqa: BLE001 (as above)
        result, details = _told(dataset_id, error)
    return _reported(result, step, lake if to is None else Folder(to), details)


def _told(dataset_id: str, error: BaseException) -> tuple[Result, str]:
    """A failure as a result, and the details of a defect: its text may hold values, and is for the private report."""
    if isinstance(error, ApendataError):
        return _failed(dataset_id, error), ""
    if isinstance(error, OSError):  # the disk is full, a folder may not be written: the operator can mend it
        where = f"{error.strerror or type(error).__name__}: {error.filename or 'the lake'}."
        return _failed(dataset_id, LakeUnwritable(where)), ""
    told = InternalError(f"A defect in apendata ({type(error).__name__}). Send the private report to its makers.")
    return _failed(dataset_id, told), "".join(traceback.format_exception(error))


def _failed(dataset_id: str, error: ApendataError) -> Result:
    return Result(dataset_id, Outcome.FAILED, error.message, error=error)


def _kept(result: Result, step: str, lake: Lake, details: str = "") -> Result:
    """Write what is worth keeping; where even that cannot be done, say it and keep the result."""
    reported = _reported(result, step, lake, details)
    try:
        remember(lake, step, reported)
    except Exception as error:  # noqa: BLE001 (the last line of defence: nothing may come between two datasets)
        return _unwritten(reported, error, "line in the ledger")
    return reported


def _reported(result: Result, step: str, shelf: Shelf, details: str) -> Result:
    try:
        return _with_report(result, step, shelf, details)
    except Exception as error:  # noqa: BLE001 (as above)
        return _unwritten(result, error, "report")


def _unwritten(result: Result, error: Exception, what: str) -> Result:
    why = f"{result.why} (its {what} could not be written: {type(error).__name__})"
    return replace(result, why=why, error=result.error or LakeUnwritable(why), outcome=Outcome.FAILED)


def _with_report(result: Result, step: str, shelf: Shelf, details: str) -> Result:
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
    shelf.write_report(
        result.dataset,
        f"{stem}.json",
        json.dumps(document, ensure_ascii=False, indent=2).encode(errors="backslashreplace"),
    )
    shelf.write_report(result.dataset, f"{stem}.txt", (text + details).encode(errors="backslashreplace"))
    workbooks = result.error.handed_back if result.error else result.handed_back
    returned = [
        shelf.write_report(result.dataset, f"{stem}-{workbook.name}", workbook.content) for workbook in workbooks
    ]
    page = _page(result, [file.name for file in returned])
    path = shelf.write_report(result.dataset, f"{stem}.html", page)
    return replace(result, report=str(path), returned=tuple(map(str, returned)))


def _page(result: Result, returned: Sequence[str]) -> bytes:
    """The page that she reads; her own workbooks lie beside it."""
    from apendata.report.page import as_page  # a run that is well needs none

    page = as_page(
        result.dataset,
        result.private,
        result.accounts,
        made=datetime.now(UTC),
        message={language: _message(result, language) for language in ERRORS},
        hands={language: _hands(result, language) for language in ERRORS},
        returned=returned,
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
