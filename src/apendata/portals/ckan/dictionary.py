"""The data dictionary: what apendata writes in it, what a person wrote there since, and which rows it speaks of."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from apendata.portals.ckan.tables import Column, WantedTable

ROWS: Final = "apendata_sha256"
"""In the first column's entry: the hash of the published file whose rows stand in the table, or :data:`CHANGING`."""
CHANGING: Final = "changing"
WRITTEN: Final = "apendata_written"
"""A hash of label and notes as apendata wrote them last; other ones were written by a person."""
_TEXTS: Final = ("label", "notes")

_SAME: Final = {"int8": "bigint", "int4": "int", "boolean": "bool"}
"""What ``datastore_info`` calls some types → what they were asked for."""


@dataclass(frozen=True, slots=True)
class LiveField:
    """One column as ``datastore_info`` tells of it."""

    name: str
    type: str
    info: Mapping[str, Any]
    indexed: bool

    @property
    def is_named(self) -> bool:
        """Whether the dictionary has an entry for it; the mark of the rows alone is none."""
        return bool(self.info.keys() - {ROWS})


def live_fields(info: Mapping[str, Any]) -> tuple[LiveField, ...]:
    """Read what ``datastore_info`` answered; whatever is not of the expected form counts as not there."""
    return tuple(
        LiveField(
            name=str(field.get("id")),
            type=_SAME.get(str(field.get("type")), str(field.get("type"))),
            info=field["info"] if isinstance(field.get("info"), dict) else {},
            indexed=bool((field.get("schema") or {}).get("is_index")),
        )
        for field in info.get("fields", [])
    )


def by_hand(column: Column, live: LiveField | None) -> bool:
    """Whether a person wrote another label or other notes than apendata last did."""
    if live is None or not live.is_named:
        return False
    texts = _texts(live.info)
    return texts != _texts(_ours(column)) and live.info.get(WRITTEN) != _hash(texts)


def entry(column: Column, live: LiveField | None, *, take_ours: bool) -> dict[str, str]:
    """Return what the dictionary shall say of a column; a person's label and notes stay."""
    ours = _ours(column)
    if live is None or take_ours or not by_hand(column, live):
        return ours
    return {**ours, **{name: str(live.info.get(name) or "") for name in _TEXTS}}


def fields(
    table: WantedTable, live: Sequence[LiveField], *, rows: str, only: Sequence[str] | None = None, take_ours: bool
) -> list[dict[str, Any]]:
    """Return the ``fields`` of a ``datastore_create``.

    Args:
        table: as wanted.
        live: the columns that are there.
        rows: what stands under :data:`ROWS`.
        only: columns that get their entry in the dictionary; the others are made without. None: all.
        take_ours: see :func:`entry`.
    """
    there = {field.name: field for field in live}
    made: list[dict[str, Any]] = []
    for column in table.columns:
        named = only is None or column.name in only
        info = entry(column, there.get(column.name), take_ours=take_ours) if named else {}
        mark = {} if made else {ROWS: rows}
        made.append({"id": column.name, "type": column.type, "info": {**info, **mark}})
    return made


def differences(
    table: WantedTable, live: Sequence[LiveField], *, take_ours: bool
) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield (``column.word``, live, wanted) for each entry that :func:`fields` would change."""
    there = {field.name: field for field in live}
    for wanted in fields(table, live, rows=table.sha256, take_ours=take_ours):
        info = there[wanted["id"]].info if wanted["id"] in there else {}
        for word, value in wanted["info"].items():
            if word not in {WRITTEN, ROWS} and _plain(info.get(word)) != value:
                yield f"{wanted['id']}.{word}", _plain(info.get(word)) or None, value


def as_wanted(table: WantedTable, live: Sequence[LiveField], *, take_ours: bool) -> bool:
    """Whether the dictionary says what it shall, with the right mark of rows."""
    told = {field.name: {name: _plain(value) for name, value in field.info.items()} for field in live}
    return all(
        told.get(field["id"], {}) == field["info"]
        for field in fields(table, live, rows=table.sha256, take_ours=take_ours)
    )


def _ours(column: Column) -> dict[str, str]:
    texts = {"label": column.label, "notes": column.notes}
    return {**texts, **column.more, WRITTEN: _hash(texts)}


def _texts(info: Mapping[str, Any]) -> dict[str, str]:
    return {name: _plain(info.get(name)) for name in _TEXTS}


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


def _hash(texts: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(dict(texts), sort_keys=True).encode()).hexdigest()[:12]
