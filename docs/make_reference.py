"""Makes docs/dataset-definition.md from the JSON Schemas and the words of the checks, so that it cannot drift.

`python docs/make_reference.py` writes it; a test compares.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from apendata.validation import CHECK_WORDS

HERE = Path(__file__).parent
SCHEMAS = HERE.parent / "src" / "apendata" / "catalog"
PAGE = HERE / "dataset-definition.md"

INTRODUCTION = """\
# dataset.yaml

<!-- Made by docs/make_reference.py from src/apendata/catalog/*.schema.json and the words of the checks in
src/apendata/validation. Change those, not this page. -->

A dataset is a folder `datasets/<id>/`. Its `dataset.yaml` says what the dataset is, never how it is made: there are no
steps, no function names and no expressions in it. Types, labels, units, categories and keys of the published columns
stand in `schemas/<table>.schema.json`; nothing stands twice. Everything that is read is named: a column is published,
used for a check, or ignored by name with a reason. Where nothing is declared, nothing is guessed: the dataset stops and
the error names the key to write.

A key marked **must** has to be there. `{nb, en}` is a text in Norwegian bokmål and English.

Every published text is from a closed list (`enum` in the schema, `codes`, a `lookup`, a constant, a key into such a
column, a check `in_code_list` over all rows), fits a `pattern` of the schema, or is free and says why: `text: {because:
The measure's heading in the plan., max_length: 150}`. New free texts are told as needing review. Before anything is
committed, every text of tables, names and descriptions is looked at: national identity numbers stop the dataset
wherever they stand; organisation numbers, accounts, e-mail addresses and telephone numbers do so unless their column
says `allow_identifiers`; texts that begin with `=`, `+`, `-`, `@`, a tab or a line's end do, since a spreadsheet would
run them.

Three things that are easily got wrong:

- **A comma ends an unquoted text between braces.** `{nb: Lønn, pensjon, en: Pay}` is read as three keys, `nb`,
  `pensjon` and `en`, and refused. Quote such a text, `{nb: "Lønn, pensjon", en: Pay}`, or write the keys on lines of
  their own.
- **`scale_words` are factors of the declared `unit`.** In a table in 1000 kr (`unit: kNOK`), «1,2 mill» is 1200 of that
  unit: `{mill: 1000, k: 1}`. In a table in kroner (`unit: NOK`) the same words are `{mill: 1000000, k: 1000}`.
- **`codes` come before `marks`.** In a column of numbers the source's text is first replaced as `codes` says, then
  read as a number as `marks` says. A column of numbers with `codes` must therefore list every text that stands in it.
"""

HOLDS = {
    "sums_to_sum_rows": "the sum of `value` over the columns `over` is what the export's own sum rows say",
    "control_total": "the sum of `value` over the rows meant is the figure; `because` says where the figure stands",
    "control_rows": "so many rows are meant",
    "balances": "the sum of `value` is 0 for each combination of `per`",
    "difference": "in each row, `equals` is `from` minus `minus`",
    "share": "in each row, `equals` is 100 · `of` / `base`",
    "not_less": "in each row, `value` is at least `than`",
    "statement": "for each combination of `per`, every sum post of `sums` is the sum of the posts it is made of",
    "cancels": "for each combination of `per`, the rows `first` and the rows `second` add up to 0",
    "complete": "for each combination of `per`, no period is missing between the first and the last, or of `expected`",
    "formula": "in each row, `equals` is what the formula makes; exact, and nothing is rounded on the way",
    "sign": "no amount of the rows meant has the other sign",
    "bears_out": "`of` · 100 / `share` lies within `times` of the median of its group: the whole that a share implies",
    "in_code_list": (
        "the code is in the list, holds `at` the row's date (or at the first one of its `or_at_first_of`, as a plan "
        "keeps the codes of its first year), is one of those that `only` asks for, and is called `name` there"
    ),
    "only_with": "the rows `where` meet `must` as well; with `value`, those whose amount is not 0",
    "sum_equals": "the sum of `value` for each combination of `per` is the value in the other table's row",
}
FORMS = {
    "number_column": "a column of this table with numbers",
    "columns": "a list of this table's columns",
    "number": "a number with a decimal point",
    "times": "a number of at least 1",
    "count": "a number of rows",
    "where": "column → the value that its rows have, a list of values, or `{from, to}` with both ends",
    "column": "a column of this table",
    "posts": 'sum post → the posts that it is made of: `"1..7 - 8 + 9"`; a range goes by number, 24a after 24',
    "formula": '`"(a + b) * 100 / c"`: number columns, numbers, + − * / and parentheses; at most 200 of them',
    "every": "`year` of years or dates (of any column where `expected` lists them); `quarter` or `month` of dates",
    "direction": "`positive` or `negative`",
    "texts": "a list of periods, as they stand in the column",
    "code_list": "`{table` or `codelist, code, name, from, to}`: where the codes stand, and until when they hold",
    "of_list": "the code list's column → the value that its row has, as published: `{drift: true}`",
    "pairs": "this table's column → the other table's column of the same type",
    "table_value": "`{table, value}`: a table of this dataset, and its column with numbers",
}


def page() -> str:
    """Return the whole page."""
    schema, publisher = (_schema(name) for name in ("dataset", "publisher"))
    parts = [INTRODUCTION, *_section("The file", schema)]
    for name, definition in schema["$defs"].items():
        if name not in ("text", "unit", "sign"):
            parts += _section(f"`{name}`", definition)
        if name == "check":
            parts += _checks()
    parts += _section("publisher.yaml", publisher)
    return "\n".join(parts).rstrip() + "\n"


def _schema(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    return schema


def _checks() -> Iterator[str]:
    """Each kind of check with its own words, as validation itself knows them."""
    yield "| kind | words that it must have | and may have | what |\n|---|---|---|---|"
    for kind, words in CHECK_WORDS.items():
        must = _listed({**words.required, **({"because": "why"} if words.needs_because else {})})
        yield f"| `{kind}` | {must} | {_listed(words.optional)} | {HOLDS[kind]} |"
    yield "\nWhat stands for the words:\n"
    yield "| word's form | what |\n|---|---|"
    used = {shape for words in CHECK_WORDS.values() for shape in (*words.required.values(), *words.optional.values())}
    for shape in sorted(used):
        yield f"| {_shape(shape)} | {FORMS[shape]} |"
    yield "\n`within` is how far apart the two may be; any other than 0 needs `because`.\n"
    yield "`rounded_to` is the unit to which every figure was rounded: n figures may then be n halves of it apart.\n"


def _listed(words: Mapping[str, str]) -> str:
    return ", ".join(f"`{word}`: {_shape(shape)}" for word, shape in words.items())


def _shape(shape: str) -> str:
    return shape.replace("_", " ")


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
