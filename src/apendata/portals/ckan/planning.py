"""What a publish would write, field by field, and what other hands have changed; nothing is written here."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apendata.model import Difference, Owner
from apendata.portals.ckan import dictionary
from apendata.portals.ckan.answers import Answer, Later
from apendata.portals.ckan.api import Api
from apendata.portals.ckan.datastore import Looked, look
from apendata.portals.ckan.packages import Decision
from apendata.portals.ckan.rows import delta, wanted_rows
from apendata.portals.ckan.tables import WantedTable
from apendata.portals.ckan.wanted import WantedPackage


def package_changes(decision: Decision, wanted: WantedPackage) -> Iterator[Difference]:
    """Yield what the flip would write: each field of what is there, one line for each resource that is new or goes."""
    there = {str(r.get("id")) for r in (decision.package or {}).get("resources") or []}
    new = {f"resource {r.file}": r for r in wanted.resources if r.id not in there}
    for change in decision.merged.changes:
        if change.place not in new:
            yield change
    for place, resource in new.items():
        told = f"{resource.release['url']} (sha256 {resource.ref.sha256[:12]}…)"
        yield _difference(wanted, place, "resource", live=None, ours=told)
    for id_ in decision.drop:
        yield _difference(wanted, f"resource {id_}", "resource", live="is there", ours=None)


def table_changes(api: Api, wanted: WantedPackage, *, take_ours: bool) -> Iterator[Difference]:
    """Yield what would be written to the DataStore: columns, types, key, the number of rows, the dictionary.

    Raises:
        Answer: CKAN cannot be asked.
    """
    for table in wanted.tables:
        yield from _table_changes(wanted, table, look(api, table), take_ours=take_ours)


def table_drift(api: Api, wanted: WantedPackage) -> Iterator[Difference]:
    """Yield what differs in the DataStore, and the labels and notes that a person wrote in the data dictionary.

    Raises:
        Answer: CKAN cannot be asked.
    """
    for table in wanted.tables:
        looked = look(api, table)
        yield from _table_changes(wanted, table, looked, take_ours=False)
        yield from _dictionary_by_hand(wanted, table, looked)


def _table_changes(
    wanted: WantedPackage, table: WantedTable, looked: Looked, *, take_ours: bool
) -> Iterator[Difference]:
    rows = wanted_rows(table)
    place = f"datastore {table.table}"
    if not looked.exists:
        yield _difference(wanted, place, "table", live=None, ours=f"{len(rows.lines)} rows")
        return
    yield from _structure(wanted, table, looked)
    if steps := delta(looked.rows, rows):
        yield _difference(wanted, place, "rows", live=f"{len(looked.rows.lines)} rows", ours=str(steps))
    for name, live, text in dictionary.differences(table, looked.fields, take_ours=take_ours):
        yield _difference(wanted, f"dictionary {table.table}", name, live=live, ours=text, owner=Owner.TEXT)


def _dictionary_by_hand(wanted: WantedPackage, table: WantedTable, looked: Looked) -> Iterator[Difference]:
    fields = {field.name: field for field in looked.fields}
    for column in table.columns:
        live = fields.get(column.name)
        if live is not None and dictionary.by_hand(column, live):
            for word, ours in (("label", column.label), ("notes", column.notes)):
                if (there := str(live.info.get(word) or "")) != ours:
                    place, name = f"dictionary {table.table}", f"{column.name}.{word}"
                    yield _difference(
                        wanted, place, name, live=there or None, ours=ours, owner=Owner.TEXT, by_hand=True
                    )


def who_and_when(api: Api, package: Mapping[str, Any] | None) -> Sequence[Mapping[str, Any]]:
    """Return the package's last states with who made them, newest first; empty where CKAN does not tell."""
    if package is None:
        return ()
    try:
        found: list[Mapping[str, Any]] = api.read("package_activity_list", id=package["id"], limit=60)
    except Later:
        raise
    except Answer:  # the plugin `activity` is not there, or not for us
        return ()
    return found


def _structure(wanted: WantedPackage, table: WantedTable, looked: Looked) -> Iterator[Difference]:
    live = {field.name: field.type for field in looked.fields}
    ours = {column.name: column.type for column in table.columns}
    for name in {**live, **ours}:
        if live.get(name) != ours.get(name):
            yield _difference(
                wanted, f"datastore {table.table}", f"{name}.type", live=live.get(name), ours=ours.get(name)
            )
    indexed = {field.name for field in looked.fields if field.indexed}
    if not set(table.key) <= indexed:
        yield _difference(wanted, f"datastore {table.table}", "key", live=None, ours=", ".join(table.key))


def _difference(
    wanted: WantedPackage,
    place: str,
    field: str,
    *,
    live: str | None,
    ours: str | None,
    owner: Owner = Owner.RELEASE,
    by_hand: bool = False,
) -> Difference:
    return Difference("ckan", wanted.dataset, place, field, live=live, wanted=ours, owner=owner, by_hand=by_hand)
