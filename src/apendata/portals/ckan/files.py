"""Where a release's files lie: in the lake's public tree, or in an archive package. Never replaced, only pointed to."""

from collections.abc import Container, Iterable, Mapping
from contextlib import suppress
from typing import Any, Final, Protocol

from apendata.errors import PortalConflict, PortalRefused
from apendata.model import FileRef, Version
from apendata.portals.ckan import names
from apendata.portals.ckan.answers import Answer, Denied, LostMatch, Missing, TooMuch, Unsure
from apendata.portals.ckan.api import Api
from apendata.portals.ckan.datastore import ROUNDS
from apendata.portals.ckan.packages import Package, Packages
from apendata.portals.ckan.wanted import WantedPackage, WantedResource

_ROLE: Final = "archive"


class Files(Protocol):
    """A place for files."""

    def address(self, version: Version, file: FileRef) -> str:
        """Return where a version's file lies, or will lie; the same for ever."""
        ...

    def put(self, wanted: WantedPackage) -> None:
        """See to it that every file lies at its address, byte for byte, before a reader is sent there.

        Raises:
            PortalRefused: it does not.
            Answer: CKAN refused, or its patience is at an end.
        """
        ...


class LinkedFiles:
    """The lake's public tree, which a web server shows at the release's address."""

    def __init__(self, public: Api, base_url: str) -> None:
        self._public = public
        self._base_url = base_url

    def address(self, version: Version, file: FileRef) -> str:
        return f"{self._base_url}{version.dataset}/v{version.number}/{file.path}"

    def put(self, wanted: WantedPackage) -> None:
        for resource in wanted.resources:
            url = self.address(resource.version, resource.ref)
            if not self._is_there(url, resource.ref):
                raise PortalRefused(
                    f"{url} does not give the file that is to be released. CKAN would lead readers there. Let the web "
                    "server show the lake's public tree at APENDATA_BASE_URL, following links, without a log-in."
                )

    def _is_there(self, url: str, ref: FileRef) -> bool:
        try:
            return is_there(self._public, url, ref)
        except Answer as answer:
            told = "CKAN leads readers there: see to the web server that shows the public tree at APENDATA_BASE_URL."
            answer.args = (f"{answer} {told}",)
            raise


class UploadedFiles:
    """An archive package that holds every version's files, one resource each, whose id is computed from its bytes."""

    def __init__(self, public: Api, packages: Packages, url: str) -> None:
        self._public = public
        self._packages = packages
        self._url = url

    def address(self, version: Version, file: FileRef) -> str:
        id_ = _id(version, file)
        return f"{download(self._url, names.archive_name(version.dataset), id_)}/{file.path}"

    def put(self, wanted: WantedPackage) -> None:
        archive = self._archive(wanted)
        there = {str(r.get("id")) for r in archive.get("resources") or []}
        for resource in wanted.resources:
            url = self.address(resource.version, resource.ref)
            if _id(resource.version, resource.ref) in there and is_there(self._public, url, resource.ref):
                continue
            self._upload(resource, wanted)
            if not is_there(self._public, url, resource.ref):
                raise PortalRefused(f"{url} does not give the file that was uploaded to it. Is CKAN's disk full?")

    def prune(self, dataset: str, keep: Iterable[Version]) -> frozenset[str]:
        """Take all files but those that these versions have now away; return the addresses where they lay.

        Off CKAN's disk first (``clear_upload``), then their resources out of the archive. A version that stays may have
        lost a file too: the list of changes that repeats what was withdrawn.
        """
        went: set[str] = set()
        kept = {_id(version, file) for version in keep for file in version.files}
        for _ in range(ROUNDS):
            archives = self._packages.of_role(dataset, _ROLE, names.archive_name(dataset))
            found = {str(a["id"]): [r for r in a.get("resources") or [] if _goes(r, kept)] for a in archives}
            if not any(found.values()):
                return frozenset(went)
            for archive in archives:
                went |= {download(self._url, str(archive["name"]), str(r["id"])) for r in found[str(archive["id"])]}
                with suppress(LostMatch, Unsure):  # done or not: the next look tells
                    self._clear(archive, found[str(archive["id"])])
        raise PortalConflict(f"{dataset}: its archive on CKAN is being changed by others. Run again.")

    def _clear(self, archive: Package, found: list[Mapping[str, Any]]) -> None:
        if not found:
            return
        self._packages.require_home(archive)
        full = [resource for resource in found if resource.get("url_type") == "upload"]
        if full:
            emptied = {"clear_upload": True, "url": f"{self._url}dataset/{archive['name']}", "url_type": ""}
            words = {f"update__resources__{resource['id']}": emptied for resource in full}
            archive = self._packages.revise(archive, **words)
        self._packages.revise(archive, filter=[f"-resources__{resource['id']}" for resource in found])

    def _archive(self, wanted: WantedPackage) -> Package:
        """The archive, public: what is in it is released, or about to be; nobody is sent there before the flip."""
        name = names.archive_name(wanted.dataset)
        archive = self._packages.keep(wanted.dataset, _ROLE, name, f"{wanted.text['title']} (arkiv)")
        if archive.get("private") or archive.get("state") != "active":
            notes = "Alle utgitte filer, versjon for versjon. / Every released file, version by version."
            self._packages.revise(archive, update={"private": False, "state": "active", "notes": notes})
        return self._packages.show(name) or archive

    def _upload(self, resource: WantedResource, wanted: WantedPackage) -> None:
        name = names.archive_name(wanted.dataset)
        for _ in range(ROUNDS):
            archive = self._packages.show(name) or self._archive(wanted)
            try:
                self._send(archive, resource)
            except (LostMatch, Unsure):  # perhaps done: the next look tells
                if is_there(self._public, self.address(resource.version, resource.ref), resource.ref):
                    return
                continue
            return
        raise PortalConflict(f"{wanted.dataset}: its archive on CKAN is being changed by others. Run again.")

    def _send(self, archive: Package, resource: WantedResource) -> None:
        version, file = resource.version, resource.ref
        fields = {
            "id": _id(version, file),
            "name": f"{version.number} {file.path}",
            "format": resource.release["format"],
            "apendata_version": str(version.number),
            "apendata_sha256": file.sha256,
        }
        with (version.folder / file.path).open("rb") as stream:
            self._packages.upload(archive, fields, file.path, stream)


def is_there(public: Api, url: str, file: FileRef) -> bool:
    """Whether somebody without a token gets a file's bytes at an address.

    Raises:
        Answer: any but Missing and Denied. A server that is down, a certificate that nobody vouches for, or more bytes
            than we read tell nothing of what lies there.
    """
    try:
        return public.fetch(url) == (file.sha256, file.bytes)
    except (Missing, Denied):
        return False


def download(url: str, package: str, resource: str) -> str:
    """Return the lasting address of a resource's newest file. ``url``: of the portal."""
    return f"{url}dataset/{package}/resource/{resource}/download"


def is_fetched(public: Api, url: str) -> bool:
    """Whether somebody without a token gets anything at an address.

    Raises:
        Answer: that tells neither.
    """
    try:
        with suppress(TooMuch):  # there is something, and much of it
            public.fetch(url)
    except (Missing, Denied):
        return False
    return True


def _goes(resource: Mapping[str, Any], kept: Container[str]) -> bool:
    """A person's own resource in the archive is hers."""
    return resource.get("id") not in kept and names.is_computed(str(resource.get("id")))


def _id(version: Version, file: FileRef) -> str:
    return names.archived_id(version.descriptor["id"], str(version.number), file.path, file.sha256)
