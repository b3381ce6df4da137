"""From the export's unit and sign to the published ones: an exact factor, never a float."""

from decimal import Decimal
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from apendata.model import Column, Source, Table
from apendata.sources.codes import finding, refuse
from apendata.sources.numbers import scaled

_MONEY: Final = {"NOK": 1, "kNOK": 1_000, "MNOK": 1_000_000}
_DIRECTIONS: Final = frozenset({"expense_positive", "income_positive"})


def factor(column: Column, table: Table, source: Source) -> Decimal:
    """What a number of the export is multiplied by.

    The source's unit and sign are those of its amounts: they hold for a column whose field is money, or has a
    direction. A count in an export of kNOK is not thousands.

    Raises:
        DefinitionError: the schema says a unit of money or a direction, and neither column nor source declares theirs.
    """
    field = next(field for field in table.fields if field["name"] == column.name)
    return _scale(column, field.get("unit"), source) * _direction(column, field.get("sign"), source)


def _scale(column: Column, published: str | None, source: Source) -> Decimal:
    declared = column.unit or (source.unit if published in _MONEY else None)
    if published is None or declared == published:
        return Decimal(1)
    if declared is None:
        refuse([finding("no_unit", column=column.name, unit=published)] if published in _MONEY else [])
        return Decimal(1)
    if declared not in _MONEY or published not in _MONEY:
        refuse([finding("unit_differs", column=column.name, unit=published, found=declared)])
    return Decimal(_MONEY[declared]) / Decimal(_MONEY[published])


def _direction(column: Column, published: str | None, source: Source) -> int:
    declared = column.sign or source.sign
    if published not in _DIRECTIONS or column.sign_from is not None:
        return 1
    if declared not in _DIRECTIONS:
        refuse([finding("no_sign", column=column.name, sign=str(published))])
    return 1 if declared == published else -1


def multiplied(values: pa.ChunkedArray, by: Decimal) -> pa.ChunkedArray:
    """A column of canonical numbers times a factor: whole numbers by a kernel, others one by one."""
    if by == 1:
        return values
    if by == int(by):
        try:
            return pc.cast(pc.multiply_checked(pc.cast(values, pa.int64()), int(by)), pa.string())
        except pa.ArrowInvalid:
            pass  # decimals among them, or beyond int64
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    encoded = whole.dictionary_encode()
    products = [scaled(text, by) for text in encoded.dictionary.to_pylist()]
    return pa.array(products, pa.string()).take(encoded.indices)
