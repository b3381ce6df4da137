"""A Table Schema as rules for columns: who judges its cells, and which Arrow type holds them exactly.

It imports frictionless only when a table is checked: the import costs 0.7 s.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from apendata.errors import DefinitionError
from apendata.model import Table
from apendata.tabular.backtracking import safe_match
from apendata.tabular.judging import Judge
from apendata.tabular.patterns import compiled
from apendata.tabular.schema import field_of
from apendata.tabular.stricter import Stricter

if TYPE_CHECKING:
    from frictionless.schema import Field

DECIMAL_DIGITS: Final = 18
"""Digits of a ``number`` in all, before and after the point: what 64 bits hold, so that every reader can."""

STATUS: Final = "_status"
_BOUNDS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


@dataclass(frozen=True)
class FieldRule:
    """One field, who judges its cells, and the constraints as values of the field's type."""

    name: str
    type: str
    arrow: pa.DataType
    decimals: int
    constraints: Mapping[str, Any]
    """As written, but for bounds and ``enum``, which are parsed."""
    judge: Judge

    @property
    def unique(self) -> bool:
        """Whether no value may stand twice."""
        return bool(self.constraints.get("unique"))

    def expected(self, constraint: str) -> str:
        """What a constraint asks, as safe text."""
        value = self.constraints.get(constraint, "")
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


@dataclass(frozen=True)
class TableRules:
    """One table: its fields in order, its keys, and which column tells why a value is absent."""

    table: Table
    fields: tuple[FieldRule, ...]
    foreign_keys: tuple[Mapping[str, Any], ...]

    @cached_property
    def by_name(self) -> Mapping[str, FieldRule]:
        """Field name → rule."""
        return {rule.name: rule for rule in self.fields}

    @cached_property
    def statuses(self) -> Mapping[str, str]:
        """Value column → its status column."""
        names = self.by_name
        return {name: name + STATUS for name in names if name + STATUS in names}


def read_rules(table: Table) -> TableRules:
    """Read a table's schema.

    Raises:
        DefinitionError: the schema is not a Table Schema, or a field cannot be kept exactly.
    """
    from frictionless import FrictionlessException, Schema

    try:
        schema = Schema.from_descriptor(dict(table.schema))
    except FrictionlessException as error:
        notes = "; ".join(reason.note for reason in error.reasons) or error.error.note
        raise DefinitionError(f"schemas/{table.name}.schema.json is no valid Table Schema: {notes}.") from None
    return TableRules(
        table,
        tuple(_field_rule(table, field) for field in schema.fields),
        tuple(schema.foreign_keys),
    )


def _field_rule(table: Table, field: "Field") -> FieldRule:
    place = f"schemas/{table.name}.schema.json, field «{field.name}»"
    decimals, arrow = int(field.custom.get("decimals", 0)), _arrow_type(field, place)
    if pattern := field.constraints.get("pattern"):
        compiled(pattern, place)
        safe_match(pattern, place)
    return FieldRule(
        name=field.name,
        type=field.type,
        arrow=arrow,
        decimals=decimals,
        constraints=_parsed(field, arrow, place),
        judge=Judge(field_of(field), Stricter()),
    )


def _arrow_type(field: "Field", place: str) -> pa.DataType:
    """int64, decimal128, string, date32, int32 or bool. A ``number`` is never a float: 0.1 has no exact float."""
    if field.type == "number":
        if "decimals" not in field.custom:
            raise DefinitionError(f"{place}: a number needs `decimals`, how many decimals are published.")
        return pa.decimal128(DECIMAL_DIGITS, int(field.custom["decimals"]))
    known = {
        "integer": pa.int64(),
        "string": pa.string(),
        "date": pa.date32(),
        "year": pa.int32(),
        "boolean": pa.bool_(),
    }
    if field.type not in known:
        raise DefinitionError(f"{place}: the type «{field.type}» is not published; expected one of {', '.join(known)}.")
    return known[field.type]


def _parsed(field: "Field", arrow: pa.DataType, place: str) -> dict[str, Any]:
    """Constraints with bounds and enum read as values of the type, as Frictionless compares them."""
    read = field.create_value_reader()
    parsed = dict(field.constraints)
    for name in _BOUNDS:
        if name in parsed:
            parsed[name] = read(parsed[name])
            if parsed[name] is None or not _fits([parsed[name]], None):
                raise DefinitionError(f"{place}: the constraint {name} is not of type {field.type}.")
    if "enum" in parsed:
        parsed["enum"] = [read(value) for value in parsed["enum"]]
        if None in parsed["enum"] or not _fits(parsed["enum"], arrow):
            raise DefinitionError(f"{place}: a value of the constraint enum is not of type {field.type}.")
    return parsed


def _fits(values: list[Any], arrow: pa.DataType | None) -> bool:
    """Whether Arrow can hold the values (as its own choice of type, where none is named)."""
    try:
        return len(pa.array(values, arrow)) == len(values)
    except (pa.ArrowInvalid, OverflowError):
        return False
