"""What CKAN is sent of a release, as bytes that somebody else can look at before it goes."""

import json
from collections.abc import Iterator
from typing import Any

from apendata.model import Surface
from apendata.portals.ckan import dictionary
from apendata.portals.ckan.rows import records, wanted_rows
from apendata.portals.ckan.wanted import WantedPackage, WantedResource


def payloads(wanted: WantedPackage) -> Iterator[Surface]:
    """Yield the package with its resources, and of each table the data dictionary and the rows.

    Raises:
        PortalRefused: a published file holds what CKAN would spoil.
    """
    package = {
        **wanted.text,
        **wanted.release,
        "name": wanted.name,
        "tags": list(wanted.tags),
        "extras": {**wanted.extra_texts, **wanted.extras},
        "resources": [_resource(resource) for resource in wanted.resources],
    }
    newest = wanted.anchor.version.number
    yield Surface(f"ckan: package {wanted.name}", "json", _json(package), version=newest)
    for resource in wanted.resources:
        if (table := resource.table) is not None:
            about = dictionary.fields(table, (), rows=table.sha256, take_ours=True)
            number = resource.version.number
            yield Surface(f"ckan: dictionary {table.table}", "json", _json(about), (table.table,), number)
            rows = list(records(wanted_rows(table).lines.values(), table))
            yield Surface(f"ckan: datastore {table.table}", "rows", _json(rows), (table.table,), number)


def _resource(resource: WantedResource) -> dict[str, Any]:
    return {"id": resource.id, **resource.text, **resource.release}


def _json(told: Any) -> bytes:
    return json.dumps(told, ensure_ascii=False).encode()
