"""Exports handed back: her own workbook with the wrong cells marked, or the rows concerned of other files."""

import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Final

from apendata import sources
from apendata.errors import ApendataError, HandedBack
from apendata.model import Finding, Snapshot, Source
from apendata.pipeline.inputs import Inputs
from apendata.report.texts import HEADINGS

_LARGEST: Final = 200_000_000
"""Bytes of an export that is opened again to be handed back; of a larger one the report tells the places."""


@contextmanager
def handing_back(inputs: Inputs) -> Iterator[None]:
    """Give an error that ends the block the exports that it speaks of, marked, and the files that were not read.

    Those are told beside other findings only: an error without any is told in its own words.
    """
    try:
        yield
    except ApendataError as error:
        if error.findings:
            error.findings, error.private = (*error.findings, *inputs.strangers), (*error.private, *inputs.strangers)
        error.handed_back = handed_back(inputs, error.findings)
        raise


def handed_back(inputs: Inputs, findings: Sequence[Finding]) -> tuple[HandedBack, ...]:
    """Mark every export of which a finding names a cell.

    None where an identity number was found: a copy of the file would be one more place where it stands.
    """
    if any(finding.code == "identity_number" for finding in findings):
        return ()
    told = {place.file for finding in findings for place in finding.places}
    files = {snapshot.name: snapshot for snapshot in inputs.snapshots}  # two sources may read one workbook
    wanted = [snapshot for name, snapshot in files.items() if name in told and snapshot.bytes <= _LARGEST]
    sources_of = inputs.dataset.sources
    back = (
        _handed_back(snapshot, sources_of[snapshot.source], findings, stem)
        for snapshot, stem in zip(wanted, _stems([snapshot.name for snapshot in wanted]), strict=True)
    )
    return tuple(one for one in back if one is not None)


def _stems(names: Sequence[str]) -> list[str]:
    """What each file's copy is called: by its stem where that tells them apart, else with its folders, then its ending.

    Two names of one copy would be one file: the second written over the first, and one export unmarked.
    """
    paths = [PurePosixPath(name.replace("://", "/")) for name in names]
    for stems in (
        [path.stem for path in paths],
        ["-".join(path.with_suffix("").parts) for path in paths],
        ["-".join(path.parts) for path in paths],
    ):
        if len({stem.casefold() for stem in stems}) == len(stems):
            return stems
    return [f"{number}-{path.name}" for number, path in enumerate(paths, start=1)]


def _handed_back(snapshot: Snapshot, source: Source, findings: Sequence[Finding], stem: str) -> HandedBack | None:
    """One export marked. Where our own marking breaks, what was found must be told all the same, and the defect too."""
    try:
        content = _marked(snapshot, source, findings)
    except Exception:  # noqa: BLE001 (its text may hold cells: it lies beside the report and nowhere else)
        told = f"{HEADINGS['nb']['not_marked']}\n\n{traceback.format_exc()}"
        return HandedBack(f"{stem}-ikke-merket.txt", told.encode(errors="backslashreplace"))
    return None if content is None else HandedBack(f"{stem}-merket.xlsx", content)


def _marked(snapshot: Snapshot, source: Source, findings: Sequence[Finding]) -> bytes | None:
    from apendata.report.handing_back import marks_of, rows_handed_back, rows_wanted  # a run that is well needs none
    from apendata.report.marking import NotMarked, mark_workbook

    if source.format == "xlsx" and (marks := marks_of(findings, snapshot.name)):
        try:
            return mark_workbook(snapshot.file.read_bytes(), marks)
        except (NotMarked, OSError):
            pass  # of a form that is not patched: its rows are handed back as those of any other format
    wanted = rows_wanted(findings, snapshot.name)
    rows = sources.rows_at(snapshot, source, wanted) if wanted else None
    if rows is None or not rows.cells:
        return None
    return rows_handed_back(findings, snapshot.name, rows.labels, rows.cells)
