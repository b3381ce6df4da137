"""The datasets of one folder: found by name, read once, checked before anything runs."""

import hashlib
import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from apendata.catalog import parse
from apendata.catalog.crosscheck import check_dataset
from apendata.catalog.draft import draft
from apendata.catalog.outline import outline, refuse_shared_names
from apendata.catalog.publisher import PUBLISHER, read_publisher
from apendata.catalog.table_schema import read_table_schema
from apendata.catalog.words import check_words
from apendata.catalog.yaml_lines import Document, load as load_yaml
from apendata.errors import DefinitionError
from apendata.model import CodeListUse, Contact, Dataset, ForeignPackage, Publisher, Table, Transform, sample_sha256s_of

_ID: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
TAKEN: Final = frozenset({"assets", "catalog", "en", "index", "latest", "nb", "releases"})
"""Names that portals use beside the datasets' own: their folders, and pages that many servers give without `.html`."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """A folder of dataset folders and the folder of their Table Schemas."""

    datasets: Path
    schemas: Path

    def ids(self) -> tuple[str, ...]:
        """Return the ids of all datasets, in order: every folder with a dataset.yaml.

        Raises:
            DefinitionError: there is no such folder.
        """
        if not self.datasets.is_dir():
            raise DefinitionError(
                f"{self.datasets}: there is no such folder. APENDATA_DATASETS names the datasets' folder."
            )
        return tuple(sorted(file.parent.name for file in self.datasets.glob("*/dataset.yaml")))

    def load(self, dataset_id: str) -> Dataset:
        """Read and check one dataset.

        Raises:
            DefinitionError: there is none of that id, portals use the id for something else, it shares a table's name
                or people with another dataset, or its definition, schemas, transform or publisher is wrong.
        """
        folder = self.datasets / dataset_id
        if not (folder / "dataset.yaml").exists():
            raise DefinitionError(
                f"There is no dataset «{dataset_id}» in {self.datasets}. There are: {', '.join(self.ids())}."
            )
        if not _ID.fullmatch(dataset_id):
            raise DefinitionError(f"{folder}: a dataset's folder is its id: small letters a–z, digits, single hyphens.")
        if dataset_id in TAKEN:
            raise DefinitionError(f"{folder}: portals use the name «{dataset_id}» themselves. Give the folder another.")
        document = load_yaml(folder / "dataset.yaml")
        check_words(document)
        schemas = {name: read_table_schema(self.schemas / f"{name}.schema.json") for name in document.value["tables"]}
        dataset = _dataset(folder, document, schemas, read_publisher(self.datasets))
        check_dataset(dataset, document)
        refuse_shared_names(dataset_id, self.datasets.glob("*/dataset.yaml"))
        return dataset

    @staticmethod
    def require_id(name: str) -> None:
        """See to it that a package's name can be a dataset's.

        Raises:
            DefinitionError: it cannot.
        """
        if not _ID.fullmatch(name):
            raise DefinitionError(
                f"«{name}» cannot be a dataset's id: expected lower-case letters, digits and single hyphens. "
                "Give the package such a name on CKAN first."
            )

    def begin(self, package: ForeignPackage) -> tuple[Path, ...]:
        """Write a first definition of a package that people made; return the files.

        Raises:
            DefinitionError: its name cannot be a dataset's, or a file is there already; nothing was written.
        """
        self.require_id(package.name)
        return draft(package, datasets=self.datasets, schemas=self.schemas)

    def domain_of(self, dataset_id: str) -> str | None:
        """Return a dataset's domain without checking the rest of its definition; None where it cannot be read."""
        return outline(self.datasets / dataset_id / "dataset.yaml").domain


def _dataset(folder: Path, document: Document, schemas: Mapping[str, Any], publisher: Publisher) -> Dataset:
    words = document.value
    return Dataset(
        id=folder.name,
        folder=folder,
        title=parse.text(words["title"]),
        description=parse.text(words["description"]),
        coverage=parse.text(words["coverage"]),
        limitations=tuple(parse.text(t) for t in words["limitations"]),
        keywords=tuple(parse.text(t) for t in words["keywords"]),
        themes=tuple(words["themes"]),
        licence=words["licence"],
        contact=Contact(parse.text(words["contact"]["name"]), words["contact"]["email"]),
        publisher=publisher,
        domain=words["domain"],
        rhythm=words["rhythm"],
        release=words["release"],
        keep_raw=words["keep_raw"],
        retention_days=words["retention_days"],
        sources={
            name: _patterned(document, ("sources", name), parse.source, name, w) for name, w in words["sources"].items()
        },
        codelists={name: CodeListUse(**use) for name, use in words.get("codelists", {}).items()},
        tables=tuple(
            cast(
                "Table",
                _patterned(document, ("tables", name), parse.table, name, w, schemas[name]),
            )
            for name, w in words["tables"].items()
        ),
        transform=_transform(folder / "transform.py"),
        definition_sha256=_definition_hash(folder, schemas),
        sample_sha256s=frozenset(
            known for file in (folder / "sample").rglob("*") if file.is_file() for known in sample_sha256s_of(file)
        ),
        sample_is_real=words.get("sample_is_real"),
    )


def _patterned(document: Document, path: tuple[str, ...], reader: Any, *arguments: Any) -> Any:
    """Call a reader that compiles regular expressions, and say where a wrong one stands."""
    try:
        return reader(*arguments)
    except re.error as error:
        raise DefinitionError(
            f"{document.file}:{document.line(path)}: {'.'.join(path)}: a regular expression is wrong: {error.msg}."
        ) from None


def _transform(file: Path) -> Transform | None:
    if not file.exists():
        return None
    spec = importlib.util.spec_from_file_location(f"apendata_transform_{file.parent.name.replace('-', '_')}", file)
    if spec is None or spec.loader is None:
        raise DefinitionError(f"{file}: this is not a Python file.")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # noqa: BLE001 (not our code: whatever it raises, it is told by its kind)
        raise DefinitionError(
            f"{file}: it cannot be imported ({type(error).__name__}). Run it with Python to see why."
        ) from None
    if not callable(getattr(module, "transform", None)):
        raise DefinitionError(f"{file}: there is no function `transform(tables)` in it.")
    return cast("Transform", module.transform)


def _definition_hash(folder: Path, schemas: Mapping[str, Any]) -> str:
    digest = hashlib.sha256()
    for file in (folder / "dataset.yaml", folder / "transform.py", folder.parent / PUBLISHER):
        digest.update(file.read_bytes() if file.exists() else b"")
        digest.update(b"\0")
    for name in sorted(schemas):
        digest.update(repr((name, schemas[name])).encode())
    return digest.hexdigest()
