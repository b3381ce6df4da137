"""Everything that decides what a dataset's tables will be, fetched and hashed before any of it is parsed."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version as installed_version
from importlib.resources import files
from pathlib import Path
from typing import Final

import apendata
from apendata import sources
from apendata.catalog import Catalog
from apendata.errors import DefinitionError
from apendata.model import Dataset, Finding, RawTable, Snapshot, sample_sha256s_of

_DECIDING_PARTS: Final = (
    "catalog",
    "model",
    "sources",
    "tabular",
    "validation",
    "disclosure",
    "lake",
    "describe",
    "pipeline",
)
_DECIDING_LIBRARIES: Final = (
    "frictionless",  # judges
    "highspy",  # hides
    "numpy",
    "pandas",
    "pyarrow",  # writes
    "python-calamine",  # reads
    "pyyaml",  # reads the definitions
    "scipy",
    "xlsxwriter",  # writes
)


@dataclass(frozen=True, slots=True)
class ListInput:
    """A code list's owner and its exports. The owner's release is never read, so no dataset waits for another."""

    owner: Dataset
    table: str
    snapshots: tuple[Snapshot, ...]


@dataclass(frozen=True, slots=True)
class Inputs:
    """One dataset's exports and code lists as they were at one moment."""

    dataset: Dataset
    snapshots: tuple[Snapshot, ...]
    lists: Mapping[str, ListInput]
    strangers: tuple[Finding, ...] = ()
    """What lies among the exports and is none of them. No part of the build key: it changes no table."""

    @property
    def synthetic(self) -> bool:
        """Whether any export is a sample: one made-up file is enough to make figures that are nobody's."""
        return bool(self.samples)

    @property
    def samples(self) -> tuple[Snapshot, ...]:
        """The exports that are samples of their own dataset, wherever they were read from; the code lists' too."""
        owners = self.owners
        return tuple(one for one in self.everything if _is_sample(owners[one.dataset], one))

    @property
    def build_key(self) -> str:
        """Hash of exports, definitions, code lists and engine: where it is equal, building again changes nothing."""
        digest = hashlib.sha256(f"{engine_sha256()} {self.synthetic}".encode())
        digest.update(self.dataset.definition_sha256.encode())
        digest.update(_fingerprint(self.snapshots))
        for name, use in sorted(self.lists.items()):
            digest.update(f"{name}\0{use.table}\0{use.owner.definition_sha256}\0".encode())
            digest.update(_fingerprint(use.snapshots))
        return digest.hexdigest()

    @property
    def everything(self) -> tuple[Snapshot, ...]:
        """All exports, the code lists' too."""
        return (*self.snapshots, *(snapshot for use in self.lists.values() for snapshot in use.snapshots))

    @property
    def owners(self) -> Mapping[str, Dataset]:
        """The datasets whose exports are read, by id: this one and those of its code lists."""
        return {each.id: each for each in (*(use.owner for use in self.lists.values()), self.dataset)}


def fetch_inputs(
    dataset: Dataset, *, catalog: Catalog, sources_of: Callable[[str], Path], override: Path | None, scratch: Path
) -> Inputs:
    """Fetch a dataset's exports and those of the code lists that it uses.

    Raises:
        DefinitionError: a code list's owner has no such table.
        SourceMissing, SourceUnavailable: as :func:`apendata.sources.fetch`.
    """
    snapshots = sources.fetch(dataset, sources_of(dataset.id), override=override, scratch=scratch)
    lists = {}
    for name, use in dataset.codelists.items():
        owner = catalog.load(use.dataset)
        if use.table not in {table.name for table in owner.tables}:
            raise DefinitionError(f"{dataset.folder / 'dataset.yaml'}: «{owner.id}» has no table «{use.table}».")
        if owner.transform is not None or owner.codelists:
            raise DefinitionError(
                f"{dataset.folder / 'dataset.yaml'}: the code list «{name}» belongs to «{owner.id}», which needs "
                "a transform or other code lists. Keep it in a dataset that is read from its exports alone."
            )
        lists[name] = ListInput(owner, use.table, sources.fetch(owner, sources_of(owner.id), scratch=scratch))
    return Inputs(dataset, snapshots, lists, _strangers(dataset, sources_of(dataset.id), override, snapshots))


def _strangers(
    dataset: Dataset, root: Path, override: Path | None, snapshots: tuple[Snapshot, ...]
) -> tuple[Finding, ...]:
    """Nothing where one file is tried: what lies around it was not asked for."""
    if override is None:
        return sources.strangers(dataset, root, snapshots)
    return sources.strangers(dataset, override, snapshots) if override.is_dir() else ()


def read_codelists(inputs: Inputs) -> dict[str, RawTable]:
    """Read the code lists of a dataset: the owner's tables as its own definition shapes them."""
    return {name: sources.read(use.owner, use.snapshots, {}).tables[use.table] for name, use in inputs.lists.items()}


@cache
def engine_sha256() -> str:
    """Hash the code that decides what is published, and the versions of the libraries that read, judge and write it.

    The source text and not only a version number: a repaired reader must read again, and nobody remembers to count up.
    """
    libraries = {name: installed_version(name) for name in _DECIDING_LIBRARIES}
    digest = hashlib.sha256(f"{apendata.__version__} {libraries}".encode())
    package = Path(str(files("apendata")))
    for part in _DECIDING_PARTS:
        for file in sorted((package / part).rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _is_sample(owner: Dataset, snapshot: Snapshot) -> bool:
    """A public list that ships as its own sample is real where it is kept as an export, and a sample where it ships.

    The place decides in that case alone: made-up figures stay made up wherever they are copied to.
    """
    if owner.sample_sha256s.isdisjoint({snapshot.sha256, *sample_sha256s_of(snapshot.file)}):
        return False
    where = (owner.folder / "sample").resolve()
    return owner.sample_is_real is None or snapshot.file.resolve().is_relative_to(where)


def _fingerprint(snapshots: tuple[Snapshot, ...]) -> bytes:
    rows = [(s.source, s.name, s.sha256, dict(s.placeholders)) for s in snapshots]
    return json.dumps(sorted(rows, key=str), sort_keys=True, ensure_ascii=False).encode()
