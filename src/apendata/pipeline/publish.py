"""From a version in the lake to the portals: approved, exposed, and released by moving one pointer on each."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from apendata.errors import PortalError, UsageError, gravest
from apendata.lake import Hold, Lake
from apendata.model import Dataset, Outcome, Publication, Release, Version, VersionNumber, Withdrawal
from apendata.pipeline.outcomes import Result
from apendata.portals import Portal, refuse_synthetic


@dataclass(frozen=True, slots=True)
class Done:
    """What one portal did with a release."""

    publication: Publication
    moved: bool
    """It did not show this version before."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which version a publish would release; a plan of it and the publish itself ask the same."""

    version: Version
    hold: Hold | None = None
    waits: bool = False
    """It must be approved first."""
    closed: Withdrawal | None = None
    """The dataset, or all that could be released of it, was withdrawn."""


def choose(dataset: Dataset, *, lake: Lake, portals: Mapping[str, Portal], base_url: str | None) -> Chosen:
    """Return the version that stands to be released: the held one, or the newest.

    Raises:
        UsageError: nothing has been built yet.
    """
    version = lake.head(dataset.id)
    if version is None:
        raise UsageError(f"«{dataset.id}» has not been built yet. `apendata build {dataset.id}` does that.")
    withdrawn = lake.withdrawn(dataset.id)
    if (closed := next((part for part in withdrawn if part.number is None), None)) is not None:
        return Chosen(version, closed=closed)
    if (hold := lake.held(dataset.id)) is not None:
        return Chosen(lake.version(dataset.id, hold.number), hold)
    if version.number in {part.number for part in withdrawn}:
        visible = lake.exposed(dataset.id)
        return Chosen(visible[0]) if visible else Chosen(version, closed=withdrawn[0])
    return Chosen(version, waits=_waits_for_review(dataset, version, portals, base_url))


def publish(
    dataset: Dataset,
    *,
    lake: Lake,
    portals: Mapping[str, Portal],
    base_url: str | None,
    take_ours: bool = False,
    thorough: bool = False,
) -> Result:
    """Release a dataset's newest version where it may be. The caller holds the dataset's lock.

    ``take_ours`` and ``thorough``: see :meth:`apendata.portals.Portal.publish`.

    Raises:
        UsageError: nothing has been built yet.
        PortalError: a portal did not take it; portals before it in the settings have it, running again goes on.
    """
    chosen = choose(dataset, lake=lake, portals=portals, base_url=base_url)
    if chosen.closed is not None:
        return emptied(chosen.version, chosen.closed, lake=lake, portals=portals)
    if chosen.waits:
        return awaiting(dataset, chosen.version)
    how = {"take_ours": take_ours, "thorough": thorough}
    done = release(chosen.version, lake=lake, portals=portals, base_url=base_url, **how)
    if chosen.hold is not None:
        return _held(chosen.version, chosen.hold, done)
    return _released(chosen.version, done)


def emptied(version: Version, withdrawal: Withdrawal, *, lake: Lake, portals: Mapping[str, Portal]) -> Result:
    """See to it that no portal shows anything of a dataset that was withdrawn; all are gone through, whatever fails.

    Raises:
        PortalError: the gravest of what portals answered; running again goes on.
    """
    failed: list[PortalError] = []
    for name, portal in portals.items():
        try:
            portal.withdraw(replace(withdrawal, number=None), version)
        except PortalError as error:
            failed.append(error)
            continue
        lake.forget(version.dataset, name)
    if (worst := gravest(failed)) is not None:
        raise worst
    why = f"{why_closed(withdrawal)}. `apendata resume {version.dataset}` ends it"
    return Result(version.dataset, Outcome.WITHDRAWN, why)


def awaiting(dataset: Dataset, version: Version) -> Result:
    """Say that a version must be approved first."""
    why = "reviewed: a person must approve it first, and approval is not part of this version yet"
    return Result(dataset.id, Outcome.AWAITING_REVIEW, why, version)


def _released(version: Version, done: tuple[Done, ...]) -> Result:
    moved = [part.publication.portal for part in done if part.moved]
    mended = tuple(difference for part in done for difference in part.publication.mended)
    kept = tuple(difference for part in done for difference in part.publication.kept)
    said = [f"released to {', '.join(moved)}"] if moved else []
    said += [f"mended on {', '.join(sorted({d.portal for d in mended}))}: {fields(len(mended))}"] if mended else []
    wrote = [part.publication.portal for part in done if part.publication.outcome is Outcome.PUBLISHED]
    return Result(
        version.dataset,
        Outcome.PUBLISHED if wrote else Outcome.UNCHANGED,
        # Without a field to name: pages of a newer apendata, or rows that a portal had lost.
        "; ".join(said) or (f"brought up to date on {', '.join(wrote)}" if wrote else "already released"),
        version,
        changes=version.changes if moved else (),
        mended=mended,
        kept=kept,
    )


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
    hold = lake.hold(dataset.id, number, because)
    return _held(version, hold, release(version, lake=lake, portals=portals, base_url=base_url))


def _held(version: Version, hold: Hold, done: tuple[Done, ...]) -> Result:
    """Nothing was moved where it stood already; the rest of a rollback that died half-way was, else."""
    result = _released(version, done)
    return replace(result, outcome=Outcome.HELD, why=why_held(hold))


def why_held(hold: Hold) -> str:
    """Say which version is held, since when and why."""
    return f"held on {hold.number} since {hold.since}: {hold.because}"


def why_closed(withdrawal: Withdrawal) -> str:
    """Say when a dataset was withdrawn, and why."""
    return f"withdrawn {withdrawal.at[:10]}: {withdrawal.because}"


def fields(count: int) -> str:
    """Return a number of fields in words."""
    return "1 field" if count == 1 else f"{count} fields"


def release(
    version: Version,
    *,
    lake: Lake,
    portals: Mapping[str, Portal],
    base_url: str | None,
    take_ours: bool = False,
    thorough: bool = False,
) -> tuple[Done, ...]:
    """Expose a version and move every portal's pointer to it; return what each of them did.

    A sample that some portal refuses is not exposed either: the lake's public tree may be what the portal serves.
    """
    for portal in portals.values():
        refuse_synthetic(portal, version, base_url)
    lake.expose(version)
    done = []
    for name, portal in portals.items():
        shown = release_for(version, name, lake=lake, base_url=base_url)
        publication = portal.publish(shown, take_ours=take_ours, thorough=thorough)
        lake.record(publication)
        moved = publication.outcome is Outcome.PUBLISHED and shown.standing != version.number
        done.append(Done(publication, moved))
    return tuple(done)


def release_for(version: Version, portal: str, *, lake: Lake, base_url: str | None) -> Release:
    """Return what a portal is given of a version."""
    return Release(
        version=version,
        history=lake.exposed(version.dataset),
        base_url=base_url,
        standing=lake.released(version.dataset, portal),
        withdrawn=tuple(part for part in lake.withdrawn(version.dataset) if part.number is not None),
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
