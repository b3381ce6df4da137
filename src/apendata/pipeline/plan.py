"""What a publish would write on the portals, and what other hands have changed there; nothing is written."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from apendata.lake import Lake
from apendata.model import Dataset, Difference, Outcome
from apendata.pipeline.outcomes import Result
from apendata.pipeline.publish import (
    awaiting,
    choose,
    fields,
    refuse_samples,
    release_for,
    why_closed,
    why_held,
    why_instead,
)
from apendata.portals import Portal


def plan(
    dataset: Dataset, *, lake: Lake, portals: Mapping[str, Portal], base_url: str | None, take_ours: bool = False
) -> Result:
    """Say what :func:`~apendata.pipeline.publish.publish` would change on each portal, field by field.

    Raises:
        UsageError: nothing has been built yet.
        PortalError: a portal cannot be asked, or would not take the version.
    """
    chosen = choose(dataset, lake=lake, portals=portals, base_url=base_url)
    version = chosen.version
    if chosen.closed is not None:
        return Result(dataset.id, Outcome.WITHDRAWN, why_closed(chosen.closed))
    if chosen.waits:
        return awaiting(dataset, version)
    for portal in portals.values():
        refuse_samples(portal, version, lake, base_url)
    found: list[Difference] = []
    for name, portal in portals.items():
        shown = release_for(version, name, lake=lake, base_url=base_url)
        found += portal.plan(shown, take_ours=take_ours)
    would = f"{version.number} would change {fields(len(found))}" if found else "nothing would change"
    why = f"{would}; {why_held(chosen.hold)}" if chosen.hold else would
    why = f"{would}; {why_instead(version.number, chosen.instead_of)}" if chosen.instead_of else why
    return replace(_told(dataset, found, why), version=version)


def drift(dataset: Dataset, *, lake: Lake, portals: Mapping[str, Portal], base_url: str | None) -> Result:
    """Say what stands on each portal otherwise than it was released.

    Raises:
        PortalError: a portal cannot be asked.
    """
    closed = next((part for part in lake.withdrawn(dataset.id) if part.number is None), None)
    if closed is not None:
        return Result(dataset.id, Outcome.WITHDRAWN, why_closed(closed))
    found: list[Difference] = []
    for name, portal in portals.items():
        if (number := lake.released(dataset.id, name)) is not None:
            shown = release_for(lake.version(dataset.id, number), name, lake=lake, base_url=base_url)
            found += portal.drift(shown)
    return _told(dataset, found, _drifted(found, [n for n in portals if lake.released(dataset.id, n) is None], portals))


def _drifted(found: Sequence[Difference], unasked: Sequence[str], portals: Collection[str]) -> str:
    """Say how much differs, and which portals have nothing that could."""
    if len(unasked) == len(portals):
        return "was never released"
    told = f"changed since it was released: {fields(len(found))}" if found else "as it was released"
    return f"{told}; never released to {', '.join(unasked)}" if unasked else told


def _told(dataset: Dataset, found: Sequence[Difference], why: str) -> Result:
    outcome = Outcome.CHANGES if found else Outcome.UNCHANGED
    return Result(dataset.id, outcome, why, differences=tuple(found))
