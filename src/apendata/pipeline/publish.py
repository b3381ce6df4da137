"""From a version in the lake to the portals: approved, exposed, and released by moving one pointer on each."""

from collections.abc import Mapping

from apendata.errors import UsageError
from apendata.lake import Hold, Lake
from apendata.model import Dataset, Outcome, Release, Version, VersionNumber
from apendata.pipeline.outcomes import Result
from apendata.portals import Portal, refuse_synthetic


def publish(dataset: Dataset, *, lake: Lake, portals: Mapping[str, Portal], base_url: str | None) -> Result:
    """Release a dataset's newest version where it may be. The caller holds the dataset's lock.

    Raises:
        UsageError: nothing has been built yet.
        PortalError: a portal did not take it; portals before it in the settings have it, running again goes on.
    """
    version = lake.head(dataset.id)
    if version is None:
        raise UsageError(f"«{dataset.id}» has not been built yet. `apendata build {dataset.id}` does that.")
    if (hold := lake.held(dataset.id)) is not None:
        return _hold(lake.version(dataset.id, hold.number), hold, lake=lake, portals=portals, base_url=base_url)
    if _waits_for_review(dataset, version, portals, base_url):
        return Result(
            dataset.id,
            Outcome.AWAITING_REVIEW,
            "reviewed: a person must approve it first, and approval is not part of this version yet",
            version,
        )
    moved = release(version, lake=lake, portals=portals, base_url=base_url)
    if not moved:
        return Result(dataset.id, Outcome.UNCHANGED, "already released", version)
    return Result(dataset.id, Outcome.PUBLISHED, f"released to {', '.join(moved)}", version, changes=version.changes)


def rollback(
    dataset: Dataset,
    number: VersionNumber,
    because: str,
    *,
    lake: Lake,
    portals: Mapping[str, Portal],
    base_url: str | None,
) -> Result:
    """Release an older version and hold it there. The caller holds the dataset's lock.

    The hold comes first: were it set after the pointer, a crash between the two would let the next night undo the
    rollback without a word.

    Raises:
        UsageError: there is no such version, or it was never public.
        PortalError: a portal did not take it.
    """
    version = lake.version(dataset.id, number)
    return _hold(version, lake.hold(dataset.id, number, because), lake=lake, portals=portals, base_url=base_url)


def _hold(version: Version, hold: Hold, *, lake: Lake, portals: Mapping[str, Portal], base_url: str | None) -> Result:
    """Release the held version: nothing where it stands already, the rest of a rollback that died half-way else."""
    release(version, lake=lake, portals=portals, base_url=base_url)
    return Result(version.dataset, Outcome.HELD, f"held on {hold.number} since {hold.since}: {hold.because}", version)


def release(version: Version, *, lake: Lake, portals: Mapping[str, Portal], base_url: str | None) -> tuple[str, ...]:
    """Expose a version and move every portal's pointer to it; return the portals that were not there already.

    A sample that some portal refuses is not exposed either: the lake's public tree may be what the portal serves.
    """
    for portal in portals.values():
        refuse_synthetic(portal, version, base_url)
    lake.expose(version)
    moved = []
    for name, portal in portals.items():
        publication = portal.publish(release_for(version, name, lake=lake, base_url=base_url))
        lake.record(publication)
        if publication.outcome is Outcome.PUBLISHED:
            moved.append(name)
    return tuple(moved)


def release_for(version: Version, portal: str, *, lake: Lake, base_url: str | None) -> Release:
    """Return what a portal is given of a version."""
    return Release(
        version=version,
        history=lake.exposed(version.dataset),
        base_url=base_url,
        standing=lake.released(version.dataset, portal),
    )


def standing(lake: Lake, portal: str, base_url: str | None) -> tuple[Release, ...]:
    """Return what the lake remembers to stand on a portal, by dataset."""
    numbers = {dataset: lake.released(dataset, portal) for dataset in lake.datasets()}
    return tuple(
        release_for(lake.version(dataset, number), portal, lake=lake, base_url=base_url)
        for dataset, number in numbers.items()
        if number is not None
    )


def _waits_for_review(dataset: Dataset, version: Version, portals: Mapping[str, Portal], base_url: str | None) -> bool:
    """A synthetic version on portals of this machine misleads nobody; everything else that is reviewed waits."""
    if dataset.release == "automatic":
        return False
    return not (version.synthetic and all(portal.is_local(base_url) for portal in portals.values()))
