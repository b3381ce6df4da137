"""``method: mandated``: small counts that a decision orders to be published, one way at a time and once a year.

No method protects a handful of cases, so the protection lies in the form: a closed list of values, never two dimensions
crossed, never finer than a year, no number and no text beside the one that is ordered (sdc.md §4).
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa

from apendata.disclosure.keys import keys
from apendata.disclosure.policy import STATUS
from apendata.errors import DisclosureRefused
from apendata.model import Finding, Table

# The long form: several one-way counts under one another. Their categories must be distinct, or two rows would meet.
LONG: Final = frozenset({"dimensjon", "kategori"})
_FLAG: Final = "_flagg"
_YEARS: Final = range(1800, 2200)


def check_mandated(table: Table, data: pa.Table) -> tuple[Finding, ...]:
    """Check that a table is one-way and yearly, and return what its figures give away by themselves.

    Raises:
        DisclosureRefused: a crossing, a period finer than a year, a value outside the closed list, a column that the
            decision does not need, or a disclosure that ``known_disclosures`` does not own up to.
    """
    problems = list(_shape_problems(table)) or list(_value_problems(table, data))
    if problems:
        raise DisclosureRefused(
            f"Table «{table.name}», `method: mandated`: " + " ".join(text for _, text in problems),
            findings=[Finding(f"disclosure.{code}", table=table.name) for code, _ in problems],
        )
    return _given_away(table, data)


def years_of(table: Table) -> list[str]:
    """Return the columns of the key that are no dimension: one, the year, where all is well."""
    return [column for column in table.primary_key if column not in table.disclosure.one_way]


def values_of(table: Table) -> list[str]:
    """Return the columns with figures: one, where all is well."""
    return [n for n, kind in _kinds(table).items() if kind in {"integer", "number"} and n not in table.primary_key]


def _kinds(table: Table) -> dict[str, str]:
    return {str(field["name"]): str(field.get("type", "string")) for field in table.fields}


def _shape_problems(table: Table) -> Iterator[tuple[str, str]]:
    one_way, kinds = table.disclosure.one_way, _kinds(table)
    if len(one_way) > 1 and set(one_way) != LONG:
        yield "crossed", "more than one dimension in `one_way`; give each a table of its own."
    if not set(one_way) <= set(table.primary_key):
        yield "crossed", "every dimension in `one_way` must be in the primary key."
    years = years_of(table)
    if len(years) != 1:
        yield "crossed", f"the primary key may hold one year and the dimension, nothing more; it holds {years}."
    finer = [n for n, kind in kinds.items() if kind in {"date", "datetime", "time", "yearmonth", "duration"}]
    if finer or any(kinds[year] not in {"year", "integer"} for year in years):
        yield "finer_than_year", "only whole years may be published; use one column of type year and no date."
    if len(values_of(table)) != 1:
        yield "crossed", f"one number per table, but there are {values_of(table)}: a second one crosses the first."


def _value_problems(table: Table, data: pa.Table) -> Iterator[tuple[str, str]]:
    (year,) = years_of(table)
    if any(value not in _YEARS for value in data[year].to_pylist()):
        yield "finer_than_year", f"«{year}» holds something that is not a year."
    for dimension, allowed in table.disclosure.one_way.items():
        if set(data[dimension].to_pylist()) - set(allowed):
            yield "unlisted_value", f"«{dimension}» holds a value that is not in its closed list."
    if set(table.disclosure.one_way) == LONG and _nested_badly(data):
        yield "crossed", "a «kategori» stands under two values of «dimensjon»."
    found = keys(data, table.primary_key)
    if len(set(found)) < len(found):
        yield "crossed", "two rows have the same key."
    for column in _texts(table):
        if not _said_of_all(table, data, column):
            yield "extra_column", f"the text «{column}» differs within a year: it tells more than the decision orders."


def _nested_badly(data: pa.Table) -> bool:
    pairs = set(keys(data, ["dimensjon", "kategori"]))
    return len({category for _, category in pairs}) < len(pairs)


def _texts(table: Table) -> list[str]:
    values = values_of(table)
    marks = {f"{value}{ending}" for value in values for ending in (STATUS, _FLAG)}
    return [name for name in _kinds(table) if name not in {*table.primary_key, *values, *marks}]


def _said_of_all(table: Table, data: pa.Table, column: str) -> bool:
    """A text may describe a whole year, or be looked up from the key; anything else could be a second dimension."""
    origin = next((c for c in table.columns if c.name == column), None)
    if origin is not None and origin.lookup is not None and origin.lookup.by in table.primary_key:
        return True
    said: dict[Any, set[Any]] = defaultdict(set)
    for year, text in zip(data[years_of(table)[0]].to_pylist(), data[column].to_pylist(), strict=True):
        said[year].add(text)
    return all(len(texts) == 1 for texts in said.values())


def _given_away(table: Table, data: pa.Table) -> tuple[Finding, ...]:
    """All cases of one kind: then everybody who is known to have reported is known to have reported that."""
    kinds = [column for column in table.primary_key if column in table.disclosure.one_way and column != "kategori"]
    (value,) = values_of(table)
    if not table.disclosure.one_way:
        return ()
    whole: dict[tuple[str, ...], list[float]] = defaultdict(list)
    grouped = keys(data, [*years_of(table), *(kinds if set(table.disclosure.one_way) == LONG else [])])
    for group, number in zip(grouped, data[value].to_pylist(), strict=True):
        if number:
            whole[group].append(number)
    alone = len({group[0] for group, numbers in whole.items() if len(numbers) == 1})
    if alone and not table.disclosure.known_disclosures:
        raise DisclosureRefused(
            f"Table «{table.name}»: in {alone} years every case is of the same kind, so the figures tell each case's "
            "kind. If the decision orders it all the same, say so under `known_disclosures`.",
            findings=[Finding("disclosure.not_owned_up", table=table.name, count=alone)],
        )
    return (Finding("disclosure.known", severity="info", table=table.name, count=alone),) if alone else ()
