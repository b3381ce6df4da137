"""Brings a DataStore table to a release's rows by its differences, and looks again after every doubt.

CKAN has no way to replace a table's contents in one step: a delete and an insert are two transactions, between which
readers find an empty table, and a table loaded beside has another id. One upsert, though, is one transaction. So what
is new and what changed goes by upsert (in one call where a body may hold it), then what vanished is deleted: a reader
meets old and new rows, never none. The dictionary says ``changing`` meanwhile, and the rows' hash before and after.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from apendata.errors import PortalConflict
from apendata.model import CkanAccess
from apendata.portals.ckan import dictionary
from apendata.portals.ckan.answers import Invalid, Missing, TooLarge, Unsure
from apendata.portals.ckan.api import Api
from apendata.portals.ckan.dictionary import LiveField, live_fields
from apendata.portals.ckan.rows import (
    Delta,
    HalfDump,
    LiveRows,
    Record,
    Rows,
    batches,
    delta,
    live_rows,
    records,
    wanted_rows,
)
from apendata.portals.ckan.tables import WantedTable

ROUNDS: Final = 6
"""How often we look before we say that somebody else is at it too; an undisturbed change needs three looks."""
_MOST_ROWS: Final = 20_000
"""In one call: an upsert does at least 1 500 rows a second, and a statement may take 60 seconds."""
_DELETED_AT_ONCE: Final = 1_000
_SMALLEST_BODY: Final = 4_096
_NOTHING: Final = LiveRows({}, {}, ())


@dataclass(frozen=True, slots=True, repr=False)
class Looked:
    """A DataStore table as it is."""

    exists: bool
    fields: tuple[LiveField, ...]
    rows: LiveRows

    def structure_is(self, table: WantedTable) -> bool:
        """Whether columns, types and key are as wanted."""
        wanted = [(column.name, column.type) for column in table.columns]
        indexed = {field.name for field in self.fields if field.indexed}
        return [(field.name, field.type) for field in self.fields] == wanted and set(table.key) <= indexed

    def can_become(self, table: WantedTable) -> bool:
        """Whether columns can be added to what is there; otherwise the table is made anew."""
        wanted = {column.name: column.type for column in table.columns}
        names = [field.name for field in self.fields]
        head = [column.name for column in table.columns][: len(names)]
        return names == head and all(wanted[field.name] == field.type for field in self.fields)


def look(api: Api, table: WantedTable) -> Looked:
    """Read columns, dictionary and all rows of a table.

    Raises:
        Answer: CKAN cannot be asked.
    """
    try:
        info = api.read("datastore_info", id=table.resource)
        rows = live_rows(api.dump(table.resource), table)
    except Missing:
        return Looked(exists=False, fields=(), rows=_NOTHING)
    except HalfDump:
        raise Unsure(f"CKAN's dump of table {table.table} ended too early.") from None
    if (info.get("meta") or {}).get("count") not in {None, rows.count}:  # cut between two rows, or written to meanwhile
        raise Unsure(f"CKAN's dump of table {table.table} has another number of rows than the table.")
    return Looked(exists=True, fields=live_fields(info), rows=rows)


def is_as_wanted(looked: Looked, table: WantedTable, wanted: Rows, *, take_ours: bool = False) -> bool:
    """Whether nothing of a table differs: columns, types, key, every cell, dictionary."""
    return (
        looked.exists
        and looked.structure_is(table)
        and not delta(looked.rows, wanted)
        and dictionary.as_wanted(table, looked.fields, take_ours=take_ours)
    )


class Loader:
    """Writes to the DataStore of one CKAN; learns how large a body may be from the proxy's refusals."""

    def __init__(self, api: Api, access: CkanAccess) -> None:
        self._api = api
        self._most_bytes = access.body_limit

    def converge(self, table: WantedTable, *, take_ours: bool = False) -> bool:
        """Make a table what it shall be; return whether anything was written. The resource must be there.

        Rows are written, then read, and only then the dictionary says whose they are. What is written is computed from
        what was just read, never from what we believe was done: so it ends at exactly the contract's rows after a
        crash or an unclear answer at any point.

        Raises:
            PortalConflict: it was changed by others each time that we looked.
            Answer: CKAN refused, or its patience is at an end.
        """
        wanted = wanted_rows(table)
        written = False
        for attempt in range(ROUNDS):
            try:
                looked = look(self._api, table)
                if is_as_wanted(looked, table, wanted, take_ours=take_ours):
                    return written
                written = True
                self._bring(table, looked, wanted, take_ours=take_ours)
            except (Unsure, Invalid):  # done or not, or somebody was faster: the next look tells
                if attempt == ROUNDS - 1:
                    raise
        if is_as_wanted(look(self._api, table), table, wanted, take_ours=take_ours):
            return True
        raise PortalConflict(
            f"Table {table.table}: its rows on CKAN were changed by others each time that we looked. Find out who "
            "writes to it (another publisher, an extension that loads files), then run again."
        )

    def remove(self, resource: str) -> None:
        """Drop a table; nothing happens where there is none.

        Raises:
            Answer: CKAN refused, or its patience is at an end.
        """
        try:
            self._api.write("datastore_delete", resource_id=resource, force=True, calculate_record_count=False)
        except Missing:
            return

    # ------------------------------------------------------------------------------------------- inside

    def _bring(self, table: WantedTable, looked: Looked, wanted: Rows, *, take_ours: bool) -> None:
        """Take the next step: rows, or, when a look has shown that they stand there, the dictionary that names them."""
        live = looked
        if looked.exists and not looked.can_become(table):
            self.remove(table.resource)  # what is there was made by others: no order of writes could save it
            live = Looked(exists=False, fields=(), rows=_NOTHING)
        steps = delta(live.rows, wanted)
        if not steps and live.structure_is(table):
            self._create(table, dictionary.fields(table, live.fields, rows=table.sha256, take_ours=take_ours))
            return
        self._delete(table, live.rows.strays)  # first: they would stand in the key's way
        named = [field.name for field in live.fields if field.is_named]
        changing = dictionary.fields(table, live.fields, rows=dictionary.CHANGING, only=named, take_ours=take_ours)
        self._create(table, changing, with_key=not live.structure_is(table))
        self._write(table, steps)
        self._delete(table, [number for number in steps.vanished if number not in live.rows.strays])

    def _create(self, table: WantedTable, fields: list[dict[str, Any]], *, with_key: bool = False) -> None:
        """Make the table, its columns and its dictionary. A key that is named is indexed anew, all of it, each time."""
        key: dict[str, Any] = {"primary_key": list(table.key), "indexes": list(table.indexes)} if with_key else {}
        self._api.write(
            "datastore_create",
            resource_id=table.resource,
            force=True,
            fields=fields,
            calculate_record_count=False,
            **key,
        )

    def _write(self, table: WantedTable, steps: Delta) -> None:
        """One upsert where a body may hold all of it, since that is one transaction; else the new rows by insert."""
        everything = list(records((*steps.changed, *steps.new), table))
        parts = list(batches(everything, most_bytes=self._most_bytes, most_rows=_MOST_ROWS))
        if len(parts) == 1:
            self._send(table, "upsert", parts[0])
            return
        # An insert is twice as fast as an upsert, and meets the key's index where somebody else wrote the row.
        changed = len(steps.changed)
        for method, some in (("upsert", everything[:changed]), ("insert", everything[changed:])):
            for batch in batches(some, most_bytes=self._most_bytes, most_rows=_MOST_ROWS):
                self._send(table, method, batch)

    def _send(self, table: WantedTable, method: str, batch: list[Record]) -> None:
        try:
            self._api.write(
                "datastore_upsert",
                resource_id=table.resource,
                force=True,
                method=method,
                records=batch,
                calculate_record_count=False,
            )
        except Invalid as refusal:
            raise Invalid(
                f"CKAN refused rows of table {table.table}. The usual cause is a text that is too long: a row has room "
                "for 1 MB of words in the search index, a key for 2 700 bytes. CKAN's log says which.",
                refusal.errors,
            ) from None
        except TooLarge:
            if len(batch) == 1 or self._most_bytes <= _SMALLEST_BODY:
                raise
            self._most_bytes = max(self._most_bytes // 2, _SMALLEST_BODY)
            for part in batches(batch, most_bytes=self._most_bytes, most_rows=_MOST_ROWS):
                self._send(table, method, part)

    def _delete(self, table: WantedTable, numbers: Sequence[int]) -> None:
        for start in range(0, len(numbers), _DELETED_AT_ONCE):
            part: dict[str, Any] = {"_id": list(numbers[start : start + _DELETED_AT_ONCE])}
            self._api.write(
                "datastore_records_delete",
                resource_id=table.resource,
                force=True,
                filters=part,
                calculate_record_count=False,
            )
