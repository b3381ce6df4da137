"""What readers have seen in the versions that are or were public: disclosure control starts from it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from apendata.lake.records import policy_of, read_record, read_rows
from apendata.lake.rows import HIDDEN, STATUS
from apendata.model import Dataset, Disclosure, History, Shown, Version

_GUARDED: Final = ("suppression", "follows")


def seen(dataset: Dataset, versions: Iterable[Version]) -> History:
    """Return table → what each of the versions shows of it; versions that show the same of a table count once.

    Args:
        dataset: today's definition; its tables that have counts of people are wanted with all their rows.
        versions: newest first.
    """
    guarded = {table.name for table in dataset.tables if table.disclosure.method in _GUARDED}
    found: dict[str, dict[str, Shown]] = {}
    for version in versions:
        record = read_record(version.folder)
        for resource in record["contract"]["resources"]:
            name = resource["name"]
            policy = policy_of(resource["disclosure"], record.get("policies", {}).get(name, {}))
            alike = repr((record["tables"][name], policy, resource["schema"]))
            if alike in found.get(name, ()):
                continue
            if (
                shown := _shown(version, resource, policy, whole=name in guarded or policy.method in _GUARDED)
            ) is not None:
                found.setdefault(name, {})[alike] = shown
    return {name: tuple(parts.values()) for name, parts in found.items()}


def free_texts(dataset: Dataset, version: Version) -> dict[str, pa.Table]:
    """Return table → the columns of free texts that a version has, of those that the definition has now."""
    fields = {
        resource["name"]: {field["name"] for field in resource["schema"]["fields"]}
        for resource in read_record(version.folder)["contract"]["resources"]
    }
    free = {table.name: [column.name for column in table.columns if column.text] for table in dataset.tables}
    wanted = {name: [one for one in columns if one in fields.get(name, ())] for name, columns in free.items()}
    return {name: read_rows(version, name, columns) for name, columns in wanted.items() if columns}


def _shown(version: Version, resource: Mapping[str, Any], policy: Disclosure, *, whole: bool) -> Shown | None:
    key = tuple(resource["schema"]["primaryKey"])
    kinds = {field["name"]: field["type"] for field in resource["schema"]["fields"]}
    marks = [name for name in kinds if name.endswith(STATUS) and name.removesuffix(STATUS) in kinds]
    if whole:
        marked = {mark.removesuffix(STATUS) for mark in marks}
        values = [n for n, kind in kinds.items() if n not in key and (kind in ("integer", "number") or n in marked)]
        return Shown(policy, key, read_rows(version, resource["name"], [*key, *values, *marks]))
    if not marks:
        return None
    rows = read_rows(version, resource["name"], [*key, *marks])
    return Shown(policy, key, rows.filter(_any_hidden(rows, marks)))


def _any_hidden(rows: pa.Table, marks: Iterable[str]) -> pa.ChunkedArray:
    hidden = pa.chunked_array([pa.repeat(pa.scalar(value=False), rows.num_rows)])
    for mark in marks:
        hidden = pc.or_(hidden, pc.fill_null(pc.equal(rows[mark], HIDDEN), fill_value=False))
    return hidden
