"""A portal that keeps its fields in this process: small, but with every duty, people and a memory of what it wrote."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import pytest

from apendata.errors import UsageError
from apendata.model import (
    Checked,
    Difference,
    Finding,
    ForeignPackage,
    Outcome,
    Owner,
    Publication,
    Release,
    Surface,
    Version,
    VersionNumber,
    Withdrawal,
)
from apendata.portals import PORTALS, Portal, refuse_synthetic

OWNERS = {"version": Owner.RELEASE, "address": Owner.RELEASE, "title": Owner.TEXT}


@dataclass
class Board:
    """What stands on the portal; a test plays the people there."""

    fields: dict[str, dict[str, str]] = field(default_factory=dict)
    """Dataset → field → value."""
    written: dict[str, dict[str, str]] = field(default_factory=dict)
    """What apendata wrote there last."""
    people: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """(dataset, field) → who changed it, and when."""
    error: Exception | None = None
    """What the portal answers to everything."""
    checks: tuple[Checked, ...] = (Checked("the board", ok=True, found="hangs there"),)

    def write(self, dataset: str, name: str, value: str, *, by: str = "kari", at: str = "2026-11-25T12:00:00") -> None:
        self.fields[dataset][name] = value
        self.people[dataset, name] = (by, at)


class MemoryPortal:
    name = "memory"

    def __init__(self, board: Board) -> None:
        self.board = board

    def is_local(self, base_url: str | None) -> bool:
        return base_url is None

    def publish(self, release: Release, *, take_ours: bool = False, thorough: bool = False) -> Publication:
        refuse_synthetic(self, release.version, release.base_url)
        changes = self.plan(release, take_ours=take_ours)
        differing = self._differing(release)
        live = self.board.fields.setdefault(release.dataset, {})
        live.update({change.field: str(change.wanted) for change in changes})
        self.board.written.setdefault(release.dataset, {}).update(
            {name: value for name, value in self._wanted(release).items() if live[name] == value}
        )
        return Publication(
            portal=self.name,
            dataset=release.dataset,
            version=release.version.number,
            outcome=Outcome.PUBLISHED if changes else Outcome.UNCHANGED,
            url=f"memory:{release.dataset}",
            mended=changes if release.standing == release.version.number else (),
            kept=tuple(d for d in differing if d not in changes),
        )

    def shows(self, release: Release) -> Iterator[Surface]:
        yield Surface("memory", "json", json.dumps(self._wanted(release)).encode())

    def plan(self, release: Release, *, take_ours: bool = False) -> tuple[Difference, ...]:
        kept = {d.field for d in self._differing(release) if d.by_hand and d.owner is Owner.TEXT and not take_ours}
        return tuple(d for d in self._differing(release) if d.field not in kept)

    def drift(self, release: Release) -> tuple[Difference, ...]:
        return tuple(replace(d, by_hand=True) for d in self._differing(release))

    def withdraw(self, withdrawal: Withdrawal, last: Version) -> None:
        self._answer()
        self.board.fields.pop(withdrawal.dataset, None)

    def foreign(self, name: str) -> ForeignPackage:
        raise UsageError(name)

    def check(self, base_url: str | None) -> tuple[Checked, ...]:
        self._answer()
        return self.board.checks

    def current(self, dataset: str) -> VersionNumber | None:
        live = self.board.fields.get(dataset)
        return VersionNumber.parse(live["version"]) if live else None

    def verify(self, releases: Sequence[Release]) -> tuple[Finding, ...]:
        self._answer()
        return ()

    def _differing(self, release: Release) -> list[Difference]:
        self._answer()
        live = self.board.fields.get(release.dataset, {})
        return [
            self._difference(release.dataset, name, live.get(name), value)
            for name, value in self._wanted(release).items()
            if live.get(name) != value
        ]

    def _difference(self, dataset: str, name: str, live: str | None, wanted: str) -> Difference:
        by_hand = live is not None and self.board.written.get(dataset, {}).get(name) != live
        by, at = self.board.people.get((dataset, name), (None, None)) if by_hand else (None, None)
        found = Difference(self.name, dataset, "dataset", name, live=live, wanted=wanted, owner=OWNERS[name])
        return replace(found, by_hand=by_hand, by=by, at=at)

    @staticmethod
    def _wanted(release: Release) -> dict[str, str]:
        number = str(release.version.number)
        address = f"v{number}/soeknader.csv"
        return {"version": number, "address": address, "title": str(release.version.descriptor["title"])}

    def _answer(self) -> None:
        if self.board.error is not None:
            raise self.board.error


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch) -> Board:
    """The portal «memory» beside the others, for as long as the test lasts."""
    there = Board()
    portal: Portal = MemoryPortal(there)
    monkeypatch.setitem(PORTALS, "memory", lambda *_: portal)
    return there
