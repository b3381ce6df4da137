"""Rows found by their key: texts, so that a date and its ISO text are one."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from apendata.disclosure.linear import Bools
from apendata.disclosure.policy import HIDDEN, STATUS
from apendata.errors import DisclosureRefused
from apendata.model import MAX_PLACES, Dataset, Finding, Table

Key = tuple[str, ...]


def keys(data: pa.Table, columns: Sequence[str]) -> list[Key]:
    """Return each row's values in ``columns`` as texts: a date and its ISO text, a number and its digits are equal."""
    texts = [[str(value) for value in data[column].to_pylist()] for column in columns]
    return list(zip(*texts, strict=True)) if texts else [()] * data.num_rows


def hidden_already(table: Table, data: pa.Table) -> Bools:
    """Return the rows of which the source has hidden a value."""
    hidden = np.zeros(data.num_rows, dtype=np.bool_)
    for field in table.fields:
        if str(field["name"]).endswith(STATUS):
            hidden |= np.array([mark == HIDDEN for mark in data[field["name"]].to_pylist()], dtype=np.bool_)
    return hidden


def rows_found(code: str, table: Table, found: Sequence[Key]) -> Finding:
    """Return a finding about these rows; their keys are for the private report."""
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
    wanted = _as_led(table, data, leader.primary_key)
    alone = [key for key in wanted if key not in state]
    if alone:
        raise DisclosureRefused(
            f"Table «{table.name}»: {len(alone)} rows follow a row of «{leader.name}» that does not exist, so nothing "
            "says whether they may be shown. Add it there, or leave them out.",
            findings=[rows_found("disclosure.no_counterpart", table, sorted(alone))],
        )
    return np.array([state[key] for key in wanted], dtype=np.bool_)


def parts_of(dataset: Dataset, table: Table, data: pa.Table) -> list[Key]:
    """Return, for each row, the part that is made safe by itself (``per``, the reference date).

    A follower has the parts of the table that leads; the empty part is the whole table.
    """
    policy = table.disclosure
    if policy.method == "follows":
        leader = dataset.table(policy.table or "")
        return _as_led(table, data, leader.disclosure.per)
    return keys(data, policy.per)


def _as_led(table: Table, data: pa.Table, columns: Sequence[str]) -> list[Key]:
    """Return each row's values in the leading table's ``columns``."""
    policy = table.disclosure
    mine = {theirs: own for own, theirs in policy.on.items()}
    texts = [
        [row[0] for row in keys(data, [mine[column]])]
        if column in mine
        else [str(policy.where[column])] * data.num_rows
        for column in columns
    ]
    return list(zip(*texts, strict=True)) if texts else [()] * data.num_rows
