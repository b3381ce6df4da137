"""Workbooks: bombs, locks, hidden sheets, blocks, and what a container can hide."""

import contextlib
import io
import re
import struct
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment

from apendata.errors import ApendataError
from apendata.model import Column, RowRule
from apendata.sources import archive
from tests.unit.sources.exports import compound, export, field, ods, read_bytes, rows_of, source_for, table, xls

TABLE = table(
    [field("navn"), field("antall", "integer")],
    [Column("navn", header=("navn",)), Column("antall", header=("antall",))],
)
ROWS = [["a", 1], ["b", 2]]


def book(change: Callable[[openpyxl.Workbook], None] = lambda _: None) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    sheet.title = "Uttrekk"
    for row in (["navn", "antall"], *ROWS):
        sheet.append(row)
    change(made)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The archive with one part put in, or in place of its own."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, content)
    return stream.getvalue()


def repeated(rows: int, columns: int, what: str = "") -> str:
    """XML of one ODS cell that is repeated over a rectangle."""
    cell = f'<table:table-cell table:number-columns-repeated="{columns}" {what}/>'
    return f'<table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-row>'


def only_our_errors(work: Callable[[], object]) -> None:
    """Damage may go unnoticed where it changes nothing that is read; what is noticed is a finding, never a crash."""
    with contextlib.suppress(ApendataError):
        work()


def code(folder: Path, data: bytes, form: str = "xlsx", **more: object) -> str:
    with pytest.raises(ApendataError) as caught:
        read_bytes(folder, data, source_for(form, **more), TABLE)  # type: ignore[arg-type] # a format
    return caught.value.findings[0].code


SHEET_XML = "xl/worksheets/sheet1.xml"


def test_bombs_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert code(tmp_path, with_part(book(), "xl/stor.xml", b"0" * (archive.RATIO_FROM + 1))) == "workbook_bomb"
    monkeypatch.setattr(archive, "MAX_UNPACKED", 1000)
    assert code(tmp_path, book()) == "workbook_bomb"


def test_a_directory_that_lies_about_sizes_is_damage(tmp_path: Path) -> None:
    data = bytearray(book())
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(b"PK\x01\x02"))
    struct.pack_into("<I", data, at + 24, 10)
    assert code(tmp_path, bytes(data)) == "workbook_damaged"


def test_one_cell_far_away_is_a_bomb(tmp_path: Path) -> None:
    assert code(tmp_path, book(lambda made: made.worksheets[0].cell(1_000_000, 16_000, 1))) == "workbook_bomb"
    far = repeated(1_000_000, 16_000, 'office:value-type="float" office:value="1"')
    assert code(tmp_path, ods([["navn", "antall"]], far), "ods") == "workbook_bomb"


def test_numbers_that_a_library_takes_for_sizes_cannot_end_the_process(tmp_path: Path) -> None:
    data = export("xlsx", [["a", 1]], header=("navn", "antall"))
    for part, old, new in (
        ("xl/sharedStrings.xml", rb'ount="\d+"', b'ount="99999999999"'),
        (SHEET_XML, rb'r="B2"', b'r="AAAAAAA2"'),
        (SHEET_XML, rb'r="B2"', b'r="B99999999"'),
        (SHEET_XML, rb'<row r="2"', b'<row r="4000000000"'),
    ):
        with zipfile.ZipFile(io.BytesIO(data)) as archive_:
            changed = re.sub(old, new, archive_.read(part))
        assert code(tmp_path, with_part(data, part, changed)) in ("workbook_bomb", "workbook_damaged")
    cell_xml = '<table:table-cell><text:p><text:s text:c="9999999999"/></text:p></table:table-cell>'
    blanks = f"<table:table-row>{cell_xml}</table:table-row>"
    assert code(tmp_path, ods([["navn", "antall"]], blanks), "ods") == "workbook_bomb"
    assert code(tmp_path, ods([["navn", "antall"]], repeated(1, 2).replace('"2"', '"x"')), "ods") == "workbook_damaged"
    plain = xls([["navn", "antall"], *ROWS])
    extent = struct.pack("<HHIIHHH", 0x200, 14, 0, 3, 0, 2, 0)
    vast = struct.pack("<HHIIHHH", 0x200, 14, 0, 2**31, 0, 255, 0)
    assert code(tmp_path, plain.replace(extent, vast), "xls") == "workbook_bomb"
    cell, far = (struct.pack("<HHHHH", 0x203, 14, 1, column, 0) for column in (1, 60_000))
    assert code(tmp_path, plain.replace(cell, far), "xls") == "workbook_bomb"


def test_the_empty_rest_of_an_ods_sheet_is_no_bomb(tmp_path: Path) -> None:
    rest = repeated(1_048_000, 16_384)
    raw = read_bytes(tmp_path, ods([["navn", "antall"], *ROWS], rest), source_for("ods"), TABLE).tables["tabell"]
    assert raw.data.num_rows == 2


def test_entities_archives_and_programs_within_are_refused(tmp_path: Path) -> None:
    bad = b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    assert code(tmp_path, with_part(book(), "docProps/app.xml", bad)) == "workbook_bomb"
    assert code(tmp_path, with_part(book(), "xl/embeddings/a.bin", b"x")) == "workbook_nested"
    assert code(tmp_path, with_part(book(), "xl/media/a.png", b"PK\x03\x04")) == "workbook_nested"
    assert code(tmp_path, with_part(book(), "xl/vbaProject.bin", b"x")) == "workbook_nested"


def test_locked_workbooks(tmp_path: Path) -> None:
    encrypted = compound("EncryptedPackage".encode("utf-16-le"))
    assert code(tmp_path, encrypted) == "workbook_encrypted"
    plain = xls([["navn", "antall"], *ROWS])
    assert (
        code(tmp_path, plain.replace(struct.pack("<HHH", 0x42, 2, 1200), struct.pack("<HHH", 0x2F, 2, 0)), "xls")
        == "workbook_encrypted"
    )


def test_a_damaged_compound_file_ends(tmp_path: Path) -> None:
    data = bytearray(xls([["navn", "antall"], *ROWS]))
    for at in range(0, len(data), 97):
        broken = data.copy()
        broken[at] ^= 0xFF
        only_our_errors(partial(read_bytes, tmp_path, bytes(broken), source_for("xls"), TABLE))


def test_wrong_content_under_the_name(tmp_path: Path) -> None:
    assert code(tmp_path, xls([["navn"]]), "xlsx") == "wrong_content"
    assert code(tmp_path, book(), "xls") == "wrong_content"
    assert code(tmp_path, book(), "ods") == "wrong_content"


def test_several_or_hidden_sheets_must_be_named(tmp_path: Path) -> None:
    def second(made: openpyxl.Workbook) -> None:
        made.create_sheet("Grunnlag").sheet_state = "hidden"

    assert code(tmp_path, book(second), sheet=None) == "sheet_not_declared"
    raw = read_bytes(tmp_path, book(second), source_for("xlsx"), TABLE).tables["tabell"]
    assert rows_of(raw)[1] == {"navn": "b", "antall": "2"}
    assert read_bytes(tmp_path, book(), source_for("xlsx", sheet=None), TABLE).tables["tabell"].data.num_rows == 2


@pytest.mark.parametrize("where", ["sheet", "comment", "number", "eaten", "beside"])
def test_people_anywhere_in_a_workbook(tmp_path: Path, where: str) -> None:
    def hide(made: openpyxl.Workbook) -> None:
        sheet = made.worksheets[0]
        if where == "sheet":
            made.create_sheet("Grunnlag")["C7"] = "Kari 010101 12377"
        elif where == "comment":
            sheet["A2"].comment = Comment("01010112377", "HR")
        else:
            values = {"number": 41010112018, "eaten": 1010112377, "beside": "01010112377"}
            sheet["H9"] = values[where]

    assert code(tmp_path, book(hide), columns="A:B") == "identity_number"


def test_blocks_side_by_side(tmp_path: Path) -> None:
    def two(made: openpyxl.Workbook) -> None:
        sheet = made.worksheets[0]
        for row, texts in enumerate((["navn", "antall"], ["c", 3], ["d", 4], ["e", 5]), start=2):
            sheet.cell(row, 4, texts[0])
            sheet.cell(row, 5, texts[1])

    left = read_bytes(tmp_path, book(two), source_for("xlsx", columns="A:B", rows=(RowRule("blank"),)), TABLE)
    right = read_bytes(tmp_path, book(two), source_for("xlsx", columns="D:E"), TABLE)
    assert [row["antall"] for row in rows_of(left.tables["tabell"])] == ["1", "2"]
    assert [row["antall"] for row in rows_of(right.tables["tabell"])] == ["3", "4", "5"]
    assert right.tables["tabell"].origin.columns["antall"] == ("antall", 5)
    assert {a.rule: a.rows for a in left.accounts}["blank"] == 2


def test_a_cell_of_another_kind_has_its_place(tmp_path: Path) -> None:
    def truth(made: openpyxl.Workbook) -> None:
        made.worksheets[0]["B3"] = True

    with pytest.raises(ApendataError) as caught:
        read_bytes(tmp_path, book(truth), source_for("xlsx"), TABLE)
    found = caught.value.findings[0]
    assert (found.code, found.places[0].cell) == ("cell_kind", "B3")
    assert "sheet «Uttrekk», cell B3" in str(caught.value)


def test_damage_in_every_part_ends_in_an_error_of_ours(tmp_path: Path) -> None:
    data = export("xlsx", [["a", 1]], header=("navn", "antall"))
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        names = parts.namelist()
    for name in names:
        only_our_errors(partial(read_bytes, tmp_path, with_part(data, name, b"<a><b></a>"), source_for("xlsx"), TABLE))
