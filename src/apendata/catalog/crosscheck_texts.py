"""Every published text is from a closed list, of a pattern, or said to be free: nobody publishes a text by accident.

Closed is what something enforces: ``enum`` of the schema, ``codes``, a lookup, a constant of the definition, a key into
a closed column of the same dataset, a check ``in_code_list`` over all rows. A foreign key into another dataset is none
of these, since no run checks it. A column that says ``transform: true`` may hold anything; that a ``transform.py``
leaves the others as they were read is for those who review its code.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from apendata.model import Column, Dataset, Table

Place = tuple[str | int, ...]
_Problem = tuple[Place, str]

_MARKS: Final = ("_status", "_flagg")
_ANY_TEXT: Final = ("Kari Nordmann", "Se sak 7, Ola.")
"""A pattern that lets one of these through lets a person's name through."""


def text_problems(dataset: Dataset, table: Table) -> Iterator[_Problem]:
    """Yield (place in dataset.yaml, what is wrong and what to write)."""
    columns = {column.name: column for column in table.columns}
    for field in table.fields:
        name, column = str(field["name"]), columns.get(field["name"])
        place: Place = ("tables", table.name, "columns", name)
        if field["type"] != "string":
            yield from _no_text_problems(column, place)
        elif not _is_free(column) and not _is_closed(dataset, table, name, frozenset()):
            yield place if column else ("tables", table.name), _what_to_do(table.name, name)


def _what_to_do(table: str, name: str) -> str:
    return (
        f"the texts of «{name}» may be anything. Give the field an `enum`, or a `pattern` that no person's name fits, "
        f"in schemas/{table}.schema.json; or the column `codes`, a `lookup` or a check `in_code_list` over all rows; "
        "or say `text: {because: …, max_length: …}` in it, and new texts are told, so that somebody reads them."
    )


def _no_text_problems(column: Column | None, place: Place) -> Iterator[_Problem]:
    if column and (column.text or column.allow_identifiers):
        key = "text" if column.text else "allow_identifiers"
        yield (*place, key), f"`{key}` is for columns of texts, and «{column.name}» is none by its schema."


def _is_free(column: Column | None) -> bool:
    return column is not None and column.text is not None


def _is_closed(dataset: Dataset, table: Table, name: str, asked: frozenset[tuple[str, str]]) -> bool:
    """Whether a column's texts come from a closed list or fit a pattern; ``asked`` are columns on the way here."""
    if table.margins:
        base = _table(dataset, table.margins.of)
        return base is None or _is_free(_column(base, name)) or _is_closed(dataset, base, name, asked)
    field = next((field for field in table.fields if field["name"] == name), None)
    if field is None or (table.name, name) in asked:
        return field is None  # told elsewhere; or a circle of keys, in which nothing is closed
    bounds = field.get("constraints", {})
    return (
        name.endswith(_MARKS)
        or field["type"] != "string"
        or "enum" in bounds
        or ("pattern" in bounds and _is_narrow(bounds["pattern"]))
        or _by_its_origin(dataset, table, name)
        or any(check.words.get("code") == name for check in table.checks if _closes(check))
        or _by_a_key(dataset, table, name, asked | {(table.name, name)})
    )


def _is_narrow(pattern: str) -> bool:
    """Matched as Frictionless does; a pattern that is no regular expression is told when the schema is read."""
    try:
        whole = re.compile(f"^{pattern}$")
    except re.error:
        return True
    return not any(whole.match(text) for text in _ANY_TEXT)


def _by_its_origin(dataset: Dataset, table: Table, name: str) -> bool:
    column = _column(table, name)
    if column is None:
        return False
    typed = {kind for source in table.sources for kind in _kinds(dataset, source, column.path)}
    is_date = bool(typed) and "text" not in typed
    looked_up = any(other.lookup and other.lookup.by == name for other in table.columns)
    return bool(column.codes or column.lookup or column.constant is not None or is_date or looked_up)


def _kinds(dataset: Dataset, source: str, placeholder: str | None) -> Iterator[str]:
    if placeholder is not None and source in dataset.sources:
        yield dataset.sources[source].placeholders.get(placeholder, "text")


def _closes(check: Any) -> bool:
    return check.kind == "in_code_list" and check.severity == "error" and "where" not in check.words


def _by_a_key(dataset: Dataset, table: Table, name: str, asked: frozenset[tuple[str, str]]) -> bool:
    for key in table.schema.get("foreignKeys", ()):
        pairs: Mapping[str, str] = dict(zip(key["fields"], key["reference"]["fields"], strict=False))
        led = _table(dataset, key["reference"]["resource"] or table.name)
        if name in pairs and led is not None and _is_closed(dataset, led, pairs[name], asked):
            return True
    return False


def _table(dataset: Dataset, name: str) -> Table | None:
    return next((table for table in dataset.tables if table.name == name), None)


def _column(table: Table, name: str) -> Column | None:
    return next((column for column in table.columns if column.name == name), None)
