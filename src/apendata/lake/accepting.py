"""What stands in the way of an acceptance, and what it makes of a dataset's state."""

from collections.abc import Mapping
from dataclasses import replace

from apendata.errors import AcceptanceUsed, AlreadyAccepted, DifferenceUnknown
from apendata.lake.acceptance import Acceptance
from apendata.lake.drift import Drift
from apendata.lake.state import State
from apendata.model import VersionNumber


def standing(state: State, used: Mapping[str, VersionNumber], asked: Acceptance) -> Acceptance | None:
    """Return the acceptance that is on record and says the same; None: nothing is in the way.

    Saying it twice is no mistake: she who said it may have been cut off before she was told.

    Args:
        state: of the dataset.
        used: name of a difference → the version that was made of it.
        asked: what somebody wants to accept.

    Raises:
        AcceptanceUsed, AlreadyAccepted: see there.
    """
    if asked.difference in used:
        raise AcceptanceUsed(
            f"The difference {asked.difference} was accepted before, and version {used[asked.difference]} was made of "
            "it. An acceptance is good for one version; `apendata diff` shows whether anything else is in the way now."
        )
    there = state.accepted
    if there is None or there.difference != asked.difference:
        return None
    if (there.because, there.by) == (asked.because, asked.by):
        return there
    who = f" by {there.by}" if there.by else ""
    raise AlreadyAccepted(
        f"The difference {there.difference} was accepted {there.at}{who}, with another reason, and the next build uses "
        "that. Leave it so, or take it back first: `apendata accept ID --difference HASH --take-back`."
    )


def accepted(state: State, drift: Drift | None, asked: Acceptance) -> State:
    """Return the state with an acceptance of the difference that stands; an older one of another difference goes.

    Raises:
        DifferenceUnknown: it is another difference that stands, or none that anything is in the way of.
    """
    if drift is None or not drift.stops:
        raise DifferenceUnknown(
            f"Nothing differs from the last release by more than the definition allows, so {asked.difference} needs no "
            "acceptance: the next build makes a version without one."
        )
    if drift.difference != asked.difference:
        raise DifferenceUnknown(
            f"{asked.difference} is not what the export, the definition and the last release give now: that is "
            f"{drift.difference}. Something has changed since. Look at it with `apendata diff {drift.dataset}`, and "
            "accept what you have seen."
        )
    return replace(state, accepted=asked)
