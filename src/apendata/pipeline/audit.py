"""Can a reader of all that was ever published find anybody out: before each release, and when somebody asks."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from apendata.lake import Lake
from apendata.model import Dataset, Outcome, Published, Version
from apendata.pipeline.outcomes import Result

if TYPE_CHECKING:
    from apendata.disclosure.auditing import Audited


def audit_release(version: Version, dataset: Dataset, lake: Lake) -> "tuple[Audited, ...]":
    """Audit a version together with everything that is or was public of the same people.

    Args:
        version: what is to be released; public already or not.
        dataset: its definition, which knows of facts that were registered since it was built.
        lake: what was ever public.

    Raises:
        FoundOut: some reader could learn a protected count.
    """
    mine = _as_defined(lake.published(version.dataset, version), dataset)
    people = {table.policy.people for table in mine}
    if not people:
        return ()
    others = _of(people, (t for name in lake.datasets() if name != version.dataset for t in lake.published(name)))
    return _audited([*others, *mine])


def elsewhere(dataset: Dataset, lake: Lake) -> tuple[Published, ...]:
    """Return what other datasets ever published of the people that one dataset counts."""
    people = {table.disclosure.people for table in dataset.tables if table.disclosure.people}
    if not people:
        return ()
    return _of(people, (t for name in lake.datasets() if name != dataset.id for t in lake.published(name)))


def audit_all(datasets: Mapping[str, Dataset], lake: Lake, ids: Collection[str]) -> "tuple[Audited, ...]":
    """Audit everything that was ever public of the people that some datasets count.

    Args:
        datasets: all definitions, by id.
        lake: what was ever public.
        ids: the datasets that are asked for.

    Raises:
        FoundOut: some reader can learn a protected count.
    """
    known = {name: lake.published(name) for name in lake.datasets()}
    defined = {name: _as_defined(t, datasets[name]) if name in datasets else t for name, t in known.items()}
    people = {table.policy.people for name in ids for table in defined.get(name, ())}
    return _audited(_of(people, (table for tables in defined.values() for table in tables)))


def _audited(tables: Sequence[Published]) -> "tuple[Audited, ...]":
    from apendata.disclosure.auditing import audit  # scipy, which most nights do without

    return audit(tables)


def _of(people: Collection[str | None], tables: Iterable[Published]) -> tuple[Published, ...]:
    return tuple(table for table in tables if table.policy.people in people)


def _as_defined(tables: Iterable[Published], dataset: Dataset) -> tuple[Published, ...]:
    """What was registered, or found out of the world, after a version was built is known to its readers as well."""
    now = {table.name: table.disclosure for table in dataset.tables}
    return tuple(
        replace(table, policy=replace(table.policy, external_facts=policy.external_facts, max_moves=policy.max_moves))
        if (policy := now.get(table.name)) is not None
        else table
        for table in tables
    )


def audited(dataset_id: str, datasets: Mapping[str, Dataset], lake: Lake) -> Result:
    """Say how the audit of the people that one dataset counts ended; see :func:`audit_all`.

    Raises:
        FoundOut: some reader can learn a protected count.
    """
    groups = audit_all(datasets, lake, [dataset_id])
    return Result(
        dataset_id, Outcome.CHECKED, "; ".join(map(_said, groups)) or "it counts no people that are protected"
    )


def _said(group: "Audited") -> str:
    return (
        f"{group.people}: {group.versions} versions of {', '.join(group.datasets)}, {group.dates} dates; "
        f"{group.protected} protected counts, none of them can be found out"
    )
