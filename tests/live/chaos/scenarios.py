"""The releases that are disturbed: a revision, a first one, one with a new resource, one with uploaded files."""

import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from apendata.model import Release, Version
from apendata.portals.ckan import CkanPortal
from apendata.portals.ckan.names import resource_id
from tests.live.chaos.reader import Reader, Whole
from tests.live.house import ROWS, House
from tests.live.portal import Caller, wipe
from tests.unit.lake import builders
from tests.unit.lake.builders import schema

REVISED = (*builders.revised(ROWS, 0, antall=13)[:-1], (2025, "0400", 3, None, Decimal("7.25"), "ny"))
"""A row changed, a row new, a row gone."""


@dataclass
class Scenario:
    """From a known state to a release, as often as one likes."""

    name: str
    house: House
    admin: Caller
    before: Version | None
    after: Version
    known: dict[str, Whole] = field(default_factory=dict)

    def start(self) -> None:
        """Bring CKAN to the state before; cheap where it is near it."""
        if self.before is None:
            wipe(self.admin)
            return
        self._portal().publish(self._release(self.before, standing=None), take_ours=True)
        self.known[str(self.before.number)] = self._whole()

    def publish(self, url: str | None = None, **access: Any) -> None:
        """Publish the release, by way of ``url``; as a new process would, without memory."""
        self._portal(url, **access).publish(self._release(self.after, standing=self.before))

    def to_child(self, file: Path, url: str) -> None:
        """Write down what a process of its own needs to publish the same by way of ``url``."""
        access = replace(self.house.access, url=url, public_url=self.house.access.url)
        file.write_bytes(pickle.dumps((CkanPortal, access, self._release(self.after, standing=self.before))))

    def learn(self) -> None:
        """Publish undisturbed once, to know what is whole."""
        self.start()
        self.publish()
        self.known[str(self.after.number)] = self._whole()

    def problems(self) -> list[str]:
        """What is not as an undisturbed run leaves it; nothing: all is well."""
        release = self._release(self.after, standing=self.after)
        found = [f"lost: {place}" for f in self._portal().verify([release]) for place in f.places]
        if self._whole() != self.known[str(self.after.number)]:
            found.append("doubled: other resources than an undisturbed run leaves")
        packages = self.admin("package_search", rows=100, include_private=True)["results"]
        if {package["name"] for package in packages} - _OURS:
            found.append("doubled: a package that nobody knows")
        archived = [r["id"] for package in packages for r in package["resources"]]
        if len(archived) != len(set(archived)):
            found.append("doubled: a resource")
        return found

    def reader(self) -> Reader:
        """Somebody who watches meanwhile."""
        table = resource_id(self.after.descriptor["id"], "ansatte.csv")
        rows = {_row(row) for row in (*ROWS, *REVISED)}
        return Reader(
            url=self.admin.url,
            dataset="ansatte",
            known=self.known,
            table=table,
            is_known_row=lambda row: (row["aar"], row["kode"], row["antall"]) in rows,
            public=self.before is not None,
        )

    def _whole(self) -> Whole:
        resources = Caller(self.admin.url)("package_show", id="ansatte")["resources"]
        return {r["id"]: (r["url"], r.get("apendata_sha256", "")) for r in resources}

    def _portal(self, url: str | None = None, **more: Any) -> CkanPortal:
        access = replace(self.house.access, public_url=self.house.access.url, **more)
        return CkanPortal(replace(access, url=url) if url else access)

    def _release(self, version: Version, *, standing: Version | None) -> Release:
        release = self.house.release(version)
        return replace(release, standing=standing.number if standing else None)


_OURS = {"ansatte", "ansatte-arkiv", "ansatte-klargjoering"}


def scenarios(house: House, uploading: Callable[[], House], admin: Caller) -> Mapping[str, Callable[[], Scenario]]:
    """Name → how to set it up. ``house`` links its files, ``uploading`` makes one that uploads them."""

    def revision() -> Scenario:
        first = house.build()
        return Scenario("revision", house, admin, first, house.build(REVISED))

    def first() -> Scenario:
        return Scenario("first release", house, admin, None, house.build())

    def new_resource() -> Scenario:
        rows = [(*row[:2], None if row[2] is None else Decimal(row[2]), *row[3:]) for row in ROWS]
        before = house.build()
        return Scenario("new resource", house, admin, before, house.build(rows, retyped()))

    def uploaded() -> Scenario:
        own = uploading()
        before = own.build()
        return Scenario("uploaded files", own, admin, before, own.build(REVISED))

    return {"revision": revision, "first": first, "resource": new_resource, "uploaded": uploaded}


def retyped() -> Any:
    """The dataset with another type in a column: what begins a resource of its own."""
    fields = [dict(f) for f in builders.ansatte_schema()["fields"]]
    fields[2] = builders.field("antall", "number", decimals=1, unit="persons")
    limits = builders.loose().tables[0].drift
    return builders.dataset(builders.table(table_schema=schema(fields, ["aar", "kode"]), drift=limits))


def _row(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return row[0], row[1], row[2]


def folder_for(root: Path, name: str) -> Path:
    """A lake of its own for each scenario."""
    return root / name / "lake"
