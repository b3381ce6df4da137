"""Source exports by hash, and the removal of what has been kept long enough."""

import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path, PurePath
from typing import Any, Final

from apendata.errors import SourceUnreadable
from apendata.lake import durable
from apendata.lake.layout import Layout
from apendata.lake.provenance import RECORD_FILE, read_last_build, read_provenance
from apendata.model import Dataset, Snapshot

_GRACE_SECONDS: Final = 24 * 3600
"""A raw file without a version may belong to a build that is still at work."""
REPORT_DAYS: Final = 30
"""How long reports stay where no readable definition says it: long enough to mend a definition and read them."""


def keep_raw(layout: Layout, dataset: Dataset, snapshots: Iterable[Snapshot]) -> None:
    """Keep a copy of each export under its hash, unless the definition says ``keep_raw: false``.

    Raises:
        SourceUnreadable: an export has changed since it was hashed.
    """
    if not dataset.keep_raw:
        return
    for snapshot in snapshots:
        _keep(layout, dataset.id, snapshot)


def _keep(layout: Layout, dataset: str, snapshot: Snapshot) -> None:
    file = layout.raw / (snapshot.sha256 + _suffix(snapshot))
    if file.is_file() and file.stat().st_size == snapshot.bytes:
        durable.touch(file)
        return
    beside = layout.raw / f".{file.name}.{dataset}.new"  # its own: two datasets may keep one export at once
    sha256, _ = durable.copy_file(snapshot.file, beside, durable.PRIVATE_FILE)
    if sha256 != snapshot.sha256:
        durable.remove(beside)
        raise SourceUnreadable(f"{snapshot.name}: changed while it was read. Run again when the export is complete.")
    durable.move(beside, file)


def _suffix(snapshot: Snapshot) -> str:
    suffix = PurePath(snapshot.name).suffix.lower()
    return suffix if suffix[1:].isalnum() else ""


def purge(layout: Layout, datasets: Iterable[Dataset], today: date) -> tuple[Path, ...]:
    """Remove raw exports and reports that are older than their datasets' ``retention_days``; return what was removed.

    A raw export stays as long as one dataset that keeps raw was built from it within its days. What a dataset that is
    not among ``datasets`` was built from stays: its definition is gone, or broken for a night, and an export cannot be
    got back. Its reports go after :data:`REPORT_DAYS`: they hold cell values, and nobody would miss them.

    The caller holds all these datasets: a build beside would sweep a record that is being read, or come to need an
    export in the moment in which it goes.
    """
    defined = {dataset.id: dataset for dataset in datasets}
    reports = [file for folder in _folders(layout.reports_root) for file in _old_reports(folder, defined, today)]
    needed = _needed(layout, defined.values(), today) | _unjudged(layout, defined)
    raw = list(_unneeded_raw(layout, needed))
    for file in (*reports, *raw):
        durable.remove(file)
    return (*reports, *raw)


def _old_reports(folder: Path, defined: Mapping[str, Dataset], today: date) -> Iterator[Path]:
    days = defined[folder.name].retention_days["reports"] if folder.name in defined else REPORT_DAYS
    limit = today - timedelta(days=days)
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return (file for file in files if datetime.fromtimestamp(file.stat().st_mtime, UTC).date() < limit)


def _needed(layout: Layout, datasets: Iterable[Dataset], today: date) -> set[str]:
    """Hashes of the exports that somebody may still keep."""
    return {
        source["sha256"]
        for dataset in datasets
        if dataset.keep_raw
        for record in _records(layout.provenance(dataset.id))
        if date.fromisoformat(record["created"][:10]) >= today - timedelta(days=dataset.retention_days["raw"])
        for source in record["sources"]
    }


def _unjudged(layout: Layout, defined: Mapping[str, Dataset]) -> set[str]:
    """Hashes of the exports of datasets without a readable definition, which alone could say how long to keep them."""
    folders = (folder for folder in _folders(layout.provenance_root) if folder.name not in defined)
    return {source["sha256"] for folder in folders for record in _records(folder) for source in record["sources"]}


def _records(folder: Path) -> Iterator[Mapping[str, Any]]:
    """What each version of a dataset was made from, and what its last build was made from."""
    for file in sorted(folder.glob(f"*/{RECORD_FILE}")):
        yield read_provenance(file.parent)
        yield read_last_build(file.parent)


def _folders(parent: Path) -> list[Path]:
    return sorted(path for path in parent.iterdir() if path.is_dir())


def _unneeded_raw(layout: Layout, needed: set[str]) -> Iterator[Path]:
    young = time.time() - _GRACE_SECONDS
    for file in sorted(layout.raw.iterdir()):
        if file.name.lstrip(".")[:64] not in needed and file.stat().st_mtime < young:
            yield file
