"""Holds the lake and every portal against what was recorded, whatever cannot be asked."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from apendata.errors import EXIT_OK, ApendataError, LakeCorrupt, PortalMismatch, exit_code, gravest
from apendata.lake import Lake
from apendata.model import Finding
from apendata.pipeline.publish import standing
from apendata.portals import Portal


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found, and who gave no answer."""

    lake: tuple[Finding, ...] = ()
    portals: tuple[Finding, ...] = ()
    unasked: tuple[tuple[str, ApendataError], ...] = ()
    """``lake`` or a portal's name, and why it could not be looked at, or not to the end."""

    @property
    def problems(self) -> tuple[Finding, ...]:
        """All that is not as it was recorded."""
        return (*self.lake, *self.portals)

    @property
    def code(self) -> int:
        """The gravest failure's exit code: a lake that is damaged before a portal that merely shows something else."""
        worst = gravest(self._failures())
        return EXIT_OK if worst is None else exit_code(worst)

    def _failures(self) -> Iterator[ApendataError]:
        yield from (LakeCorrupt("") for _ in self.lake)
        yield from (PortalMismatch("") for _ in self.portals)
        yield from (error for _, error in self.unasked)


def verify(lake: Lake, portals: Mapping[str, Portal], *, base_url: str | None, wait_seconds: float) -> Verified:
    """Look at everything; a portal that is away, or a dataset that is at work, hides nothing that was found elsewhere.

    Args:
        lake: of this installation.
        portals: by name.
        base_url: the public tree's address, or None.
        wait_seconds: how long to wait for each dataset that is at work.
    """
    unasked: list[tuple[str, ApendataError]] = []

    def look(where: str, at: Callable[[], Sequence[Finding]]) -> Sequence[Finding]:
        try:
            return at()
        except ApendataError as error:
            unasked.append((where, error))
            return error.findings

    inside = look("lake", partial(lake.verify, wait_seconds=wait_seconds))
    outside = [
        finding
        for name, portal in portals.items()
        for finding in look(name, partial(_verify_portal, portal, lake, base_url))
    ]
    return Verified(tuple(inside), tuple(outside), tuple(unasked))


def _verify_portal(portal: Portal, lake: Lake, base_url: str | None) -> tuple[Finding, ...]:
    return portal.verify(standing(lake, portal.name, base_url))
