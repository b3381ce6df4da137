"""The site as people meet it: a phone, a keyboard, a screen reader's rules, no script, no network, a plain folder."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.unit.portals import samples

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = [
    *("index.html", "en.html"),
    *("ansatte/", "ansatte/en.html"),
    *("budsjett-kostra/index.html", "budsjett-kostra/en.html"),
    *("varsling/index.html", "varsling/en.html"),
    *(f"{samples.LONG.id}/index.html", f"{samples.LONG.id}/en.html"),
]
each_page = pytest.mark.parametrize("path", PAGES)


@pytest.mark.parametrize(
    ("path", "width"),
    [
        *((path, 1280) for path in ("index.html", "en.html", "ansatte/", "ansatte/en.html", "varsling/index.html")),
        *((path, 390) for path in ("index.html", "ansatte/", f"{samples.LONG.id}/en.html")),
    ],
)
def test_axe_finds_nothing(open_page, path, width):
    page = open_page(path, width=width)
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    found = Axe().run(page, options={"runOnly": RULES})
    assert found.violations_count == 0, found.generate_report()


@each_page
def test_nothing_is_fetched_from_elsewhere_and_nothing_is_refused(open_page, path):
    page = open_page(path)
    assert page.foreign == []
    assert page.complaints == []
    assert _background(page) == "rgb(0, 54, 61)"


def _background(page):
    """The colour of the page's top: the style sheet was found and let through."""
    return page.evaluate("getComputedStyle(document.querySelector('.top')).backgroundColor")


@each_page
def test_at_320_pixels_only_tables_and_code_scroll_sideways(open_page, path):
    page = open_page(path, width=320)
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    wide = page.evaluate(
        """[...document.querySelectorAll('main *, header *, footer *')]
           .filter(part => part.getBoundingClientRect().right > 321 && !part.closest('.scroll, pre, .skip'))
           .map(part => part.outerHTML.slice(0, 80))"""
    )
    assert wide == []


def test_a_wide_table_scrolls_by_keyboard(open_page):
    page = open_page("ansatte/", width=390)
    region = page.get_by_role("region", name="Ansatte etter kjønn og tjenesteområde: de nyeste 12 av 16 rader")
    region.focus()
    page.keyboard.press("ArrowRight")
    assert _in_time(page, lambda: page.evaluate("document.activeElement.scrollLeft") > 0)


def _in_time(page, holds):
    """Whether it comes to hold within some seconds. The page's own policy forbids the polling of wait_for_function."""
    return any(holds() or page.wait_for_timeout(50) for _ in range(200))


@pytest.mark.parametrize("path", ["ansatte/", "budsjett-kostra/en.html", f"{samples.LONG.id}/index.html"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_first_figure_of_every_table_is_in_sight_before_it_is_moved(open_page, path, width):
    page = open_page(path, width=width)
    for region in page.locator(".scroll:has(> .preview)").all():
        figure, frame = region.locator("td.pin").first.bounding_box(), region.bounding_box()
        assert frame["x"] <= figure["x"]
        assert figure["x"] + figure["width"] <= frame["x"] + frame["width"] + 1


def test_the_columns_of_many_tables_are_folded_and_open_by_keyboard_without_scripts(open_page):
    page = open_page("ansatte/", script=False)
    summary, column = page.get_by_text("Kolonnene forklart (7)"), page.locator(".dictionary").first
    assert not column.is_visible()
    summary.focus()
    page.keyboard.press("Enter")
    assert column.is_visible()
    assert open_page("budsjett-kostra/index.html", script=False).locator(".dictionary").is_visible()


def test_the_table_of_contents_leads_to_every_table(open_page):
    page = open_page("ansatte/")
    contents = page.get_by_role("navigation", name="På denne siden")
    for table in samples.STAFF.tables:
        contents.get_by_role("link", name=table.title.nb).click()
        assert page.locator(f"#table-{table.name}").bounding_box()["y"] < 100


@pytest.mark.parametrize(("path", "skip"), [("ansatte/", "Hopp til innholdet"), ("ansatte/en.html", "Skip to content")])
def test_the_first_key_press_shows_a_way_past_the_top(open_page, path, skip):
    page = open_page(path)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == skip
    assert page.get_by_text(skip).bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_every_download_is_reached_by_keyboard_with_a_focus_that_is_seen(open_page):
    page = open_page("ansatte/")
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        label, outline = page.evaluate(
            "[document.activeElement.ariaLabel, parseFloat(getComputedStyle(document.activeElement).outlineWidth)]"
        )
        assert outline >= 2
        reached.append(label)
    for wanted in ("Ansatte etter kjønn og tjenesteområde som CSV", "Avtalte årsverk som Excel"):
        assert any(wanted in (label or "") for label in reached)


def test_a_download_gives_the_file(open_page):
    page = open_page("ansatte/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Last ned Ansatte etter kjønn og tjenesteområde som CSV").click()
    text = download.value.path().read_text(encoding="utf-8")
    assert text.startswith("referansedato,tjenesteomraade_kode,tjenesteomraade,kjoenn,antall,antall_status")
    assert "2020-12-31,01," in text


@pytest.mark.parametrize(
    ("path", "hidden", "missing"), [("ansatte/", "skjult", "mangler"), ("ansatte/en.html", "hidden", "missing")]
)
def test_without_scripts_all_is_there_and_a_hidden_figure_is_a_word(open_page, path, hidden, missing):
    page = open_page(path, script=False)
    cells = page.locator(".preview").first.locator("td").all_inner_texts()
    assert cells.count(hidden) == 2
    assert missing in cells
    assert not {":", "..", ".", ""} & set(cells)
    page.locator("summary").first.click()
    assert page.get_by_role("link", name="latest/ansatte.csv").is_visible()


def test_numbers_stand_in_norwegian_form(open_page):
    page = open_page("budsjett-kostra/index.html")
    row = page.locator(".preview tbody tr").nth(1).locator("td").all_inner_texts()
    assert row == ["2022", "001", "011", "\u22121\u00a0235\u00a0546", "1,1"]


def test_every_link_leads_somewhere_and_all_pages_are_found_from_the_first(open_page, site, public):
    seen, queue, files = set(), ["index.html"], set()
    while queue:
        path = queue.pop()
        seen.add(path)
        page = open_page(path)
        for address in page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.href.split('#')[0])"):
            if not address.startswith(site):
                assert address.startswith(("https://", "mailto:")), address
                continue
            target = address.removeprefix(site)
            if target.endswith(".html"):
                queue += [target] if target not in seen and target not in queue else []
            else:
                files.add(target)
    assert [file for file in sorted(files) if not (public / file).is_file()] == []
    assert seen == {path.replace("ansatte/", "ansatte/index.html") if path.endswith("/") else path for path in PAGES}


@pytest.mark.parametrize(("path", "twin", "language"), [("ansatte/", "English", "en"), ("en.html", "Norsk", "nb")])
def test_the_page_in_the_other_language_is_one_click_away(open_page, path, twin, language):
    page = open_page(path)
    page.get_by_role("link", name=twin, exact=True).click()
    assert page.locator("html").get_attribute("lang") == language


def test_the_site_works_as_a_plain_folder(open_page, public):
    page = open_page("index.html", base=f"{public.as_uri()}/")
    page.get_by_role("link", name="Ansatte i Trondheim kommune").click()
    assert page.locator("h1").inner_text() == "Ansatte i Trondheim kommune"
    assert _background(page) == "rgb(0, 54, 61)"
    assert page.locator(".preview").count() == 2
    page.get_by_role("link", name="Alle datasett").click()
    assert page.locator("h1").inner_text() == "Åpne data fra Trondheim kommune"
    assert (page.foreign, page.complaints) == ([], [])


def test_on_paper_the_figures_are_not_cut_off(open_page):
    page = open_page("ansatte/", width=700)
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('.scroll')).overflowX") == "visible"
    assert page.locator(".button").first.is_hidden()
