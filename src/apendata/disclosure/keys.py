"""Rows found by their primary key, and the ratchet: what was hidden once stays hidden under the same key."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pyarrow as pa

from apendata.disclosure.linear import Bools
from apendata.disclosure.policy import HIDDEN, STATUS
from apendata.errors import DisclosureRefused
from apendata.model import MAX_PLACES, Finding, Table

Key = tuple[str, ...]


def keys(data: pa.Table, columns: Sequence[str]) -> list[Key]:
    """Return each row's values in ``columns`` as texts: a date and its ISO text, a number and its digits are equal."""
    texts = [[str(value) for value in data[column].to_pylist()] for column in columns]
    return list(zip(*texts, strict=True)) if texts else [()] * data.num_rows


def hidden_earlier(table: Table, data: pa.Table, before: pa.Table | None) -> Bools:
    """Return the rows whose value was hidden in an earlier release.

    ``before``: primary keys. A key that is gone is accepted only where all of its table's part (``per``) is gone: a
    vanished row beside rows that stay is a regrouping, and old and new groups subtract.

    Raises:
        DisclosureRefused: a hidden row is gone, or the earlier keys have other columns.
    """
    if before is None or before.num_rows == 0:
        return np.zeros(data.num_rows, dtype=np.bool_)
    if not set(table.primary_key) <= set(before.column_names):
        raise DisclosureRefused(
            f"Table «{table.name}»: cells were hidden in an earlier release, under another primary key than "
            f"{list(table.primary_key)}, and cannot be found again. Publish it as a table with another name.",
            findings=[Finding("disclosure.hidden_key_changed", table=table.name, count=before.num_rows)],
        )
    earlier = set(keys(before, table.primary_key))
    present = keys(data, table.primary_key)
    _refuse_gone(table, data, earlier.difference(present))
    return np.array([key in earlier for key in present], dtype=np.bool_)


def _refuse_gone(table: Table, data: pa.Table, gone: Collection[Key]) -> None:
    places = [table.primary_key.index(column) for column in table.disclosure.per]
    living = set(keys(data, table.disclosure.per)) if places else set()
    regrouped = sorted(key for key in gone if tuple(key[i] for i in places) in living)
    if regrouped:
        raise DisclosureRefused(
            f"Table «{table.name}»: {len(regrouped)} rows that were hidden in an earlier release are gone while others "
            "of the same part remain. Keep the same groups for a date that is public, or publish the new ones as a "
            "table with another name.",
            findings=[_finding("disclosure.hidden_row_gone", table, regrouped)],
        )


def check_still_hidden(table: Table, data: pa.Table, before: pa.Table | None) -> None:
    """Refuse a table that nothing protects now, where an earlier release hid cells that it would show.

    Raises:
        DisclosureRefused: a row that was hidden has no hidden value any more.
    """
    earlier = hidden_earlier(table, data, before)
    if not earlier.any():
        return
    shown = earlier & ~hidden_already(table, data)
    if shown.any():
        again = [key for key, is_shown in zip(keys(data, table.primary_key), shown, strict=True) if is_shown]
        raise DisclosureRefused(
            f"Table «{table.name}»: {len(again)} rows that were hidden in an earlier release would be shown. What was "
            "hidden stays hidden; publish it as a table with another name if that is right.",
            findings=[_finding("disclosure.shown_again", table, again)],
        )


def hidden_already(table: Table, data: pa.Table) -> Bools:
    """Return the rows of which the source has hidden a value."""
    hidden = np.zeros(data.num_rows, dtype=np.bool_)
    for field in table.fields:
        if str(field["name"]).endswith(STATUS):
            hidden |= np.array([mark == HIDDEN for mark in data[field["name"]].to_pylist()], dtype=np.bool_)
    return hidden


def _finding(code: str, table: Table, found: Sequence[Key]) -> Finding:
    samples = tuple(", ".join(key) for key in found[:MAX_PLACES])
    return Finding(code, table=table.name, count=len(found), samples=samples)


def followed(table: Table, data: pa.Table, led: tuple[Table, pa.Table, Bools]) -> Bools:
    """Return the rows that must be hidden because the row they follow is.

    ``led``: the table that leads, its rows and which of them are hidden.

    Raises:
        DisclosureRefused: a row has no counterpart to follow.
    """
    leader, their_data, hidden = led
    state: Mapping[Key, bool] = dict(zip(keys(their_data, leader.primary_key), hidden.tolist(), strict=True))
    wanted = _counterparts(table, data, leader)
    alone = [key for key in wanted if key not in state]
    if alone:
        raise DisclosureRefused(
            f"Table «{table.name}»: {len(alone)} rows follow a row of «{leader.name}» that does not exist, so nothing "
            "says whether they may be shown. Add it there, or leave them out.",
            findings=[_finding("disclosure.no_counterpart", table, sorted(alone))],
        )
    return np.array([state[key] for key in wanted], dtype=np.bool_)


def _counterparts(table: Table, data: pa.Table, leader: Table) -> list[Key]:
    policy = table.disclosure
    mine = {theirs: own for own, theirs in policy.on.items()}
    texts = [
        [row[0] for row in keys(data, [mine[column]])]
        if column in mine
        else [str(policy.where[column])] * data.num_rows
        for column in leader.primary_key
    ]
    return list(zip(*texts, strict=True))
