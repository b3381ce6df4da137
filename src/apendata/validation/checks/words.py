"""The words of each kind of check, and that a definition uses them rightly."""

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

import pyarrow as pa

from apendata.errors import DefinitionError
from apendata.model import Check, Dataset, Table
from apendata.validation.checks.conditions import are_conditions
from apendata.validation.checks.formula import FormulaWrong, read_formula
from apendata.validation.checks.posts import read_terms
from apendata.validation.table_schema import TableRules

Shape = Literal[
    "number_column",
    "column",
    "columns",
    "number",
    "times",
    "count",
    "where",
    "pairs",
    "table_value",
    "posts",
    "formula",
    "every",
    "direction",
    "texts",
    "code_list",
    "of_list",
]


@dataclass(frozen=True, slots=True)
class Words:
    """The words that a kind needs and may have, each with the shape of its value."""

    required: Mapping[str, Shape]
    optional: Mapping[str, Shape]
    needs_because: bool = False
    """Always; a tolerance other than 0 needs a reason in every kind."""


@dataclass(frozen=True, slots=True)
class _Around:
    """What a word's value may refer to."""

    fields: TableRules
    tables: Mapping[str, TableRules]
    codelists: Container[str]
    words: Mapping[str, Any]


_DIGITS: Final = 18
"""Of a number, before its point and behind it: all that a column may hold."""
_WITHIN: Final[Mapping[str, Shape]] = {"within": "number"}
_ROUNDED: Final[Mapping[str, Shape]] = {"within": "number", "rounded_to": "number"}
CHECK_WORDS: Final[Mapping[str, Words]] = {
    "sums_to_sum_rows": Words({"value": "number_column", "over": "columns"}, _ROUNDED),
    "control_total": Words(
        {"value": "number_column", "equals": "number"}, {"where": "where", **_WITHIN}, needs_because=True
    ),
    "control_rows": Words({"equals": "count"}, {"where": "where"}),
    "balances": Words({"value": "number_column", "per": "columns"}, _ROUNDED),
    "difference": Words({"equals": "number_column", "from": "number_column", "minus": "number_column"}, _WITHIN),
    "share": Words({"equals": "number_column", "of": "number_column", "base": "number_column"}, _WITHIN),
    "not_less": Words({"value": "number_column", "than": "number_column"}, {}),
    "sum_equals": Words(
        {"value": "number_column", "per": "pairs", "equals": "table_value"}, {"where": "where", **_ROUNDED}
    ),
    "statement": Words({"value": "number_column", "post": "column", "per": "columns", "sums": "posts"}, _WITHIN),
    "cancels": Words({"value": "number_column", "per": "columns", "first": "where", "second": "where"}, _ROUNDED),
    "complete": Words(
        {"column": "column", "every": "every"},
        {"per": "columns", "where": "where", "expected": "texts", "but_not": "texts"},
    ),
    "formula": Words({"equals": "number_column", "is": "formula"}, _WITHIN),
    "sign": Words({"value": "number_column", "is": "direction"}, {"where": "where"}),
    "bears_out": Words(
        {"share": "number_column", "of": "number_column", "per": "columns", "times": "times"}, {}, needs_because=True
    ),
    "in_code_list": Words(
        {"code": "column", "list": "code_list"},
        {"name": "column", "at": "column", "or_at_first_of": "columns", "where": "where", "only": "of_list"},
    ),
    "only_with": Words({"where": "where", "must": "where"}, {"value": "number_column"}),
}


def refuse_wrong_words(dataset: Dataset, rules: Mapping[str, TableRules]) -> None:
    """Check every check's words before any row is looked at.

    Raises:
        DefinitionError: naming every word that is unknown, missing or of the wrong form.
    """
    problems = [
        f"dataset «{dataset.id}», table «{table.name}», check {number} ({check.kind}): {problem}"
        for table in dataset.tables
        for number, check in enumerate(table.checks, start=1)
        for problem in _problems(check, table, rules, dataset.codelists)
    ]
    if problems:
        raise DefinitionError("\n".join(problems))


def _problems(check: Check, table: Table, rules: Mapping[str, TableRules], codelists: Container[str]) -> Iterator[str]:
    words = CHECK_WORDS[check.kind]
    shapes = {**words.required, **words.optional}
    for word in check.words.keys() - shapes.keys():
        yield f"unknown word `{word}`. Known: {', '.join(shapes)}."
    for word in words.required.keys() - check.words.keys():
        yield f"the word `{word}` is missing."
    for word, shape in shapes.items():
        expected, fits = _SHAPES[shape]
        around = _Around(rules[table.name], rules, codelists, check.words)
        if word in check.words and not fits(check.words[word], around):
            yield f"`{word}`: expected {expected}."
    if check.words.get("must") == {}:
        yield "`must` names no column: say with what the rows must stand."
    if "or_at_first_of" in check.words and "at" not in check.words:
        yield "`or_at_first_of` needs `at`: the column with the dates."
    if check.because is None and words.needs_because:
        yield "`because` is missing: say where the figure comes from."
    if check.because is None and check.words.get("but_not"):
        yield "`because` is missing: say why periods may be missing."
    if check.because is None and check.words.get("within", 0) not in (0, "0"):
        yield "`because` is missing: say why a difference is allowed."


def _is_number_column(value: object, around: _Around) -> bool:
    return _is_number_of(around.fields, value)


def _is_number_of(fields: TableRules, name: object) -> bool:
    return isinstance(name, str) and name in fields.by_name and fields.by_name[name].type in ("integer", "number")


def _is_columns(value: object, around: _Around) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(n, str) and n in around.fields.by_name for n in value)


def _is_number(value: object, _: _Around) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return False
    return number.is_finite() and number.adjusted() < _DIGITS and int(number.as_tuple().exponent) > -_DIGITS


def _is_times(value: object, around: _Around) -> bool:
    return _is_number(value, around) and Decimal(str(value)) >= 1


def _is_count(value: object, _: _Around) -> bool:
    return str(value).isascii() and str(value).isdecimal()


def _is_where(value: object, around: _Around) -> bool:
    return are_conditions(around.fields, value)


def _is_column(value: object, around: _Around) -> bool:
    return isinstance(value, str) and value in around.fields.by_name


def _is_posts(value: object, _: _Around) -> bool:
    return isinstance(value, Mapping) and bool(value) and all(read_terms(str(text)) for text in value.values())


def _is_formula(value: object, around: _Around) -> bool:
    try:
        made = read_formula(str(value))
    except FormulaWrong:
        return False
    return all(_is_number_of(around.fields, name) for name in made.names)


def _is_every(value: object, around: _Around) -> bool:
    rule = around.fields.by_name.get(str(around.words.get("column")))
    if rule is None or value not in _EVERY:
        return False
    return rule.type == "date" or (value == "year" and (rule.type in ("year", "integer") or "expected" in around.words))


_EVERY: Final = ("year", "quarter", "month")


def _is_direction(value: object, _: _Around) -> bool:
    return value in ("positive", "negative")


def _is_texts(value: object, _: _Around) -> bool:
    return isinstance(value, list | tuple) and bool(value)


def _is_code_list(value: object, around: _Around) -> bool:
    """A table of the dataset, or a code list of another one, whose columns only the reading of it can know."""
    if not isinstance(value, Mapping) or not set(value) <= {"table", "codelist", "code", "name", "from", "to"}:
        return False
    if "code" not in value or ("table" in value) == ("codelist" in value):
        return False
    if not all(isinstance(name, str) for name in value.values()):
        return False
    if "codelist" in value:
        return value["codelist"] in around.codelists
    fields = around.tables.get(value["table"])
    columns = [value[word] for word in ("code", "name", "from", "to") if word in value]
    return fields is not None and all(column in fields.by_name for column in columns)


def _is_of_list(value: object, around: _Around) -> bool:
    """Columns of the code list with a value each; those of another dataset only the reading of it can know."""
    named = around.words.get("list")
    table = named.get("table") if isinstance(named, Mapping) else None
    fields = around.tables.get(str(table)) if table is not None else None
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(isinstance(text, str | int) for text in value.values())
        and (fields is None or all(name in fields.by_name for name in value))
    )


def _is_pairs(value: object, around: _Around) -> bool:
    """Columns that name the same groups in both tables; of unlike types, no two keys of them would be equal."""
    other = around.words.get("equals")
    fields = around.tables.get(str(other.get("table"))) if isinstance(other, Mapping) else None
    return (
        isinstance(value, Mapping)
        and fields is not None
        and all(
            here in around.fields.by_name
            and str(there) in fields.by_name
            and _are_alike(around.fields.by_name[here].arrow, fields.by_name[str(there)].arrow)
            for here, there in value.items()
        )
    )


def _are_alike(here: pa.DataType, there: pa.DataType) -> bool:
    return bool(here == there or (pa.types.is_integer(here) and pa.types.is_integer(there)))


def _is_table_value(value: object, around: _Around) -> bool:
    if not isinstance(value, Mapping) or set(value) != {"table", "value"} or str(value["table"]) not in around.tables:
        return False
    return _is_number_of(around.tables[str(value["table"])], value["value"])


_SHAPES: Final[Mapping[Shape, tuple[str, Callable[[object, _Around], bool]]]] = {
    "number_column": ("a column of this table with numbers", _is_number_column),
    "columns": ("a list of this table's columns", _is_columns),
    "number": (f"a number of at most {_DIGITS} digits, with a decimal point", _is_number),
    "times": ("a number of at least 1", _is_times),
    "count": ("a number of rows", _is_count),
    "where": (
        "columns of this table, each with a value of its type, a list of them, or {from: value, to: value}",
        _is_where,
    ),
    "column": ("a column of this table", _is_column),
    "posts": ("sum posts, each with the posts that it is made of, such as «1..7 - 8»", _is_posts),
    "formula": ("a formula of this table's number columns, numbers, + - * / and parentheses", _is_formula),
    "every": ("year, where the column holds years or dates; or quarter or month, where it holds dates", _is_every),
    "direction": ("positive or negative", _is_direction),
    "texts": ("a list of periods", _is_texts),
    "code_list": (
        "{table: a table of this dataset, or codelist: one of `codelists`; code: its column, and name, from, to}",
        _is_code_list,
    ),
    "of_list": ("columns of the code list, each with a value", _is_of_list),
    "pairs": ("this table's columns, each with the other table's column of the same type", _is_pairs),
    "table_value": ("{table: a table of this dataset, value: its column with numbers}", _is_table_value),
}
