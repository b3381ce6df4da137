"""What KOSTRA asks of a budget and of accounts, asked of the real definition: one wrong line, one finding."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from apendata import pipeline
from apendata.catalog import Catalog
from apendata.errors import DataRejected
from apendata.lake import Lake
from apendata.model import Finding

ACCOUNTS = "aar_regnskap-2022.csv"
Tell = Callable[..., list[Finding]]


@pytest.fixture
def told(tmp_path: Path, root: Path) -> Tell:
    """What is found in the sample's accounts with these lines more (class, function, kind, amount), or of that year."""
    catalog = Catalog(root / "datasets", root / "schemas")
    mine = tmp_path / "exports"
    shutil.copytree(root / "datasets/budsjett-kostra/sample", mine)

    def tell(*lines: tuple[str, str, str, int], year: str = "2022") -> list[Finding]:
        file = mine / ACCOUNTS
        text = file.read_bytes().decode("windows-1252").replace(";2022\r\n", f";{year}\r\n", 1)
        text += "".join(f"22REGN;{c};{function};Navn;{art};Navn; {amount} \r\n" for c, function, art, amount in lines)
        file.write_bytes(text.encode("windows-1252"))
        dataset = catalog.load("budsjett-kostra")
        inputs = pipeline.fetch_inputs(
            dataset,
            catalog=catalog,
            sources_of=lambda name: mine if name == dataset.id else catalog.datasets / name / "sample",
            override=None,
            scratch=tmp_path,
        )
        try:
            made = pipeline.make(inputs, Lake.open(tmp_path / "lake"), lambda _: None)
        except DataRejected as error:
            return [finding for finding in error.findings if finding.severity != "info"]
        return [finding for finding in made.validation.findings if finding.severity != "info"]

    return tell


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([("1", "257", "010", 5), ("1", "283", "890", -5)], "code_outside_period"),  # from 2024
        ([("1", "214", "010", 5), ("1", "283", "890", -5)], "code_not_in_list"),
        ([("1", "283", "271", 5), ("1", "283", "890", -5)], "code_outside_period"),  # from 2026
        ([("1", "283", "010", 5), ("1", "283", "910", -5)], "code_not_meant_here"),  # loans are for investment
        ([("0", "283", "010", 5), ("0", "860", "890", -5)], "code_not_meant_here"),  # nothing is depreciated there
        ([("1", "880", "589", 5), ("1", "283", "890", -5)], "stands_not_with"),
        ([("1", "899", "550", 5), ("1", "283", "890", -5)], "stands_not_with"),
        ([("1", "870", "530", 5), ("1", "283", "890", -5)], "stands_not_with"),
        ([("1", "283", "010", 5), ("1", "283", "875", -5)], "stands_not_with"),  # taxes with function 800
        ([("1", "870", "590", 5), ("1", "860", "800", -5)], "stands_not_with"),
        ([("1", "283", "590", 5), ("1", "283", "890", -5)], "not_cancelled"),
        ([("1", "283", "520", 5), ("1", "283", "890", -5)], "stands_not_with"),  # a warning
        ([("1", "850", "700", -5), ("1", "283", "010", 5)], "stands_not_with"),  # a warning
    ],
)
def test_a_line_that_the_chart_does_not_have_is_found(
    told: Tell, lines: list[tuple[str, str, str, int]], code: str
) -> None:
    assert code in {finding.code for finding in told(*lines)}


def test_lines_that_it_has_are_not(told: Tell) -> None:
    more = [("1", "899", "589", 5), ("1", "880", "530", 5), ("1", "800", "875", -5), ("1", "283", "890", -5)]
    empty = [("1", "870", "530", 0), ("1", "850", "700", 0)]  # an export lists accounts that nothing is booked on
    assert told(*more, *empty) == []


def test_accounts_are_held_against_their_own_year_and_a_plan_against_its_first(told: Tell, root: Path) -> None:
    """Function 254 ended with 2023, kind 270 with 2025: a plan that was adopted in 2022 knows neither."""
    plan = (root / "datasets/budsjett-kostra/sample/expected/budsjett_kostra.csv").read_text(encoding="utf-8")
    rows = [line.split(",") for line in plan.splitlines()]
    assert any(row[0].startswith("hop") and "254" in row and "2026" in row for row in rows)
    found = told(year="2026")
    assert {finding.code for finding in found} == {"code_outside_period"}
    texts = {text for finding in found for text in finding.samples}
    assert texts == {"254 (2026)", "270 (2026)", "regnskap-2022 (2026)"}


@pytest.mark.parametrize("year", ["2021", "2023"])
def test_accounts_whose_header_names_another_year_than_theirs_are_refused(told: Tell, year: str) -> None:
    """They balance, and their codes hold in the years beside it; the list of decisions knows which year is theirs."""
    told_of = {(finding.field, text) for finding in told(year=year) for text in finding.samples}
    assert ("vedtak_id", f"regnskap-2022 ({year})") in told_of
