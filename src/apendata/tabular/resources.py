"""What is validated: one file with its schema, or all tables of a Data Package."""

import json
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from apendata.errors import DefinitionError, SourceError, SourceMissing, SourceUnreadable
from apendata.tabular.dialect import Dialect, read_dialect
from apendata.tabular.listed import Listed
from apendata.tabular.schema import Schema, read_schema
from apendata.tabular.stored import Part, alike, part_of

_MISSING: Final = (FileNotFoundError, NotADirectoryError)


@dataclass(frozen=True, eq=False)
class Resource:
    """One table and what it must obey."""

    name: str
    parts: tuple[Part, ...]
    """Its files; almost always one."""
    schema: Schema
    dialect: Dialect

    @property
    def place(self) -> str:
        """Where it lies, in Frictionless' words."""
        return _place([part.place for part in self.parts])


@dataclass(frozen=True, eq=False)
class Unusable:
    """A table of a package that cannot be opened; the others are judged all the same."""

    name: str
    place: str
    error: Listed


Package = Mapping[str, Resource | Unusable]
"""The tables of a package by their names."""


def one_file(path: Path, schema: Path, dialect: Path | None, encoding: str) -> Resource:
    """The resource of one file on the command line.

    Raises:
        SourceMissing: a file does not exist.
        SourceUnreadable: it is no file, or may not be looked at.
        DefinitionError: schema or dialect are not JSON, or the file's format is not read.
    """
    words = read_json(dialect, "dialect") if dialect else {}
    parts = (_part(path, str(path), {}),)
    name = path.stem if not parts[0].compression else Path(path.stem).stem
    return _resource(name.lower(), parts, schema=read_json(schema, "schema"), dialect=words, encoding=encoding)


def of_package(path: Path) -> Package:
    """The tables of a Data Package, in its order; one without a file or a schema is told beside the others.

    Raises:
        SourceMissing: the descriptor, a schema or a dialect does not exist.
        SourceUnreadable: it cannot be read.
        DefinitionError: it is not what the standard says, or two tables have one name.
    """
    package = read_json(path, "package")
    resources = package.get("resources")
    if not isinstance(resources, list) or not resources:
        raise DefinitionError(f"{path}: a Data Package has a list of resources; none was found.")
    found: dict[str, Resource | Unusable] = {}
    for words in resources:
        resource = _of_descriptor(path, words, package)
        if resource.name in found:
            raise DefinitionError(
                f"{path}: two resources have the name «{resource.name}», by which foreign keys and the report mean one "
                "of them. Give each a name of its own."
            )
        found[resource.name] = resource
    return found


def read_json(path: Path, what: str) -> dict[str, Any]:
    """Read a descriptor.

    Raises:
        SourceMissing: there is no such file.
        SourceUnreadable: it cannot be read.
        DefinitionError: it is no JSON object.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        kind = SourceMissing if isinstance(error, _MISSING) else SourceUnreadable
        raise kind(f"{path}: the {what} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise DefinitionError(f"{path}: the {what} is no JSON document in UTF-8.") from None
    if not isinstance(found, dict):
        raise DefinitionError(f"{path}: the {what} must be a JSON object.")
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise DefinitionError(f"{path}: the {what} holds half of a character (a lone surrogate).") from None
    return found


def _of_descriptor(package: Path, words: object, whole: Mapping[str, Any]) -> Resource | Unusable:
    if not isinstance(words, dict) or not isinstance(words.get("name"), str):
        raise DefinitionError(f"{package}: every resource must be an object with a name.")
    name = words["name"]
    paths = _paths(package, words)
    files = [(_inside(package, path, name), path) for path in paths]
    schema = _referenced(package, words.get("schema"), name, "schema")
    dialect = _referenced(package, words.get("dialect"), name, "dialect") or {}
    if schema is None:
        note = "the resource has no schema; nothing is inferred: declare one"
        return Unusable(name, _place(paths), Listed("schema-error", note, "schema-error"))
    if "$schema" in whole and "$schema" not in schema and _is_v2(whole["$schema"]):
        schema = {"$schema": "https://datapackage.org/profiles/2.0/tableschema.json", **schema}
    try:
        parts = alike([_part(file, path, words) for file, path in files])
    except SourceError as error:
        return Unusable(name, _place(paths), Listed("scheme-error", error.message, "scheme-error"))
    encoding = str(words.get("encoding", "utf-8"))
    return _resource(name, parts, schema=schema, dialect=dialect, encoding=encoding)


def _paths(package: Path, words: Mapping[str, Any]) -> list[str]:
    """The files of a resource: one path or several (Data Package), or one and ``extrapaths`` (Frictionless)."""
    path, further = words.get("path"), words.get("extrapaths", [])
    paths = [*(path if isinstance(path, list) else [path]), *(further if isinstance(further, list) else [further])]
    if not paths or not all(isinstance(path, str) for path in paths):
        raise DefinitionError(f"{package}: resource «{words['name']}»: expected a path to a file beside the package.")
    return paths


def _is_v2(profile: object) -> bool:
    return isinstance(profile, str) and "/profiles/2." in profile


def _referenced(package: Path, words: object, name: str, what: str) -> dict[str, Any] | None:
    """A schema or dialect: written in place, or the path of a file beside the package."""
    if words is None or isinstance(words, dict):
        return words
    if not isinstance(words, str):
        raise DefinitionError(f"{package}: resource «{name}»: the {what} must be an object or a path.")
    return read_json(_inside(package, words, name), what)


def _inside(package: Path, path: str, name: str) -> Path:
    """A file of the package. One that points out of its folder could read any file of this machine."""
    folder = package.parent.resolve()
    file = (folder / path).resolve()
    if "://" in path or not file.is_relative_to(folder):
        raise DefinitionError(f"{package}: resource «{name}»: «{path}» is no file beside or below the package.")
    return file


def _place(paths: Sequence[str]) -> str:
    return paths[0] + (" (multipart)" if len(paths) > 1 else "")


def _part(path: Path, place: str, words: Mapping[str, Any]) -> Part:
    try:
        mode = path.stat().st_mode
    except _MISSING:
        raise SourceMissing(f"{place}: there is no such file.") from None
    except OSError as error:
        raise SourceUnreadable(f"{place}: it cannot be read: {error.strerror}.") from None
    if not stat.S_ISREG(mode):
        raise SourceUnreadable(f"{place}: this is no file; a folder or a device cannot be validated.")
    return part_of(path, place, words)


def _resource(
    name: str, parts: tuple[Part, ...], *, schema: dict[str, Any], dialect: dict[str, Any], encoding: str
) -> Resource:
    read = read_dialect(dialect, encoding=encoding, delimiter="\t" if parts[0].format == "tsv" else ",")
    return Resource(name, parts, read_schema(schema), read)
