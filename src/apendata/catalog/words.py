"""A YAML file against its JSON Schema: an unknown key or a wrong value, with file, line and what was expected."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema
from jsonschema.exceptions import ValidationError, best_match

from apendata.catalog.yaml_lines import Document
from apendata.errors import DefinitionError


def check_words(document: Document, schema: str = "dataset.schema.json") -> None:
    """Check a definition against a JSON Schema of this folder.

    Raises:
        DefinitionError: naming every place that is wrong, in the file's order.
    """
    errors = [_innermost(error) for error in _validator(schema).iter_errors(document.value)]
    if errors:
        lines = sorted({(document.line(tuple(e.absolute_path)), _sentence(e)) for e in errors})
        raise DefinitionError("\n".join(f"{document.file}:{line}: {sentence}" for line, sentence in lines))


@cache
def _validator(schema: str) -> jsonschema.Draft202012Validator:
    text = files("apendata.catalog").joinpath(schema).read_text(encoding="utf-8")
    return jsonschema.Draft202012Validator(json.loads(text))


def _innermost(error: ValidationError) -> ValidationError:
    """Of a ``oneOf``, the alternative that the author most likely meant; its message says what to mend."""
    if error.validator != "oneOf" or not error.context:
        return error
    if isinstance(error.instance, dict) and "method" in error.instance:
        meant = [e for e in error.context if e.schema_path and not _other_method(error, e)]
        return _innermost(best_match(meant) or error) if meant else error
    return _innermost(best_match(error.context) or error)


def _other_method(parent: ValidationError, child: ValidationError) -> bool:
    """Whether an alternative of ``disclosure`` is for another method than the one that is written."""
    alternative: Any = parent.validator_value[child.relative_schema_path[0]]  # type: ignore[index]  # a list, for oneOf
    instance: Any = parent.instance
    return _method(alternative) not in (None, instance["method"])


def _method(alternative: Any) -> str | None:
    """The method of disclosure control that an alternative is about."""
    method: str | None = alternative.get("properties", {}).get("method", {}).get("const")
    return method


def _sentence(error: ValidationError) -> str:
    where = ".".join(str(part) for part in error.absolute_path) or "the top level"
    expected = _expected(error)
    hint = error.schema.get("description") if isinstance(error.schema, dict) else None
    return f"{where}: {expected}" + (f" ({hint})" if hint else "")


def _expected(error: ValidationError) -> str:  # noqa: PLR0911 (one line for each keyword of JSON Schema)
    value: Any = error.validator_value
    instance: Any = error.instance
    schema: Any = error.schema
    match error.validator:
        case "additionalProperties":
            known = sorted(schema.get("properties", {}))
            unknown = sorted(set(instance) - set(known))
            return f"unknown key {_list(unknown)}. Known here: {_list(known)}."
        case "required":
            missing = [key for key in value if key not in instance]
            return f"the key {_list(missing)} is missing."
        case "enum":
            return f"expected one of {_list(value)}, found {json.dumps(error.instance, ensure_ascii=False)}."
        case "const":
            return f"expected {json.dumps(value)}, found {json.dumps(error.instance, ensure_ascii=False)}."
        case "type":
            return f"expected {value if isinstance(value, str) else ' or '.join(value)}."
        case "oneOf":
            if methods := [_method(alternative) for alternative in value if _method(alternative)]:
                return f"`method` is one of {_list(methods)}; other methods are not supported."
            keys = [alternative["required"][0] for alternative in value if alternative.get("required")]
            return f"expected exactly one of {_list(keys)}." if keys else "has none of the forms that are allowed here."
        case _:
            return f"{error.message}."


def _list(words: list[Any]) -> str:
    return ", ".join(f"`{word}`" for word in words)
