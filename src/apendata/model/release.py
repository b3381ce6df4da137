"""What is stored and what is published: files, versions, releases. Nothing here knows of sources or policies."""

from collections.abc import Mapping
from dataclasses import dataclass, field as dataclass_field
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class FileRef:
    """One file of a version. ``path`` is relative to the version's folder."""

    path: str
    format: Literal["csv", "xlsx", "parquet", "json"]
    table: str | None
    sha256: str
    bytes: int
    rows: int | None = None


@dataclass(frozen=True, slots=True, order=True)
class VersionNumber:
    """``MAJOR.MINOR.RELEASE``: MAJOR.MINOR is the contract, RELEASE counts published changes of the data."""

    major: int
    minor: int
    release: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.release}"

    @classmethod
    def parse(cls, text: str) -> "VersionNumber":
        """Read ``1.2.3``.

        Raises:
            ValueError: not three whole numbers with dots between.
        """
        major, minor, release = (int(part) for part in text.split("."))
        return cls(major, minor, release)


class ChangeClass(StrEnum):
    """How a difference between two versions touches an unchanged, correct reader."""

    MAJOR = "major"
    MINOR = "minor"
    RELEASE = "release"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference from the last version, in the reader's terms. Holds no number of a cell that is or was hidden."""

    rule: str
    """Key of the rule in ``lake/classify.py``: ``rows_appended``, ``column_removed`` …"""
    level: ChangeClass
    table: str | None = None
    field: str | None = None
    count: int = 1
    details: Mapping[str, str] = dataclass_field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Version:
    """A built version: complete, immutable, perhaps not released. Lives in the lake under its number."""

    dataset: str
    number: VersionNumber
    kind: Literal["first", "data", "metadata"]
    build_key: str
    """Hash of everything that decides the content: sources, definition, schemas, code lists, engine version."""
    data_sha256: str
    """Of the logical rows of all tables: canonical order and types, whatever library wrote the files."""
    descriptor_sha256: str
    created: str
    """UTC, ``2026-11-22T04:30:00Z``: when the version was first committed; part of its identity, never refreshed."""
    synthetic: bool
    files: tuple[FileRef, ...]
    descriptor: Mapping[str, Any] = dataclass_field(repr=False)
    """datapackage.json."""
    changes: tuple[Change, ...]
    folder: Path = dataclass_field(repr=False)
    """Where the files lie."""

    @property
    def rows(self) -> int:
        """Rows of all tables together."""
        return sum(file.rows or 0 for file in self.files if file.format == "parquet")


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A version, or all of a dataset, is taken away from the public; that it was there, and why it went, stays."""

    dataset: str
    number: VersionNumber | None
    """None: the whole dataset, for as long as nobody ends the withdrawal."""
    because: str
    at: str
    """UTC, ``2026-11-26T14:00:00Z``."""


@dataclass(frozen=True, slots=True)
class Release:
    """What a portal is given: one version as the public may see it, and the history before it, newest first."""

    version: Version
    history: tuple[Version, ...]
    """Versions that the public may see, newest first; what was withdrawn is not among them."""
    base_url: str | None
    """The public address of the tree, with a slash at its end; None where only relative links make sense."""
    standing: VersionNumber | None = None
    """The version that the lake remembers to stand on this portal; None where it remembers none."""
    withdrawn: tuple[Withdrawal, ...] = ()
    """Versions of this dataset that are gone, newest first; nothing of them may be left on a portal."""
    gone: tuple[Version, ...] = ()
    """Those versions as they were: a portal finds by their files what is left of them, and asks whether it answers."""

    @property
    def dataset(self) -> str:
        """The dataset's id."""
        return self.version.dataset


class Outcome(StrEnum):
    """How one dataset ended in one run."""

    PUBLISHED = "PUBLISHED"
    BUILT = "BUILT"
    CHECKED = "CHECKED"
    ACCEPTED = "ACCEPTED"
    """A difference that stopped a build may come with the next one."""
    UNCHANGED = "UNCHANGED"
    AWAITING_REVIEW = "AWAITING_REVIEW"
    HELD = "HELD"
    WITHDRAWN = "WITHDRAWN"
    CHANGES = "CHANGES"
    """Of a plan or a drift: something differs."""
    FAILED = "FAILED"


class Owner(StrEnum):
    """Who decides what stands in a field of a portal."""

    RELEASE = "release"
    """apendata alone: addresses, hashes, versions. Whatever else stands there is mended, and told."""
    TEXT = "text"
    """The definition, unless a person wrote there since: then it stays until ``--take ours`` is said."""
    STEWARD = "steward"
    """A person at the portal; apendata neither writes nor removes it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of a portal that is not as a release wants it. Holds words about data, never the data's own cells."""

    portal: str
    dataset: str
    place: str
    """``dataset``, ``resource ansatte.csv``, ``dictionary ansatte.antall``, ``datastore ansatte`` …"""
    field: str
    live: str | None
    """What stands there; None: nothing."""
    wanted: str | None
    """What should stand there; None: nothing."""
    owner: Owner
    by_hand: bool = False
    """A person changed it since apendata wrote it last."""
    by: str | None = None
    """Who changed it, where the portal tells."""
    at: str | None = None
    """When, where the portal tells."""


@dataclass(frozen=True, slots=True)
class Publication:
    """A release stands on a portal."""

    portal: str
    dataset: str
    version: VersionNumber
    outcome: Literal[Outcome.PUBLISHED, Outcome.UNCHANGED]
    url: str
    mended: tuple[Difference, ...] = ()
    """What somebody, or the portal itself, had changed and what was put right."""
    kept: tuple[Difference, ...] = ()
    """What a person wrote where the definition says otherwise, and what was left as she wrote it."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing that a portal needs before the first run, and whether it has it."""

    what: str
    ok: bool
    found: str
    todo: str = ""
    """What to do where it is not well; empty where it is."""
