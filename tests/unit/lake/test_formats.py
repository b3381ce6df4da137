"""CSV, XLSX and Parquet hold the same values, and the same table always gives the same bytes."""

import csv
import io
import subprocess
import sys
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings, strategies as st

from apendata.lake import formats_xlsx
from apendata.lake.formats_csv import _chunks, _plain, _with_quotes, write_csv
from apendata.lake.formats_parquet import write_parquet
from apendata.lake.formats_xlsx import fits_xlsx, write_xlsx

ROOT = Path(__file__).parents[3]
TEXTS = [
    "0301",
    "a,b",
    'sa «"ja"»',
    "linje\nto",
    "=1+1",
    "https://example.no",
    " blank ",
    None,
    "æøå",
    "1,5",
    "@x",
    "\r",
]


def table() -> pa.Table:
    n = len(TEXTS)
    amounts = [Decimal("-0.01"), None, Decimal("9999999999999.99"), *[Decimal("7.50")] * (n - 3)]
    return pa.table(
        {
            "kode": pa.array([f"{i:04d}" for i in range(n)]),
            "tekst": pa.array(TEXTS, pa.string()),
            "antall": pa.array([None, 0, -1, 2**53, *range(n - 4)], pa.int64()),
            "beloep": pa.array(amounts, pa.decimal128(15, 2)),
            "stort": pa.array([Decimal("12345678901234567.89"), *[None] * (n - 1)], pa.decimal128(20, 2)),
            "dato": pa.array([date(1899, 12, 31), date(2024, 2, 29), None, *[date(1900, 3, 1)] * (n - 3)], pa.date32()),
            "ja": pa.array([True, False, None, *[True] * (n - 3)]),
            "tom": pa.nulls(n, pa.string()),
        }
    )


def texts_of(data: pa.Table) -> list[list[str]]:
    """Every cell as text; nothing where there is no value."""
    columns = [[cell or "" for cell in column.cast(pa.string()).to_pylist()] for column in data.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def from_xlsx(cell: Any, kind: pa.DataType) -> str:
    if cell is None:
        return ""
    if pa.types.is_date(kind):
        return cell if isinstance(cell, str) else cell.date().isoformat()
    if isinstance(cell, bool):
        return str(cell).lower()
    if pa.types.is_decimal(kind):
        return str(Decimal(str(cell)).quantize(Decimal(1).scaleb(-kind.scale)))
    return str(cell)


def test_equal_values_in_all_three(tmp_path: Path) -> None:
    data = table()
    write_csv(data, tmp_path / "t.csv")
    write_parquet(data, tmp_path / "t.parquet")
    write_xlsx(data, tmp_path / "t.xlsx", [])
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    assert header == data.column_names
    assert rows == texts_of(data)
    assert pq.read_table(tmp_path / "t.parquet").equals(data)
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["t"]
    head, *cells = sheet.iter_rows(values_only=True)
    assert list(head) == data.column_names
    read = [[from_xlsx(c, f.type) for c, f in zip(row, data.schema, strict=True)] for row in cells]
    # XML has no carriage return of its own; Excel writes it so
    assert [[c.replace("_x000D_", "\r") for c in row] for row in read] == texts_of(data)


def test_csv_is_for_programs(tmp_path: Path) -> None:
    write_csv(table().select(["kode", "tekst", "beloep", "dato"]).slice(0, 4), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes().decode() == (
        "kode,tekst,beloep,dato\n"
        "0000,0301,-0.01,1899-12-31\n"
        '0001,"a,b",,2024-02-29\n'
        '0002,"sa «""ja""»",9999999999999.99,\n'
        '0003,"linje\nto",7.50,1900-03-01\n'
    )


def test_excel_is_for_people(tmp_path: Path) -> None:
    fields = [{"name": "kode", "title": "Kode", "description": "Om", "unit": "NOK", "type": "string"}]
    write_xlsx(table(), tmp_path / "ansatte.xlsx", fields)
    book = openpyxl.load_workbook(tmp_path / "ansatte.xlsx")
    assert book.sheetnames == ["ansatte", "Kolonner"]
    sheet = book["ansatte"]
    assert sheet.freeze_panes == "A2"
    assert {sheet.cell(row, 1).data_type for row in range(2, 5)} == {"s"}, "codes are texts"
    assert [c.value for c in sheet["B"] if c.data_type == "f"] == [], "no text becomes a formula"
    assert [c.value for c in sheet["B"] if c.hyperlink] == [], "no text becomes a link"
    assert sheet["C3"].data_type == "n"
    assert sheet["F3"].number_format == "yyyy-mm-dd"
    assert sheet["E2"].value == "12345678901234567.89", "a number too long for Excel stays whole as a text"
    assert [c.value for c in book["Kolonner"][2]][:3] == ["kode", "Kode", "Om"]
    with zipfile.ZipFile(tmp_path / "ansatte.xlsx") as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 31, 0, 0, 0)}


def test_what_does_not_fit_into_excel_has_no_workbook(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fits_xlsx(pa.table({"a": ["x" * 32_767, None]}))
    assert not fits_xlsx(pa.table({"a": ["x" * 32_768]}))
    monkeypatch.setattr(formats_xlsx, "MAX_ROWS", 1)
    assert not fits_xlsx(pa.table({"a": ["x", "y"]}))


cells = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))


def quoted(cell: str) -> str:
    """RFC 4180, 2.6 and 2.7."""
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set('",\r\n') else cell


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(cells, cells, st.one_of(st.none(), st.decimals("-99.99", "99.99", places=2))), min_size=1))
def test_csv_reads_back_and_quotes_only_what_needs_it(rows: list[Any]) -> None:
    kinds = [pa.string(), pa.string(), pa.decimal128(4, 2)]
    arrays = [pa.array(column, kind) for column, kind in zip(zip(*rows, strict=True), kinds, strict=True)]
    data = pa.table(arrays, names=["a", "b", "c"])
    written = b"".join(bytes(chunk) for chunk in _chunks(data)).decode()
    header, *read = csv.reader(io.StringIO(written, newline=""))
    assert read == texts_of(data)
    assert written == "".join(",".join(quoted(cell) for cell in row) + "\n" for row in [header, *texts_of(data)])
    for batch in data.to_batches():
        plain = _plain(batch)
        assert plain is None or plain.equals(_with_quotes(batch)), "both ways of writing agree"


BYTES = """
import sys, hashlib
from pathlib import Path
sys.path.insert(0, ".")
from tests.unit.lake.test_formats import table, write_csv, write_parquet, write_xlsx
folder = Path(sys.argv[1])
folder.mkdir()
print(write_csv(table(), folder / "t.csv"), write_parquet(table(), folder / "t.parquet"))
print(write_xlsx(table(), folder / "t.xlsx", [{"name": "kode"}]))
"""


def test_same_bytes_in_two_processes(tmp_path: Path) -> None:
    runs = [
        subprocess.run(
            [sys.executable, "-c", BYTES, str(tmp_path / name)], cwd=ROOT, capture_output=True, text=True, check=True
        )
        for name in ("one", "two")
    ]
    assert runs[0].stdout == runs[1].stdout != ""
    for name in ("t.csv", "t.parquet", "t.xlsx"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_parquet_carries_nothing_of_its_maker(tmp_path: Path) -> None:
    write_parquet(table().replace_schema_metadata({"pandas": "{}"}), tmp_path / "t.parquet")
    assert pq.read_schema(tmp_path / "t.parquet").metadata is None


def test_a_small_decimal_is_written_without_exponent(tmp_path: Path) -> None:
    values = [Decimal("0.00000010"), None, Decimal("-12.5")]
    write_csv(pa.table({"a": pa.array(values, pa.decimal128(18, 8))}), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == "a\n0.00000010\n\n-12.50000000\n"
