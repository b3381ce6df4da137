"""``datapackage.json`` of one version: the contract, and the files that keep it.

The CSV file is the resource's ``path``, which is what Frictionless and its relatives read and check. The XLSX and
Parquet twins stand in ``alternates`` of the same resource: as resources of their own they would triple every table,
schema and foreign key, and Frictionless would want plugins to read them.
"""

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Final

from apendata.model import Change, FileRef, VersionNumber

MEDIA_TYPES: Final[Mapping[str, str]] = {
    "csv": "text/csv",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def datapackage(
    contract: Mapping[str, Any],
    *,
    number: VersionNumber,
    created: str,
    files: Sequence[FileRef],
    data_sha256: str,
    changes: Sequence[Change],
) -> dict[str, Any]:
    """Return the whole descriptor of one version; ``contract`` is left as it is.

    Args:
        contract: as made by :func:`apendata.describe.contract`.
        number: the version's number.
        created: UTC, ``2026-11-22T04:30:00Z``.
        files: the version's files except ``datapackage.json`` itself; each table has exactly one CSV file.
        data_sha256: of the logical rows.
        changes: differences from the version before, in the reader's terms.

    Raises:
        KeyError: a table of the contract has no CSV file.
    """
    descriptor = copy.deepcopy(dict(contract))
    resources = [_with_files(resource, files) for resource in descriptor.pop("resources")]
    shared = [_file(file) for file in files if file.table is None]
    return {
        **descriptor,
        "version": str(number),
        "created": created,
        "dataSha256": data_sha256,
        "changes": [_change(change) for change in changes],
        **({"files": shared} if shared else {}),
        "resources": resources,
    }


def _with_files(resource: Mapping[str, Any], files: Sequence[FileRef]) -> dict[str, Any]:
    own = {file.format: file for file in files if file.table == resource["name"]}
    main = _file(own.pop("csv"))
    return {**resource, **main, "alternates": [_file(own[name]) for name in sorted(own)]}


def _file(file: FileRef) -> dict[str, Any]:
    described = {
        "path": file.path,
        "format": file.format,
        "mediatype": MEDIA_TYPES[file.format],
        "bytes": file.bytes,
        "hash": f"sha256:{file.sha256}",
    }
    return described if file.rows is None else described | {"rows": file.rows}


def _change(change: Change) -> dict[str, Any]:
    place = {"table": change.table, "field": change.field}
    return {
        "rule": change.rule,
        "level": str(change.level),
        **{name: value for name, value in place.items() if value is not None},
        "count": change.count,
        **({"details": dict(change.details)} if change.details else {}),
    }
