"""Source exports by hash, and the removal of what has been kept long enough."""

import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path, PurePath
from typing import Any, Final

from apendata.errors import SourceUnreadable
from apendata.lake import durable
from apendata.lake.layout import Layout
from apendata.lake.provenance import RECORD_FILE, read_provenance
from apendata.model import Dataset, Snapshot

_GRACE_SECONDS: Final = 24 * 3600
"""A raw file without a version may belong to a build that is still at work."""


def keep_raw(layout: Layout, dataset: Dataset, snapshots: Iterable[Snapshot]) -> None:
    """Keep a copy of each export under its hash, unless the definition says ``keep_raw: false``.

    Raises:
        SourceUnreadable: an export has changed since it was hashed.
    """
    if not dataset.keep_raw:
        return
    for snapshot in snapshots:
        _keep(layout, snapshot)


def _keep(layout: Layout, snapshot: Snapshot) -> None:
    file = layout.raw / (snapshot.sha256 + _suffix(snapshot))
    if file.is_file() and file.stat().st_size == snapshot.bytes:
        durable.touch(file)
        return
    beside = layout.raw / f".{file.name}.new"
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

    A raw export stays as long as one dataset that keeps raw has made a version of it within its days. Provenance of a
    dataset that is no longer defined keeps nothing.
    """
    defined = tuple(datasets)
    reports = [file for dataset in defined for file in _old_reports(layout, dataset, today)]
    raw = list(_unneeded_raw(layout, _needed(layout, defined, today)))
    for file in (*reports, *raw):
        durable.remove(file)
    return (*reports, *raw)


def _old_reports(layout: Layout, dataset: Dataset, today: date) -> Iterator[Path]:
    limit = today - timedelta(days=dataset.retention_days["reports"])
    files = sorted(file for file in layout.reports(dataset.id).rglob("*") if file.is_file())
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


def _records(folder: Path) -> Iterator[Mapping[str, Any]]:
    return (read_provenance(file.parent) for file in sorted(folder.glob(f"*/{RECORD_FILE}")))


def _unneeded_raw(layout: Layout, needed: set[str]) -> Iterator[Path]:
    young = time.time() - _GRACE_SECONDS
    for file in sorted(layout.raw.iterdir()):
        if file.name.lstrip(".")[:64] not in needed and file.stat().st_mtime < young:
            yield file
