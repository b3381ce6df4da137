"""Every bad export ends in a clear error with its place, publishes nothing and leaves the last release untouched."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from apendata import app
from apendata.errors import ApendataError
from apendata.model import Outcome
from apendata.settings import Settings
from tests.functional.own_dataset import EXPORT, OwnDataset, make
from tests.functional.test_cli import tree

BYTES = EXPORT.encode()


@pytest.fixture
def own(tmp_path: Path) -> OwnDataset:
    return make(tmp_path)


def house(own: OwnDataset) -> app.App:
    return app.load(Settings.from_mapping({"APENDATA_LAKE": str(own.folder / "lake"), **own.settings}, own.folder))


def fails(own: OwnDataset) -> ApendataError:
    """Run once more on what the export is now; nothing public may move."""
    before = tree(own.public.parent)
    result = house(own).run("soeknader")
    assert result.outcome is Outcome.FAILED
    assert result.error is not None
    assert tree(own.public.parent) == before
    return result.error


def cell(old: str, new: str) -> bytes:
    assert old in EXPORT
    return EXPORT.replace(old, new).encode()


TEXT_CASES: dict[str, tuple[bytes, str, str]] = {
    "empty file": (b"", "SourceUnreadable", "soeknader.csv"),
    "header only": (BYTES.splitlines(keepends=True)[0], "SourceChanged", "soeknader.csv"),
    "wrong encoding": (EXPORT.encode("windows-1252"), "SourceUnreadable", "soeknader.csv"),
    "utf-16": (EXPORT.encode("utf-16-le"), "SourceUnreadable", "soeknader.csv"),
    "byte order mark": (b"\xef\xbb\xbf" + BYTES, "SourceUnreadable", "soeknader.csv"),
    "NUL": (BYTES + b"2026;010;\x00\n", "SourceUnreadable", "line 6"),
    "duplicate columns": (cell("Type;Antall", "Type;Type"), "SourceChanged", "soeknader.csv"),
    "unknown column": (EXPORT.replace("\n", ";x\n").encode(), "SourceChanged", "soeknader.csv"),
    "missing column": (EXPORT.replace(";Antall", ";Tall").encode(), "SourceChanged", "Antall"),
    "header renamed": (cell("År;", "Aar;"), "SourceChanged", "soeknader.csv"),
    "row too long": (cell("2024;020;34", "2024;020;34;5"), "SourceRejected", "line 3"),
    "row too short": (cell("2024;020;34", "2024;020"), "SourceRejected", "line 3"),
    "undeclared point": (cell(";34", ";42.578"), "SourceRejected", "line 3"),
    "NaN": (cell(";34", ";NaN"), "SourceRejected", "line 3"),
    "infinity": (cell(";34", ";Infinity"), "SourceRejected", "line 3"),
    "underscore": (cell(";34", ";1_000"), "SourceRejected", "line 3"),
    "full-width digits": (cell(";34", ";１２"), "SourceRejected", "line 3"),
    "U+2212": (cell(";34", ";\u221234"), "SourceRejected", "line 3"),
    "exponent": (cell(";34", ";1e3"), "SourceRejected", "line 3"),
    "broken group": (cell(";34", ";12\u00a034"), "SourceRejected", "line 3"),
    "formula": (cell(";020;34", ";=1+1;34"), "SourceRejected", "line 3"),
    "national identity number": (cell(";020;34", ";01010112377;34"), "PersonalDataFound", "line 3"),
    "identity number above the header": (b"12057900499\n" + BYTES, "PersonalDataFound", "line 1"),
    "code out of pattern": (cell(";020;34", ";20;34"), "DataRejected", "line 3"),
    "negative": (cell(";34", ";-34"), "DataRejected", "line 3"),
    "same key twice": (BYTES + b"2024;010;1\n", "DataRejected", "line 6"),
    "control total": (cell(";34", ";35"), "DataRejected", "1234"),
    "year that is none": (cell("2024;020", "20x4;020"), "SourceRejected", "line 3, column «År»"),
}


@pytest.mark.parametrize("case", TEXT_CASES)
def test_a_bad_text_file(own: OwnDataset, case: str) -> None:
    content, kind, place = TEXT_CASES[case]
    assert house(own).run("soeknader").outcome is Outcome.PUBLISHED
    own.export.write_bytes(content)
    error = fails(own)
    assert type(error).__name__ == kind
    assert place in error.message


def workbook(fill: Callable[[xlsxwriter.Workbook, object], None] | None = None) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Uttrekk")
        sheet.write_row(0, 0, ["Tittel"])
        sheet.write_row(2, 0, ["År", "Type", "Antall"])
        for number, (year, kind, count) in enumerate([(2024, "010", 1200), (2024, "020", 34), (2025, "010", 1300)], 3):
            sheet.write_row(number, 0, [str(year), kind, count])
        if fill:
            fill(book, sheet)
    return buffer.getvalue()


def without_cached_values(content: bytes) -> bytes:
    """Take away what Excel would show for a formula, as programs that write workbooks without computing do."""
    return _changed(content, "xl/worksheets/sheet1.xml", b"<f>1+33</f><v>0</v>", b"<f>1+33</f>")


def bomb() -> bytes:
    """A small file that unpacks to 2 GiB of zeros."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != "xl/worksheets/sheet1.xml":
                new.writestr(name, old.read(name))
        with new.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as stream:
            for _ in range(2048):
                stream.write(bytes(1 << 20))
    return buffer.getvalue()


def _changed(content: bytes, part: str, old: bytes, new: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            data = before.read(name)
            if name == part:
                assert old in data
                data = data.replace(old, new)
            after.writestr(name, data)
    return buffer.getvalue()


WORKBOOK_CASES: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "not a workbook": (lambda: b"PK\x03\x04 no", "SourceUnreadable", "soeknader.xlsx"),
    "a text file by that name": (lambda: BYTES, "SourceUnreadable", "soeknader.xlsx"),
    "cut off": (lambda: workbook()[:-900], "SourceUnreadable", "soeknader.xlsx"),
    "a bomb": (bomb, "SourceUnreadable", "soeknader.xlsx"),
    "formula without a value": (
        lambda: without_cached_values(workbook(lambda _, sheet: sheet.write_formula(4, 2, "=1+33"))),
        "SourceRejected",
        "cell C5",
    ),
    "a number for a code": (lambda: workbook(lambda _, s: s.write_number(4, 1, 20)), "SourceRejected", "cell B5"),
    "an error cell": (
        lambda: workbook(lambda _, s: s.write_formula(4, 2, "=1/0", None, "#DIV/0!")),
        "SourceRejected",
        "C5",
    ),
    "text in a number": (
        lambda: workbook(lambda _, s: s.write_string(4, 2, "34 (anslag)")),
        "SourceRejected",
        "cell C5",
    ),
    "identity number beside": (
        lambda: workbook(lambda book, _: book.add_worksheet("Kladd").write_string(0, 0, "010101 12377")),
        "PersonalDataFound",
        "Kladd",
    ),
    "a header that moved into two rows": (
        lambda: workbook(lambda _, s: s.write_string(2, 2, "") or s.write_string(1, 2, "Antall")),
        "SourceChanged",
        "Uttrekk",
    ),
    "another sheet": (lambda: _changed(workbook(), "xl/workbook.xml", b"Uttrekk", b"Ark1"), "SourceChanged", "Uttrekk"),
}


@pytest.mark.parametrize("case", WORKBOOK_CASES)
def test_a_bad_workbook(own: OwnDataset, case: str) -> None:
    make_content, kind, place = WORKBOOK_CASES[case]
    text = own.definition.read_text().replace("soeknader.csv", "soeknader.xlsx").replace("format: csv", "format: xlsx")
    text = text.replace("    encoding: utf-8\n    delimiter: semicolon\n", "    sheet: Uttrekk\n")
    own.definition.write_text(text)
    export = own.export.with_suffix(".xlsx")
    own.export.unlink()
    export.write_bytes(workbook())
    assert house(own).run("soeknader").outcome is Outcome.PUBLISHED
    export.write_bytes(make_content())
    error = fails(own)
    assert type(error).__name__ == kind
    assert place in error.message


def test_no_value_of_a_bad_cell_is_in_an_error(own: OwnDataset) -> None:
    own.export.write_bytes(cell(";34", ";kanarifugl"))
    error = house(own).run("soeknader").error
    assert error is not None
    assert "kanarifugl" not in f"{error!s} {error!r} {error.findings!r}"
