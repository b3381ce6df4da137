"""The steward's report as she meets it: on screen and on paper, by keyboard and screen reader, alone on a disk."""

from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe

from apendata.model import Finding, Place, RowAccount
from apendata.report.page import as_page
from tests.browser.test_site import RULES

pytestmark = pytest.mark.browser

HOSTILE = '"><img src=x onerror=alert(1)>'
PLACES = tuple(Place("hr.xlsx", "Uttrekk", row, "Kvinner", f"B{row}") for row in range(2, 60))
FINDINGS = [
    Finding(
        "undeclared_mark",
        table="ansatte",
        field="Kvinner",
        count=58,
        places=PLACES,
        cells=tuple("1234.5" if row % 2 else HOSTILE for row in range(58)),
        params={"column": "Kvinner", "key": "decimal"},
    ),
    Finding("hidden_rows", "warning", places=(Place("hr.xlsx", "Uttrekk"),), count=3, params={}),
    Finding("disclosure.hidden", "info", "ansatte", count=9, params={"rows": "40"}),
]
ACCOUNTS = [RowAccount("hr.xlsx", "Uttrekk", "header", 1), RowAccount("hr.xlsx", "Uttrekk", "out", 58)]


@pytest.fixture
def report(tmp_path):
    file = tmp_path / "rapport.html"
    made = datetime(2026, 11, 26, tzinfo=UTC)
    page = as_page("ansatte", FINDINGS, ACCOUNTS, made=made, returned=["hr-merket.xlsx"], hands={"nb": HOSTILE})
    file.write_text(page, encoding="utf-8")
    return file


@pytest.mark.parametrize("width", [1280, 320])
def test_axe_finds_nothing_and_nothing_runs_or_is_fetched(browser, report, width):
    page = browser.new_context(viewport={"width": width, "height": 800}).new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: pytest.fail("a cell's text was run"))
    page.goto(report.as_uri())
    found = Axe().run(page, options={"runOnly": RULES})
    assert found.violations_count == 0, found.generate_report()
    assert asked == [report.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("img, script").count() == 0
    page.context.close()


def test_it_prints_on_a4_without_cutting_a_row(browser, report):
    page = browser.new_page()
    page.goto(report.as_uri())
    page.emulate_media(media="print")
    assert page.locator("nav").is_hidden()
    assert page.evaluate("getComputedStyle(document.querySelector('thead')).display") == "table-header-group"
    assert page.evaluate("getComputedStyle(document.querySelector('tbody tr')).breakInside") == "avoid"
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.close()
