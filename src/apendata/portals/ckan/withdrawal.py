"""Empties CKAN of a dataset, proves from outside that nothing answers any more, and leaves a tombstone.

The order is CKAN's: a table whose resource was dropped first stays readable for everybody, and nobody can remove it by
the API any more (measured). So files and tables go while their resources are there, and the resources after them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from apendata.errors import PortalConflict, PortalForbidden, PortalNotEmptied
from apendata.model import Version, Withdrawal
from apendata.portals.ckan import names
from apendata.portals.ckan.answers import Answer, Denied, Invalid, LostMatch, Missing, Unknown, Unsure
from apendata.portals.ckan.api import Api
from apendata.portals.ckan.datastore import ROUNDS, Loader
from apendata.portals.ckan.fields import (
    TOMBSTONE,
    WRITTEN,
    as_extras,
    extras_of,
    hashes_for_tombstone,
    our_resources,
    stays_on_a_tombstone,
)
from apendata.portals.ckan.files import UploadedFiles, download, is_fetched
from apendata.portals.ckan.packages import Package, Packages, is_of_role
from apendata.portals.ckan.wanted import DESCRIPTOR


class Emptier:
    """Removes what apendata put on one CKAN."""

    def __init__(self, public: Api, packages: Packages, loader: Loader, *, files: UploadedFiles, url: str) -> None:
        self._public = public
        self._packages = packages
        self._loader = loader
        self._files = files
        self._url = url

    def empty(self, withdrawal: Withdrawal, versions: Sequence[Version]) -> None:
        """Remove all tables, files and resources of a dataset and leave a tombstone.

        Args:
            withdrawal: of the whole dataset.
            versions: all that it has or had: a table that only an old one had may stand there yet, and may have lost
                its marks to a steward's form.

        Raises:
            PortalConflict: others change the package each time that we look.
            PortalNotEmptied: something can still be read.
            PortalForbidden: something stands where we may do nothing.
            Answer: CKAN refused, or its patience is at an end.
        """
        dataset, known = withdrawal.dataset, frozenset(known_ids(versions))
        names_ = {"staging": names.staging_name(dataset), "dataset": names.package_name(dataset)}
        emptied = [self._empty_package(role, name, known, withdrawal) for role, name in names_.items()]
        ids = known.union(*emptied)
        pruned = self._files.prune(dataset, ())
        if any(self._packages.is_out_of_reach(id_) for id_ in (*ids, *archived_ids(versions))):
            raise PortalForbidden(
                f"{dataset}: a part of it was moved to another organisation on CKAN and is private there, so "
                "nobody reads it now, and this token cannot remove it. Let CKAN's administrator move it back, or purge "
                "it with its tables; then run again."
            )
        prove(dataset, chain(self._answers(dataset, ids), uploaded(self._public, self._files, versions, pruned)))

    def _empty_package(self, role: str, name: str, known: frozenset[str], withdrawal: Withdrawal) -> set[str]:
        emptied: set[str] = set()
        for _ in range(ROUNDS):
            package = self._package(role, name, known, withdrawal)
            if package is None:
                return emptied
            self._packages.require_home(package)
            ours = our_resources(package, known)
            emptied |= ours  # also of a round whose answer was lost: each is asked for from outside
            for id_ in sorted(ours):
                self._loader.remove(id_)
            if not ours and _is_tombstone(package, withdrawal):
                return emptied
            try:
                self._packages.revise(package, **_tombstone(package, ours, withdrawal))
            except (LostMatch, Unsure):
                continue
            return emptied
        raise PortalConflict(f"{withdrawal.dataset}: its package on CKAN is being changed by others. Run again.")

    def _package(self, role: str, name: str, known: Iterable[str], withdrawal: Withdrawal) -> Package | None:
        """Ours, also where it was renamed; one that merely bears its name is somebody else's."""
        package = self._packages.show(name)
        if package is not None and is_of_role(package, withdrawal.dataset, role):
            return package
        homes = (self._packages.by_resource(id_) for id_ in sorted(known)) if role == "dataset" else ()
        found = next((home for home in homes if home is not None), None)
        return found or next(iter(self._packages.of_role(withdrawal.dataset, role, name)), None)

    def _answers(self, dataset: str, ids: Iterable[str]) -> Iterator[str]:
        """Yield what still gives something to somebody without a token."""
        for id_ in sorted(ids):
            asked: dict[str, Mapping[str, Any]] = {
                "datastore_search": {"resource_id": id_, "limit": 1},
                "datastore_search_sql": {"sql": f'SELECT * FROM "{id_}" LIMIT 1'},  # noqa: S608 (an id that we computed)
                "resource_show": {"id": id_},
            }
            yield from (f"{action} {id_}" for action, data in asked.items() if _gives(self._public, action, data))
            for url in (download(self._url, dataset, id_), f"{self._url}datastore/dump/{id_}"):
                if is_fetched(self._public, url):
                    yield url


def uploaded(
    public: Api, files: UploadedFiles, versions: Iterable[Version], pruned: Iterable[str] = ()
) -> Iterator[str]:
    """Yield where somebody without a token still gets an uploaded file of versions that are gone.

    Args:
        public: CKAN without a token.
        files: the archive; asked also where files are linked now, for they may have been uploaded before.
        versions: that are gone, as they were.
        pruned: addresses where files lay until now; of a descriptor as it was before it was mended, for one.
    """
    yield from (url for url in sorted(pruned) if is_fetched(public, url))
    for version in versions:
        addresses = (files.address(version, file) for file in version.files)
        yield from (url for url in addresses if is_fetched(public, url))


def prove(dataset: str, answers: Iterable[str]) -> None:
    """See that nothing of what was withdrawn answers any more. ``answers``: what still does, as it is asked.

    Raises:
        PortalNotEmptied: something does; also where another question had no answer, for that is the lesser news.
        Answer: CKAN cannot be asked, and nothing is known to answer.
    """
    still: list[str] = []
    doubt = ""
    try:
        for place in answers:  # one by one: what was found stays found when the next question fails
            still.append(place)  # noqa: PERF402
    except Answer as answer:
        if not still:
            raise
        doubt = f" There may be more: {answer}"
    if still:
        raise PortalNotEmptied(
            f"{dataset}: withdrawn, but these still answer to everybody: {'; '.join(still[:10])}. Ask CKAN's "
            f"administrator to remove them from the DataStore's database and from the disk.{doubt}"
        )


def known_ids(versions: Sequence[Version]) -> Iterator[str]:
    """Yield the ids that a dataset's resources have or ever had, whatever CKAN shows of them."""
    files = {file.path for version in versions for file in version.files}
    generations = max(version.number.major for version in versions)
    for lasting in {version.descriptor["id"] for version in versions}:
        yield from names.resource_ids(lasting, files, generations)


def archived_ids(versions: Iterable[Version]) -> Iterator[str]:
    """Yield an id that each version has in the archive, where files are uploaded: its descriptor's, as all have one."""
    for version in versions:
        for file in version.files:
            if file.path == DESCRIPTOR:
                yield names.archived_id(version.descriptor["id"], str(version.number), file.path, file.sha256)


def _is_tombstone(package: Package, withdrawal: Withdrawal) -> bool:
    extras = extras_of(package)
    return extras.get(TOMBSTONE) == withdrawal.at or bool(extras.get(names.ROLE) == "staging")


def _tombstone(package: Package, ours: Iterable[str], withdrawal: Withdrawal) -> dict[str, Any]:
    remove = [f"-resources__{id_}" for id_ in sorted(ours)]
    extras = extras_of(package)
    if extras.get(names.ROLE) == "staging":
        return {"filter": remove}
    kept = {key: value for key, value in extras.items() if stays_on_a_tombstone(key)}
    marks = {
        names.MARK: withdrawal.dataset,
        names.ROLE: "dataset",
        TOMBSTONE: withdrawal.at,
        WRITTEN: hashes_for_tombstone(package),
    }
    notes = (
        f"**Trukket tilbake {withdrawal.at[:10]}.** Begrunnelse: {withdrawal.because}\n\n"
        f"**Withdrawn {withdrawal.at[:10]}.** Reason: {withdrawal.because}"
    )
    update = {
        "notes": notes,
        "version": "",
        "extras": as_extras({**kept, **marks, "apendata_because": withdrawal.because}),
    }
    return {"filter": [*remove, "-extras"], "update": update}


def _gives(public: Api, action: str, data: Mapping[str, Any]) -> bool:
    try:
        public.read(action, **data)
    except (Missing, Unknown, Denied, Invalid):  # anything else proves nothing. Unknown: SQL is off on most CKANs
        return False
    return True
