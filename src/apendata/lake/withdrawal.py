"""What a withdrawal makes of a dataset's state: what is gone, what readers see instead, who repeats it.

What is withdrawn was public: disclosure control must reckon with it for ever, and its number is never given again. So
nothing is removed from ``internal/``, and ``exposed`` keeps the number. Removing a version for good was rejected: the
next one would be judged as if nobody had ever seen it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from apendata.lake.state import Gone, Hold, State
from apendata.model import Version, VersionNumber


def shown(state: State, hold: Hold | None) -> VersionNumber | None:
    """Return what readers see, or are to see as soon as every portal was reached; None: nothing.

    Where all that portals show is withdrawn, it is the newest one before.
    """
    if state.closed is not None or not state.released:
        return None
    if hold is not None:
        return hold.number
    there = [number for number in state.released.values() if number in state.visible]
    return max(there, default=None) or _before(state, max(state.released.values()))


def decide(state: State, gone: Gone, visible_now: VersionNumber | None) -> tuple[State, VersionNumber | None]:
    """Return the state after a withdrawal, its hold left alone, and the version to hold the dataset on, if any.

    Both are written in one step: were the hold set later, a run that dies between would let the next night publish
    again what had to go. Where readers see nothing yet as far as is known, a portal may have died before it could say
    so: the version is then treated as the one that they see.

    Args:
        state: before.
        gone: what is asked for; number None: all of the dataset.
        visible_now: of :func:`shown`.
    """
    if state.closed if gone.number is None else gone.number not in state.visible:
        return state, None
    is_seen = gone.number is not None and visible_now in {None, gone.number}
    instead = _before(state, gone.number) if is_seen and gone.number is not None else None
    all_of_it = gone.number is None or (is_seen and instead is None)
    numbers = [*state.visible, None] if all_of_it else [gone.number]
    new = tuple(replace(gone, number=number) for number in numbers)
    return replace(state, withdrawn=(*state.withdrawn, *new)), instead


def _before(state: State, number: VersionNumber) -> VersionNumber | None:
    return max((n for n in state.visible if n < number), default=None)


def acts(state: State) -> Iterator[tuple[str, str, str]]:
    """Yield (``all`` or the number, because, at) of each withdrawal, as the ledger tells it."""
    found: dict[tuple[str, str], list[str]] = {}
    for gone in state.withdrawn:
        found.setdefault((gone.because, gone.at), []).append("all" if gone.number is None else str(gone.number))
    for (because, at), numbers in found.items():
        yield "all" if "all" in numbers else ", ".join(numbers), because, at


def echo(state: State, number: VersionNumber, record: Mapping[str, Any]) -> Gone | None:
    """Return the withdrawal of the version that another one's ``changes.csv`` and changes tell of; mostly None."""
    return next((gone for gone in state.withdrawn if _tells_of(gone, state, number, record)), None)


def _tells_of(gone: Gone, state: State, number: VersionNumber, record: Mapping[str, Any]) -> bool:
    if gone.number is None or number == gone.number:
        return False
    if "compared_with" in record:
        return bool(record["compared_with"] == str(gone.number))
    # Made before that was recorded: the one that follows on it, unless the withdrawal was earlier.
    later = min((n for n in {*state.exposed, number} if n > gone.number), default=None)
    return number == later and bool(record["created"] <= gone.at)


def repeated(state: State, version: Version, rows: Mapping[VersionNumber, str]) -> Gone | None:
    """Return the newest withdrawal of this version, or of one with the same rows; None: nothing is against it.

    By its rows, for an export that nobody mended gives them again with every new title in the definition. Rows that
    stand in another version were not the reason.

    Args:
        state: of the dataset.
        version: which is to be released.
        rows: number → hash of its rows, of all that ever was public.
    """
    same = {number for number, sha256 in rows.items() if sha256 == version.data_sha256 and number != version.number}
    stands = bool(same.intersection(state.visible))
    for gone in reversed(state.withdrawn):
        if gone.number == version.number or (gone.number in same and not gone.again and not stands):
            return gone
    return None
