"""The one door from a valid table to one that may be published."""

from collections.abc import Iterator, Mapping
from itertools import groupby

import numpy as np
import pyarrow as pa

from apendata.disclosure.keys import check_still_hidden, followed, hidden_already, hidden_earlier
from apendata.disclosure.linear import Bools
from apendata.disclosure.mandated import check_mandated
from apendata.disclosure.policy import check_policies
from apendata.disclosure.residue import hide, without_residue
from apendata.errors import InternalError
from apendata.model import Dataset, Finding, Protection, SafeTable, Table, ValidTable


def protect(dataset: Dataset, valid: Mapping[str, ValidTable], hidden_before: Mapping[str, pa.Table]) -> Protection:
    """Make all tables of a dataset safe to publish together.

    Checks the policies, refuses what may not be shown at all, finds the rows to hide in the tables of the same people
    and in those that follow them, and builds every table anew from what is left.

    Args:
        dataset: The definition; every table of it has a policy.
        valid: Table name → the valid table, for every table of the dataset and no other.
        hidden_before: Table name → the primary keys (columns named and typed as in the table) of rows whose value was
            hidden in any earlier release. They stay hidden. Tables without such rows may be left out.

    Raises:
        DefinitionError: a policy is incomplete or contradicts another.
        DisclosureRefused: the tables cannot be made safe under their policies.
        InternalError: the tables are not those of the definition.
    """
    _check_given(dataset, valid)
    check_policies(dataset)
    data = {name: table.data for name, table in valid.items()}
    findings = [*_check_unprotected(dataset, data, hidden_before)]
    hidden = _hidden_rows(dataset, data, hidden_before)
    tables = {table.name: _safe(table, data[table.name], hidden.get(table.name)) for table in dataset.tables}
    return Protection(tables, (*findings, *_account(dataset, hidden)))


def _check_given(dataset: Dataset, valid: Mapping[str, ValidTable]) -> None:
    wanted = {table.name: [field["name"] for field in table.fields] for table in dataset.tables}
    given = {name: table.data.column_names for name, table in valid.items()}
    if wanted != given:
        raise InternalError(f"Dataset «{dataset.id}»: the tables to protect are not those of the definition.")


def _check_unprotected(
    dataset: Dataset, data: Mapping[str, pa.Table], hidden_before: Mapping[str, pa.Table]
) -> Iterator[Finding]:
    for table in dataset.tables:
        if table.disclosure.method in {"none", "mandated"}:
            check_still_hidden(table, data[table.name], hidden_before.get(table.name))
        if table.disclosure.method == "mandated":
            yield from check_mandated(table, data[table.name])


def _hidden_rows(
    dataset: Dataset, data: Mapping[str, pa.Table], hidden_before: Mapping[str, pa.Table]
) -> dict[str, Bools]:
    people = sorted((t for t in dataset.tables if t.disclosure.method == "suppression"), key=_people)
    followers = [t for t in dataset.tables if t.disclosure.method == "follows"]
    earlier = {t.name: hidden_earlier(t, data[t.name], hidden_before.get(t.name)) for t in (*people, *followers)}
    hidden: dict[str, Bools] = {}
    for _, group in groupby(people, key=_people):
        from apendata.disclosure.people import hide_people  # scipy, which most datasets do without

        hidden.update(hide_people(list(group), data, earlier))
    for table in followers:
        leader = dataset.table(table.disclosure.table or "")
        led = (leader, data[leader.name], hidden[leader.name] | hidden_already(leader, data[leader.name]))
        hidden[table.name] = followed(table, data[table.name], led) | earlier[table.name]
    return hidden


def _people(table: Table) -> str:
    return table.disclosure.people or ""


def _safe(table: Table, data: pa.Table, hidden: Bools | None) -> SafeTable:
    policy = table.disclosure
    columns = policy.values if policy.method == "follows" else (policy.value, *policy.derived)
    rows = {column: hidden for column in columns if column and hidden is not None}
    return SafeTable(table.name, without_residue(hide(data, rows)))


def _account(dataset: Dataset, hidden: Mapping[str, Bools]) -> Iterator[Finding]:
    """Counts alone; which cells are primary and which secondary is nobody's business outside."""
    for table in dataset.tables:
        if table.name in hidden:
            rows = hidden[table.name]
            params = {"rows": str(len(rows))}
            yield Finding("disclosure.hidden", "info", table.name, count=int(np.count_nonzero(rows)), params=params)
