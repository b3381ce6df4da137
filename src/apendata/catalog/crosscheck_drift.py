"""The names in ``drift``, ``revisions`` and ``flags``: each must be a column of the table, and of the right kind."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from apendata.model import Table

Place = tuple[str | int, ...]
_Problem = tuple[Place, str]

_MARKS: Final = ("_status", "_flagg")
_NUMBERS: Final = ("integer", "number")


def drift_problems(table: Table) -> Iterator[_Problem]:
    """Yield (place in dataset.yaml, what is wrong and what to write)."""
    fields = {str(field["name"]): field for field in table.fields}
    where = ("tables", table.name, "drift")
    yield from _values_problems(table, fields, (*where, "values"))
    yield from _sum_problems(table, fields, (*where, "sums"))
    yield from _history_problems(table, fields, where)
    yield from _flag_problems(table, fields)


def _values_problems(table: Table, fields: Mapping[str, Any], where: Place) -> Iterator[_Problem]:
    for index, limit in enumerate(table.drift.values):
        yield from _unknown(table, fields, (*where, index, "column"), limit.column)
        if limit.named_by is not None:
            yield from _unknown(table, fields, (*where, index, "named_by"), limit.named_by)
        if limit.may_vanish and limit.may_appear:
            yield (*where, index), "a limit that lets values come and go limits nothing: remove it, or say `false`."
        if limit.column.endswith(_MARKS):
            yield (*where, index, "column"), f"«{limit.column}» holds marks of cells, not values of a dimension."


def _sum_problems(table: Table, fields: Mapping[str, Any], where: Place) -> Iterator[_Problem]:
    for index, limit in enumerate(table.drift.sums):
        yield from _unknown(table, fields, (*where, index, "value"), limit.value)
        if limit.value in fields and fields[limit.value]["type"] not in _NUMBERS:
            yield (*where, index, "value"), f"«{limit.value}» holds no numbers, so it has no sum."
        for name in limit.per:
            yield from _unknown(table, fields, (*where, index, "per"), name)
        if limit.value in limit.per:
            yield (*where, index, "per"), f"«{limit.value}» is what is added up; it cannot make the groups, too."


def _history_problems(table: Table, fields: Mapping[str, Any], where: Place) -> Iterator[_Problem]:
    rule = table.drift.history
    if rule is not None and rule.column not in table.primary_key:
        yield (
            (*where, "history", "column"),
            f"«{rule.column}» is not in the primary key {list(table.primary_key)}: a row could change its history.",
        )
    for index, revision in enumerate(table.revisions):
        place = ("tables", table.name, "revisions", index)
        for name in revision.where:
            yield from _unknown(table, fields, (*place, "where", name), name)
        if rule is not None and rule.needs_reason and rule.column not in revision.where:
            yield (
                place,
                f"name the history that it is the reason of, `where: {{{rule.column}: …}}`, or it is one of all.",
            )


def _flag_problems(table: Table, fields: Mapping[str, Any]) -> Iterator[_Problem]:
    for index, flag in enumerate(table.flags):
        name = flag.column if flag.column.endswith("_flagg") else f"{flag.column}_flagg"
        if name not in fields:
            yield (
                ("tables", table.name, "flags", index, "column"),
                f"«{name}» is no field of schemas/{table.name}.schema.json: a flag needs one to stand in.",
            )


def _unknown(table: Table, fields: Mapping[str, Any], where: Place, name: str) -> Iterator[_Problem]:
    if name not in fields:
        yield where, f"«{name}» is no field of the table «{table.name}»."
