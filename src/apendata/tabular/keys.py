"""Keys over the whole file: primary key, ``unique`` fields and ``uniqueKeys``; and foreign keys, row by row.

While the blocks pass, a key leaves eight bytes a row. Rows whose hash another row shares are read once more, and those
few are compared by value, in their order, just as Frictionless compares all rows: the verdict is exact either way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isnan
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from apendata.tabular import hashing
from apendata.tabular.arrays import NO_TEXT, as_integers, of_rows
from apendata.tabular.hashing import Hashes
from apendata.tabular.judging import Column, Judge, Rows
from apendata.tabular.schema import Field, Schema

Values = tuple[Any, ...]


@dataclass(frozen=True)
class Key:
    """Columns whose values must not stand together twice."""

    kind: Literal["unique", "primary", "unique_keys"]
    """``unique``: one field; ``unique_keys``: Data Package v2, a stricter rule."""
    positions: tuple[int, ...]
    """0-based columns of the file."""
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class ForeignKey:
    """Columns whose values together must stand in a row of another table."""

    positions: tuple[int, ...]
    names: tuple[str, ...]
    reference: str
    """The other table's name; empty: this one."""
    columns: tuple[str, ...]
    """Its columns."""
    known: frozenset[Values]


def keys_of(schema: Schema, fields: Sequence[Field], *, strict: bool) -> tuple[Key, ...]:
    """The keys whose columns the file has, in the order in which Frictionless tells them."""
    at = {field.name: position for position, field in enumerate(fields)}
    keys = [Key("unique", (at[f.name],), (f.name,)) for f in fields if f.constraints.get("unique")]
    wanted: list[tuple[Literal["primary", "unique_keys"], tuple[str, ...]]] = [("primary", schema.primary_key)]
    if strict:
        wanted += [("unique_keys", names) for names in schema.unique_keys]
    for kind, names in wanted:
        if names and set(names) <= at.keys():
            keys.append(Key(kind, tuple(at[name] for name in names), names))
    return tuple(keys)


def hashes_of(key: Key, judges: Sequence[Judge], columns: Sequence[Column]) -> Hashes:
    """One hash a row of a block for a key."""
    return hashing.combined([_hashes(judges[at], columns[at]) for at in key.positions])


def _hashes(judge: Judge, column: Column) -> Hashes:
    if isinstance(column, list):
        return hashing.of_values([judge.value(cell) for cell in column])
    return _hashes_of_texts(judge, column)


def _hashes_of_texts(judge: Judge, texts: pa.Array) -> Hashes:
    if (read := _read_at_once(judge, texts)) is not None:
        return hashing.of_texts(read) if pa.types.is_string(read.type) else hashing.of_integers(read)
    encoded = texts.dictionary_encode()
    values = [judge.value(text) for text in encoded.dictionary.to_pylist()]
    of_distinct = hashing.of_values([*values, None])
    found: Hashes = of_distinct[encoded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)]
    return found


def _read_at_once(judge: Judge, texts: pa.Array) -> pa.Array | None:
    """The values of texts as Arrow surely reads them; None where Frictionless knows, or there are few to ask it of."""
    if judge.few_distinct or judge.field.format != "default" or judge.field.type not in ("string", "integer"):
        return None
    there = _without_missing(judge, texts)
    return there if judge.field.type == "string" else as_integers(there)


def _without_missing(judge: Judge, texts: pa.Array) -> pa.Array:
    missing = judge.where_missing(texts)
    return texts if missing is None else pc.if_else(missing, NO_TEXT, texts)


def rows_sharing(hashes: Sequence[Hashes]) -> npt.NDArray[np.bool_]:
    """Which rows, of all blocks one after another, share their hash with another row."""
    every = np.concatenate(hashes) if hashes else np.zeros(0, dtype=np.uint64)
    shared = hashing.shared(every)
    return np.isin(every, shared) if len(shared) else np.zeros(len(every), dtype=bool)


def values_of(
    key: Key, judges: Sequence[Judge], columns: Sequence[Column], rows: npt.NDArray[np.int64]
) -> list[Values]:
    """The values of some rows that a key compares."""
    return list(zip(*(_values(judges[at], _taken(columns[at], rows)) for at in key.positions), strict=True))


def _values(judge: Judge, column: Column) -> list[Any]:
    if isinstance(column, list):
        return [comparable(judge.value(cell)) for cell in column]
    if (read := _read_at_once(judge, column)) is not None:
        return list(read.to_pylist())
    encoded = column.dictionary_encode()
    values = [*(comparable(judge.value(text)) for text in encoded.dictionary.to_pylist()), None]
    found = [values[at] for at in encoded.indices.fill_null(-1).to_pylist()]
    if any(map(_is_nan, values)):  # it is equal to nothing, and yet a dictionary finds the very same one
        return [object() if _is_nan(value) else value for value in found]
    return found


def _is_nan(value: object) -> bool:
    return isinstance(value, float | Decimal) and isnan(value)


def _taken(column: Column, rows: Rows) -> Column:
    return [column[row] for row in rows.tolist()] if isinstance(column, list) else column.take(of_rows(rows))


def values_at(positions: Sequence[int], judges: Sequence[Judge], columns: Sequence[Column], row: int) -> Values:
    """The values of a row that a foreign key compares."""
    return tuple(comparable(judges[at].value(cell_at(columns[at], row))) for at in positions)


def comparable(value: Any) -> Any:
    """A value that can stand in a set: a list or an object by what it says (Frictionless ends with a TypeError)."""
    try:
        hash(value)
    except TypeError:
        return repr(value)
    return value


def unmatched(key: ForeignKey, judges: Sequence[Judge], columns: Sequence[Column]) -> npt.NDArray[np.bool_]:
    """Rows whose foreign key stands nowhere in the other table; each distinct one is looked up once."""
    first, inverse = first_of_each([columns[at] for at in key.positions])
    values = (values_at(key.positions, judges, columns, row) for row in first.tolist())
    wrong = np.fromiter((_is_unmatched(v, key.known) for v in values), dtype=bool, count=len(first))
    return wrong[inverse]


def first_of_each(columns: Sequence[Column]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The first row of each distinct combination of cells, and which combination each row has."""
    first = codes = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        mine, distinct = _encoded(column)
        # small again after each column, whatever they multiply to
        _, first, codes = np.unique(codes * (distinct + 1) + mine, return_index=True, return_inverse=True)
    return first, codes


def _encoded(column: Column) -> tuple[npt.NDArray[np.int64], int]:
    """Equal cells → equal small numbers, and how many of them there are."""
    if isinstance(column, list):
        known: dict[object, int] = {}
        codes = [known.setdefault((type(cell), repr(cell)), len(known)) for cell in column]
        return np.array(codes, dtype=np.int64), len(known)
    encoded = column.dictionary_encode()
    distinct = len(encoded.dictionary)
    return encoded.indices.fill_null(distinct).to_numpy(zero_copy_only=False).astype(np.int64), distinct


def cell_at(column: Column, row: int) -> Any:
    """One cell of a column."""
    return column[row] if isinstance(column, list) else column[row].as_py()


def _is_unmatched(values: Values, known: frozenset[Values]) -> bool:
    return set(values) != {None} and values not in known
