"""Reads ``schemas/<table>.schema.json``: a Frictionless Table Schema, and what apendata asks of one besides."""

import json
from pathlib import Path
from typing import Any, Final

import jsonschema
from jsonschema.exceptions import best_match

from apendata.errors import DefinitionError

_TEXT: Final = {"type": "string", "minLength": 1}
_NUMERIC: Final = ("integer", "number")

# What a published contract must say. Stricter than Table Schema itself: texts in both languages, a key, a unit beside
# every number and the number of decimals of every decimal number, since a reader cannot ask us afterwards.
_FIELD: Final = {
    "type": "object",
    "required": ["name", "type", "title", "title_en", "description", "description_en"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$", "maxLength": 63},
        "type": {"enum": ["string", "integer", "number", "date", "year", "boolean"]},
        "title": _TEXT,
        "title_en": _TEXT,
        "description": _TEXT,
        "description_en": _TEXT,
        "unit": {
            "enum": [
                "NOK",
                "kNOK",
                "MNOK",
                "persons",
                "fte",
                "percent",
                "count",
                "years",
                "other",
            ]
        },
        "sign": {"enum": ["expense_positive", "income_positive", "as_stated"]},
        "decimals": {"type": "integer", "minimum": 0, "maximum": 9},
        "labels": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["nb", "en"],
                "additionalProperties": False,
                "properties": {"nb": _TEXT, "en": _TEXT},
            },
        },
        "constraints": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "required": {"type": "boolean"},
                "unique": {"type": "boolean"},
                "enum": {"type": "array", "minItems": 1},
                "pattern": {"type": "string"},
                "minLength": {"type": "integer"},
                "maxLength": {"type": "integer"},
                "minimum": {},
                "maximum": {},
            },
        },
    },
    "allOf": [
        {
            "if": {"properties": {"type": {"enum": list(_NUMERIC)}}},
            "then": {"required": ["unit"]},
        },
        {
            "if": {"properties": {"type": {"const": "number"}}},
            "then": {"required": ["decimals"]},
        },
        {
            "if": {
                "properties": {"unit": {"enum": ["NOK", "kNOK", "MNOK"]}},
                "required": ["unit"],
            },
            "then": {"required": ["sign"]},
        },
    ],
}
_SCHEMA: Final = {
    "type": "object",
    "required": ["$schema", "fields", "primaryKey", "missingValues"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"const": "https://datapackage.org/profiles/2.0/tableschema.json"},
        "fields": {"type": "array", "minItems": 1, "items": _FIELD},
        "primaryKey": {"type": "array", "minItems": 1, "items": _TEXT},
        "missingValues": {"const": [""]},
        "foreignKeys": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["fields", "reference"],
                "properties": {
                    "fields": {"type": "array", "items": _TEXT},
                    "reference": {
                        "type": "object",
                        "required": ["resource", "fields"],
                        "properties": {
                            "resource": {"type": "string"},
                            "fields": {"type": "array", "items": _TEXT},
                        },
                    },
                },
            },
        },
    },
}


def read_table_schema(file: Path) -> dict[str, Any]:
    """Read and check one Table Schema.

    Raises:
        DefinitionError: there is none, it is not JSON, or it lacks or misspells what a contract must say.
    """
    try:
        schema = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DefinitionError(
            f"{file}: there is no such file. Every published table has its Table Schema there."
        ) from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        line = getattr(error, "lineno", 1)
        raise DefinitionError(f"{file}:{line}: this is not JSON in UTF-8.") from None
    problem = best_match(jsonschema.Draft202012Validator(_SCHEMA).iter_errors(schema))
    if problem is not None:
        raise DefinitionError(f"{file}: {_path(schema, list(problem.absolute_path))}: {problem.message}.")
    _check_names(file, schema)
    return dict(schema)


def _path(schema: Any, path: list[str | int]) -> str:
    """A place in the schema as a person says it: the field's name and not its number."""
    if path[:1] == ["fields"] and len(path) > 1:
        name = (
            schema["fields"][path[1]].get("name", path[1]) if isinstance(schema["fields"][path[1]], dict) else path[1]
        )
        return f"field «{name}»" + "".join(f".{part}" for part in path[2:])
    return ".".join(str(part) for part in path) or "the top level"


def _check_names(file: Path, schema: dict[str, Any]) -> None:
    names = [field["name"] for field in schema["fields"]]
    twice = sorted({name for name in names if names.count(name) > 1})
    unknown = sorted(set(schema["primaryKey"]) - set(names))
    if twice or unknown:
        raise DefinitionError(f"{file}: field names that stand twice: {twice}; primaryKey without a field: {unknown}.")
