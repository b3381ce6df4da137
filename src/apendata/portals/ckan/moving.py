"""Moves the pointer: tables filled, everything decided, one matched write; looked at again after every doubt."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from apendata.errors import PortalConflict
from apendata.model import Difference, Owner, Release
from apendata.portals.ckan import names
from apendata.portals.ckan.answers import LostMatch, Unsure
from apendata.portals.ckan.api import Api
from apendata.portals.ckan.datastore import Loader
from apendata.portals.ckan.filling import Filler
from apendata.portals.ckan.others import refuse_others
from apendata.portals.ckan.packages import Decision, Package, Packages, decide
from apendata.portals.ckan.views import make_views
from apendata.portals.ckan.wanted import WantedPackage

_ROUNDS: Final = 4


@dataclass(frozen=True, slots=True)
class Moved:
    """What it took to make a release stand."""

    decision: Decision
    tables: frozenset[str] = frozenset()
    """Those whose rows or dictionary were written."""
    flipped: bool = False
    was_hidden: bool = False
    """Readers saw no such dataset before."""

    @property
    def written(self) -> bool:
        """Whether anything was."""
        return self.flipped or bool(self.tables)

    def tables_as_mended(self) -> Iterator[Difference]:
        """Tell of the tables, where the release stood already: others had written to them."""
        dataset = self.decision.package["name"] if self.decision.package else ""
        for name in sorted(self.tables):
            place = f"datastore {name}"
            yield Difference(
                "ckan", str(dataset), place, "rows", live=None, wanted=None, owner=Owner.RELEASE, by_hand=True
            )


class Mover:
    """Makes a release the one that the packages of one CKAN show."""

    def __init__(self, api: Api, packages: Packages, loader: Loader, *, patience: float) -> None:
        self._api = api
        self._packages = packages
        self._loader = loader
        self._filler = Filler(packages, loader)
        self._patience = patience

    def move(self, release: Release, wanted: WantedPackage, *, take_ours: bool) -> Moved:
        """Fill the tables and move the pointer; after a lost match look again, decide again, never overwrite.

        Raises:
            PortalConflict: others change the package each time that we look.
            PortalContested: another installation released or withdrew the dataset meanwhile.
            Answer: CKAN refused, or its patience is at an end.
        """
        first = self._packages.find(wanted, take_ours=take_ours) or self._first(wanted)
        self._packages.require_home(first)
        package, tables, unsure, written = first, frozenset[str](), None, False
        for attempt in range(_ROUNDS + 1):  # the last time we only look: the write before it may have been done
            refuse_others(package, first, wanted)
            tables |= self._filler.fill(package, wanted, take_ours=take_ours)
            make_views(self._api, package, wanted)
            decision = self.decide(release, wanted, take_ours=take_ours)
            if not decision.is_needed:
                return Moved(decision, tables, flipped=written, was_hidden=bool(first.get("private")))
            if attempt == _ROUNDS:
                break
            # Filling takes minutes, and the flip is matched against what was read after it: so that is looked at too.
            refuse_others(decision.package, first, wanted)
            try:
                self._flip(decision, wanted)
            except LostMatch:
                unsure = None
            except Unsure as answer:  # done or not: the next look tells
                unsure, written = answer, True
                time.sleep(min(self._patience, 0.5 * 2**attempt))
            else:
                return Moved(decision, tables, flipped=True, was_hidden=bool(first.get("private")))
            package = self._packages.find(wanted, take_ours=take_ours) or self._first(wanted)
        if unsure is not None:
            raise unsure
        raise PortalConflict(
            f"{wanted.dataset}: its package on CKAN was changed by others each time that we looked. Nothing of theirs "
            "was overwritten. Run again when they have finished."
        )

    def decide(self, release: Release, wanted: WantedPackage, *, take_ours: bool) -> Decision:
        """Read the package anew: filling its tables has changed it."""
        package = self._packages.find(wanted, take_ours=take_ours)
        standing = release.standing == release.version.number
        return decide(package, wanted, take_ours=take_ours, standing=standing)

    def _flip(self, decision: Decision, wanted: WantedPackage) -> None:
        """Move the pointer.

        The tables that go before it are of resources that only withdrawn versions had: of all others each keeps its
        last table, also after a rollback. What was withdrawn must not outlive a crash between the two.

        Raises:
            LostMatch: somebody was faster.
            Answer: CKAN refused; after Unsure it may have been done.
        """
        self._filler.release_new(wanted)
        for id_ in decision.drop:
            self._loader.remove(id_)
        self._packages.flip(decision, wanted)

    def _first(self, wanted: WantedPackage) -> Package:
        """A new dataset begins as a private package, which the flip makes public."""
        marks = {names.MARK: wanted.dataset, names.ROLE: "dataset"}
        return self._packages.make(wanted.name, wanted.text["title"], marks)
