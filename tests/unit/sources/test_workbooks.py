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
import xlsxwriter
from openpyxl.comments import Comment

from apendata.errors import ApendataError, PersonalDataFound
from apendata.model import Column, Format, RowRule
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


def changed(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        before = parts.read(part)
    assert old in before
    return with_part(data, part, before.replace(old, new, 1))


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
ODS_ROW = (
    '<table:table-cell office:value-type="string"><text:p>b</text:p></table:table-cell>'
    '<table:table-cell office:value-type="float" office:value="2"/>'
)


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


def test_few_texts_in_many_cells_are_no_lie_about_their_number(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as made:  # unlike openpyxl it writes ``count``: how many cells have a text
        sheet = made.add_worksheet("Uttrekk")
        sheet.write_row(0, 0, ["navn", "antall"])
        for row in range(1, 3001):
            sheet.write_row(row, 0, [f"n{row % 7}", row])
    reading = read_bytes(tmp_path, stream.getvalue(), source_for("xlsx"), TABLE)
    assert reading.tables[TABLE.name].data.num_rows == 3000


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


PERSON = "P 01010112377"


@pytest.mark.parametrize("more", [{}, {"sheet": None}, {"sheet": "Tabell 2"}])
def test_people_in_the_name_of_any_sheet(tmp_path: Path, more: dict[str, object]) -> None:
    names = "table:table ", f'<table:table table:name="{PERSON}"/><table:table '
    workbooks: dict[Format, bytes] = {
        "xlsx": book(lambda made: made.create_sheet(PERSON)),
        "xls": xls([["navn", "antall"], *ROWS], sheet=PERSON),
        "ods": changed(ods([["navn", "antall"], *ROWS]), "content.xml", f"<{names[0]}".encode(), names[1].encode()),
    }
    for form, data in workbooks.items():
        with pytest.raises(PersonalDataFound) as caught:
            read_bytes(tmp_path, data, source_for(form, **more), TABLE)
        assert "01010112377" not in str(caught.value) + repr(caught.value.findings)
        assert "P (…)" in str(caught.value)
        assert not caught.value.findings[0].samples


def test_people_in_the_name_of_a_sheet_that_is_a_bomb_too(tmp_path: Path) -> None:
    assert code(tmp_path, book(lambda made: made.create_sheet(PERSON).cell(1_000_000, 16_000, 1))) == "identity_number"


def test_people_in_parts_of_a_comment(tmp_path: Path) -> None:
    commented = book(lambda made: setattr(made.worksheets[0]["A2"], "comment", Comment("010101DELT12377", "HR")))
    for between in (b"</t></r><r><rPr><b/></rPr><t>", b"-", b"</t></r>\n<r><t>"):
        assert code(tmp_path, changed(commented, "xl/comments/comment1.xml", b"DELT", between)) == "identity_number"
    note = "<office:annotation><text:p>010101 12377</text:p></office:annotation>"
    extra = f"<table:table-row><table:table-cell>{note}</table:table-cell></table:table-row>"
    assert code(tmp_path, ods([["navn", "antall"], *ROWS], extra), "ods") == "identity_number"


def in_sheet(more: bytes) -> bytes:
    return changed(book(), SHEET_XML, b"</sheetData>", more + b"</sheetData>")


@pytest.mark.parametrize(
    "cells",
    [
        b'<row r="4">' + b"<c><v>1</v></c>" * 3000 + b'</row><row r="1048576"><c><v>1</v></c></row>',
        b'<row r="4">' + b"<c s='0'/>" * 3000 + b"</row><row r='1048576'><c><v>1</v></c></row>",
        b'<x:row r="4">' + b"<x:c></x:c>" * 3000 + b'</x:row><row r="9999"/>',
        b'<row r="1000000"/>' + b'<row><c r="A1"/></row>' * 60_000,
        b'<row r="4"><c r="&#88;FD1048576"><v>1</v></c></row>',
        b'<row r="&#49;048576"><c r="XFD4"><v>1</v></c></row>',
        b"<row r='1048576'><c r='XFD4'><v>1</v></c></row>",
        b'<row r="4"><c s="0" r="xfd1048576"><v>1</v></c></row>',
    ],
)
def test_cells_without_a_place_count_for_what_they_take(tmp_path: Path, cells: bytes) -> None:
    assert code(tmp_path, in_sheet(cells)) in ("workbook_bomb", "workbook_damaged")


def test_cells_without_a_place_are_read(tmp_path: Path) -> None:
    data = in_sheet(b'<row><c t="inlineStr"><is><t>c</t></is></c><c><v>3</v></c></row>')
    raw = read_bytes(tmp_path, data, source_for("xlsx"), TABLE).tables["tabell"]
    assert rows_of(raw)[2] == {"navn": "c", "antall": "3"}


def test_an_error_without_a_place_is_not_read_as_an_empty_cell(tmp_path: Path) -> None:
    assert code(tmp_path, in_sheet(b'<row><c t="e"><v>#N/A</v></c><c><v>3</v></c></row>')) == "workbook_damaged"


def test_a_sheet_whose_part_is_written_otherwise_is_looked_at_too(tmp_path: Path) -> None:
    data = in_sheet(b'<row r="4"><c r="A4" t="e"><v>#N/A</v></c><c r="B4"><v>3</v></c></row>')
    for target in (b"/xl/Worksheets/Sheet1.xml", b"worksheets/SHEET1.xml"):
        other = changed(data, "xl/_rels/workbook.xml.rels", b"/xl/worksheets/sheet1.xml", target)
        assert code(tmp_path, other) in ("error_cell", "workbook_damaged")
    nowhere = changed(data, "xl/_rels/workbook.xml.rels", b"/xl/worksheets/sheet1.xml", b"borte.xml")
    assert code(tmp_path, nowhere) == "workbook_damaged"


def test_utf_16_hides_nothing(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(book())) as parts:
        text = parts.read(SHEET_XML).decode()
    assert code(tmp_path, with_part(book(), SHEET_XML, text.encode("utf-16"))) == "workbook_damaged"


def test_all_sheets_share_one_budget_of_cells(tmp_path: Path) -> None:
    def sheets(count: int) -> Callable[[openpyxl.Workbook], None]:
        return lambda made: [made.create_sheet(f"S{i}").cell(300, 16_000, "x") for i in range(count)] and None

    assert code(tmp_path, book(sheets(2))) == "workbook_bomb"
    assert read_bytes(tmp_path, book(sheets(1)), source_for("xlsx"), TABLE).tables["tabell"].data.num_rows == 2
    wide = repeated(300, 16_000, 'office:value-type="float" office:value="1"')
    second = f'</table:table><table:table table:name="B">{wide}'
    assert code(tmp_path, ods([["navn", "antall"]], wide + second), "ods") == "workbook_bomb"


def test_hidden_rows_are_said(tmp_path: Path) -> None:
    def hide(made: openpyxl.Workbook) -> None:
        made.worksheets[0].row_dimensions[3].hidden = True
        made.worksheets[0].row_dimensions[9].hidden = True

    hidden = f'<table:table-row table:visibility="filter">{ODS_ROW}</table:table-row>'
    row = struct.pack("<HHHHHHHHI", 0x208, 16, 2, 0, 2, 0, 0, 0, 0x20)
    workbooks: dict[Format, bytes] = {"xlsx": book(hide), "ods": ods([["navn", "antall"], *ROWS[:1]], hidden)}
    workbooks["xls"] = xls([["navn", "antall"], *ROWS], more=row)
    for form, data in workbooks.items():
        reading = read_bytes(tmp_path, data, source_for(form), TABLE)
        assert [(found.code, found.severity, found.count) for found in reading.findings] == [
            ("hidden_rows", "warning", 1)
        ]
        assert reading.tables["tabell"].data.num_rows == 2


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
