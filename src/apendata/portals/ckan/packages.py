"""Packages: found also when they were renamed, made private, and changed by one ``package_revise`` that is matched."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from apendata.errors import PortalForbidden, PortalRefused
from apendata.portals.ckan import names
from apendata.portals.ckan.answers import Denied, Invalid, LostMatch, Missing, Unsure
from apendata.portals.ckan.api import Api
from apendata.portals.ckan.fields import (
    WRITTEN,
    Path,
    as_extras,
    extras_of,
    hashes_of_tombstone,
    is_our_extra,
    is_tombstone,
    live_fields,
    our_resources,
    wanted_fields,
    written_hashes,
)
from apendata.portals.ckan.merge import Merge, Sides, hashes_to_write, merge, same
from apendata.portals.ckan.rights import organizations
from apendata.portals.ckan.wanted import WantedPackage

Package = Mapping[str, Any]
_MOST_FOUND: Final = 100
_NOTES: Final = ("notes",)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a package needs to be as wanted."""

    package: Package | None
    """As it was read."""
    merged: Merge
    drop: tuple[str, ...]
    """Resources of ours that no version has any more."""

    @property
    def is_needed(self) -> bool:
        """Whether anything would be written."""
        return bool(self.merged.write or self.drop)


def decide(package: Package | None, wanted: WantedPackage, *, take_ours: bool, standing: bool) -> Decision:
    """Compare a package with what a release wants of it; pure."""
    live = live_fields(package) if package else {}
    fields = wanted_fields(wanted)
    files = {resource.id: resource.file for resource in wanted.resources}
    written = written_hashes(package or {}, wanted.anchor.id)
    if is_tombstone(package or {}):
        # Its notes say that nothing stands here: nobody's description, whoever wrote the one before.
        written = {path: sha for path, sha in hashes_of_tombstone(package or {}).items() if (path,) != _NOTES}
        take_ours, live[_NOTES] = take_ours or not written, None
    sides = Sides(live, written, files, dataset=wanted.dataset, standing=standing)
    merged = merge(sides, fields, take_ours=take_ours)
    mark: Path = ("resources", wanted.anchor.id, WRITTEN)
    marked = merge(sides, {**fields, mark: hashes_to_write(merged, fields, written)}, take_ours=take_ours)
    drop = tuple(sorted(id_ for id_ in our_resources(package or {}, wanted.ever) if id_ not in files))
    return Decision(package, marked, drop)


class Packages:
    """The packages of one organisation."""

    def __init__(self, api: Api, organization: str) -> None:
        self._api = api
        self._organization = organization

    def find(self, wanted: WantedPackage, *, take_ours: bool = False) -> Package | None:
        """Return the dataset's package, by its name or, where it was renamed, by its descriptor's resource.

        Args:
            wanted: of the release.
            take_ours: take over a package that apendata did not make.

        Raises:
            PortalRefused: a package of that name is there, and is not ours.
            Answer: CKAN cannot be asked.
        """
        package = self.show(wanted.name)
        if package is None or _mark(package) != wanted.dataset:
            found = self.by_resource(wanted.anchor.id)
            if found is None and package is not None and not take_ours:
                raise PortalRefused(
                    f"CKAN has a package «{wanted.name}» that apendata did not make. `apendata import {wanted.name}` "
                    f"makes a definition of it, and `apendata publish {wanted.name} --take ours` then takes it over: "
                    "its texts become the definition's, and the resources that people made stay."
                )
            package = found or package
        return package

    def show(self, name: str) -> Package | None:
        """Return a package, or None where there is none of that name."""
        try:
            package: Package = self._api.read("package_show", id=name)
        except (Missing, Denied):
            return None
        return package

    def of_role(self, dataset: str, role: str, name: str) -> tuple[Package, ...]:
        """Return our packages of a dataset in a role, also renamed ones; never one that merely bears the name.

        Raises:
            Answer: CKAN cannot be asked.
        """
        found = {str(package["id"]): package for package in (self.show(name), *self._marked(dataset, role)) if package}
        return tuple(package for package in found.values() if is_of_role(package, dataset, role))

    def keep(self, dataset: str, role: str, name: str, title: str) -> Package:
        """Return our package of a role under its name, made or renamed where needed.

        Raises:
            PortalRefused: somebody else's package bears that name.
            LostMatch, Answer: as :meth:`revise`.
        """
        package = self.show(name)
        if package is None and (renamed := self.of_role(dataset, role, name)):
            package = self.revise(renamed[0], update={"name": name})
        if package is None:
            package = self.make(name, title, {names.MARK: dataset, names.ROLE: role})
        if not is_of_role(package, dataset, role):
            raise PortalRefused(
                f"CKAN has a package «{name}» that apendata did not make, and needs that name for «{dataset}». Nothing "
                "of it was changed. Give it another name on CKAN, then run again."
            )
        self.require_home(package)
        return package

    def require_home(self, package: Package) -> None:
        """See to it that we may write where a package stands: somebody may have moved it.

        Raises:
            PortalForbidden: it stands in an organisation where we may not.
            Answer: CKAN cannot be asked.
        """
        home = package.get("organization")
        name = str(home.get("name")) if isinstance(home, dict) else self._organization
        if name != self._organization and name not in organizations(self._api):
            raise PortalForbidden(
                f"«{package['name']}» stands in the organisation «{name}» on CKAN, where this token may write nothing. "
                f"Let CKAN's administrator move it back to «{self._organization}», or make the token's user an editor "
                f"of «{name}»."
            )

    def is_out_of_reach(self, resource: str) -> bool:
        """Tell whether a resource is there that we may not even see."""
        try:
            self._api.read("resource_show", id=resource)
        except Denied:
            return True
        except Missing:
            return False
        return False

    def make(self, name: str, title: str, extras: Mapping[str, str]) -> Package:
        """Make a private package without resources; readers do not see it."""
        try:
            made: Package = self._api.write(
                "package_create",
                name=name,
                title=title,
                owner_org=self._organization,
                private=True,
                extras=as_extras(extras),
            )
        except (Unsure, Invalid) as answer:  # made a moment ago, by us or another run: CKAN answers 500 where two meet
            found = self.show(name)
            if found is None and isinstance(answer, Invalid) and "name" in answer.errors:
                raise PortalRefused(
                    f"CKAN has a package «{name}» that this token may not see: a private one of another organisation. "
                    f"Let CKAN's administrator move it to «{self._organization}», or give it another name."
                ) from None
            if found is None:
                raise
            return found
        return made

    def revise(self, package: Package, **words: Any) -> Package:
        """Change a package, if it is still as it was read.

        Raises:
            LostMatch: it is not.
            Answer: CKAN refused; after Unsure it may have been done.
        """
        return self._matched(match=_match(package), **words)

    def upload(self, package: Package, fields: Mapping[str, Any], path: str, stream: BinaryIO) -> Package:
        """Put a file into a package, as a resource that is there or a new one, by one matched write.

        Raises:
            LostMatch, Answer: as :meth:`revise`.
        """
        known = any(resource.get("id") == fields["id"] for resource in package.get("resources") or [])
        new = {} if known else {"update__resources__extend": json.dumps([fields])}
        name = f"update__resources__{fields['id'] if known else -1}__upload"
        return self._matched(match=json.dumps(_match(package)), **new, files={name: (path, stream)})

    def _matched(self, **words: Any) -> Package:
        try:
            answer = self._api.write("package_revise", **words)
        except Invalid as refusal:
            if set(refusal.errors) == {"match"}:
                raise LostMatch("A package was changed by somebody else between our read and our write.") from None
            raise
        revised: Package = answer["package"]
        return revised

    def flip(self, decision: Decision, wanted: WantedPackage) -> Package:
        """Write everything that was decided in one transaction.

        Raises:
            LostMatch, Answer: as :meth:`revise`.
        """
        if decision.package is None:  # the private package of a new dataset: with the token's end we may not see it
            raise LostMatch("A package that stood there a moment ago is gone, or may no longer be seen.")
        return self.revise(decision.package, **_words(decision, wanted))

    def hide(self, wanted: WantedPackage) -> None:
        """Make a package private again; nothing happens where there is none.

        Raises:
            LostMatch, Answer: as :meth:`revise`.
        """
        package = self.show(wanted.name)
        if package is not None and not package.get("private"):
            self.revise(package, update={"private": True})

    def _marked(self, dataset: str, role: str) -> Iterator[Package | None]:
        """The search tells where to look only: it may be behind."""
        query = f'extras_{names.MARK}:"{dataset}" AND extras_{names.ROLE}:{role}'
        for package in self._api.read("package_search", fq=query, include_private=True, rows=_MOST_FOUND)["results"]:
            yield self.show(str(package["id"]))

    def by_resource(self, id_: str) -> Package | None:
        """Return the package that a resource stands in now, or None where there is no such resource."""
        try:
            resource = self._api.read("resource_show", id=id_)
        except (Missing, Denied):
            return None
        return self.show(str(resource.get("package_id")))


def _match(package: Package) -> dict[str, str]:
    """CKAN takes the package's row before it compares, so this is a true lock (measured)."""
    return {"id": package["id"], "metadata_modified": package["metadata_modified"]}


def _words(decision: Decision, wanted: WantedPackage) -> dict[str, Any]:
    """The words of one ``package_revise``: what leaves, what changes, what comes."""
    package, merged = decision.package or {}, decision.merged
    there = {str(resource.get("id")) for resource in package.get("resources") or []}
    update: dict[str, Any] = {
        path[0]: value for path, value in merged.write.items() if len(path) == 1 and path != ("tags",)
    }
    remove = [f"-resources__{id_}" for id_ in decision.drop] + list(_nested(package, merged))
    if ("tags",) in merged.write:
        remove.append("-tags")
        update["tags"] = [{"name": tag} for tag in wanted.tags]
    if any(path[0] == "extras" for path in merged.write):
        remove.append("-extras")
        update["extras"] = _extras(package, merged)
    changed = {
        f"update__resources__{id_}": fields
        for id_ in there
        if (fields := {path[2]: value for path, value in merged.write.items() if path[:2] == ("resources", id_)})
    }
    new = [
        {"id": r.id, **{path[2]: value for path, value in merged.result.items() if path[:2] == ("resources", r.id)}}
        for r in wanted.resources
        if r.id not in there
    ]
    extend = {"update__resources__extend": new} if new else {}
    # `filter` works first; a list in `update` would be merged into the old one by position.
    return {"filter": remove, "update": update, **changed, **extend}


def _nested(package: Package, merged: Merge) -> Iterator[str]:
    """Fields that somebody filled with a list or an object: CKAN would merge our text into it, and refuses that."""
    for resource in package.get("resources") or []:
        for name, value in resource.items():
            if isinstance(value, dict | list) and ("resources", str(resource.get("id")), name) in merged.write:
                yield f"-resources__{resource['id']}__{name}"


def _extras(package: Package, merged: Merge) -> list[dict[str, str]]:
    """The steward's own as they are, and ours as decided; one that she took away stays away."""
    hers = {key: value for key, value in extras_of(package).items() if not is_our_extra(key)}
    ours = {path[1]: value for path, value in merged.result.items() if path[0] == "extras"}
    return as_extras({**hers, **{key: value for key, value in ours.items() if not same(value, None)}})


def is_of_role(package: Package, dataset: str, role: str) -> bool:
    """Tell whether a package is ours in a role: by its marks or, where a form took them away, by its resources' ids."""
    if _mark(package) is None:
        return any(names.is_computed(str(resource.get("id"))) for resource in package.get("resources") or [])
    return _mark(package) == dataset and _mark(package, names.ROLE) == role


def _mark(package: Package, key: str = names.MARK) -> str | None:
    value = extras_of(package).get(key)
    return None if value is None else str(value)
