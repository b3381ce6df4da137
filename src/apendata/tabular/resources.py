"""What is validated: one file with its schema, or all tables of a Data Package."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apendata.errors import DefinitionError, SourceMissing
from apendata.tabular.dialect import Dialect, read_dialect
from apendata.tabular.schema import Schema, read_schema
from apendata.tabular.stored import Part, alike, part_of


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
        return self.parts[0].place + (" (multipart)" if len(self.parts) > 1 else "")


def one_file(path: Path, schema: Path, dialect: Path | None, encoding: str) -> Resource:
    """The resource of one file on the command line.

    Raises:
        SourceMissing: a file does not exist.
        DefinitionError: schema or dialect are not JSON, or the file's format is not read.
    """
    words = read_json(dialect, "dialect") if dialect else {}
    parts = (_part(path, str(path), {}),)
    name = path.stem if not parts[0].compression else Path(path.stem).stem
    return _resource(name.lower(), parts, schema=read_json(schema, "schema"), dialect=words, encoding=encoding)


def of_package(path: Path) -> tuple[Resource, ...]:
    """The tables of a Data Package, in its order.

    Raises:
        SourceMissing: a file does not exist.
        DefinitionError: the descriptor, a schema or a dialect is not what the standard says.
    """
    package = read_json(path, "package")
    resources = package.get("resources")
    if not isinstance(resources, list) or not resources:
        raise DefinitionError(f"{path}: a Data Package has a list of resources; none was found.")
    return tuple(_of_descriptor(path, resource, package) for resource in resources)


def read_json(path: Path, what: str) -> dict[str, Any]:
    """Read a descriptor.

    Raises:
        SourceMissing: there is no such file.
        DefinitionError: it is no JSON object.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SourceMissing(f"{path}: the {what} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise DefinitionError(f"{path}: the {what} is no JSON document in UTF-8.") from None
    if not isinstance(found, dict):
        raise DefinitionError(f"{path}: the {what} must be a JSON object.")
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise DefinitionError(f"{path}: the {what} holds half of a character (a lone surrogate).") from None
    return found


def _of_descriptor(package: Path, words: object, whole: Mapping[str, Any]) -> Resource:
    if not isinstance(words, dict) or not isinstance(words.get("name"), str):
        raise DefinitionError(f"{package}: every resource must be an object with a name.")
    name = words["name"]
    parts = alike([_part(_inside(package, path, name), path, words) for path in _paths(package, words)])
    schema = _referenced(package, words.get("schema"), name, "schema")
    if schema is None:
        raise DefinitionError(f"{package}: resource «{name}» has no schema. Nothing is inferred: declare one.")
    if "$schema" in whole and "$schema" not in schema and _is_v2(whole["$schema"]):
        schema = {"$schema": "https://datapackage.org/profiles/2.0/tableschema.json", **schema}
    dialect = _referenced(package, words.get("dialect"), name, "dialect") or {}
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


def _part(path: Path, place: str, words: Mapping[str, Any]) -> Part:
    if not path.is_file():
        raise SourceMissing(f"{place}: there is no such file.")
    return part_of(path, place, words)


def _resource(
    name: str, parts: tuple[Part, ...], *, schema: dict[str, Any], dialect: dict[str, Any], encoding: str
) -> Resource:
    read = read_dialect(dialect, encoding=encoding, delimiter="\t" if parts[0].format == "tsv" else ",")
    return Resource(name, parts, read_schema(schema), read)


def named(resources: Sequence[Resource]) -> Mapping[str, Resource]:
    """Resources by their names."""
    return {resource.name: resource for resource in resources}
