"""Her own workbook handed back: wrong cells coloured and commented, everything else as it was."""

import datetime as dt
import io
import struct
import time
import zipfile
import zlib
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings, strategies as st
from openpyxl.comments import Comment
from openpyxl.utils import get_column_letter
from python_calamine import CalamineWorkbook

from apendata.report.marking import MAX_COMMENTS, Mark, NotMarked, mark_workbook, workbook_of_rows
from apendata.report.marking.rows import Cell

RED, YELLOW = "FFFFC7CE", "FFFFEB9C"


def picture() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    pixels = zlib.compress(b"\x00\xff\x00\x00")
    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def rich_workbook() -> bytes:
    """A chart, a picture, a table, formats, a formula, a comment, a filter, conditional formats, two sheets."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        money = book.add_format({"num_format": "#,##0.00", "bold": True})
        date = book.add_format({"num_format": "dd.mm.yyyy"})
        sheet = book.add_worksheet("Lønn & tall")
        sheet.write_row(0, 0, ["Område", "Beløp", "Dato"])
        for row in range(1, 6):
            sheet.write_string(row, 0, f"Område {row} <&>")
            sheet.write_number(row, 1, row * 1000.5, money)
            sheet.write_datetime(row, 2, dt.date(2026, 1, row), date)
        sheet.write_formula(6, 1, "=SUM(B2:B6)", money, 15007.5)
        sheet.write_comment("A2", "Hennes egen merknad")
        sheet.insert_image("F2", "p.png", {"image_data": io.BytesIO(picture())})
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": ["Lønn & tall", 1, 1, 5, 1]})
        sheet.insert_chart("F5", chart)
        sheet.conditional_format("B2:B6", {"type": "3_color_scale"})
        sheet.data_validation("A2:A6", {"validate": "length", "criteria": "<", "value": 40})
        other = book.add_worksheet("Annet")
        other.add_table("A1:B3", {"columns": [{"header": "x"}, {"header": "y"}]})
        other.set_header("&CTrondheim")
    return target.getvalue()


def parts(workbook: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def values(workbook: bytes) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(workbook))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def marked(*marks: Mark) -> tuple[bytes, Any]:
    done = mark_workbook(rich_workbook(), marks)
    return done, openpyxl.load_workbook(io.BytesIO(done))


def error(cell: str, text: str = "feil", sheet: str = "Lønn & tall") -> Mark:
    return Mark(sheet, cell, "error", text)


def test_a_wrong_cell_is_coloured_with_its_own_number_format_and_told_in_a_comment() -> None:
    _, book = marked(error("B3", "Mente du 2000,5?"), Mark("Lønn & tall", "C4", "warning", "Se på datoen"))
    sheet = book["Lønn & tall"]
    assert (sheet["B3"].fill.fgColor.rgb, sheet["B3"].number_format, sheet["B3"].font.bold) == (RED, "#,##0.00", True)
    assert (sheet["C4"].fill.fgColor.rgb, sheet["C4"].number_format) == (YELLOW, "dd.mm.yyyy")
    assert sheet["B3"].comment.text == "Mente du 2000,5?"
    assert sheet["C4"].comment.text == "Se på datoen"
    assert sheet["B4"].fill.fgColor.rgb != RED
    assert sheet["B4"].comment is None


def test_everything_else_is_as_it_was_byte_for_byte() -> None:
    done, _ = marked(error("B3"))
    before, after = parts(rich_workbook()), parts(done)
    changed = {name for name in after if after[name] != before.get(name)}
    sheet = "xl/worksheets/sheet1.xml"
    assert changed == {sheet, "xl/styles.xml", "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml"}
    assert set(before) <= set(after)
    assert any("chart" in name for name in after)
    assert any("media" in name for name in after)
    assert values(done) == values(rich_workbook())


def test_a_comment_of_hers_stays_and_ours_stands_below() -> None:
    _, book = marked(error("A2", "ikke i listen"), error("A3", "heller ikke"))
    text = book["Lønn & tall"]["A2"].comment.text
    assert text.startswith("Hennes egen merknad")
    assert text.endswith("— apendata: ikke i listen")
    assert book["Lønn & tall"]["A3"].comment.text == "heller ikke"


def test_several_marks_of_a_cell_are_one_comment_in_the_colour_of_the_gravest() -> None:
    _, book = marked(Mark("Annet", "A2", "warning", "en"), error("A2", "to", "Annet"), error("A2", "to", "Annet"))
    assert book["Annet"]["A2"].comment.text == "en\n\nto"
    assert book["Annet"]["A2"].fill.fgColor.rgb == RED


@pytest.mark.parametrize("cell", ["A1", "B2", "E3", "A20", "AB100"])
def test_a_cell_that_was_never_written_can_be_marked(cell: str) -> None:
    done, book = marked(error(cell), error("C2"))
    assert book["Lønn & tall"][cell].fill.fgColor.rgb == RED
    assert book["Lønn & tall"][cell].comment.text == "feil"
    rows = [[value for value in row if value != ""] for row in values(done)["Lønn & tall"]]
    assert [row for row in rows if row] == [
        [v for v in row if v != ""] for row in values(rich_workbook())["Lønn & tall"]
    ]


def test_a_sheet_of_openpyxl_with_comments_is_marked_too() -> None:
    book = openpyxl.Workbook()
    book.active.title = "S"
    book.active.append(["a", 1])
    book.active["A1"].comment = Comment("gammel", "Kari")
    stream = io.BytesIO()
    book.save(stream)
    again = openpyxl.load_workbook(
        io.BytesIO(mark_workbook(stream.getvalue(), [error("A1", "ny", "S"), error("B1", "x", "S")]))
    )
    assert again["S"]["A1"].comment.text == "gammel\n— apendata: ny"
    assert again["S"]["B1"].comment.text == "x"
    assert again["S"]["B1"].value == 1


def test_what_a_cell_says_is_a_text_and_never_markup() -> None:
    hostile = '</t></r></text><x y="&amp;">\x00\x1b]]>\ud800'
    _, book = marked(error("B3", hostile))
    assert book["Lønn & tall"]["B3"].comment.text == '</t></r></text><x y="&amp;">]]>'


def test_all_are_coloured_and_so_many_are_told() -> None:
    marks = [error(f"D{row}", str(row)) for row in range(1, MAX_COMMENTS + 11)]
    _, book = marked(*marks)
    sheet = book["Lønn & tall"]
    assert sheet[f"D{MAX_COMMENTS + 10}"].fill.fgColor.rgb == RED
    assert sum(sheet[f"D{row}"].comment is not None for row in range(1, MAX_COMMENTS + 11)) == MAX_COMMENTS


@pytest.mark.parametrize("workbook", [b"", b"PK\x03\x04 no", b"<xml/>"])
def test_what_is_no_workbook_is_not_marked(workbook: bytes) -> None:
    with pytest.raises(NotMarked):
        mark_workbook(workbook, [error("A1")])


def test_a_part_with_entities_is_not_opened() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet><sheetData/></worksheet>'
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, part in parts(rich_workbook()).items():
            archive.writestr(name, bomb if name.endswith("sheet1.xml") else part)
    with pytest.raises(NotMarked):
        mark_workbook(target.getvalue(), [error("A1")])


CELLS = st.builds(lambda column, row: f"{get_column_letter(column)}{row}", st.integers(1, 9), st.integers(1, 12))
CONTENT = st.one_of(
    st.integers(-9, 9), st.floats(-9, 9), st.booleans(), st.text(st.characters(codec="ascii", min_codepoint=32))
)


@given(st.dictionaries(CELLS, CONTENT, min_size=1), st.lists(CELLS, min_size=1))
@settings(max_examples=60, deadline=None)
def test_marking_changes_no_value_of_any_cell(content: dict[str, Any], wrong: list[str]) -> None:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("S")
        for cell, value in content.items():
            sheet.write(cell, value)
    before = openpyxl.load_workbook(io.BytesIO(stream.getvalue()))["S"]
    done = mark_workbook(stream.getvalue(), [error(cell, "x", "S") for cell in wrong])
    after = openpyxl.load_workbook(io.BytesIO(done))["S"]
    for row in range(1, 13):
        for column in range(1, 10):
            old, new = before.cell(row, column), after.cell(row, column)
            assert (old.value, old.data_type) == (new.value, new.data_type)
            assert (new.fill.fgColor.rgb == RED) == (new.coordinate in wrong)


@given(st.dictionaries(CELLS, CONTENT, min_size=1), st.lists(CELLS, min_size=1))
@settings(max_examples=40, deadline=None)
def test_what_reads_exports_reads_the_same_of_a_marked_one(content: dict[str, Any], wrong: list[str]) -> None:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("S")
        for cell, value in {**content, "J13": "the end"}.items():
            sheet.write(cell, value)
    done = mark_workbook(stream.getvalue(), [error(cell, "x", "S") for cell in wrong])
    before, after = cells_of(stream.getvalue()), cells_of(done)
    assert after == before
    assert {at: type(value) for at, value in after.items()} == {at: type(value) for at, value in before.items()}


def cells_of(workbook: bytes) -> dict[tuple[int, int], Any]:
    """By their places: calamine leaves out empty rows and columns before the first cell."""
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_name("S")
    row, column = sheet.start
    rows = sheet.to_python(skip_empty_area=True)
    return {(row + r, column + c): value for r, line in enumerate(rows) for c, value in enumerate(line) if value != ""}


def test_pivots_macros_and_whatever_else_a_package_holds_are_copied_in_their_order() -> None:
    """Made by hand: no library writes them, and none of them is read."""
    foreign = {
        "xl/pivotTables/pivotTable1.xml": b"<pivotTableDefinition name='P'/>",
        "xl/pivotCache/pivotCacheDefinition1.xml": b"<pivotCacheDefinition/>",
        "xl/vbaProject.bin": bytes(range(256)),
        "xl/threadedComments/threadedComment1.xml": b"<ThreadedComments/>",
        "customXml/item1.xml": b"<a xmlns='urn:x'>&amp;</a>",
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, part in {**parts(rich_workbook()), **foreign}.items():
            archive.writestr(name, part)
    done = mark_workbook(target.getvalue(), [error("B3")])
    after = parts(done)
    assert {name: after[name] for name in foreign} == foreign
    before = list(parts(target.getvalue()))
    assert list(after)[: len(before)] == before


def test_thousands_of_cells_that_were_never_written_are_marked_in_seconds() -> None:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet("S")
        for row in range(4_000):
            sheet.write_row(row, 0, ["a", 1, 2])
            sheet.write(row, 4, 5)
    began = time.process_time()
    done = mark_workbook(stream.getvalue(), [error(f"D{row}", "tom", "S") for row in range(1, 4_001)])
    assert time.process_time() - began < 4
    after = openpyxl.load_workbook(io.BytesIO(done))["S"]
    assert [after.cell(3_999, column).fill.fgColor.rgb == RED for column in range(1, 6)] == [0, 0, 0, 1, 0]
    assert cells_of(done) == cells_of(stream.getvalue())


def test_rows_of_other_formats_are_handed_back_as_texts() -> None:
    rows = [(17, [Cell("=1+1", "error", "begynner som en formel"), Cell("010")])]
    book = openpyxl.load_workbook(io.BytesIO(workbook_of_rows({"fil.csv": (["Linje", "A", "B"], rows)})))
    sheet = book["fil.csv"]
    assert [cell.value for cell in sheet[2]] == [17, "=1+1", "010"]
    assert sheet["B2"].data_type == "s"
    assert sheet["B2"].comment.text == "begynner som en formel"
    assert sheet["B2"].fill.fgColor.rgb == RED
