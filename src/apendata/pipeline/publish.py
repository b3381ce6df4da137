"""From a version in the lake to the portals: approved, exposed, and released by moving one pointer on each."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from apendata.errors import PortalRefused, UsageError
from apendata.lake import Hold, Lake
from apendata.model import Dataset, Outcome, Publication, Release, Version, VersionNumber, Withdrawal
from apendata.pipeline.audit import audit_release
from apendata.pipeline.every_portal import on_each
from apendata.pipeline.outcomes import Result
from apendata.pipeline.reasons import stated
from apendata.pipeline.showing import refuse_shown
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
    instead_of: Withdrawal | None = None
    """The newest version was withdrawn, or has the rows of one that was: what readers see stays."""


def choose(dataset: Dataset, *, lake: Lake, portals: Mapping[str, Portal], base_url: str | None) -> Chosen:
    """Return the version that stands to be released: the held one, or the newest.

    Raises:
        UsageError: nothing has been built yet.
    """
    version = lake.head(dataset.id)
    if version is None:
        raise UsageError(f"«{dataset.id}» has not been built yet. `apendata build {dataset.id}` does that.")
    if (closed := next((part for part in lake.withdrawn(dataset.id) if part.number is None), None)) is not None:
        return Chosen(version, closed=closed)
    if (hold := lake.held(dataset.id)) is not None:
        return Chosen(lake.version(dataset.id, hold.number), hold)
    if (back := lake.withdrawal_of(version)) is not None:
        stays = lake.shown(dataset.id)
        return Chosen(lake.version(dataset.id, stays), instead_of=back) if stays else Chosen(version, closed=back)
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
        UsageError: nothing has been built yet; or a portal shows what was withdrawn that the settings do not name.
        DisclosureRefused: with what was published before, a reader could learn a protected count.
        PortalError: a portal did not take it; the others have it, running again goes on.
    """
    chosen = choose(dataset, lake=lake, portals=portals, base_url=base_url)
    if chosen.closed is not None:
        return emptied(dataset.id, chosen.closed, lake=lake, portals=portals)
    if chosen.waits:
        _finish_withdrawal(dataset.id, lake=lake, portals=portals, base_url=base_url)
        refuse_left(dataset.id, lake)
        return awaiting(dataset, chosen.version)
    audit_release(chosen.version, dataset, lake)
    how = {"take_ours": take_ours, "thorough": thorough}
    done = release(chosen.version, lake=lake, portals=portals, base_url=base_url, **how)
    refuse_left(dataset.id, lake)
    if chosen.hold is not None:
        return _held(chosen.version, chosen.hold, done)
    if chosen.instead_of is not None:
        return replace(
            _released(chosen.version, done),
            outcome=Outcome.HELD,
            why=why_instead(chosen.version.number, chosen.instead_of),
        )
    return _released(chosen.version, done)


def emptied(dataset_id: str, withdrawal: Withdrawal, *, lake: Lake, portals: Mapping[str, Portal]) -> Result:
    """See to it that no portal shows anything of a dataset that was withdrawn; all are gone through, whatever fails.

    Raises:
        PortalError, LakeUnwritable: the gravest of what went wrong; running again goes on.
        UsageError: a portal that shows it is not among the settings' any more.
    """

    def empty(name: str, portal: Portal) -> None:
        portal.withdraw(replace(withdrawal, number=None), lake.versions(dataset_id))
        lake.forget(dataset_id, name)

    on_each(portals, empty)
    refuse_left(dataset_id, lake)
    return Result(dataset_id, Outcome.WITHDRAWN, f"{why_closed(withdrawal)}. {_what_ends(withdrawal)}")


def _what_ends(withdrawal: Withdrawal) -> str:
    """A number is never given again: after `resume`, the same rows come back as a new version, which a build makes."""
    resume = f"`apendata resume {withdrawal.dataset}`"
    if withdrawal.number is None:
        return f"{resume} ends it"
    return (
        f"{withdrawal.number} itself stays away; `apendata run {withdrawal.dataset}` makes the next version, of the "
        f"same rows too once {resume} was said"
    )


def refuse_left(dataset_id: str, lake: Lake) -> None:
    """Say which portals were not asked to let go of what was withdrawn.

    Raises:
        UsageError: one showed it when it was last asked, and is not among the settings' any more.
    """
    if left := lake.left(dataset_id):
        raise UsageError(
            f"{', '.join(left)}: as far as is known, it still shows what was withdrawn of «{dataset_id}», and "
            f"APENDATA_PORTALS does not name it. Name it there and run `apendata publish {dataset_id}`."
        )


def _finish_withdrawal(dataset_id: str, *, lake: Lake, portals: Mapping[str, Portal], base_url: str | None) -> None:
    """Release again what stands where something was withdrawn: a run may have died before every portal knew."""
    stays = lake.shown(dataset_id) if lake.withdrawn(dataset_id) else None
    if stays is not None:
        release(lake.version(dataset_id, stays), lake=lake, portals=portals, base_url=base_url)


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
        UsageError: there is no such version, or it was never public; or the reason is no text for others to read.
        DisclosureRefused: a reader of all that is public could learn a protected count.
        PortalError: a portal did not take it.
    """
    version = lake.version(dataset.id, number)
    audit_release(version, dataset, lake)
    hold = lake.hold(dataset.id, number, stated(because))
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


def why_instead(stays: VersionNumber, gone: Withdrawal) -> str:
    """Say which version stays, since the newest one may not be shown, and what ends that."""
    return (
        f"{stays} stays: the newest version is {gone.number}, or has its rows, {why_closed(gone)}. Mend the export or "
        f"the definition; or `apendata resume {gone.dataset}`, if those rows may be public again"
    )


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

    A sample that some portal refuses is not exposed either: the lake's public tree may be what the portal serves. A
    portal that is away keeps no other from being brought up to date, or from letting go of what was withdrawn.

    Raises:
        PortalError, LakeUnwritable: the gravest of what failed; running again goes on.
        LeakFound: what a portal would show tells of a hidden cell; it was not given the release.
    """
    for portal in portals.values():
        refuse_samples(portal, version, lake, base_url)
    lake.expose(version)
    done = []

    def move(name: str, portal: Portal) -> None:
        shown = release_for(version, name, lake=lake, base_url=base_url)
        refuse_shown(portal, shown)
        publication = portal.publish(shown, take_ours=take_ours, thorough=thorough)
        lake.record(publication)
        moved = publication.outcome is Outcome.PUBLISHED and shown.standing != version.number
        done.append(Done(publication, moved))

    on_each(portals, move)
    return tuple(done)


def refuse_samples(portal: Portal, version: Version, lake: Lake, base_url: str | None) -> None:
    """As :func:`apendata.portals.refuse_synthetic`, and say which files it was: one is enough to be refused.

    Raises:
        PortalRefused: the version is synthetic and the portal is not local.
    """
    try:
        refuse_synthetic(portal, version, base_url)
    except PortalRefused as error:
        if not (names := lake.samples_of(version)):
            raise
        told = (
            f"{error.message} These exports are samples, byte for byte: {'; '.join(names)}. Put the real ones in their "
            "place; a public list that is real as it ships says so with `sample_is_real` in its dataset.yaml, and must "
            "lie where the exports do."
        )
        raise PortalRefused(told) from None


def release_for(version: Version, portal: str, *, lake: Lake, base_url: str | None) -> Release:
    """Return what a portal is given of a version."""
    withdrawn = {part.number: part for part in lake.withdrawn(version.dataset) if part.number is not None}
    return Release(
        version=lake.as_public(version),
        history=lake.exposed(version.dataset),
        base_url=base_url,
        standing=lake.released(version.dataset, portal),
        withdrawn=tuple(withdrawn.values()),
        gone=tuple(lake.version(version.dataset, number) for number in withdrawn),
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
