"""A package as a flat list of fields, the same for what stands on CKAN and for what a release wants.

A field's path is ``("title",)``, ``("extras", "title_en")`` or ``("resources", id, "url")``. Everything that compares,
plans, merges and writes works on these; only this module knows how CKAN nests them.
"""

import json
import re
from collections.abc import Container, Iterable, Mapping
from typing import Any, Final

from apendata.model import Owner
from apendata.portals.ckan import names
from apendata.portals.ckan.changelog import PREFIX
from apendata.portals.ckan.wanted import WantedPackage

Path = tuple[str, ...]
Fields = Mapping[Path, Any]

WRITTEN: Final = "apendata_written"
"""The field of the descriptor's resource, or the extra of a tombstone, which has no resource, that holds a hash of each
text as apendata wrote it last."""
TOMBSTONE: Final = "apendata_withdrawn"
"""The extra of a package that was emptied: when. Its notes are the tombstone's, so a later release replaces them."""
_OF_A_VERSION: Final = re.compile(re.escape(PREFIX) + r"\d{4}-\d{2}-\d{2} \(\d")
_TAGS: Final = ("tags",)
_BETWEEN_TAGS: Final = ", "
_PACKAGE: Final = ("title", "notes", "license_id", "author", "maintainer", "maintainer_email", "url")
_TEXT_EXTRAS: Final = frozenset({"title_en", "keywords_en", "frequency", "publisher_name", "publisher_uri"})
_RESOURCE_TEXTS: Final = frozenset({"name", "description"})


def wanted_fields(wanted: WantedPackage) -> dict[Path, Any]:
    """Return every field that a release wants."""
    found: dict[Path, Any] = {(name,): value for name, value in {**wanted.text, **wanted.release}.items()}
    found[("name",)] = wanted.name
    found[_TAGS] = _BETWEEN_TAGS.join(wanted.tags)
    found |= {("extras", key): value for key, value in {**wanted.extra_texts, **wanted.extras}.items()}
    for resource in wanted.resources:
        for name, value in {**resource.text, **resource.release}.items():
            found["resources", resource.id, name] = value
    return found


def live_fields(package: Mapping[str, Any]) -> dict[Path, Any]:
    """Return every field of a package as ``package_show`` or ``package_search`` gave it; no field of it is trusted."""
    found: dict[Path, Any] = {(name,): package.get(name) for name in (*_PACKAGE, "version", "private", "state", "name")}
    found[_TAGS] = _BETWEEN_TAGS.join(sorted(str(tag.get("name")) for tag in package.get("tags") or []))
    found |= {("extras", key): value for key, value in extras_of(package).items()}
    for resource in package.get("resources") or []:
        for name, value in resource.items():
            found["resources", str(resource.get("id")), name] = value
    return found


def owner(path: Path) -> Owner:
    """Return who decides what stands in a field that a release wants, or that looks like one of ours."""
    match path:
        case ("extras", key):
            return Owner.TEXT if key in _TEXT_EXTRAS else Owner.RELEASE if is_our_extra(key) else Owner.STEWARD
        case ("resources", _, name):
            return Owner.TEXT if name in _RESOURCE_TEXTS else Owner.RELEASE
        case (name,):
            return Owner.TEXT if name in _PACKAGE or path == _TAGS else Owner.RELEASE
    return Owner.STEWARD


def is_our_extra(key: str) -> bool:
    """Whether an extra is apendata's by its key: the steward's own have other ones."""
    return key.startswith("apendata_") or _OF_A_VERSION.match(key) is not None or key in _TEXT_EXTRAS


def stays_on_a_tombstone(key: str) -> bool:
    """Whether an extra says what the dataset was, or is the steward's own: neither tells of what was withdrawn."""
    return key in _TEXT_EXTRAS or not is_our_extra(key)


def our_resources(package: Mapping[str, Any], ever: Container[str]) -> frozenset[str]:
    """Return the ids of apendata's resources: they name a release or, where a form wiped that, have one of our ids.

    Args:
        package: as CKAN shows it.
        ever: the ids of all resources that the dataset has or had.
    """
    resources = {str(resource.get("id")): resource for resource in package.get("resources") or []}
    return frozenset(id_ for id_, resource in resources.items() if names.RELEASE in resource or id_ in ever)


def written_hashes(package: Mapping[str, Any], anchor: str) -> Mapping[str, str]:
    """Return path (joined by dots) → hash of the text that apendata wrote last; empty where that is lost."""
    resource: Mapping[str, Any] = next((r for r in package.get("resources") or [] if r.get("id") == anchor), {})
    return _hashes(resource.get(WRITTEN))


def is_tombstone(package: Mapping[str, Any]) -> bool:
    """Whether a package was emptied and nothing was released there since."""
    return TOMBSTONE in extras_of(package)


def hashes_of_tombstone(package: Mapping[str, Any]) -> Mapping[str, str]:
    """Return what :func:`written_hashes` gave when the package was emptied, of its own texts."""
    return _hashes(extras_of(package).get(WRITTEN))


def hashes_for_tombstone(package: Mapping[str, Any]) -> str:
    """Return the value of a tombstone's :data:`WRITTEN`: a person's title must be known for hers when it is ended."""
    resources: Iterable[Mapping[str, Any]] = package.get("resources") or []
    found = next(
        (resource[WRITTEN] for resource in resources if resource.get(WRITTEN)), extras_of(package).get(WRITTEN)
    )
    own = {path: sha for path, sha in _hashes(found).items() if not path.startswith("resources.")}
    return json.dumps(own, sort_keys=True, separators=(",", ":"))


def extras_of(package: Mapping[str, Any]) -> dict[str, Any]:
    """Return a package's extras by their keys."""
    return {str(extra.get("key")): extra.get("value") for extra in package.get("extras") or []}


def as_extras(extras: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return extras as CKAN wants them."""
    return [{"key": key, "value": value} for key, value in extras.items()]


def _hashes(text: Any) -> Mapping[str, str]:
    try:
        hashes = json.loads(text or "{}")
    except (TypeError, ValueError):
        return {}
    return hashes if isinstance(hashes, dict) else {}


def place(path: Path, files: Mapping[str, str]) -> tuple[str, str]:
    """Return where a field stands and its name, as people are told. ``files``: resource id → file."""
    match path:
        case ("extras", key):
            return "dataset", key
        case ("resources", id_, name):
            return f"resource {files.get(id_, id_)}", name
    return "dataset", path[0]
