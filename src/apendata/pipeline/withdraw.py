"""Takes a version, or a whole dataset, back from every portal and from the public tree."""

from collections.abc import Mapping
from dataclasses import replace

from apendata.errors import LakeCorrupt, LakeError, LakeUnwritable
from apendata.lake import Lake
from apendata.model import Outcome, Version, VersionNumber, Withdrawal
from apendata.pipeline.every_portal import on_each
from apendata.pipeline.outcomes import Result
from apendata.pipeline.publish import emptied, refuse_left, release, why_closed
from apendata.pipeline.reasons import stated
from apendata.portals import Portal


def withdraw(
    dataset_id: str,
    number: VersionNumber | None,
    because: str,
    *,
    lake: Lake,
    portals: Mapping[str, Portal],
    base_url: str | None,
) -> Result:
    """Withdraw one version, or with None all of a dataset. The caller holds the dataset's lock.

    Where the version is the one that readers see, the newest one before it is released instead and held there; where
    there is none, the whole dataset goes. The lake decides that and records it first, so that a run that dies is gone
    on with by the next publish. No definition is asked for: one that is broken, or gone, must not keep figures public.

    Raises:
        UsageError: the reason is no text for readers; it was never public; or a portal shows it that the settings do
            not name any more.
        PortalError, LakeUnwritable: a portal could not be emptied; the others are, running again goes on.
    """
    withdrawal = lake.withdraw(dataset_id, number, stated(because))
    stays = lake.shown(dataset_id)
    if stays is None:
        return _whole(dataset_id, number, withdrawal, lake=lake, portals=portals)
    version = lake.version(dataset_id, stays)
    _laid_out(version, withdrawal, lake=lake, portals=portals)
    release(version, lake=lake, portals=portals, base_url=base_url)
    refuse_left(dataset_id, lake)
    held = ", held there" if (hold := lake.held(dataset_id)) is not None and hold.number == stays else ""
    why = f"{number} {why_closed(withdrawal)}; readers see {stays}{held}"
    return Result(dataset_id, Outcome.WITHDRAWN, why, version)


def _laid_out(version: Version, withdrawal: Withdrawal, *, lake: Lake, portals: Mapping[str, Portal]) -> None:
    """Put the files of the version that stays where readers find them; where that cannot be, let readers see nothing.

    What was withdrawn may not stand until somebody has mended a disk, or a copy of quite another version.

    Raises:
        LakeCorrupt, LakeUnwritable: the files cannot be laid out; every portal was emptied of the dataset instead.
    """
    try:
        lake.expose(version)
    except (LakeError, OSError) as error:
        whole = replace(withdrawal, number=None)

        def empty(name: str, portal: Portal) -> None:
            portal.withdraw(whole, lake.versions(version.dataset))
            lake.forget(version.dataset, name)

        on_each(portals, empty)
        found = error.message if isinstance(error, LakeError) else f"{error.strerror}: {error.filename}."
        told = (
            f"{found} The withdrawal is recorded; {version.number}, which should be seen instead, cannot be "
            f"laid out, so that {', '.join(portals)} shows nothing of «{version.dataset}» for now. Mend that and run "
            f"`apendata publish {version.dataset}`."
        )
        raise (LakeCorrupt(told) if isinstance(error, LakeCorrupt) else LakeUnwritable(told)) from None


def _whole(
    dataset_id: str, asked: VersionNumber | None, withdrawal: Withdrawal, *, lake: Lake, portals: Mapping[str, Portal]
) -> Result:
    result = emptied(dataset_id, withdrawal, lake=lake, portals=portals)
    if asked is None or withdrawal.number is not None:
        return result
    return replace(result, why=f"all of it, since nothing older than {asked} stands: {result.why}")
