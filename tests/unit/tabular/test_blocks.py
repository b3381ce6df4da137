"""Blocks of a file hold its rows, whoever reads them: what pyarrow reads is what Python's ``csv`` reads."""

import csv
import io
import itertools

import pytest

from apendata.tabular import decoding
from apendata.tabular.blocks import Block, TextFile
from apendata.tabular.decoding import as_utf8
from apendata.tabular.dialect import read_dialect
from apendata.tabular.examining import split
from apendata.tabular.refused import Refused


def read(text: bytes, encoding: str = "utf-8", **words: object) -> tuple[list[str], list[list[str]]]:
    """Labels and rows of a text, split as the engine splits it."""
    dialect = read_dialect({"delimiter": ";", **words}, encoding=encoding)
    file = TextFile(as_utf8(io.BytesIO(text), dialect.encoding), dialect)
    labels = file.labels()
    rows: list[list[str]] = []
    for block in file.blocks():
        assert block.first_row == len(rows) + dialect.first_content_row
        rows += _rows(block, dialect, max(len(labels), 1))
    return labels, rows


def _rows(block: Block, dialect: object, width: int) -> list[list[str]]:
    part = split(block, dialect, width)  # type: ignore[arg-type]  # of this module's own making
    if part.rows is not None:
        return [list(row) for row in part.rows]
    return [list(row) for row in zip(*(column.to_pylist() for column in part.columns), strict=True)]


@pytest.mark.parametrize("width", [1, 2])
def test_every_short_text_is_read_as_python_reads_it(width: int) -> None:
    header = ";".join("ab"[:width]) + "\n"
    for length in range(6):
        for signs in itertools.product('";a\n\r', repeat=length):
            text = header + "".join(signs)
            expected = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
            labels, rows = read(text.encode())
            assert [labels, *rows] == expected, repr(text)


@pytest.mark.parametrize("size", range(1, 30))
def test_a_row_over_several_lines_is_whole_wherever_the_block_ends(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "BLOCK_BYTES", size)
    text = 'a;b\n1;"x\ny"\n2;z\n3;"p""q\n\nr"\n\n4;å'
    expected = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    labels, rows = read(text.encode())
    assert [labels, *rows] == expected


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("\ufeffa;b\n1;æ\n".encode(), "utf-8"),
        ("\ufeffa;b\n1;æ\n".encode(), "utf-8-sig"),
        ("a;b\n1;æ\n".encode("cp1252"), "windows-1252"),
        ("a;b\n1;æ\n".encode("utf-16"), "utf-16"),
        ("\ufeffa;b\n1;æ\n".encode("utf-16-le"), "utf-16-le"),
        ("a;b\n1;æ\n".encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_the_declared_encoding_is_read_without_its_mark(text: bytes, encoding: str) -> None:
    assert read(text, encoding) == (["a", "b"], [["1", "æ"]])


@pytest.mark.parametrize("text", [b"a;b\n1;\xe6\n", b'a;b\n1;"\n\xe6"\n', b"a;\xe6\n1;2\n"])
def test_another_encoding_than_the_declared_one_is_refused_by_place(text: bytes) -> None:
    with pytest.raises(Refused) as refusal:
        read(text)
    assert refusal.value.errors[0].kind == "encoding-error"
    assert "near line" in refusal.value.errors[0].note


def test_a_line_without_end_is_refused_and_not_read_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "LONGEST_LINE", 1000)
    monkeypatch.setattr(decoding, "BLOCK_BYTES", 100)
    with pytest.raises(Refused, match="source-error"):
        read(b"a;b\n" + b"x" * 5000)


@pytest.mark.parametrize("row", ['"{}";2', '"{}\n{}";2', "1;{}", '1;"{}""";x'])
def test_a_long_cell_is_a_cell(row: str) -> None:
    csv.field_size_limit(131_072)  # Python's own limit, until somebody changes it
    text = "a;b\n" + row.replace("{}", "x" * 140_000) + "\n"
    _, rows = read(text.encode())
    assert max(map(len, rows[0])) >= 140_000


def test_a_quote_that_nothing_closes_is_not_read_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "LONGEST_LINE", 1000)
    monkeypatch.setattr(decoding, "BLOCK_BYTES", 100)
    with pytest.raises(Refused) as refusal:
        read(b'a;b\n1;2\n"' + b"x;1\n" * 5000)
    assert refusal.value.errors[0].kind == "source-error"
    assert "in row 3 or near it" in refusal.value.errors[0].note
