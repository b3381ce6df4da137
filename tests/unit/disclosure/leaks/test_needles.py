"""A number that must not leave is found wherever it stands, however it is written, stored or packed."""

import bz2
import gzip
import io
import lzma
import pickle
import struct
import time
import zipfile
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given, strategies as st
from pyarrow import feather

from apendata.disclosure.leaks.inside import Sealed
from apendata.disclosure.leaks.needles import Needles

SENTINEL = 123_456_832
NEEDLES = Needles([SENTINEL, 987_654_336])
NINE_DIGITS = st.integers(100_000_000, 999_999_999)
SEPARATORS = [",", ".", " ", "'", "_", "\u00a0", "\u2009", "\u202f", "\u2019"]


def leaks(content: bytes, name: str = "fil") -> bool:
    return any(SENTINEL in numbers for numbers in NEEDLES.found_inside(name, content).values())


@pytest.mark.parametrize("form", ["<i", ">i", "<q", ">q", "<f", ">f", "<d", ">d"])
@pytest.mark.parametrize("offset", range(9))
def test_every_binary_form_is_found_at_every_offset(form: str, offset: int) -> None:
    assert NEEDLES.found_in(b"x" * offset + struct.pack(form, SENTINEL) + b"yyy") == {SENTINEL}


@pytest.mark.parametrize("separator", ["", *SEPARATORS])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("before", ["", "a", "1,", "tall: -"])
def test_every_written_form_is_found(separator: str, encoding: str, before: str) -> None:
    text = f"{before}123{separator}456{separator}832"
    assert NEEDLES.found_in(text.encode(encoding)) == {SENTINEL}
    assert NEEDLES.found_in(b"\xff" + f"{text};".encode(encoding)) == {SENTINEL}


@pytest.mark.parametrize(
    "text", ["123&nbsp;456&nbsp;832", "123&#8239;456&#8239;832", "1.23456832e+08", "00123456832", "123456832.0"]
)
def test_other_ways_to_write_a_number_are_found(text: str) -> None:
    assert NEEDLES.found_in(f"<td>{text}</td>".encode()) == {SENTINEL}


@pytest.mark.parametrize("text", ["123 456 83", "12 3456 832", "123456,832", "123;456;832", "1234 56832"])
def test_digits_that_are_no_such_number_are_not(text: str) -> None:
    assert NEEDLES.found_in(text.encode()) == set()


@given(st.lists(NINE_DIGITS, min_size=1, max_size=5, unique=True), st.binary(max_size=40), st.data())
def test_what_is_planted_is_found_and_nothing_else(numbers: list[int], rest: bytes, data: st.DataObject) -> None:
    number = data.draw(st.sampled_from(numbers))
    form = data.draw(
        st.sampled_from([f"{number:,}".encode(), str(number).encode("utf-16"), struct.pack("<d", number), b""])
    )
    at = data.draw(st.integers(0, len(rest)))
    found = Needles(numbers).found_in(rest[:at] + form + rest[at:])
    assert number in found or not form
    if not form:  # what is left is chance, which a plain search must see as well
        assert all(_stands_plainly(one, rest) for one in found)


def _stands_plainly(number: int, data: bytes) -> bool:
    packed = [struct.pack(form, number) for form in ("<i", ">i", "<f", ">f", "<d", ">d")]
    scaled = [
        (number * 10**places).to_bytes(8, order).strip(b"\0") for places in range(7) for order in ("little", "big")
    ]
    return any(form in data for form in (*packed, *scaled, str(number).encode()))


def test_a_number_on_the_border_of_two_blocks_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apendata.disclosure.leaks.binary.BLOCK", 16)
    monkeypatch.setattr("apendata.disclosure.leaks.written.BLOCK", 16)
    for offset in range(40):
        for form in (struct.pack("<d", SENTINEL), b"123 456 832"):
            assert NEEDLES.found_in(b"x" * offset + form + b"y" * 20) == {SENTINEL}


def parquet(table: pa.Table, **how: object) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, **how)
    return file.getvalue()


@pytest.mark.parametrize("codec", ["none", "snappy", "gzip", "zstd", "lz4", "brotli"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("dictionary", [True, False])
def test_the_pages_of_parquet_are_unpacked(codec: str, version: str, dictionary: bool) -> None:
    columns = {
        "n": pa.array([1, SENTINEL, None] * 500),
        "kr": pa.array([Decimal(SENTINEL), None, Decimal(1)] * 500, pa.decimal128(18, 2)),
        "tekst": pa.array(["a", None, f"{SENTINEL}"] * 500),
    }
    how = {"compression": codec, "data_page_version": version, "use_dictionary": dictionary}
    how |= {"write_statistics": False, "store_schema": False}
    for name, column in columns.items():
        assert leaks(parquet(pa.table({"kode": ["x"] * 1500, name: column}), **how)), name
    assert not leaks(parquet(pa.table({"n": [1, 2, None]}), **how))


def test_a_category_that_no_row_has_is_found_in_parquet() -> None:
    frame = pd.DataFrame({"k": pd.Categorical(["a", "b"], categories=["a", "b", str(SENTINEL)])})
    for codec in ("snappy", "zstd", "gzip"):
        file = io.BytesIO()
        frame.to_parquet(file, compression=codec)
        assert leaks(file.getvalue())


def test_what_pandas_leaves_in_parquet_is_found() -> None:
    with_attrs = pd.DataFrame({"n": [1, 2]})
    with_attrs.attrs["sum"] = SENTINEL
    with_index = pd.DataFrame({"n": [1, 2]}, index=[5, SENTINEL])
    for frame in (with_attrs, with_index):
        file = io.BytesIO()
        frame.to_parquet(file)
        assert leaks(file.getvalue())


def test_statistics_of_more_than_the_rows_are_found() -> None:
    true = pa.table({"n": pa.array([1, SENTINEL])})
    file = parquet(true, compression="none", use_dictionary=False)
    emptied = file.replace(struct.pack("<qq", 1, SENTINEL), struct.pack("<qq", 1, 1))
    assert pq.read_table(io.BytesIO(emptied))["n"].to_pylist() == [1, 1]
    assert leaks(emptied)


@pytest.mark.parametrize("codec", ["uncompressed", "lz4", "zstd"])
def test_values_under_nulls_are_found_in_arrow_files(codec: str) -> None:
    true = pa.array([1, SENTINEL, 3] * 200)
    mask = pa.array([False, True, False] * 200)
    frame = pd.DataFrame({"n": pd.array(true.to_pylist(), dtype="Int64")})
    frame.loc[frame.n == SENTINEL, "n"] = pd.NA
    masked = [
        pa.table({"n": pa.array(true.to_numpy(), mask=mask.to_numpy(zero_copy_only=False))}),
        pa.table({"n": pc.if_else(mask, None, true)}),
        pa.table({"n": pa.array(frame["n"])}),
    ]
    for table in masked:
        assert table["n"].null_count == 200
        file = io.BytesIO()
        feather.write_feather(table, file, compression=codec)
        assert leaks(file.getvalue())


def test_pickles_of_masked_arrays_are_found() -> None:
    assert leaks(pickle.dumps(np.ma.array([1, SENTINEL], mask=[False, True])))


def test_texts_that_no_cell_shows_are_found_in_a_workbook() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "tall")
        sheet.write_string(1, 0, str(SENTINEL))
        sheet.write_string(1, 0, "skjult")
    assert leaks(file.getvalue())


PACKERS = {
    "gzip": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda data: pa.compress(data, "zstd", asbytes=True),
}


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS.keys())
def test_packed_files_are_unpacked(pack) -> None:
    inner = f"{SENTINEL}\n".encode() * 50
    assert leaks(pack(inner))
    assert leaks(pack(pack(inner)))
    assert not leaks(pack(b"1\n" * 50))


def test_what_says_that_it_is_packed_and_is_not_is_refused() -> None:
    for content in (b"PK\x03\x04 tull", b"\x1f\x8b tull", b"PAR1 tull PAR1", b"ARROW1 tull"):
        with pytest.raises(Sealed):
            NEEDLES.found_inside("fil", content)
    inner = b"x"
    for _ in range(6):
        inner = gzip.compress(inner)
    with pytest.raises(Sealed):
        NEEDLES.found_inside("fil", inner)


def test_a_zip_tells_its_members_by_name() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("a.txt", "ingenting")
        book.writestr("b.txt", f"{SENTINEL}" * 3)
    assert set(NEEDLES.found_inside("fil", file.getvalue())) == {"fil!b.txt"}


def test_a_hundred_megabytes_take_seconds() -> None:
    needles = Needles(range(100_000_000, 100_000_000 + 64 * 1000, 64))
    content = b"2024,B,K,41,,91234,\n" * 500_000
    started = time.perf_counter()
    assert needles.found_in(content) == set()
    assert time.perf_counter() - started < 5, "measured 0.4 s for these ten; the rest is for a busy machine"
