"""What a publish would write on the portals, and what other hands have changed there; nothing is written."""

from collections.abc import Mapping

from apendata.lake import Lake
from apendata.model import Dataset, Difference, Outcome
from apendata.pipeline.outcomes import Result
from apendata.pipeline.publish import awaiting, choose, release_for
from apendata.portals import Portal, refuse_synthetic


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
        return Result(dataset.id, Outcome.WITHDRAWN, f"withdrawn {chosen.closed.at[:10]}: {chosen.closed.because}")
    if chosen.waits:
        return awaiting(dataset, version)
    for portal in portals.values():
        refuse_synthetic(portal, version, base_url)
    found: list[Difference] = []
    for name, portal in portals.items():
        shown = release_for(version, name, lake=lake, base_url=base_url)
        found += portal.plan(shown, take_ours=take_ours)
    return _told(dataset, found, f"{version.number} would change {len(found)} fields", "nothing would change")


def drift(dataset: Dataset, *, lake: Lake, portals: Mapping[str, Portal], base_url: str | None) -> Result:
    """Say what stands on each portal otherwise than it was released.

    Raises:
        PortalError: a portal cannot be asked.
    """
    found: list[Difference] = []
    asked = 0
    for name, portal in portals.items():
        if (number := lake.released(dataset.id, name)) is not None:
            asked += 1
            shown = release_for(lake.version(dataset.id, number), name, lake=lake, base_url=base_url)
            found += portal.drift(shown)
    nothing = "as it was released" if asked else "was never released"
    return _told(dataset, found, f"{len(found)} fields were changed since", nothing)


def _told(dataset: Dataset, found: list[Difference], some: str, nothing: str) -> Result:
    outcome = Outcome.CHANGES if found else Outcome.UNCHANGED
    return Result(dataset.id, outcome, some if found else nothing, differences=tuple(found))
