"""Which columns a preview has: a code and its name share one, and what says something of a value stands beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

COMPANIONS: Final = ("_status", "_flagg")
"""Columns that say something of another column: a preview puts it into words beside the value."""
CODE_ENDS: Final = ("_kode", "_id")
NAME_END: Final = "_navn"
Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a preview: a field, or a code and its name in one."""

    field: Schema
    name: Schema | None = None
    """The field with the names of ``field``'s codes."""
    pinned: bool = False
    """The first quantity of the table: a wide table keeps it in sight."""

    @property
    def heading(self) -> Schema:
        """The field whose title says what the column is: the one whose name the other's is made from."""
        return min((self.field, self.name or self.field), key=lambda field: len(field["name"]))


def columns(schema: Schema) -> tuple[Column, ...]:
    """Return what a preview shows of a schema's fields, in their order.

    A code and its name stand together where the first of them does; companions stand beside their values.
    """
    fields = {field["name"]: field for field in schema["fields"]}
    shown = [field for name, field in fields.items() if not _is_companion(name, set(fields))]
    figure = next((field["name"] for field in shown if "unit" in field), None)
    names = {code: name for code in fields if (name := _name_of(code, fields))}
    codes = {name: code for code, name in names.items()}
    found: dict[str, Column] = {}
    for field in shown:
        code = codes.get(field["name"], field["name"])
        found.setdefault(code, Column(fields[code], fields.get(names.get(code, "")), pinned=code == figure))
    return tuple(found.values())


def _is_companion(name: str, names: set[str]) -> bool:
    return any(name.endswith(end) and name.removesuffix(end) in names for end in COMPANIONS)


def _name_of(code: str, fields: Mapping[str, Schema]) -> str | None:
    """The field with the names of a field's codes: ``enhet`` of ``enhet_kode``, or ``art_navn`` of ``art``."""
    names = [code.removesuffix(end) for end in CODE_ENDS if code.endswith(end)] + [code + NAME_END]
    texts = [name for name in names if name in fields and _is_plain_text(fields[code]) and _is_plain_text(fields[name])]
    return texts[0] if texts else None


def _is_plain_text(field: Schema) -> bool:
    return field["type"] == "string" and "labels" not in field
