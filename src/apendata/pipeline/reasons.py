"""The reasons that people give: what they accept, take back or hold is public one day, and so is why."""

from typing import Final

from apendata import disclosure, sources
from apendata.errors import UsageError
from apendata.model import Finding

LONGEST: Final = 500
"""Characters of a reason: it stands in a table's cells and in a list of changes."""


def stated(because: str) -> str:
    """Return a reason as readers will see it.

    Raises:
        UsageError: there is none, or it is no text for others to read: what identifies somebody stands in it, or a
            spreadsheet would run it.
    """
    reason = fit_to_read(because)
    if not reason:
        raise UsageError("Say why with --because: readers see it.", findings=[Finding("reason_missing")])
    if disclosure.identifies(reason):
        told = "A number or an address in --because tells who somebody is. Readers see it: name no person in it."
        raise UsageError(told, findings=[Finding("reason_names_person")])
    if disclosure.would_run(reason):
        told = "--because must not begin as a formula does: it becomes a cell of changes.csv."
        raise UsageError(told, findings=[Finding("reason_like_formula")])
    return reason


def fit_to_read(text: str) -> str:
    """Return a text on one line, fit for others to read.

    Raises:
        UsageError: it names a person by number, is too long, or holds what cannot be printed.
    """
    shown = " ".join(text.split())
    if sources.has_identity_number(shown):
        told = "There is a national identity number in it. Readers see the reason: name no person in it."
        raise UsageError(told, findings=[Finding("reason_names_person")])
    if not shown.isprintable() or len(shown) > LONGEST:
        told = f"--because and --by are texts of at most {LONGEST} characters: readers see the first."
        raise UsageError(told, findings=[Finding("reason_unfit", params={"limit": str(LONGEST)})])
    return shown
