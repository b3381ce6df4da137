"""Two versions of a small table, and what the guard says of them: counts of people, amounts, marks and years."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from apendata.lake.drift import Compared, assess
from apendata.lake.drift.compared import Told
from apendata.lake.rows import RowDifference
from apendata.model import DriftLimits, HistoryRule, Revision, SumLimit, Table, Text, ValuesLimit
from tests.unit.lake.builders import Row, ansatte_schema, arrow, table

WHY = "fordi det er prøvd"
OPEN = DriftLimits(1.0, None, None, WHY)
"""Limits that let anything through."""


def limited(*parts: ValuesLimit | SumLimit | HistoryRule, revisions: Sequence[Revision] = (), **labels: Any) -> Table:
    """The table ``ansatte`` (aar, kode, antall with its mark, beloep, merknad) with these limits and no others."""
    limits = replace(
        OPEN,
        values=tuple(part for part in parts if isinstance(part, ValuesLimit)),
        sums=tuple(part for part in parts if isinstance(part, SumLimit)),
        history=next((part for part in parts if isinstance(part, HistoryRule)), None),
    )
    schema = ansatte_schema()
    fields = [{**field, **labels.get(field["name"], {})} for field in schema["fields"]]
    title = Text(nb="Ansatte i kommunen", en="Employees")
    return table(table_schema={**schema, "fields": fields}, drift=limits, revisions=tuple(revisions), title=title)


def told(definition: Table, old: Sequence[Row], new: Sequence[Row]) -> tuple[Told, ...]:
    before, after = arrow(old), arrow(new)
    rows = RowDifference(definition.name, definition.primary_key, before, after)
    return assess([Compared(definition, before, after, rows)])


def codes(found: Sequence[Told]) -> list[str]:
    return [part.open.code for part in found]


def sums(value: str = "antall", per: Sequence[str] = ("aar",), percent: str = "10", amount: str = "5") -> SumLimit:
    return SumLimit(value, tuple(per), Decimal(percent), Decimal(amount), WHY)


def history(*, column: str = "aar", still_open: int = 1, needs_reason: bool = True) -> HistoryRule:
    return HistoryRule(column, still_open, needs_reason, WHY)


def keyed(rows: Sequence[Row]) -> Mapping[tuple[Any, ...], Row]:
    return {row[:2]: row for row in rows}
