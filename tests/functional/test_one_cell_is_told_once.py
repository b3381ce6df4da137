"""One wrong cell feeds several rows and tables; to the steward it is one thing, and it is that cell which is marked."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.functional.conftest import Run, apendata

__all__ = ["apendata"]

LAST = "hr-2020-12-31.xlsx"


@pytest.fixture
def damaged(tmp_path: Path, root: Path) -> Callable[[str, Any], Path]:
    """The sample exports of ``ansatte`` with one cell of the last one changed."""

    def made(cell: str, value: Any) -> Path:
        folder = tmp_path / "exports"
        shutil.copytree(root / "datasets" / "ansatte" / "sample", folder)
        book = openpyxl.load_workbook(folder / LAST)
        book.worksheets[0][cell] = value
        book.save(folder / LAST)
        return folder

    return made


@pytest.mark.parametrize(
    ("value", "code", "told"),
    [
        (None, "value_required", "I «Tjenesteområde» er 1 celle tom"),
        ("Helse og velfred", "no_match", "Mente du Helse og velferd?"),
        ("Kari 01010112377", "identity_number", "inneholder fødselsnummer (1)"),
    ],
)
def test_a_wrong_name_is_one_finding_at_its_own_cell(
    apendata: Run, damaged: Callable[[str, Any], Path], tmp_path: Path, value: Any, code: str, told: str
) -> None:
    words = ("--samples", "--source", f"ansatte={damaged('A6', value)}", "--to", str(tmp_path / "out"), "--json")
    (finding,) = apendata("check", "ansatte", *words).line("ansatte")["findings"]
    assert (finding["code"], finding["count"]) == (code, 1)
    assert "celle A6" in finding["places"][0] or "cell A6" in finding["places"][0]
    page = next((tmp_path / "out").glob("*.html")).read_text(encoding="utf-8")
    assert told in page
    marked = list((tmp_path / "out").glob("*merket.xlsx"))
    assert bool(marked) is (code != "identity_number"), "no copy is made of a file with a person's number"
    for file in marked:
        sheet = openpyxl.load_workbook(file)["Uttrekk"]
        assert [cell.coordinate for row in sheet for cell in row if cell.comment] == ["A6"]


def test_one_of_several_files_may_be_tried_alone(
    apendata: Run, damaged: Callable[[str, Any], Path], tmp_path: Path
) -> None:
    assert apendata("run", "organisasjon", "ansatte", "--samples").code == 0
    file = damaged("A7", "Helse og velfred") / LAST
    tried = apendata("check", "ansatte", "--samples", "--source", f"ansatte={file}", "--to", str(tmp_path / "out"))
    assert tried.code == 14, tried.out
    assert "celle A7" in tried.out
    assert apendata("build", "ansatte", "--samples", "--source", f"ansatte={file}").code == 11


def test_a_check_says_that_it_does_not_compare(apendata: Run, tmp_path: Path) -> None:
    said = apendata("check", "rekruttering", "--samples", "--to", str(tmp_path / "out"))
    assert said.code == 0
    assert "apendata diff rekruttering" in said.out
