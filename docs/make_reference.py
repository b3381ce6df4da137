"""Makes docs/dataset-definition.md from the JSON Schema of dataset.yaml, so that the reference cannot drift.

`python docs/make_reference.py` writes it; a test compares.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SCHEMA = HERE.parent / "src" / "apendata" / "catalog" / "dataset.schema.json"
PAGE = HERE / "dataset-definition.md"

INTRODUCTION = """\
# dataset.yaml

<!-- Made by docs/make_reference.py from src/apendata/catalog/dataset.schema.json. Change the schema, not this page. -->

A dataset is a folder `datasets/<id>/`. Its `dataset.yaml` says what the dataset is, never how it is made: there are no
steps, no function names and no expressions in it. Types, labels, units, categories and keys of the published columns
stand in `schemas/<table>.schema.json`; nothing stands twice. Everything that is read is named: a column is published,
used for a check, or ignored by name with a reason. Where nothing is declared, nothing is guessed: the dataset stops and
the error names the key to write.

A key marked **must** has to be there. `{nb, en}` is a text in Norwegian bokmål and English.
"""


def page() -> str:
    """Return the whole page."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    parts = [INTRODUCTION, *_section("The file", schema)]
    for name, definition in schema["$defs"].items():
        if name not in ("text", "unit", "sign"):
            parts += _section(f"`{name}`", definition)
    return "\n".join(parts).rstrip() + "\n"


def _section(title: str, definition: Mapping[str, Any]) -> Iterator[str]:
    yield f"\n## {title}\n"
    if "description" in definition and title != "The file":
        yield f"{definition['description']}\n"
    forms = [form for form in definition.get("oneOf", ()) if "properties" in form]
    for form in forms or [definition]:
        if "properties" in form:
            yield from _table(form)


def _table(form: Mapping[str, Any]) -> Iterator[str]:
    method = form["properties"].get("method", {}).get("const")
    if method:
        yield f"\n`method: {method}`\n"
    yield "| key | | what |\n|---|---|---|"
    for key, value in form["properties"].items():
        must = "**must**" if key in form.get("required", ()) else ""
        what = ". ".join(part for part in (_kind(value), value.get("description", "")) if part)
        yield f"| `{key}` | {must} | {what} |".replace("\n", " ")
    yield ""


def _kind(value: Mapping[str, Any]) -> str:  # noqa: PLR0911 (one line for each form that a JSON Schema can have)
    if "$ref" in value:
        name = value["$ref"].rsplit("/", 1)[1]
        return {"text": "`{nb, en}`", "unit": "a unit", "sign": "a sign"}.get(name, f"see [`{name}`](#{name})")
    if "const" in value:
        return f"`{json.dumps(value['const'])}`"
    if "enum" in value:
        return " · ".join(f"`{word}`" for word in value["enum"])
    if "oneOf" in value:
        return " or ".join(filter(None, (_kind(form) for form in value["oneOf"])))
    if value.get("type") == "array" and isinstance(value.get("items"), dict):
        return f"a list: {_kind(value['items'])}"
    if "properties" in value:
        inner = (f"{k}{'' if k in value.get('required', ()) else '?'}" for k in value["properties"])
        return "`{" + ", ".join(inner) + "}`"
    if isinstance(value.get("additionalProperties"), dict):
        return f"name → {_kind(value['additionalProperties'])}"
    kind = value.get("type", "")
    return {"string": "a text", "integer": "a whole number", "number": "a number", "boolean": "`true` or `false`"}.get(
        kind if isinstance(kind, str) else kind[0], ""
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
