"""The release ledger, as disclosure control reads it: every table of counts of people that any version ever showed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from apendata.lake.records import policy_of, read_record, read_rows
from apendata.lake.rows import HIDDEN, STATUS
from apendata.model import Disclosure, Protected, Published, Version


@dataclass(frozen=True, slots=True, repr=False)
class Kept:
    """What the lake's own records tell of a table."""

    policy: Disclosure
    totals: Mapping[str, str]
    protected: tuple[Protected, ...] | None


Marks = Mapping[str, tuple[Protected, ...]]


def published(versions: Iterable[tuple[Version, Marks]]) -> tuple[Published, ...]:
    """Return the tables under ``suppression`` of some versions, in their order.

    ``versions``: each with the protected rows of its tables.
    """
    return tuple(table for version, marks in versions for table in _tables(version, marks))


def _tables(version: Version, marks: Marks) -> Iterator[Published]:
    record = read_record(version.folder)
    for resource in record["contract"]["resources"]:
        kept = record.get("policies", {}).get(resource["name"], {})
        policy = policy_of(resource["disclosure"], kept)
        # A version that is older than `people` does not tell whom it counts: what it hides stays hidden (`seen`).
        if policy.method == "suppression" and policy.people and policy.value:
            yield _table(version, resource, Kept(policy, kept.get("totals", {}), marks.get(resource["name"])))


def _table(version: Version, resource: Mapping[str, Any], kept: Kept) -> Published:
    key, value = tuple(resource["schema"]["primaryKey"]), kept.policy.value or ""
    rows = read_rows(version, resource["name"], [*key, value, f"{value}{STATUS}"])
    hidden = np.flatnonzero([mark == HIDDEN for mark in rows[f"{value}{STATUS}"].to_pylist()])
    return Published(
        dataset=version.dataset,
        version=str(version.number),
        name=resource["name"],
        policy=kept.policy,
        totals=kept.totals,
        key=key,
        data=rows,
        hidden=tuple(hidden.tolist()),
        protected=kept.protected,
    )
