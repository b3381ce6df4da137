"""What stands on the pages: numbers in their language's form, words for what is hidden, code that reads right."""

import json
import re
from datetime import date
from decimal import Decimal
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, strategies as st

from apendata.lake.classify import RULES
from apendata.portals.site import SitePortal, forms, preview, snippets, view
from apendata.portals.site.texts import LANGUAGES, Texts, catalogue
from tests.unit.portals import samples

SITE = Path(forms.__file__).parent


@pytest.fixture(scope="module")
def public(tmp_path_factory):
    public = tmp_path_factory.mktemp("site") / "public"
    for release in samples.releases(public, base_url="https://data.example/"):
        SitePortal(public).publish(release)
    return public


def page(public, dataset, name="index.html"):
    return (public / dataset / name).read_text()


# ---- words ----


def test_no_text_lacks_a_language_or_a_filled_in_word():
    nb, en = (catalogue(language) for language in LANGUAGES)
    assert nb.keys() == en.keys()
    assert all(nb.values())
    assert all(en.values())
    for key in nb:
        assert set(re.findall(r"{(\w+)}", nb[key])) == set(re.findall(r"{(\w+)}", en[key])), key


def test_every_text_is_used():
    sources = [*SITE.glob("*.py"), *SITE.glob("templates/*.html"), *SITE.glob("texts/*.py")]
    code = "\n".join(file.read_text() for file in sources)
    made = ("change_", "domain_", "rhythm_", "kind_", "unit_", "sign_", "type_", "flag_", "format_", "licence_")
    built = ("synthetic_", "preview_", "code_", "_one", "_why")
    unused = [
        key
        for key in catalogue("nb")
        if f'"{key}"' not in code and f"'{key}'" not in code and not key.startswith(made) and not key.endswith(built)
    ]
    assert unused == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_of_the_lake_has_its_words(language):
    assert {f"change_{rule}" for rule in RULES} <= catalogue(language).keys()


def test_a_rule_that_is_no_longer_known_does_not_stop_a_page(tmp_path):
    change = samples.Change("rule_of_old", samples.ChangeClass.RELEASE)
    version = samples.put_version(tmp_path, samples.REPORTS, samples.REPORT_ROWS, number="1.0.1", changes=(change,))
    assert view.entries(samples.release(version), "nb")[0].changes == ("Andre endringer",)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("nb", "8 nye rader i «Ansatte etter kjønn og tjenesteområde» (2020-12-31: 8)"),
        ("en", "8 new rows in “Employees by sex and service area” (2020-12-31: 8)"),
    ],
)
def test_the_history_says_what_changed_in_words(public, language, sentence):
    name = {"nb": "index.html", "en": "en.html"}[language]
    assert sentence in unescape(page(public, "ansatte", name))
    assert "v1.0.1/changes.csv" in page(public, "ansatte", name)


# ---- numbers, dates, sizes ----


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12))
def test_a_norwegian_number_reads_back_as_itself(value):
    text = forms.number(value, "nb", decimals=2)
    assert not set(text) & set("-. ")
    assert Decimal(text.replace("\u00a0", "").replace(",", ".").replace("\u2212", "-")) == value


@pytest.mark.parametrize(
    ("value", "decimals", "nb", "en"),
    [
        (14708, None, "14\u00a0708", "14\u00a0708"),
        (-1234567, None, "\u22121\u00a0234\u00a0567", "\u22121\u00a0234\u00a0567"),
        (0, None, "0", "0"),
        (Decimal("1234.5"), 1, "1\u00a0234,5", "1\u00a0234.5"),
        (Decimal("7.50"), 2, "7,50", "7.50"),
    ],
)
def test_numbers_in_both_languages(value, decimals, nb, en):
    assert forms.number(value, "nb", decimals=decimals) == nb
    assert forms.number(value, "en", decimals=decimals) == en


@pytest.mark.parametrize(
    ("stamp", "nb"),
    [
        ("2026-11-22T04:30:00Z", "22.\u00a0november 2026"),
        ("2026-11-22T23:30:00Z", "23.\u00a0november 2026"),
        ("2026-06-30T22:30:00Z", "1.\u00a0juli 2026"),
    ],
)
def test_a_day_is_the_day_it_was_in_norway(stamp, nb):
    assert forms.day(stamp, "nb") == nb


@pytest.mark.parametrize(("count", "nb"), [(99, "99\u00a0B"), (1500, "1,5\u00a0kB"), (123_456_789, "123\u00a0MB")])
def test_sizes(count, nb):
    assert forms.size(count, "nb") == nb


# ---- previews ----


def cells(look):
    return [[cell.text for cell in row] for row in look.rows]


@pytest.mark.parametrize(("language", "words"), [("nb", ("skjult", "mangler", "kan ikke forekomme"))])
def test_what_is_hidden_or_missing_is_a_word_and_its_mark_no_column(public, language, words):
    schema = samples.STAFF.tables[0].schema
    look = preview.preview(public / "ansatte/v1.1.0/ansatte.parquet", schema, language)
    assert [field["name"] for field in look.fields][-1] == "antall"
    assert set(words) <= {row[-1] for row in cells(look)}
    assert {cell.notes for row in look.rows for cell in row} == {(), ("brudd",), ("revidert",)}


def test_the_newest_rows_come_first_and_the_rest_in_the_files_order(public):
    schema = samples.KOSTRA.tables[0].schema
    look = preview.preview(public / "budsjett-kostra/v1.0.0/budsjett_kostra.parquet", schema, "nb")
    assert look.total == 3200
    assert look.newest
    assert [row[:3] for row in cells(look)] == [["2022", "001", f"{art:03d}"] for art in range(10, 22)]
    assert cells(look)[1][3] == "\u22121\u00a0235\u00a0546"


def test_a_table_with_few_rows_of_the_last_period_shows_earlier_ones_after_them(public):
    schema = samples.STAFF.tables[0].schema
    look = preview.preview(public / "ansatte/v1.1.0/ansatte.parquet", schema, "nb")
    assert [row[0] for row in cells(look)] == ["31.12.2020"] * 8 + ["31.12.2019"] * 4


@pytest.mark.parametrize("rows", [0, 1, 12, 13])
def test_any_number_of_rows_can_be_shown(tmp_path, rows):
    made = samples.KOSTRA_ROWS["budsjett_kostra"][:rows]
    version = samples.put_version(tmp_path, samples.KOSTRA, {"budsjett_kostra": made})
    look = preview.preview(version.folder / "budsjett_kostra.parquet", samples.KOSTRA.tables[0].schema, "nb")
    assert (len(look.rows), look.total) == (min(rows, 12), rows)
    SitePortal(tmp_path).publish(samples.release(version))


def test_a_year_gets_no_thousand_mark_and_a_truth_value_is_a_word():
    assert preview.shown(2023, {"type": "year"}, "nb") == "2023"
    assert preview.shown(2023, {"type": "integer", "unit": "years"}, "nb") == "2023"
    assert preview.shown(True, {"type": "boolean"}, "nb") == "ja"
    assert preview.shown(date(2020, 3, 1), {"type": "date"}, "en") == "1\u00a0Mar\u00a02020"
    assert preview.shown("0042", {"type": "string"}, "nb") == "0042"


# ---- code ----


def test_the_pandas_code_reads_codes_as_texts_and_hidden_counts_as_missing(public):
    descriptor = json.loads((public / "ansatte/latest/datapackage.json").read_text())
    found = snippets.snippets(descriptor["resources"][0], f"{public}/ansatte/latest/")
    names: dict[str, pd.DataFrame] = {}
    exec(found[0].code, names)  # noqa: S102 (our own code, as a reader would run it)
    table = names["ansatte"]
    assert list(table["tjenesteomraade_kode"].unique()) == ["01", "02", "03", "04"]
    assert table["antall"].dtype == "Int64"
    assert table["antall"].isna().sum() == 8
    assert set(table["antall_status"].dropna()) == {":", "..", "."}
    assert table["referansedato"].dtype.kind == "M"


def test_code_names_the_public_address_and_every_column(public):
    text = unescape(page(public, "budsjett-kostra"))
    assert "read_parquet('https://data.example/budsjett-kostra/latest/budsjett_kostra.parquet')" in text
    assert "funksjon = col_character()" in text
    assert "beloep_kr = col_double()" in text


# ---- pages as a whole ----


def test_texts_of_others_cannot_become_html(public):
    for name in ("index.html", "en.html"):
        text = page(public, samples.LONG.id, name)
        assert "<script>alert" not in text
        assert "<b>2023" not in text
        assert text.count("<script") == 1


@pytest.mark.parametrize(("name", "language"), [("index.html", "nb"), ("en.html", "en")])
def test_the_structured_data_is_json_and_complete(public, name, language):
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page(public, "ansatte", name), re.DOTALL)
    described = json.loads(found.group(1))
    assert described["url"] == "https://data.example/ansatte/"
    assert described["temporalCoverage"] == "2019-12-31/2020-12-31"
    assert described["name"] == {"nb": samples.STAFF.title.nb, "en": samples.STAFF.title.en}[language]
    assert (described["datePublished"], described["dateModified"]) == ("2025-01-20T03:30:00Z", "2026-11-22T03:30:00Z")


def test_samples_carry_a_banner_everywhere_and_real_figures_none(public, tmp_path):
    for file in [*public.glob("*.html"), *public.glob("*/*.html")]:
        language = "nb" if file.name == "index.html" else "en"
        assert Texts(language)("synthetic_title") in file.read_text()
        assert 'content="noindex"' in file.read_text()
    for release in samples.releases(tmp_path, synthetic=False):
        SitePortal(tmp_path).publish(release)
    for file in [*tmp_path.glob("*.html"), *tmp_path.glob("*/*.html")]:
        assert "ksempeldata" not in file.read_text()
        assert "noindex" not in file.read_text()


def test_a_dataset_page_says_what_a_reader_must_know(public):
    text = unescape(page(public, "varsling"))
    for words in (
        "Bare saker som når varslingssekretariatet, er med.",
        "Bystyresak 2/07",
        "Alle fire sakene i 2018 gjaldt arbeidsmiljø.",
        "Creative Commons Navngivelse 4.0",
        "Trondheim kommune (2026). Varslingssaker, versjon 1.0.0. https://data.example/varsling/. Lisens:",
        "aapne.data@trondheim.kommune.example",
        "2017–2018",
    ):
        assert words in text, words


def test_a_table_that_fits_is_shown_whole_in_its_own_order(public):
    schema = samples.REPORTS.tables[0].schema
    look = preview.preview(public / "varsling/v1.0.0/varsling_fordeling.parquet", schema, "nb")
    assert not look.newest
    assert [row[0] for row in cells(look)] == [str(row["aar"]) for row in samples.REPORT_ROWS["varsling_fordeling"]]


@pytest.mark.parametrize(
    ("constraints", "nb"),
    [
        ({}, ""),
        ({"minimum": 0, "required": True}, "minst 0, alltid utfylt"),
        ({"minimum": 0, "maximum": 100}, "minst 0, høyst 100"),
    ],
)
def test_what_values_keep_to_is_said_in_words(constraints, nb):
    assert view.limits({"constraints": constraints}, "nb") == nb
