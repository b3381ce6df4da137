"""A Table Schema as fields. One that is surely valid is read here; any other is Frictionless' to judge.

Frictionless takes a quarter of a second to import, a third of the time that a million valid rows take: where nothing
is in doubt, it is never asked. What this module is not sure of (an unusual word, a value of another kind) goes to
:attr:`Schema.theirs`, whose verdict stands.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field as dataclass_field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from apendata.errors import DefinitionError
from apendata.tabular import theirs
from apendata.tabular.backtracking import safe_match
from apendata.tabular.patterns import compiled

if TYPE_CHECKING:
    from apendata.tabular.theirs import TheirField, TheirSchema

_V2: Final = "https://datapackage.org/profiles/2.0/tableschema.json"
_BOUNDS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_BOUNDED: Final = frozenset({"required", "unique", "enum", "minimum", "maximum"})
_LENGTHS: Final = frozenset({"required", "unique", "enum", "minLength", "maxLength"})
_SURE_CONSTRAINTS: Final[Mapping[str, frozenset[str]]] = {
    "string": _LENGTHS | {"pattern"},
    "integer": _BOUNDED,
    "number": _BOUNDED,
    "date": _BOUNDED,
    "datetime": _BOUNDED,
    "time": _BOUNDED,
    "year": _BOUNDED,
    "yearmonth": _BOUNDED,
    "boolean": frozenset({"required", "unique", "enum"}),
    "any": frozenset({"required", "unique", "enum"}),
}
_KIND_OF_CONSTRAINT: Final[Mapping[str, type | tuple[type, ...]]] = {
    "required": bool,
    "unique": bool,
    "enum": list,
    "pattern": str,
    "minLength": int,
    "maxLength": int,
    **dict.fromkeys(_BOUNDS, (int, str)),
}
_KIND_OF_WORD: Final[Mapping[str, type | tuple[type, ...]]] = {
    "title": str,
    "description": str,
    "rdfType": str,
    "bareNumber": bool,
    "floatNumber": bool,
    "decimalChar": str,
    "groupChar": str,
    "trueValues": list,
    "falseValues": list,
    "categories": list,
    "categoriesOrdered": bool,
}
_WORDS_OF_SCHEMA: Final = frozenset({"$schema", "fields", "primaryKey", "missingValues", "uniqueKeys", "description"})


@dataclass(frozen=True, eq=False)
class Field:
    """One field, as it is declared."""

    name: str
    type: str
    format: str
    words: Mapping[str, Any]
    """The field's descriptor."""
    missing: frozenset[str]
    """Texts that stand for no value."""
    read: "CellReader" = dataclass_field(repr=False)
    """Frictionless' reader of one cell: (value or None, what it breaks by name)."""

    @property
    def constraints(self) -> Mapping[str, Any]:
        """Constraint name → what it asks, as declared."""
        return dict(self.words.get("constraints", {}))


@dataclass(frozen=True, eq=False)
class Schema:
    """A Table Schema's descriptor, and what it says of keys."""

    descriptor: Mapping[str, Any]
    is_sure: bool
    """Whether it is surely valid, with fields that match the header in their order."""

    @cached_property
    def theirs(self) -> "TheirSchema":
        """The schema as Frictionless reads it.

        Raises:
            Refused: it is not valid.
        """
        return theirs.read_schema(self.descriptor)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fields, in order."""
        return tuple(field["name"] for field in self.descriptor["fields"])

    @property
    def primary_key(self) -> tuple[str, ...]:
        """The columns of the primary key."""
        return _names(self.descriptor.get("primaryKey", ()))

    @property
    def unique_keys(self) -> tuple[tuple[str, ...], ...]:
        """The columns of every other key that must be unique (``uniqueKeys``)."""
        return tuple(_names(key) for key in self.descriptor.get("uniqueKeys", ()))

    @property
    def foreign_keys(self) -> Sequence[Mapping[str, Any]]:
        """The foreign keys as Frictionless reads them: fields and reference as lists."""
        return self.theirs.foreign_keys if self.descriptor.get("foreignKeys") else ()

    def fields(self) -> tuple[Field, ...]:
        """The fields in order; their cell readers ask Frictionless when they are first needed."""
        missing = frozenset(_missing(self.descriptor.get("missingValues", [""])))
        return tuple(self._field(words, missing) for words in self.descriptor["fields"])

    def _field(self, words: Mapping[str, Any], missing: frozenset[str]) -> Field:
        own = frozenset(_missing(words["missingValues"])) if "missingValues" in words else missing
        name = words["name"]
        reader = CellReader(lambda: self.theirs.get_field(name))
        return Field(name, words.get("type", "any"), words.get("format", "default"), words, own, reader)


class CellReader:
    """Frictionless' reader of a field's cells; it is made when the first cell needs it."""

    def __init__(self, field: "Callable[[], TheirField]") -> None:
        self._field = field

    def __call__(self, cell: object) -> tuple[Any, dict[str, str] | None]:
        """Read a cell: its value, or None, and what it breaks by name."""
        return self._read(cell)

    @cached_property
    def _read(self) -> Callable[[Any], tuple[Any, dict[str, str] | None]]:
        field = self._field()
        pattern, place = field.constraints.get("pattern"), f"field «{field.name}»"
        if pattern is None:
            return field.create_cell_reader()
        compiled(pattern, place)
        safe = safe_match(pattern, place)
        return field.create_cell_reader() if safe is None else theirs.reader_with(field, safe)

    def unreadable_constraint(self) -> str | None:
        """The name of a bound that is no value of the field's type, if any: nothing can be compared with it."""
        field = self._field()
        read = field.create_value_reader()
        return next(
            (name for name in _BOUNDS if name in field.constraints and read(field.constraints[name]) is None), None
        )


def field_of(field: "TheirField") -> Field:
    """A field as Frictionless has it: one that it matched to a label, or made up for an extra one."""
    missing = theirs.missing_values(field)
    return Field(field.name, field.type, field.format, field.to_descriptor(), missing, CellReader(lambda: field))


def read_schema(descriptor: Mapping[str, Any]) -> Schema:
    """Read a Table Schema's descriptor; whether an unusual one is valid is asked later.

    Raises:
        DefinitionError: words that Frictionless does not read, and we do, are of the wrong form.
    """
    _refuse_wrong_words(descriptor)
    return Schema(descriptor, _is_sure(descriptor))


def _refuse_wrong_words(descriptor: Mapping[str, Any]) -> None:
    """``uniqueKeys`` and ``categories``: nobody else looks at them."""
    fields = descriptor.get("fields")
    described = [field for field in fields if isinstance(field, dict)] if isinstance(fields, list) else []
    names = {field.get("name") for field in described if isinstance(field.get("name"), str)}
    keys = descriptor.get("uniqueKeys", [])
    if not isinstance(keys, list) or not all(_is_key(key, names) for key in keys):
        raise DefinitionError("the schema's uniqueKeys must be a list of keys, each a list of the schema's fields.")
    for field in described:
        categories = field.get("categories", [])
        if not isinstance(categories, list) or not all(_is_category(entry) for entry in categories):
            raise DefinitionError(
                f"field «{field.get('name')}»: categories must be a list of values, or of objects with a value."
            )


def _is_key(key: object, names: Container[Any]) -> bool:
    columns = [key] if isinstance(key, str) else key
    return isinstance(columns, list) and bool(columns) and all(isinstance(n, str) and n in names for n in columns)


def _is_category(entry: object) -> bool:
    value = entry.get("value") if isinstance(entry, dict) else entry
    return isinstance(value, str | int) and not isinstance(value, bool)


def _is_sure(descriptor: Mapping[str, Any]) -> bool:
    if not set(descriptor) <= _WORDS_OF_SCHEMA or descriptor.get("$schema", _V2) != _V2:
        return False
    fields = descriptor.get("fields")
    if not isinstance(fields, list) or not fields or not all(_is_sure_field(field) for field in fields):
        return False
    names = [field["name"] for field in fields]
    keys = [descriptor.get("primaryKey", []), *descriptor.get("uniqueKeys", [])]
    return (
        len(set(names)) == len(names)
        and _are_texts(descriptor.get("missingValues", [""]))
        and isinstance(descriptor.get("description", ""), str)
        and all(isinstance(key, str) or _are_texts(key) for key in keys)
        and all(set(_names(key)) <= set(names) for key in keys)
    )


def _is_sure_field(words: object) -> bool:
    if not isinstance(words, dict) or not isinstance(words.get("name"), str) or "example" in words:
        return False
    allowed = _SURE_CONSTRAINTS.get(words.get("type", ""))
    constraints = words.get("constraints", {})
    if allowed is None or not isinstance(constraints, dict) or not set(constraints) <= allowed:
        return False
    kinds = all(isinstance(words[name], kind) for name, kind in _KIND_OF_WORD.items() if name in words)
    asked = all(isinstance(value, _KIND_OF_CONSTRAINT[name]) for name, value in constraints.items())
    return (
        kinds
        and asked
        and "required" not in words
        and words.get("format", "default") == "default"
        and _are_texts(words.get("missingValues", []))
        and all(_are_texts(words.get(name, [])) for name in ("trueValues", "falseValues"))
        and _compiles(constraints.get("pattern", ""))
    )


def _compiles(pattern: str) -> bool:
    try:
        compiled(pattern, "")
    except DefinitionError:
        return False
    return True


def _are_texts(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def _names(key: str | Sequence[str]) -> tuple[str, ...]:
    return (key,) if isinstance(key, str) else tuple(key)


def _missing(entries: Sequence[Any]) -> list[str]:
    return [entry["value"] if isinstance(entry, Mapping) else entry for entry in entries]
