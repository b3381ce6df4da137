"""A preview for every new table. CKAN makes none of what ``package_revise`` adds; later ones are the steward's."""

from collections.abc import Mapping
from typing import Any

from apendata.portals.ckan.answers import Invalid, Unsure
from apendata.portals.ckan.api import Api
from apendata.portals.ckan.packages import Package
from apendata.portals.ckan.wanted import VIEW, WantedPackage


def make_views(api: Api, package: Package, wanted: WantedPackage) -> None:
    """Make the table view of each table that never had one from us; one that a steward took away stays away.

    Raises:
        Answer: CKAN cannot be asked.
    """
    live: dict[str, Mapping[str, Any]] = {str(r.get("id")): r for r in package.get("resources") or []}
    for table in wanted.tables:
        if live.get(table.resource, {}).get(VIEW):
            continue
        if not api.read("resource_view_list", id=table.resource):
            _make(api, table.resource)


def _make(api: Api, resource: str) -> None:
    try:
        api.write("resource_view_create", resource_id=resource, title="Tabell / Table", view_type="datatables_view")
    except (Invalid, Unsure):  # no such plugin; or done perhaps, and a preview is not worth a night
        return
