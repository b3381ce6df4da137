"""Exact arithmetic on whole columns: decimals of one scale, never floats; sums per group on two sides at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from apendata.validation.problems import Rows

# 18 digits of data times 18, or 10^18 rows of them, stay below 76, the most that Arrow counts with.
_DIGITS: Final = 36
_SUM_DIGITS: Final = 60
_NARROW: Final = 38
_INT64: Final = 2**63


def exact(column: pa.Array | pa.ChunkedArray, scale: int) -> pa.ChunkedArray:
    """Return a numeric column as decimals with ``scale`` decimals."""
    return pa.chunked_array(column).cast(pa.decimal256(_DIGITS, scale))


def scale_of(*columns: pa.ChunkedArray) -> int:
    """The most decimals that any of the columns has."""
    return max((c.type.scale for c in columns if pa.types.is_decimal(c.type)), default=0)


@dataclass(frozen=True, eq=False, repr=False)
class Side:
    """One side of a comparison of sums."""

    keys: tuple[pa.ChunkedArray, ...]
    """Columns that name the group."""
    value: pa.ChunkedArray
    rows: Rows
    """The table's row of each."""


@dataclass(frozen=True, eq=False, repr=False)
class Group:
    """A group whose sums differ, or that stands on one side only."""

    keys: tuple[Any, ...]
    here: Decimal
    there: Decimal
    first_here: int | None
    first_there: int | None


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Sums of one side against the other, group by group."""

    groups: pa.Table
    keys: int

    def differing(self, within: Decimal, rounded_to: Decimal = Decimal(0)) -> pa.ChunkedArray:
        """Where the sums differ by more than is allowed; a group with an unknown part is not compared.

        Args:
            within: how far apart they may be.
            rounded_to: the unit to which every figure was rounded. Each is then off by at most half of it, and n of
                them by n halves (the worst case; Higham 2002, «Accuracy and Stability of Numerical Algorithms», 4.2).
        """
        apart = pc.abs(pc.subtract(self.groups["here"], self.groups["there"]))
        if not rounded_to:
            return pc.and_(self.known, pc.greater(apart, pa.scalar(within)))
        figures = self.groups["figures"].cast(pa.decimal128(19))
        allowed = pc.add(pc.multiply(figures, pa.scalar(rounded_to / 2)), pa.scalar(within))
        return pc.and_(self.known, pc.greater(apart, allowed))

    @property
    def known(self) -> pa.ChunkedArray:
        """Where every value of the group, on both sides, is known."""
        return pc.equal(self.groups["unknown"], 0)

    @property
    def only_here(self) -> pa.ChunkedArray:
        """Where a group has rows on this side only."""
        return self.groups["first_there"].is_null()

    @property
    def only_there(self) -> pa.ChunkedArray:
        """Where a group has rows on the other side only."""
        return self.groups["first_here"].is_null()

    @property
    def one_sided(self) -> pa.ChunkedArray:
        """Where a group lacks rows on one of the sides."""
        return pc.or_(self.only_here, self.only_there)

    def pick(self, mask: pa.ChunkedArray) -> list[Group]:
        """The groups where a mask holds."""
        return [
            Group(
                tuple(row[f"k{i}"] for i in range(self.keys)),
                row["here"],
                row["there"],
                row["first_here"],
                row["first_there"],
            )
            for row in self.groups.filter(mask).to_pylist()
        ]


def compare_sums(here: Side, there: Side | None = None) -> Comparison:
    """Add up both sides per group. Without another side the sums there are 0.

    Both sides are put under one another and grouped once, which costs less than a join and lets null be a key.
    """
    sides = [here, *([there] if there else [])]
    kind = _kind_of_rows([one.value for one in sides])
    scale = scale_of(*(one.value for one in sides))
    rows = [_rows(one, kind, name, here) for one, name in zip(sides, ("here", "there"), strict=False)]
    keys = [f"k{i}" for i in range(len(here.keys))]
    totals = (
        pa.concat_tables(rows)
        .group_by(keys, use_threads=False)
        .aggregate(
            [
                *(("here", "sum"), ("there", "sum"), ("unknown", "sum")),
                *(("first_here", "min"), ("first_there", "min"), ("unknown", "count")),
            ]
        )
    )
    zero = pa.scalar(Decimal(0), pa.decimal256(_SUM_DIGITS, scale))
    columns = {key: totals[key] for key in keys}
    for side in ("here", "there"):
        columns[side] = totals[f"{side}_sum"].cast(zero.type).fill_null(zero)
        columns[f"first_{side}"] = totals[f"first_{side}_min"]
    columns["unknown"] = totals["unknown_sum"]
    columns["figures"] = totals["unknown_count"]
    return Comparison(pa.table(columns), len(keys))


def _kind_of_rows(values: Sequence[pa.ChunkedArray]) -> pa.DataType:
    """The narrowest type in which the values of all rows and their sums are exact: a row of 8 bytes, 16 or 32.

    18 digits times 10^18 rows fit into 36; whole numbers into 64 bits where the largest times all rows does.
    """
    if all(pa.types.is_integer(value.type) for value in values):
        bounds = [pc.min_max(value).as_py() for value in values]
        largest = max((abs(bound or 0) for pair in bounds for bound in pair.values()), default=0)
        if largest * sum(map(len, values)) < _INT64:
            return pa.int64()
    return pa.decimal128(_NARROW, scale_of(*values))


def _kind_of_key(key: pa.ChunkedArray) -> pa.DataType:
    """A year of one table may be a whole number, of any size, in the other."""
    return pa.int64() if pa.types.is_integer(key.type) else key.type


def _rows(side: Side, kind: pa.DataType, name: str, like: Side) -> pa.Table:
    value, rows = side.value.cast(kind), pa.array(side.rows)
    empty = {"here": pa.nulls(len(rows), value.type), "there": pa.nulls(len(rows), value.type)}
    nowhere = {"first_here": pa.nulls(len(rows), rows.type), "first_there": pa.nulls(len(rows), rows.type)}
    keys = {f"k{i}": key.cast(_kind_of_key(like.keys[i])) for i, key in enumerate(side.keys)}
    unknown = value.is_null().cast(pa.int64())
    return pa.table({**keys, **empty, **nowhere, name: value, f"first_{name}": rows, "unknown": unknown})


def side(data: pa.Table, keys: Sequence[str], value: str, rows: Rows | None = None) -> Side:
    """Make a side of some rows of a table (all, where none are named)."""
    if rows is not None:
        data = data.take(pa.array(rows))
    else:
        rows = np.arange(data.num_rows)
    return Side(tuple(data[key] for key in keys), data[value], rows)
