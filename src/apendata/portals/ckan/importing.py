"""A package that people made, read as far as CKAN tells of it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from apendata.errors import UsageError
from apendata.model import ForeignColumn, ForeignPackage, ForeignTable
from apendata.portals.ckan.answers import Missing
from apendata.portals.ckan.api import Api
from apendata.portals.ckan.dictionary import LiveField, live_fields
from apendata.portals.ckan.packages import Packages

_TYPES: Final = {
    "numeric": "number",
    "bigint": "integer",
    "int": "integer",
    "bool": "boolean",
    "date": "date",
    "timestamp": "datetime",
}


def foreign_package(api: Api, packages: Packages, name: str) -> ForeignPackage:
    """Read a package and the columns of its tables.

    Raises:
        UsageError: there is no such package, or none that we may see.
        Answer: CKAN cannot be asked.
    """
    package = packages.show(name)
    if package is None:
        raise UsageError(f"CKAN has no package «{name}» that this token may see.")
    return ForeignPackage(
        name=str(package["name"]),
        title=_text(package, "title"),
        description=_text(package, "notes"),
        keywords=tuple(str(tag["name"]) for tag in package.get("tags") or []),
        licence=_text(package, "license_id"),
        contact=_text(package, "maintainer") or _text(package, "author"),
        email=_text(package, "maintainer_email") or _text(package, "author_email"),
        tables=tuple(_tables(api, package)),
    )


def _tables(api: Api, package: Mapping[str, Any]) -> Iterator[ForeignTable]:
    for resource in package.get("resources") or []:
        fields = _fields(api, str(resource["id"])) if resource.get("datastore_active") else ()
        yield ForeignTable(
            title=_text(resource, "name") or "tabell",
            description=_text(resource, "description"),
            url=_text(resource, "url"),
            format=_text(resource, "format"),
            columns=tuple(_column(field) for field in fields),
            key=tuple(field.name for field in fields if field.indexed),
        )


def _fields(api: Api, resource: str) -> tuple[LiveField, ...]:
    try:
        return live_fields(api.read("datastore_info", id=resource))
    except Missing:
        return ()


def _column(field: LiveField) -> ForeignColumn:
    label = str(field.info.get("label") or field.name)
    return ForeignColumn(field.name, _TYPES.get(field.type, "string"), label, str(field.info.get("notes") or ""))


def _text(part: Mapping[str, Any], name: str) -> str:
    return str(part.get(name) or "")
