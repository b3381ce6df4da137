"""The ratchet: what a public version hides stays hidden, under the same table, key and terms.

Old versions stay public, so whoever lets go of a hidden cell (by another name, key, group or method) lets a reader
subtract the new version from the old one. Until an audit can compute what all versions tell together, each way to let
go is refused.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa

from apendata.disclosure.keys import Key, keys, parts_of, rows_found
from apendata.disclosure.linear import Bools
from apendata.disclosure.policy import HIDDEN, STATUS
from apendata.errors import DisclosureRefused
from apendata.model import Dataset, Disclosure, Finding, History, Shown, Table

_WAY_OUT = "There is no way yet to lift what readers of the earlier versions rely on: a steward's approval comes later."


def check_same_terms(dataset: Dataset, history: History) -> None:
    """Refuse a definition that lets go of cells that public versions hide.

    Raises:
        DisclosureRefused: such a table, or one of the same people, is gone or renamed, has another key, or is protected
            under other terms.
    """
    tables = {table.name: table for table in dataset.tables}
    hiding = [v.policy for versions in history.values() for v in versions if hidden_cells(v.data)]
    people = {policy.people for policy in hiding if policy.people}
    for name, versions in history.items():
        for shown in versions:
            bound = bool(hidden_cells(shown.data)) or shown.policy.people in people
            if name not in tables:
                _refuse_gone_table(name, shown, bound=bound)
            elif bound:
                _refuse_other_key(tables[name], shown)
                _refuse_other_terms(tables[name], shown)


def _refuse_gone_table(name: str, shown: Shown, *, bound: bool) -> None:
    """Counts of people bind their table even where none is hidden yet: renamed, it would escape the frozen dates."""
    if bound or shown.policy.method == "suppression":
        raise DisclosureRefused(
            f"Table «{name}» is public and its counts of people bind what may be shown beside them, but the definition "
            f"no longer has it. Keep the table under its name, with its rows. {_WAY_OUT}",
            findings=[Finding("disclosure.table_gone", table=name)],
        )


def _refuse_other_key(table: Table, shown: Shown) -> None:
    if set(shown.key) != set(table.primary_key):
        raise DisclosureRefused(
            f"Table «{table.name}»: cells are hidden in a public version under the primary key {list(shown.key)}, and "
            f"cannot be found under {list(table.primary_key)}. Keep the key. {_WAY_OUT}",
            findings=[Finding("disclosure.hidden_key_changed", table=table.name)],
        )


def _refuse_other_terms(table: Table, shown: Shown) -> None:
    fields = {str(field["name"]) for field in table.fields}
    gone = [column for column in hidden_cells(shown.data) if column not in fields]
    changed = [*_changed(shown.policy, table.disclosure), *gone]
    if changed:
        words = ", ".join(f"`{word}`" for word in changed)
        raise DisclosureRefused(
            f"Table «{table.name}»: a public version hides cells, and the definition has changed {words} since. Keep "
            f"the policy and its columns; only a higher threshold is allowed. {_WAY_OUT}",
            findings=[Finding("disclosure.policy_changed", table=table.name, params={"words": words})],
        )


def _changed(before: Disclosure, now: Disclosure) -> Iterator[str]:
    if before.method not in {"suppression", "follows"}:
        return
    if before.method != now.method:
        yield "method"
    elif before.method == "suppression":
        if before.value != now.value:
            yield "value"
        if (now.threshold or 0) < (before.threshold or 0):
            yield "threshold"
        # A record without people is older than these words and tells nothing of them.
        for word in ("people", "dimensions", "per") if before.people else ():
            if _as_set(getattr(before, word)) != _as_set(getattr(now, word)):
                yield word


def _as_set(words: str | Sequence[str] | None) -> frozenset[str]:
    return frozenset([words] if isinstance(words, str) else words or ())


def hidden_cells(data: pa.Table) -> Mapping[str, Bools]:
    """Return value column → rows that are marked hidden; columns without such a row are left out."""
    found = {}
    for column in data.column_names:
        if column.endswith(STATUS):
            rows = np.array([mark == HIDDEN for mark in data[column].to_pylist()], dtype=np.bool_)
            if rows.any():
                found[column.removesuffix(STATUS)] = rows
    return found


def hidden_earlier(
    dataset: Dataset, table: Table, data: pa.Table, versions: Sequence[Shown], *, columns: Collection[str] = ()
) -> Bools:
    """Return the rows of which a public version hides a value.

    Args:
        dataset: the definition.
        table: under the same key and terms as the versions (:func:`check_same_terms`).
        data: the table's rows now.
        versions: what the public versions show of it.
        columns: the values that are asked for; none: all of them.

    Raises:
        DisclosureRefused: a hidden row is gone from a part that lives on: a vanished row beside rows that stay is a
            regrouping, and old and new groups subtract.
    """
    hidden = _hidden_keys(dataset, table, versions, columns)
    if not hidden:
        return np.zeros(data.num_rows, dtype=np.bool_)
    present = keys(data, table.primary_key)
    living = {*parts_of(dataset, table, data), *([()] if present else [])}
    _refuse_gone_rows(table, [key for key in set(hidden).difference(present) if hidden[key] in living])
    return np.array([key in hidden for key in present], dtype=np.bool_)


def shown_earlier(table: Table, data: pa.Table, versions: Sequence[Shown]) -> Bools:
    """Return the rows whose count some public version shows as it is now; hiding it would hide it from nobody."""
    value = table.disclosure.value or ""
    known: set[tuple[Key, object]] = set()
    for shown in versions:
        if set(table.primary_key) | {value} <= set(shown.data.column_names):
            known |= set(zip(keys(shown.data, table.primary_key), shown.data[value].to_pylist(), strict=True))
    now = zip(keys(data, table.primary_key), data[value].to_pylist(), strict=True)
    return np.array([row[1] is not None and row in known for row in now], dtype=np.bool_)


def _hidden_keys(dataset: Dataset, table: Table, versions: Sequence[Shown], columns: Collection[str]) -> dict[Key, Key]:
    """Key → part; the empty part, which is the whole table, where the version does not tell its parts."""
    found: dict[Key, Key] = {}
    for shown in versions:
        marked = [rows for column, rows in hidden_cells(shown.data).items() if not columns or column in columns]
        if marked:
            rows = shown.data.take(pa.array(np.flatnonzero(np.logical_or.reduce(marked))))
            untold = shown.policy.method == "suppression" and shown.policy.people is None
            parts = [()] * rows.num_rows if untold else parts_of(dataset, table, rows)
            found |= dict(zip(keys(rows, table.primary_key), parts, strict=True))
    return found


def _refuse_gone_rows(table: Table, gone: Collection[Key]) -> None:
    if gone:
        raise DisclosureRefused(
            f"Table «{table.name}»: {len(gone)} rows that are hidden in a public version are gone while others of the "
            f"same part remain. Keep the same groups and codes for what is public. {_WAY_OUT}",
            findings=[rows_found("disclosure.hidden_row_gone", table, sorted(gone))],
        )


def check_still_hidden(dataset: Dataset, table: Table, data: pa.Table, versions: Sequence[Shown]) -> None:
    """Refuse a table that nothing protects now, where it would show a cell that a public version hides.

    Raises:
        DisclosureRefused: a cell that was hidden has a value, or its row is gone.
    """
    if not hidden_earlier(dataset, table, data, versions).any():
        return
    now = keys(data, table.primary_key)
    again: set[Key] = set()
    for shown in versions:
        before = keys(shown.data, table.primary_key)
        for column, rows in hidden_cells(shown.data).items():
            hidden = {key for key, is_hidden in zip(before, rows.tolist(), strict=True) if is_hidden}
            values = zip(now, data[column].to_pylist(), strict=True)
            again.update(key for key, value in values if key in hidden and value is not None)
    if again:
        raise DisclosureRefused(
            f"Table «{table.name}»: {len(again)} rows that are hidden in a public version would be shown. What was "
            f"hidden stays hidden: give those cells the mark for hidden. {_WAY_OUT}",
            findings=[rows_found("disclosure.shown_again", table, sorted(again))],
        )
