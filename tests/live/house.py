"""A lake with versions of one small dataset, released to a real CKAN as the pipeline does it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apendata.lake import Lake
from apendata.model import CkanAccess, Dataset, Publication, Release, Version
from apendata.pipeline.publish import release_for
from apendata.portals.ckan import CkanPortal
from tests.unit.lake import builders

ROWS = builders.ROWS


@dataclass
class House:
    """One installation: a lake, its public tree behind ``base_url``, and a CKAN."""

    lake: Lake
    portal: CkanPortal
    access: CkanAccess
    base_url: str | None

    def build(self, rows: Sequence[Any] = ROWS, definition: Dataset | None = None) -> Version:
        definition = definition or builders.loose()
        table = definition.tables[0]
        version = builders.build(self.lake, definition, builders.safe(rows, table.name, table.schema))
        with self.lake.lock(version.dataset):
            self.lake.expose(version)
        return version

    def release(self, version: Version) -> Release:
        return release_for(version, "ckan", lake=self.lake, base_url=self.base_url)

    def publish(self, version: Version, *, portal: CkanPortal | None = None, **how: bool) -> Publication:
        """Publish and record, as a night does; by another portal object where one is given."""
        publication = (portal or self.portal).publish(self.release(version), **how)
        with self.lake.lock(version.dataset):
            self.lake.record(publication)
        return publication

    def again(self) -> CkanPortal:
        """A portal object without memory, as the next night has it."""
        return CkanPortal(self.access)


def house(folder: Path, base_url: str | None, access: CkanAccess) -> House:
    lake = Lake.open(folder, clock=builders.CLOCK)
    return House(lake, CkanPortal(access), access, base_url)


def ids(version: Version) -> Mapping[str, str]:
    """File → id of its resource, in the first generation."""
    from apendata.portals.ckan.names import resource_id

    return {file.path: resource_id(version.descriptor["id"], file.path) for file in version.files}
