"""The hash of rows looks at values, types, names and order, and at nothing else."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest

from apendata.lake.hashing import sha256_of_json, sha256_of_table, sha256_of_tables

DATA = pa.table(
    {
        "kode": pa.array(["01", None, "æ", "longer"]),
        "antall": pa.array([1, None, 3, 4], pa.int64()),
        "beloep": pa.array([Decimal("1.50"), None, Decimal("-2.00"), Decimal("0.00")], pa.decimal128(15, 2)),
        "dato": pa.array([date(2024, 1, 1), None, date(2024, 1, 3), date(2024, 1, 4)]),
        "ja": pa.array([True, None, False, True]),
        "tom": pa.nulls(4, pa.string()),
    }
)


def test_chunks_and_offsets_do_not_count() -> None:
    expected = sha256_of_table(DATA)
    chunked = pa.concat_tables([DATA.slice(0, 1), DATA.slice(1, 2), DATA.slice(3)])
    sliced = pa.concat_tables([DATA, DATA]).combine_chunks().slice(4, 4)
    padded = pa.concat_tables([DATA.slice(2, 1), DATA]).combine_chunks().slice(1)
    assert {sha256_of_table(t) for t in (chunked, sliced, padded, DATA.replace_schema_metadata({"a": "b"}))} == {
        expected
    }


def test_what_lies_under_a_null_does_not_count() -> None:
    def column(under: int) -> pa.Table:
        mask = pa.py_buffer(bytes([0b101]))
        values = pa.array([1, under, 3], pa.int64())
        return pa.table({"a": pa.Array.from_buffers(pa.int64(), 3, [mask, values.buffers()[1]])})

    assert sha256_of_table(column(7)) == sha256_of_table(column(0)) == sha256_of_table(pa.table({"a": [1, None, 3]}))


@pytest.mark.parametrize(
    "other",
    [
        DATA.rename_columns(["kode", "antall", "beloep", "dato", "ja", "toem"]),
        DATA.select([1, 0, 2, 3, 4, 5]),
        DATA.take(pa.array([1, 0, 2, 3])),
        DATA.slice(0, 3),
        DATA.set_column(1, "antall", pa.array([1, 0, 3, 4], pa.int64())),
        DATA.set_column(1, "antall", DATA["antall"].cast(pa.int32())),
        DATA.set_column(2, "beloep", DATA["beloep"].cast(pa.decimal128(15, 3))),
        DATA.set_column(0, "kode", pa.array(["0", None, "1æ", "longer"])),
        DATA.set_column(4, "ja", pa.array([True, False, False, True])),
        DATA.set_column(5, "tom", pa.array([None, None, None, ":"])),
    ],
    ids=["name", "column order", "row order", "rows", "null to zero", "type", "scale", "borders", "bool", "mark"],
)
def test_everything_else_counts(other: pa.Table) -> None:
    assert sha256_of_table(other) != sha256_of_table(DATA)


def test_the_order_of_tables_does_not_count() -> None:
    assert sha256_of_tables({"a": "1", "b": "2"}) == sha256_of_tables({"b": "2", "a": "1"})
    assert sha256_of_tables({"a": "1", "b": "2"}) != sha256_of_tables({"a": "2", "b": "1"})
    assert sha256_of_json({"å": [1]}) == sha256_of_json({"å": [1]})


def test_the_hash_never_changes() -> None:
    """A changed hash would release every dataset anew; the figure is that of the first version of apendata."""
    assert sha256_of_table(DATA) == "e4d5de4d81449d3c6af2d457b287c53b40bdd2e41c335206096bb1741d63e4eb"
    assert sha256_of_table(DATA.slice(0, 0)) == "d16704f25aa2d48d03b52432897e11361e4fd464c8e63ab99ff56a84530cb483"
