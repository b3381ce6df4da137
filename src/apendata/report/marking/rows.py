"""A workbook of the rows concerned, for an export that is no XLSX: its header, its own row numbers, its wrong cells."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import xlsxwriter

from apendata.report.marking.styles import GROUNDS


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a row that is handed back."""

    text: str
    severity: str | None = None
    """``error``, ``warning``, or None where nothing is wrong with it."""
    note: str = ""


def workbook_of_rows(sheets: Mapping[str, tuple[Sequence[str], Sequence[tuple[int, Sequence[Cell]]]]]) -> bytes:
    """Make a workbook: sheet name → (header, rows by their number in the file).

    Every cell is written as a text, so that nothing in it is ever a formula, a link or a rounded number.
    """
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        grounds = {severity: book.add_format({"bg_color": f"#{argb[2:]}"}) for severity, argb in GROUNDS.items()}
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        for name, (header, rows) in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 1)
            sheet.set_column(0, max(len(header) - 1, 0), 18)
            for column, text in enumerate(header):
                sheet.write_string(0, column, text, bold)
            for at, (number, cells) in enumerate(rows, start=1):
                sheet.write_number(at, 0, number)
                for column, cell in enumerate(cells, start=1):
                    sheet.write_string(at, column, cell.text[:32_767], grounds.get(cell.severity or ""))
                    if cell.note:
                        sheet.write_comment(at, column, cell.note, {"author": "apendata", "x_scale": 2, "y_scale": 2})
    return target.getvalue()
