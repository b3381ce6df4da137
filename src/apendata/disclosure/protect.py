"""The one door from a valid table to one that may be published."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import numpy as np
import pyarrow as pa

from apendata.disclosure.frozen import check_frozen
from apendata.disclosure.keys import followed, hidden_already, keys
from apendata.disclosure.linear import Bools
from apendata.disclosure.mandated import check_mandated
from apendata.disclosure.policy import check_policies
from apendata.disclosure.ratchet import check_same_terms, check_still_hidden, hidden_earlier, shown_earlier
from apendata.disclosure.residue import marked, published
from apendata.disclosure.sexes import too_few_of_a_sex
from apendata.errors import InternalError
from apendata.model import Dataset, Finding, History, Protected, Protection, Published, SafeTable, Table, ValidTable

Marks = Mapping[str, tuple[Protected, ...]]


def protect(
    dataset: Dataset, valid: Mapping[str, ValidTable], history: History, elsewhere: Sequence[Published] = ()
) -> Protection:
    """Make all tables of a dataset safe to publish together.

    Checks the policies, refuses what may not be shown at all, finds the rows to hide in the tables of the same people
    and in those that follow them, and builds every table anew from what is left.

    Args:
        dataset: The definition; every table of it has a policy.
        valid: Table name → the valid table, for every table of the dataset and no other.
        history: What readers of the public versions have seen. What was hidden from them stays hidden, and a reference
            date with hidden cells stays as they know it.
        elsewhere: What other datasets ever published of the same people.

    Raises:
        DefinitionError: a policy is incomplete or contradicts another.
        DisclosureRefused: the tables cannot be made safe under their policies, or beside what is public.
        InternalError: the tables are not those of the definition.
    """
    _check_given(dataset, valid)
    check_policies(dataset)
    data = {name: table.data for name, table in valid.items()}
    check_same_terms(dataset, history)
    findings = [*_check_unprotected(dataset, data, history)]
    hidden, protected, told = _hiding(dataset, data, history, elsewhere)
    apart = {
        table.name: too_few_of_a_sex(table, data[table.name])
        | hidden_earlier(
            dataset, table, data[table.name], history.get(table.name, ()), columns=table.disclosure.derived
        )
        for table in dataset.tables
        if table.disclosure.min_per_sex is not None
    }
    places = {t.name: _places(t, data[t.name], hidden.get(t.name), apart.get(t.name)) for t in dataset.tables}
    tables = {name: SafeTable(name, published(data[name], rows)) for name, rows in places.items()}
    account = (*findings, *told, *_account(dataset, data, hidden, protected))
    return Protection(tables, account, protected, {name: _as_arrow(rows) for name, rows in places.items() if rows})


def _check_given(dataset: Dataset, valid: Mapping[str, ValidTable]) -> None:
    wanted = {table.name: [field["name"] for field in table.fields] for table in dataset.tables}
    given = {name: table.data.column_names for name, table in valid.items()}
    if wanted != given:
        raise InternalError(f"Dataset «{dataset.id}»: the tables to protect are not those of the definition.")


def _check_unprotected(dataset: Dataset, data: Mapping[str, pa.Table], history: History) -> Iterator[Finding]:
    for table in dataset.tables:
        if table.disclosure.method in {"none", "mandated"}:
            check_still_hidden(dataset, table, data[table.name], history.get(table.name, ()))
        if table.disclosure.method == "mandated":
            yield from check_mandated(table, data[table.name])
    if any(table.disclosure.method == "mandated" for table in dataset.tables):
        from apendata.disclosure.determined import check_signed  # scipy, which most datasets do without

        yield from check_signed(dataset, data)


def _hiding(
    dataset: Dataset, data: Mapping[str, pa.Table], history: History, elsewhere: Sequence[Published]
) -> tuple[dict[str, Bools], Marks, list[Finding]]:
    people = sorted((t for t in dataset.tables if t.disclosure.method == "suppression"), key=_people)
    followers = [t for t in dataset.tables if t.disclosure.method == "follows"]
    earlier = {
        table.name: hidden_earlier(
            dataset, table, data[table.name], history.get(table.name, ()), columns=_counted(table)
        )
        for table in (*people, *followers)
    }
    hidden: dict[str, Bools] = {}
    protected: dict[str, tuple[Protected, ...]] = {}
    findings: list[Finding] = []
    for name, tables in groupby(people, key=_people):
        # scipy, which most datasets do without
        from apendata.disclosure.differences import check_differences
        from apendata.disclosure.people import Before, hide_people

        group = list(tables)
        before = {t.name: shown_earlier(t, data[t.name], history.get(t.name, ())) for t in group}
        others = [table for table in elsewhere if table.policy.people == name]
        found = hide_people(group, data, Before(earlier, before), others)
        hidden |= found.rows
        protected |= found.protected
        findings += found.findings
        check_frozen(group, data, hidden, history)
        check_differences(group, data, hidden, history)
    for table in followers:
        leader = dataset.table(table.disclosure.table or "")
        led = (leader, data[leader.name], hidden[leader.name] | hidden_already(leader, data[leader.name]))
        hidden[table.name] = followed(table, data[table.name], led) | earlier[table.name]
    return hidden, protected, findings


def _people(table: Table) -> str:
    return table.disclosure.people or ""


def _counted(table: Table) -> tuple[str, ...]:
    """What is hidden by the count's own pattern; derived values may be hidden for more reasons than that."""
    return (table.disclosure.value,) if table.disclosure.value else ()


def _places(table: Table, data: pa.Table, hidden: Bools | None, apart: Bools | None) -> dict[str, Bools]:
    """Value column → the rows in which it is not published, those that the source has hidden too.

    ``apart``: where derived values are hidden though the count is not.
    """
    policy = table.disclosure
    columns = policy.values if policy.method == "follows" else (policy.value, *policy.derived)
    rows = {column: hidden for column in columns if column and hidden is not None}
    if apart is not None and hidden is not None:
        rows |= dict.fromkeys(policy.derived, hidden | apart)
    for column, there in marked(data).items():
        rows[column] = rows[column] | there if column in rows else there
    return {column: there for column, there in rows.items() if there.any()}


def _as_arrow(rows: Mapping[str, Bools]) -> Mapping[str, pa.BooleanArray]:
    return {column: pa.array(there) for column, there in rows.items()}


def _account(
    dataset: Dataset, data: Mapping[str, pa.Table], hidden: Mapping[str, Bools], marks: Marks
) -> Iterator[Finding]:
    """What a steward sees of a pattern: counts, and in her private report every row and why it is hidden."""
    for table in dataset.tables:
        if table.name not in hidden:
            continue
        rows = hidden[table.name]
        params = {"rows": str(len(rows))}
        yield Finding("disclosure.hidden", "info", table.name, count=int(np.count_nonzero(rows)), params=params)
        protected = {mark.key for mark in marks.get(table.name, ())}
        gone = [
            key for key, is_hidden in zip(keys(data[table.name], table.primary_key), rows, strict=True) if is_hidden
        ]
        why = {
            "disclosure.hidden_protected": [key for key in gone if key in protected],
            "disclosure.hidden_beside": [key for key in gone if key not in protected],
        }
        for code, found in why.items():
            if found:
                samples = tuple(", ".join(key) for key in found)
                yield Finding(code, "info", table.name, count=len(found), samples=samples)
