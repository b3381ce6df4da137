"""Who changed a field, and when: read from CKAN's own history of the package, where it keeps one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from apendata.model import Difference
from apendata.portals.ckan.answers import Answer, Later
from apendata.portals.ckan.api import Api
from apendata.portals.ckan.fields import Fields, live_fields, place


def told_by_history(
    differences: Iterable[Difference], states: Sequence[Mapping[str, Any]], api: Api, files: Mapping[str, str]
) -> Iterator[Difference]:
    """Add who and when to each difference: the newest state in which the field got the value that it has.

    Args:
        differences: as found now.
        states: what ``package_activity_list`` gave, newest first.
        api: to ask for the names of users.
        files: resource id → file, as the differences name places.
    """
    fields = [(state, _by_place(state, files)) for state in states]
    users: dict[str, str] = {}
    for difference in differences:
        found = _last_change(fields, difference)
        if found is None:
            yield difference
            continue
        id_ = str(found.get("user_id"))
        if id_ not in users:
            users[id_] = _user(api, id_)
        yield replace(difference, by=users[id_], at=str(found.get("timestamp"))[:19])


_States = Sequence[tuple[Mapping[str, Any], Mapping[tuple[str, str], Any]]]


def _last_change(states: _States, difference: Difference) -> Mapping[str, Any] | None:
    key = (difference.place, difference.field)
    for (newer, now), (_, before) in pairwise(states):
        if now.get(key) != before.get(key):
            return newer
    return None


def _by_place(state: Mapping[str, Any], files: Mapping[str, str]) -> dict[tuple[str, str], Any]:
    package = (state.get("data") or {}).get("package") or {}
    fields: Fields = live_fields(package)
    return {place(path, files): value for path, value in fields.items()}


def _user(api: Api, id_: str) -> str:
    try:
        return str(api.read("user_show", id=id_).get("name"))
    except Later:
        raise
    except Answer:
        return id_
