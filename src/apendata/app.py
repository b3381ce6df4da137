"""The composition root: settings → catalog, lake and portals, and the pipeline's functions bound to them.

Command line and flows call the same methods; none of them decides anything.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypedDict

from apendata import pipeline, validation
from apendata.catalog import Catalog
from apendata.errors import (
    EXIT_NOT_READY,
    EXIT_OK,
    ApendataError,
    InternalError,
    PortalError,
    UsageError,
)
from apendata.lake import Lake
from apendata.model import Checked, Dataset, Outcome, VersionNumber
from apendata.pipeline import Inputs, Result, Stage
from apendata.portals import PORTALS, Portal
from apendata.settings import Settings


def _no_stage(_: str) -> None:
    """Tell nobody."""


class _Places(TypedDict):
    lake: Lake
    portals: Mapping[str, Portal]
    base_url: str | None


@dataclass(frozen=True, slots=True)
class App:
    """The parts that one installation is made of, and what can be done with them."""

    settings: Settings
    catalog: Catalog
    lake: Lake
    portals: Mapping[str, Portal]

    def select(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Return the datasets that are meant: the named ones, or all where none is named.

        Raises:
            UsageError: a name is not a dataset's.
        """
        return self._select(ids, self.catalog.ids())

    def select_kept(self, dataset_id: str) -> str:
        """Return the dataset that is meant, also one that has no definition any more but stands in the lake.

        Raises:
            UsageError: the name is neither's.
        """
        return self._select((dataset_id,), tuple(sorted({*self.catalog.ids(), *self.lake.datasets()})))[0]

    @staticmethod
    def _select(ids: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
        unknown = sorted(set(ids) - set(known))
        if unknown:
            raise UsageError(f"There is no dataset {', '.join(unknown)}. There are: {', '.join(known)}.")
        return tuple(dict.fromkeys(ids)) or known

    def check(
        self,
        dataset_id: str,
        *,
        override: Path | None = None,
        stage: Stage = _no_stage,
        to: Path | None = None,
    ) -> Result:
        """Read, validate and protect one dataset; publish nothing and keep nothing but the report.

        No lock is asked for: she must have her answer while the night holds the lake, and each thing that is looked up
        there is one call.
        """

        def work() -> Result:
            dataset = self._dataset(dataset_id, stage)
            with self._inputs(dataset, override) as inputs:
                with pipeline.handing_back(inputs):
                    made = pipeline.check(inputs, self.lake, stage, whole=override is None)
                back = pipeline.handed_back(inputs, made.findings)
            accounts, findings = made.reading.accounts, made.findings
            return Result(
                dataset_id, Outcome.CHECKED, "in order", accounts=accounts, findings=findings, handed_back=back
            )

        return pipeline.looked_at(dataset_id, "check", self.lake, work, to=to)

    def audit(self, dataset_id: str, stage: Stage = _no_stage) -> Result:
        """Look whether a reader of all that was ever published can find out a protected count; change nothing."""

        def work() -> Result:
            stage("audit")
            return pipeline.audited(dataset_id, {dataset.id: dataset for dataset in self._readable()}, self.lake)

        return pipeline.looked_at(dataset_id, "audit", self.lake, work, to=None)

    def build(self, dataset_id: str, *, override: Path | None = None, stage: Stage = _no_stage) -> Result:
        """Make a new version of one dataset where something changed."""

        def work() -> Result:
            dataset = self._dataset(dataset_id, stage)
            locked, fetched = self._locked(dataset_id), self._inputs(dataset, override)
            with locked, fetched as inputs, pipeline.handing_back(inputs):
                places = pipeline.Places(self.portals, self.settings.base_url)
                return pipeline.build(inputs, self.lake, stage, places)

        return pipeline.attempt(dataset_id, "build", self.lake, work)

    def preview(self, dataset_id: str, *, override: Path | None = None, stage: Stage = _no_stage) -> Result:
        """Say what a build of one dataset would change for readers; commit nothing."""

        def work() -> Result:
            dataset = self._dataset(dataset_id, stage)
            with self._locked(dataset_id), self._inputs(dataset, override) as inputs:
                return pipeline.preview(inputs, self.lake, stage)

        return pipeline.attempt(dataset_id, "diff", self.lake, work)

    def accept(
        self,
        dataset_id: str,
        difference: str,
        *,
        because: str,
        by: str = "",
        override: Path | None = None,
        stage: Stage = _no_stage,
    ) -> Result:
        """Let the next build of one dataset make a version of exactly this difference from the last release."""

        def work() -> Result:
            asked = pipeline.asked(difference, because=because, by=by)
            dataset = self._dataset(dataset_id, stage)
            with self._locked(dataset_id), self._inputs(dataset, override) as inputs:
                return pipeline.accept(inputs, self.lake, stage, asked)

        return pipeline.attempt(dataset_id, "accept", self.lake, work)

    def take_back(self, dataset_id: str, difference: str) -> bool:
        """Forget an acceptance that no build has used; return whether there was one of that difference."""
        with self._locked(dataset_id):
            return self.lake.take_back(dataset_id, difference)

    def publish(
        self,
        dataset_id: str,
        *,
        override: Path | None = None,
        stage: Stage = _no_stage,
        take_ours: bool = False,
        thorough: bool = False,
    ) -> Result:
        """Release the newest version of one dataset to the portals.

        ``take_ours`` puts our texts over a person's; ``thorough`` looks at all that stands, as a night does not.
        """
        del override  # nothing is read from a source here; the command line calls all steps alike

        def work() -> Result:
            stage("publish")
            dataset = self.catalog.load(dataset_id)
            with self._locked(dataset_id):
                return pipeline.publish(dataset, **self._places, take_ours=take_ours, thorough=thorough)

        return pipeline.attempt(dataset_id, "publish", self.lake, work)

    def run(
        self,
        dataset_id: str,
        *,
        override: Path | None = None,
        stage: Stage = _no_stage,
        take_ours: bool = False,
    ) -> Result:
        """Build one dataset, then publish it: a night's work."""
        built = self.build(dataset_id, override=override, stage=stage)
        if built.error:
            return built
        return pipeline.together(built, self.publish(dataset_id, stage=stage, take_ours=take_ours))

    def plan(
        self,
        dataset_id: str,
        *,
        override: Path | None = None,
        stage: Stage = _no_stage,
        take_ours: bool = False,
    ) -> Result:
        """Say what a publish of one dataset would change on the portals; change nothing."""
        del override

        def work() -> Result:
            stage("plan")
            dataset = self.catalog.load(dataset_id)
            with self._reading(dataset_id):
                return pipeline.plan(dataset, **self._places, take_ours=take_ours)

        return pipeline.attempt(dataset_id, "plan", self.lake, work, only_failures=True)

    def drift(self, dataset_id: str, *, override: Path | None = None, stage: Stage = _no_stage) -> Result:
        """Say what other hands changed on the portals since one dataset was released; change nothing."""
        del override

        def work() -> Result:
            stage("drift")
            dataset = self.catalog.load(dataset_id)
            with self._reading(dataset_id):
                return pipeline.drift(dataset, **self._places)

        return pipeline.attempt(dataset_id, "drift", self.lake, work, only_failures=True)

    def check_portals(self) -> tuple[dict[str, tuple[Checked, ...]], int]:
        """Return what each portal needs before a first run and whether it is there, and the exit code.

        A portal that cannot be asked is one that is not ready; the others are asked all the same. One code for all that
        may be missing: it is read as text by a person who sets an installation up.
        """
        checked: dict[str, tuple[Checked, ...]] = {}
        for name, portal in self.portals.items():
            try:
                checked[name] = portal.check(self.settings.base_url)
            except PortalError as error:
                checked[name] = (Checked("can be asked", ok=False, found=type(error).__name__, todo=error.message),)
        well = all(check.ok for checks in checked.values() for check in checks)
        return checked, EXIT_OK if well else EXIT_NOT_READY

    def import_package(self, name: str) -> tuple[str, ...]:
        """Write a first definition of a package that stands on CKAN; return the files' paths.

        Raises:
            UsageError: no CKAN is set, or it has no such package.
            DefinitionError: the name cannot be a dataset's, or a definition is there already.
        """
        self.catalog.require_id(name)
        if "ckan" not in self.portals:
            raise UsageError("APENDATA_PORTALS must name ckan: that is where packages are read from.")
        return tuple(str(file) for file in self.catalog.begin(self.portals["ckan"].foreign(name)))

    def rollback(self, dataset_id: str, number: VersionNumber, *, because: str) -> Result:
        """Release an older version of one dataset, and hold it there."""

        def work() -> Result:
            dataset = self.catalog.load(dataset_id)
            with self._locked(dataset_id):
                return pipeline.rollback(dataset, number, because, **self._places)

        return pipeline.attempt(dataset_id, "rollback", self.lake, work)

    def withdraw(self, dataset_id: str, number: VersionNumber | None, *, because: str) -> Result:
        """Take one version of a dataset, or with None all of it, back from every portal and the public tree."""

        def work() -> Result:
            with self._locked(dataset_id):
                return pipeline.withdraw(dataset_id, number, because, **self._places)

        return pipeline.attempt(dataset_id, "withdraw", self.lake, work)

    def resume(self, dataset_id: str) -> bool:
        """End the hold, or the withdrawal, of one dataset; return whether there was one."""
        with self._locked(dataset_id):
            return self.lake.resume(dataset_id)

    def last_result(self, dataset_id: str, since: datetime) -> Result:
        """Return how a dataset's night ended, as its ledger has it since a moment.

        A night that left no line is a failure, whatever the night before it said.
        """
        result = pipeline.last_result(self.lake, dataset_id, since)
        if result is not None:
            return result
        error = InternalError("The night ended without a word about this dataset; see the log of its run.")
        return Result(dataset_id, Outcome.FAILED, error.message, error=error)

    def verify(self) -> pipeline.Verified:
        """Hold the lake and every portal against what was recorded."""
        return pipeline.verify(**self._places, wait_seconds=self.settings.lock_wait)

    def purge(self) -> tuple[str, ...]:
        """Remove raw exports and reports whose time is over; return their paths from the lake's root.

        A dataset whose definition cannot be read keeps its raw exports, for how long they may lie is not known; its
        reports hold values of cells and go after the lake's own limit.
        """
        today = datetime.now(UTC).date()
        return self.lake.purge(self._readable(), today, wait_seconds=self.settings.lock_wait)

    def summary(self, dataset_id: str) -> dict[str, Any]:
        """Return a dataset's line for a list, with the reason where its definition cannot be read."""
        line: dict[str, Any] = {"dataset": dataset_id}
        try:
            dataset = self.catalog.load(dataset_id)
            released = {name: self.lake.released(dataset_id, name) for name in self.portals}
        except ApendataError as error:
            return line | {"why": error.message.splitlines()[0]}
        shown = ", ".join(f"{portal} {number}" for portal, number in released.items() if number)
        words = {"domain": dataset.domain, "rhythm": dataset.rhythm, "release": dataset.release}
        return line | {"title": dataset.title.nb, "released": shown, "why": self._waiting(dataset_id)} | words

    @property
    def _places(self) -> _Places:
        """Where a release goes, as the pipeline's functions name it."""
        return {"lake": self.lake, "portals": self.portals, "base_url": self.settings.base_url}

    def _waiting(self, dataset_id: str) -> str:
        """Say why the public does not see the newest version; nothing where it does."""
        withdrawn = self.lake.withdrawn(dataset_id)
        if (closed := next((part for part in withdrawn if part.number is None), None)) is not None:
            return f"withdrawn {closed.at[:10]}: {closed.because}"
        if (hold := self.lake.held(dataset_id)) is not None:
            return f"held on {hold.number}: {hold.because}"
        head = self.lake.head(dataset_id)
        if head and (gone := self.lake.withdrawal_of(head)) is not None:
            return f"{gone.number} withdrawn {gone.at[:10]}: {gone.because}"
        if (accepted := self.lake.accepted(dataset_id)) is not None:
            return f"the difference {accepted.difference} is accepted, and waits for its build: {accepted.because}"
        released = {self.lake.released(dataset_id, name) for name in self.portals}
        return f"{head.number} is built and not released" if head and released != {head.number} else ""

    def _dataset(self, dataset_id: str, stage: Stage) -> Dataset:
        stage("fetch")
        dataset = self.catalog.load(dataset_id)
        validation.check_definition(dataset)
        return dataset

    @contextmanager
    def _inputs(self, dataset: Dataset, override: Path | None) -> Iterator[Inputs]:
        with tempfile.TemporaryDirectory(prefix="apendata-") as scratch:
            yield pipeline.fetch_inputs(
                dataset,
                catalog=self.catalog,
                sources_of=self.settings.sources_of,
                override=override,
                scratch=Path(scratch),
            )

    @contextmanager
    def _reading(self, dataset_id: str) -> Iterator[None]:
        """For who only looks: nothing is written in the lake, as ``_locked`` does where a run died."""
        with self.lake.reading(dataset_id, wait_seconds=self.settings.lock_wait):
            yield

    @contextmanager
    def _locked(self, dataset_id: str) -> Iterator[None]:
        with self.lake.lock(dataset_id, wait_seconds=self.settings.lock_wait):
            yield

    def _readable(self) -> Iterator[Dataset]:
        for dataset_id in self.catalog.ids():
            try:
                yield self.catalog.load(dataset_id)
            except ApendataError:
                continue


def load(settings: Settings, *, only_look: bool = False) -> App:
    """Put an installation together.

    Args:
        settings: of this machine.
        only_look: make no lake where there is none.

    Raises:
        UsageError: a portal's name is unknown.
    """
    unknown = sorted(set(settings.portals) - set(PORTALS))
    if unknown:
        raise UsageError(f"Unknown portal {', '.join(unknown)} in APENDATA_PORTALS. Known: {', '.join(PORTALS)}.")
    return App(
        settings=settings,
        catalog=Catalog(settings.datasets, settings.schemas),
        lake=Lake(settings.lake.absolute()) if only_look else Lake.open(settings.lake),
        portals={name: PORTALS[name](settings.lake / "public", settings.ckan) for name in settings.portals},
    )
