"""The words of each kind of check, and that a definition uses them rightly."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

from apendata.errors import DefinitionError
from apendata.model import Check, Dataset, Table
from apendata.validation.cells import judge
from apendata.validation.table_schema import TableRules

Shape = Literal["number_column", "columns", "number", "count", "where", "pairs", "table_value"]


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
    words: Mapping[str, Any]


_WITHIN: Final[Mapping[str, Shape]] = {"within": "number"}
CHECK_WORDS: Final[Mapping[str, Words]] = {
    "sums_to_sum_rows": Words({"value": "number_column", "over": "columns"}, _WITHIN),
    "control_total": Words(
        {"value": "number_column", "equals": "number"}, {"where": "where", **_WITHIN}, needs_because=True
    ),
    "control_rows": Words({"equals": "count"}, {"where": "where"}),
    "balances": Words({"value": "number_column", "per": "columns"}, _WITHIN),
    "difference": Words({"equals": "number_column", "from": "number_column", "minus": "number_column"}, _WITHIN),
    "share": Words({"equals": "number_column", "of": "number_column", "base": "number_column"}, _WITHIN),
    "not_less": Words({"value": "number_column", "than": "number_column"}, {}),
    "sum_equals": Words(
        {"value": "number_column", "per": "pairs", "equals": "table_value"}, {"where": "where", **_WITHIN}
    ),
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
        for problem in _problems(check, table, rules)
    ]
    if problems:
        raise DefinitionError("\n".join(problems))


def _problems(check: Check, table: Table, rules: Mapping[str, TableRules]) -> Iterator[str]:
    words = CHECK_WORDS[check.kind]
    shapes = {**words.required, **words.optional}
    for word in check.words.keys() - shapes.keys():
        yield f"unknown word `{word}`. Known: {', '.join(shapes)}."
    for word in words.required.keys() - check.words.keys():
        yield f"the word `{word}` is missing."
    for word, shape in shapes.items():
        expected, fits = _SHAPES[shape]
        if word in check.words and not fits(check.words[word], _Around(rules[table.name], rules, check.words)):
            yield f"`{word}`: expected {expected}."
    if check.because is None and words.needs_because:
        yield "`because` is missing: say where the figure comes from."
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
        return Decimal(str(value)).is_finite()
    except InvalidOperation:
        return False


def _is_count(value: object, _: _Around) -> bool:
    return str(value).isascii() and str(value).isdecimal()


def _is_where(value: object, around: _Around) -> bool:
    """Values of the columns' types; beside ``per`` on its columns only, so that both tables' rows are chosen alike."""
    fields, allowed = around.fields.by_name, around.words.get("per", around.fields.by_name)
    return isinstance(value, Mapping) and all(
        name in allowed and name in fields and judge(fields[name], str(text))[0] is not None
        for name, text in value.items()
    )


def _is_pairs(value: object, around: _Around) -> bool:
    other = around.words.get("equals")
    fields = around.tables.get(other.get("table", "")) if isinstance(other, Mapping) else None
    return isinstance(value, Mapping) and all(
        here in around.fields.by_name and fields is not None and there in fields.by_name
        for here, there in value.items()
    )


def _is_table_value(value: object, around: _Around) -> bool:
    if not isinstance(value, Mapping) or set(value) != {"table", "value"} or value["table"] not in around.tables:
        return False
    return _is_number_of(around.tables[value["table"]], value["value"])


_SHAPES: Final[Mapping[Shape, tuple[str, Callable[[object, _Around], bool]]]] = {
    "number_column": ("a column of this table with numbers", _is_number_column),
    "columns": ("a list of this table's columns", _is_columns),
    "number": ("a number, with a decimal point", _is_number),
    "count": ("a number of rows", _is_count),
    "where": ("columns of this table (of `per`, where there is one), each with a value of its type", _is_where),
    "pairs": ("this table's columns, each with the other table's column", _is_pairs),
    "table_value": ("{table: a table of this dataset, value: its column with numbers}", _is_table_value),
}
