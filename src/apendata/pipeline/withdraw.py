"""Takes a version, or a whole dataset, back from every portal and from the public tree."""

from collections.abc import Mapping
from dataclasses import replace

from apendata.errors import UsageError
from apendata.lake import Lake
from apendata.model import Dataset, Outcome, Version, VersionNumber
from apendata.pipeline.outcomes import Result
from apendata.pipeline.publish import emptied, release
from apendata.portals import Portal


def withdraw(
    dataset: Dataset,
    number: VersionNumber | None,
    because: str,
    *,
    lake: Lake,
    portals: Mapping[str, Portal],
    base_url: str | None,
) -> Result:
    """Withdraw one version, or with None all of a dataset. The caller holds the dataset's lock.

    Where the version is the one that readers see, the newest one before it is released instead and held there; where
    there is none, the whole dataset goes. The lake records it first, so that a run that dies is gone on with by the
    next publish.

    Raises:
        UsageError: it was never public.
        PortalError: a portal could not be emptied; running again goes on.
    """
    last = lake.version(dataset.id, number) if number is not None else lake.head(dataset.id)
    if last is None:
        raise UsageError(f"«{dataset.id}» has no version, so there is nothing to withdraw.")
    standing = {n for name in portals if (n := lake.released(dataset.id, name)) is not None}
    instead = _instead(lake, last, standing) if number is not None else None
    if number is None or (number in standing and instead is None):
        closed = lake.withdraw(dataset.id, None, because)
        return emptied(last, closed, lake=lake, portals=portals)
    withdrawal = lake.withdraw(dataset.id, number, because)
    if instead is None:
        return Result(dataset.id, Outcome.WITHDRAWN, f"{number} withdrawn {withdrawal.at[:10]}: {because}")
    if number in standing:
        lake.hold(dataset.id, instead.number, because)
    # Read anew: what is public of it may have changed with the withdrawal.
    release(lake.version(dataset.id, instead.number), lake=lake, portals=portals, base_url=base_url)
    why = f"{number} withdrawn {withdrawal.at[:10]}: {because}; readers see {instead.number}"
    return replace(Result(dataset.id, Outcome.WITHDRAWN, why), version=instead)


def _instead(lake: Lake, last: Version, standing: set[VersionNumber]) -> Version | None:
    """What readers see afterwards: what they see now or, where that goes, the newest version before it."""
    if not standing:
        return None
    shown = max(standing)
    if shown != last.number:
        return lake.version(last.dataset, shown)
    return next((version for version in lake.exposed(last.dataset) if version.number < last.number), None)
