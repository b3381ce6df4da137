"""What a steward gets: a page in her language and her own file with the wrong cells marked, for her eyes alone."""

import io
import re
import stat
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from apendata.lake import Lake
from tests.functional.conftest import Run, apendata
from tests.functional.own_dataset import EXPORT, OwnDataset, make

__all__ = ["apendata"]

RED = "FFFFC7CE"


@pytest.fixture
def own(tmp_path: Path) -> OwnDataset:
    return make(tmp_path)


def reports(own: OwnDataset) -> dict[str, Path]:
    """The last run's files by their endings."""
    found = sorted((own.folder / "lake" / "internal" / "reports" / "soeknader").iterdir())
    return {"merket" if "merket" in file.name else file.suffix: file for file in found}


def as_workbook(own: OwnDataset, rows: list[list[object]]) -> None:
    """The same export as a workbook with two sheets, a chart and formats."""
    own.definition.write_text(
        own.definition.read_text()
        .replace("path: soeknader.csv", "path: soeknader.xlsx")
        .replace("format: csv\n    encoding: utf-8\n    delimiter: semicolon", "format: xlsx\n    sheet: Tall")
    )
    own.export.unlink()
    with xlsxwriter.Workbook(own.export.with_suffix(".xlsx")) as book:
        sheet = book.add_worksheet("Tall")
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
        book.add_worksheet("Om").insert_chart("A1", chart := book.add_chart({"type": "line"}))
        chart.add_series({"values": ["Tall", 1, 2, 3, 2]})


def test_her_own_workbook_comes_back_with_the_wrong_cells_marked(apendata: Run, own: OwnDataset) -> None:
    as_workbook(own, [["År", "Type", "Antall"], [2024, "010", 1234], [2025, "010", "12.345"], [2025, "020", "kr 7"]])
    done = apendata("check", "soeknader", **own.settings)
    assert done.code == 14
    file = reports(own)["merket"]
    sheet = openpyxl.load_workbook(file)["Tall"]
    assert [sheet[cell].fill.fgColor.rgb == RED for cell in ("C2", "C3", "C4", "B3")] == [False, True, True, False]
    assert "Mente du 12345 eller 12,345?" in sheet["C3"].comment.text
    assert "Mente du 7?" in sheet["C4"].comment.text
    with zipfile.ZipFile(file) as back, zipfile.ZipFile(own.export.with_suffix(".xlsx")) as hers:
        charts = [name for name in hers.namelist() if "chart" in name or "drawing" in name]
        assert charts
        assert all(back.read(name) == hers.read(name) for name in charts)


def test_of_a_text_file_the_rows_concerned_come_back_with_their_own_numbers(apendata: Run, own: OwnDataset) -> None:
    own.export.write_text(EXPORT.replace(";34", ";3O4").replace("1\u00a0300", "=1+1"), encoding="utf-8")
    assert apendata("check", "soeknader", **own.settings).code == 14
    sheet = openpyxl.load_workbook(reports(own)["merket"])["soeknader.csv"]
    assert [[cell.value for cell in row] for row in sheet] == [
        ["Linje", "År", "Type", "Antall"],
        [3, "2024", "020", "3O4"],
        [4, "2025", "010", "=1+1"],
    ]
    assert sheet["D2"].fill.fgColor.rgb == RED
    assert "Mente du 304?" in sheet["D2"].comment.text
    assert sheet["D3"].data_type == "s"


def test_the_page_groups_equal_mistakes_says_what_to_do_and_needs_nothing_from_elsewhere(
    apendata: Run, own: OwnDataset
) -> None:
    rows = "".join(f"20{10 + n};010;{n}.5\n" for n in range(12))
    own.export.write_text(f"År;Type;Antall\n{rows}2025;020;<script>alert(1)</script>\n", encoding="utf-8")
    assert apendata("check", "soeknader", **own.settings).code == 14
    page = reports(own)[".html"].read_text(encoding="utf-8")
    assert "punktum i tallet – viser 8 av 12" in page
    assert "Mente du 3,5?" in page
    assert "Rettes av" in page
    assert "den som lager eksporten" in page
    assert '<html lang="nb">' in page
    assert 'lang="en"' in page
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert re.findall(r"(?:https?:)?//[a-z]", page) == []
    assert "merket.xlsx" in page


def test_reports_are_for_the_operators_account_alone(apendata: Run, own: OwnDataset) -> None:
    own.export.write_text(EXPORT.replace(";34", ";x"), encoding="utf-8")
    apendata("check", "soeknader", **own.settings)
    for file in reports(own).values():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_check_changes_nothing_but_the_reports(apendata: Run, own: OwnDataset) -> None:
    assert apendata("run", "soeknader", **own.settings).code == 0

    def state() -> dict[str, bytes]:
        lake = own.folder / "lake"
        files = [file for file in lake.rglob("*") if file.is_file() and not file.is_symlink()]
        kept = [f for f in files if not {"reports", "ledger", "locks"} & set(f.relative_to(lake).parts)]
        return {str(file): file.read_bytes() for file in kept}

    before = state()
    own.export.write_text(EXPORT.replace(";34", ";x"), encoding="utf-8")
    assert apendata("check", "soeknader", **own.settings).code == 14
    assert state() == before


def test_a_check_is_answered_while_the_night_holds_the_lake(apendata: Run, own: OwnDataset) -> None:
    own.export.write_text(EXPORT.replace(";34", ";x"), encoding="utf-8")
    with Lake.open(own.folder / "lake").lock("soeknader"):
        done = apendata("check", "soeknader", "--json", **own.settings, APENDATA_LOCK_WAIT="0")
    assert done.code == 14
    assert Path(done.line("soeknader")["report"]).exists()
    assert [Path(file).name.endswith("-merket.xlsx") for file in done.line("soeknader")["workbooks"]] == [True]


def test_where_there_is_no_lake_a_check_makes_none(apendata: Run, own: OwnDataset) -> None:
    own.export.write_text(EXPORT.replace(";34", ";x"), encoding="utf-8")
    assert apendata("check", "soeknader", **own.settings).code == 14
    made = {path.relative_to(own.folder).as_posix() for path in (own.folder / "lake").rglob("*") if path.is_dir()}
    assert made == {"lake/internal", "lake/internal/reports", "lake/internal/reports/soeknader"}
    assert stat.S_IMODE((own.folder / "lake" / "internal").stat().st_mode) == 0o700
    assert apendata("run", "soeknader", **own.settings).code == 14


def test_the_report_is_laid_where_she_asks_and_the_lake_is_not_touched(apendata: Run, own: OwnDataset) -> None:
    own.export.write_text(EXPORT.replace(";34", ";3O4"), encoding="utf-8")
    folder = own.folder / "mine" / "funn"
    done = apendata("check", "soeknader", "--to", str(folder), **own.settings)
    assert done.code == 14
    assert not (own.folder / "lake").exists()
    assert {file.name.partition("Z-")[2] for file in folder.iterdir()} == {
        "check.html",
        "check.json",
        "check.txt",
        "check-soeknader-merket.xlsx",
    }
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    page = next(folder.glob("*.html"))
    book = next(folder.glob("*.xlsx"))
    assert str(page) in done.out
    assert str(book) in done.out
    assert f'href="{book.name}"' in page.read_text(encoding="utf-8")


def test_two_exports_of_one_stem_come_back_as_two_workbooks(apendata: Run, own: OwnDataset) -> None:
    text = own.definition.read_text().replace(
        "path: soeknader.csv", 'path: "{aar}/hr.csv"\n    placeholders: {aar: year}'
    )
    own.definition.write_text(text)
    own.export.unlink()
    for year in ("2024", "2025"):
        file = own.export.parent / year / "hr.csv"
        file.parent.mkdir()
        file.write_text(f"År;Type;Antall\n{year};010;x{year}\n", encoding="utf-8")
    done = apendata("check", "soeknader", "--json", **own.settings)
    books = [Path(file) for file in done.line("soeknader")["workbooks"]]
    assert [book.name.partition("-check-")[2] for book in books] == ["2024-hr-merket.xlsx", "2025-hr-merket.xlsx"]
    assert [openpyxl.load_workbook(book).active["D2"].value for book in books] == ["x2024", "x2025"]


def test_a_check_answers_in_her_language(apendata: Run, own: OwnDataset) -> None:
    assert "✓ soeknader: Alt er i orden." in apendata("check", "soeknader", **own.settings).out
    own.export.write_text(EXPORT.replace(";34", ";x"), encoding="utf-8")
    said = apendata("check", "soeknader", **own.settings).out
    assert "✗ soeknader: 1 ting må rettes før tallene kan publiseres." in said
    assert "outcome" not in said


CANARY = "Kanarifugl-7731"
BAD = {
    "a cell that is no number": EXPORT.replace(";34", f";{CANARY}"),
    "a code of another form": EXPORT.replace("2024;020", f"2024;{CANARY}"),
    "a year that is none": EXPORT.replace("2025;020", f"{CANARY};020"),
    "a row too long": EXPORT.replace("2024;020;34", f"2024;020;34;{CANARY}"),
    "an unknown column": EXPORT.replace("\n", f";{CANARY}\n"),
    "a formula": EXPORT.replace("2024;020", f"2024;={CANARY}"),
    "outer blanks": EXPORT.replace("2024;020", f"2024; {CANARY}"),
    "a repeated key": EXPORT + f"2025;010;1\n{CANARY};;\n",
    "an identity number beside": EXPORT.replace("2024;020;34", f"2024;{CANARY} 01010112377;34"),
    "no header": EXPORT.replace("År;Type;Antall", CANARY),
    "another total": EXPORT.replace(";34", ";35").replace("2025;020", f"2025;{CANARY}"),
}


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize("bad", BAD, ids=str)
def test_what_stands_in_a_bad_cell_stands_in_her_report_and_nowhere_else(
    apendata: Run, own: OwnDataset, caplog: pytest.LogCaptureFixture, bad: str, command: str
) -> None:
    own.export.write_text(BAD[bad], encoding="utf-8")
    for words in ((), ("--json",), ("--language", "en")):
        done = apendata(command, "soeknader", *words, **own.settings)
        assert done.code not in (0, 70), done.err
        assert CANARY not in done.out + done.err + caplog.text
    lake = own.folder / "lake"
    holding = [file for file in lake.rglob("*") if file.is_file() and CANARY.encode() in _whole(file)]
    assert all("reports" in file.relative_to(lake).parts for file in holding), holding


def test_of_a_file_with_identity_numbers_no_copy_is_made(apendata: Run, own: OwnDataset) -> None:
    own.export.write_text(BAD["an identity number beside"], encoding="utf-8")
    assert apendata("check", "soeknader", **own.settings).code == 16
    assert set(reports(own)) == {".html", ".json", ".txt"}
    assert not any(b"01010112377" in _whole(file) for file in reports(own).values())


def _whole(file: Path) -> bytes:
    """The file's bytes, and those of all that is packed in it."""
    data = file.read_bytes()
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            data += b"".join(archive.read(name) for name in archive.namelist())
    return data
