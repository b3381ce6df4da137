"""Makes the tables that the benchmark validates: the same bytes for the same sizes."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from benchmarks.build.ledger import write_ledger

V2: Final = "https://datapackage.org/profiles/2.0/tableschema.json"
LEDGER: Final[dict[str, Any]] = {
    "$schema": V2,
    "fields": [
        {"name": "Bilag", "type": "string", "constraints": {"required": True, "pattern": "B[0-9]{9}"}},
        {"name": "Dato", "type": "date", "constraints": {"required": True, "minimum": "2025-01-01"}},
        {"name": "Klasse", "type": "string", "constraints": {"required": True, "enum": ["0", "1"]}},
        {"name": "Funksjon", "type": "string", "constraints": {"required": True, "pattern": "[0-9]{3}"}},
        {"name": "Art", "type": "string", "constraints": {"required": True, "pattern": "[0-9]{3}"}},
        {"name": "Ansvar", "type": "string", "constraints": {"required": True, "pattern": "[0-9]{6}"}},
        {"name": "Tekst", "type": "string", "constraints": {"maxLength": 80}},
        {"name": "Periode", "type": "string", "constraints": {"required": True, "pattern": "2025(0[1-9]|1[0-2])"}},
        {"name": "Beløp", "type": "integer", "constraints": {"required": True, "minimum": -10_000_000_000}},
    ],
    "primaryKey": ["Bilag"],
}
"""Of the ledger that the build benchmark reads too."""

_WRONG: Final = {
    "Bilag": "A{:08d}",
    "Dato": "2025-13-{:02d}",
    "Klasse": "k{}",
    "Funksjon": "f{}",
    "Art": "a{}",
    "Ansvar": "{}x",
    "Tekst": "{:0>90d}",
    "Periode": "2024{:02d}",
    "Beløp": "{},5",
}
"""Column → a text that breaks its field, from a number."""


def valid(folder: Path, rows: int) -> int:
    """A ledger without an error; returns how many there are."""
    write_ledger(folder / "table.csv", rows)
    return _with_schema(folder, LEDGER, 0)


def one_per_cent_wrong(folder: Path, rows: int) -> int:
    """The same ledger with one per cent of its cells wrong, spread over all columns and rows."""
    write_ledger(folder / "right.csv", rows)
    options = {"parse_options": pyarrow.csv.ParseOptions(delimiter=";")}
    texts = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(_WRONG, pa.string()))
    table = pyarrow.csv.read_csv(folder / "right.csv", convert_options=texts, **options)
    random = np.random.default_rng(20261126)
    for at, (name, form) in enumerate(_WRONG.items()):
        wrong = np.zeros(rows, dtype=bool)
        wrong[random.choice(rows, rows // 100, replace=False)] = True
        bad = [form.format(number) for number in range(int(wrong.sum()))]
        column = pc.replace_with_mask(table[name].combine_chunks(), pa.array(wrong), pa.array(bad, pa.string()))
        table = table.set_column(at, name, column)
    (folder / "right.csv").unlink()
    _write(folder, table)
    return _with_schema(folder, LEDGER, rows // 100 * len(_WRONG))


def wide(folder: Path, rows: int) -> int:
    """50 columns of codes, amounts, dates and texts."""
    random = np.random.default_rng(20261126)
    columns, fields = {}, []
    for number in range(50):
        name = f"k{number:02d}"
        kind = ("integer", "number", "date", "string", "boolean")[number % 5]
        columns[name] = _column(kind, random, rows)
        constraints = {"required": True} | ({"pattern": "[0-9]{4}"} if kind == "string" else {})
        fields.append({"name": name, "type": kind, "constraints": constraints})
    _write(folder, pa.table(columns))
    return _with_schema(folder, {"$schema": V2, "fields": fields}, 0)


def all_distinct(folder: Path, rows: int) -> int:
    """The worst case: no two cells of a column are alike, and no kernel knows the forms of two of the columns."""
    numbers = pa.array(np.arange(rows))
    text = numbers.cast(pa.string())
    minutes = pa.array(np.datetime64("2000-01-01T00:00", "s") + np.arange(rows) * np.timedelta64(61, "s"))
    table = pa.table(
        {
            "id": text,
            "tall": pc.binary_join_element_wise(text, "25", "."),
            "tid": pc.strftime(minutes, "%Y-%m-%dT%H:%M:%S"),
            "epost": pc.binary_join_element_wise("saksbehandler", text, "@example.no", ""),
            "varighet": pc.binary_join_element_wise("PT", text, "S", ""),
        }
    )
    _write(folder, table)
    kinds = (("id", "integer", {}), ("tall", "number", {}), ("tid", "datetime", {}))
    fields: list[dict[str, Any]] = [{"name": name, "type": kind, **more} for name, kind, more in kinds]
    fields += [{"name": "epost", "type": "string", "format": "email"}, {"name": "varighet", "type": "duration"}]
    return _with_schema(folder, {"$schema": V2, "fields": fields, "primaryKey": ["id"]}, 0)


def _column(kind: str, random: np.random.Generator, rows: int) -> pa.Array:
    if kind == "integer":
        return pa.array(random.integers(-9_999_999, 9_999_999, rows)).cast(pa.string())
    if kind == "number":
        return pc.binary_join_element_wise(pa.array(random.integers(0, 99_999, rows)).cast(pa.string()), "5", ".")
    if kind == "date":
        return pa.array((np.datetime64("2020-01-01") + random.integers(0, 2000, rows)).astype(str))
    if kind == "string":
        return pc.utf8_lpad(pa.array(random.integers(0, 9999, rows)).cast(pa.string()), 4, "0")
    return pa.array(np.array(["true", "false"], dtype=object)[random.integers(0, 2, rows)])


def _write(folder: Path, table: pa.Table) -> None:
    options = pyarrow.csv.WriteOptions(delimiter=";", quoting_style="none")
    pyarrow.csv.write_csv(table, folder / "table.csv", options)


def _with_schema(folder: Path, schema: dict[str, Any], errors: int) -> int:
    (folder / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
    (folder / "dialect.json").write_text(json.dumps({"delimiter": ";"}), encoding="utf-8")
    return errors


MADE: Final[Mapping[str, Callable[[Path, int], int]]] = {
    "valid": valid,
    "one_per_cent_wrong": one_per_cent_wrong,
    "wide": wide,
    "all_distinct": all_distinct,
}

if __name__ == "__main__":
    print(MADE[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3])))
