"""Where everything lies in the lake: two trees, one served and one that nobody but us may enter."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from apendata.errors import UsageError
from apendata.model import VersionNumber

_ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one lake. ``<folder>`` is ``<number>-<content>``: two candidates may compete for one number."""

    root: Path

    @property
    def public(self) -> Path:
        """Served to everybody."""
        return self.root / "public"

    @property
    def internal(self) -> Path:
        """For the operator's account alone."""
        return self.root / "internal"

    @property
    def raw(self) -> Path:
        """Source exports by hash."""
        return self.internal / "raw"

    @property
    def provenance_root(self) -> Path:
        """Where the versions of all datasets come from, one folder for each dataset."""
        return self.internal / "provenance"

    @property
    def reports_root(self) -> Path:
        """The steward's reports, one folder for each dataset."""
        return self.internal / "reports"

    @property
    def locks(self) -> Path:
        """One lock file per dataset."""
        return self.internal / "locks"

    @property
    def folders(self) -> tuple[Path, ...]:
        """The internal folders that are there from the beginning."""
        names = ("versions", "raw", "provenance", "reports", "ledger", "state", "locks", "scratch")
        return tuple(self.internal / name for name in names)

    def versions(self, dataset: str) -> Path:
        """The committed versions of a dataset, one folder each."""
        return self.internal / "versions" / checked(dataset)

    def head(self, dataset: str) -> Path:
        """The pointer: which folders are versions, and which one is the last."""
        return self.versions(dataset) / "head.json"

    def provenance(self, dataset: str) -> Path:
        """Where the versions of a dataset come from, one folder each, named like the version's."""
        return self.provenance_root / checked(dataset)

    def reports(self, dataset: str) -> Path:
        """The steward's reports on a dataset."""
        return self.reports_root / checked(dataset)

    def ledger(self, dataset: str) -> Path:
        """What happened to a dataset, one line per event."""
        return self.internal / "ledger" / f"{checked(dataset)}.jsonl"

    def state(self, dataset: str) -> Path:
        """What is exposed, released and held."""
        return self.internal / "state" / f"{checked(dataset)}.json"

    def lock(self, dataset: str) -> Path:
        """The lock file of a dataset."""
        return self.locks / f"{checked(dataset)}.lock"

    def scratch(self, dataset: str) -> Path:
        """Unfinished work; whoever holds the lock may empty it."""
        return self.internal / "scratch" / checked(dataset)

    def public_dataset(self, dataset: str) -> Path:
        """The public folder of a dataset."""
        return self.public / checked(dataset)

    def public_version(self, dataset: str, number: VersionNumber) -> Path:
        """The permanent public place of one version."""
        return self.public_dataset(dataset) / f"v{number}"

    def public_beside(self, dataset: str, number: VersionNumber) -> Path:
        """Where a public version is written before it gets its name; closed to others until then."""
        return self.public_dataset(dataset) / f".v{number}"

    def short(self, path: Path) -> str:
        """A path as it is told to people: from the lake's root."""
        return str(path.relative_to(self.root))


def checked(dataset: str) -> str:
    """Return the id if it can be a folder's name.

    Raises:
        UsageError: it is not kebab-case, so it is no dataset of ours and might lead out of the lake.
    """
    if not _ID.fullmatch(dataset):
        raise UsageError(f"«{dataset}» is no dataset id: expected lower-case letters, digits and single hyphens.")
    return dataset
