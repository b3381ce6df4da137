"""What a steward reads says which figure is which, in which file and cell, and what she can do, in Norwegian."""

import json
from pathlib import Path

import openpyxl
import pytest

from tests.functional.conftest import Run, apendata
from tests.functional.own_dataset import EXPORT, OwnDataset, make

__all__ = ["apendata"]

HEADER = "År;Type;Antall\n"


@pytest.fixture
def own(tmp_path: Path) -> OwnDataset:
    return make(tmp_path)


def report(apendata: Run, own: OwnDataset) -> tuple[str, str]:
    """The check's private text, and what it says in the open; both in Norwegian."""
    open_text = apendata("check", "soeknader", "--language", "nb", **own.settings).out
    folder = own.folder / "lake" / "internal" / "reports" / "soeknader"
    return max(folder.glob("*-check.txt")).read_text(encoding="utf-8"), open_text


def test_of_two_figures_it_says_which_is_which_and_in_which_file(apendata: Run, own: OwnDataset) -> None:
    own.export.write_text(EXPORT.replace(";34", ";35"), encoding="utf-8")
    private, said = report(apendata, own)
    assert "eksporten gir 1235, kontrollsummen er 1234" in private
    assert "1235" not in said
    assert "– soeknader.csv" in private
    assert "– soeknader.csv" in said


def test_a_pattern_is_told_in_words(apendata: Run, own: OwnDataset) -> None:
    own.export.write_text(EXPORT.replace("2024;020", "2024;20"), encoding="utf-8")
    _, said = report(apendata, own)
    assert "er ikke skrevet slik som avtalt: 3 sifre." in said


def test_a_pattern_that_has_no_words_is_called_one(apendata: Run, own: OwnDataset) -> None:
    file = own.folder / "schemas" / "soeknader.schema.json"
    file.write_text(file.read_text().replace("[0-9]{3}", "0[0-9]{2}|X+"), encoding="utf-8")
    own.export.write_text(EXPORT.replace("2024;020", "2024;920"), encoding="utf-8")
    _, said = report(apendata, own)
    assert "avtalt: mønsteret 0[0-9]{2}|X+." in said


def test_a_misspelt_header_is_asked_about_and_the_headers_that_stand_there_are_shown(
    apendata: Run, own: OwnDataset
) -> None:
    own.export.write_text(EXPORT.replace("Antall", "Antal"), encoding="utf-8")
    private, said = report(apendata, own)
    assert "Mente du Antall?" in page_of(own)
    assert "«År»" in private
    assert "«Antal»" in private
    assert "Antal\n" not in said
    assert "Ta kolonnene bort" not in private


def test_a_header_row_that_is_not_found_is_told_with_the_row_that_is_most_like_it(
    apendata: Run, own: OwnDataset
) -> None:
    own.export.write_text(EXPORT.replace("År;", "Aar;"), encoding="utf-8")
    private, _ = report(apendata, own)
    assert "Fant ingen overskriftsrad med «År»" in private
    assert "«Aar»" in private


def page_of(own: OwnDataset) -> str:
    folder = own.folder / "lake" / "internal" / "reports" / "soeknader"
    return max(folder.glob("*-check.html")).read_text(encoding="utf-8")


@pytest.mark.parametrize(("sign", "name"), [(",", "komma"), ("\t", "tabulator"), ("|", "loddrett strek")])
def test_another_sign_between_the_fields_is_told_as_that(apendata: Run, own: OwnDataset, sign: str, name: str) -> None:
    own.definition.write_text(own.definition.read_text().replace("contains: [År]", "contains: [År, Antall]"))
    own.export.write_text(EXPORT.replace(";", sign), encoding="utf-8")
    _, said = report(apendata, own)
    assert f"Feltene i filen er skilt med {name}, men det er avtalt semikolon." in said


def test_a_missing_export_is_told_in_norwegian_with_the_name_that_it_should_have(
    apendata: Run, own: OwnDataset
) -> None:
    own.export.rename(own.export.with_name("Søknader.csv"))
    _, said = report(apendata, own)
    assert (
        f"Fant ingen fil med et navn som soeknader.csv i mappen {own.export.parent}. Der ligger: Søknader.csv." in said
    )
    assert "no file matches" not in said


def test_a_footnote_below_the_sum_is_told_at_its_own_cell(apendata: Run, own: OwnDataset) -> None:
    rule = "    rows: [{kind: sum, where: {Type: Sum}, because: prøve}]\n    format: csv"
    own.definition.write_text(own.definition.read_text().replace("    format: csv", rule))
    own.export.write_text(EXPORT + "2024;Sum;1234\nKilde: sak 12/24;;\n", encoding="utf-8")
    ended = apendata("check", "soeknader", "--json", **own.settings).line("soeknader")
    assert [(f["code"], f["places"]) for f in ended["findings"]] == [
        ("lone_text", ["soeknader.csv, line 7, column «År»"])
    ]


def test_the_amount_s_own_cell_is_marked_where_columns_became_rows(apendata: Run, own: OwnDataset) -> None:
    """A group that does not add up names an amount; in a text file that is the field of its column."""
    text = own.definition.read_text()
    text = text.replace("    from: uttrekk\n", '    from: uttrekk\n    unpivot: {pattern: "(?P<aar>20[0-9]{2})"}\n')
    text = text.replace("aar: {header: År}", "aar: {unpivot: aar}").replace("{header: Antall}", "{unpivot: value}")
    text = text.replace("contains: [År]", "contains: [Type]")
    balance = "      - {kind: balances, value: antall, per: [aar], within: 0}\n    disclosure"
    first = text.index("      - {kind: control_total")
    text = text[:first] + balance.removesuffix("    disclosure") + text[text.index("    disclosure") :]
    own.definition.write_text(text)
    file = own.folder / "schemas" / "soeknader.schema.json"
    schema = json.loads(file.read_text())
    schema["fields"][2]["constraints"] = {}
    file.write_text(json.dumps(schema))
    own.export.write_text("Type;2024;2025\n010;1;5\n020;-1;-4\n", encoding="utf-8")
    ended = apendata("check", "soeknader", "--json", **own.settings).line("soeknader")
    assert [(f["code"], f["places"]) for f in ended["findings"]] == [
        ("not_balanced", ["soeknader.csv, line 2, column «3»"])
    ]
    sheet = openpyxl.load_workbook(ended["workbooks"][0]).active
    marked = [cell.coordinate for row in sheet for cell in row if cell.comment]
    assert marked == ["D2"]
