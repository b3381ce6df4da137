"""What stands on the pages: numbers in their language's form, words for what is hidden, code that reads right."""

import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, strategies as st

from apendata.lake.classify import RULES
from apendata.portals.site import SitePortal, preview, snippets, view
from apendata.portals.words import forms, periods
from apendata.portals.words.texts import LANGUAGES, Texts, catalogue
from tests.unit.portals import samples

SITE = Path(view.__file__).parent
WORDS = Path(forms.__file__).parent


@pytest.fixture(scope="module")
def public(tmp_path_factory):
    public = tmp_path_factory.mktemp("site") / "public"
    for release in samples.releases(public, base_url="http://localhost:8000/"):
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
    sources = [*SITE.glob("*.py"), *SITE.glob("templates/*.html"), *WORDS.rglob("*.py")]
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
        (Decimal("100.00"), 2, "100,00", "100.00"),
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
    assert [column.field["name"] for column in look.columns][-1] == "antall"
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


@pytest.mark.parametrize(
    ("value", "decimals", "nb"),
    [
        ("100.00000000", 8, "100"),
        ("83.33333333", 8, "83,33333333"),
        ("-1200.50000000", 8, "\u22121\u00a0200,5"),
        ("0.00000000", 8, "0"),
        ("100.00", 2, "100,00"),
        ("100", 0, "100"),
    ],
)
def test_zeros_that_say_nothing_are_left_out_of_long_decimals(value, decimals, nb):
    field = {"type": "number", "unit": "percent", "decimals": decimals}
    assert preview.shown(Decimal(value), field, "nb") == nb


def _text(name, title, **more):
    return samples.field(name, "string", (title, title), **more)


WIDE = samples.dataset(
    "plan",
    ("Plan", "Plan"),
    [
        samples.table(
            "plan",
            ("Plan", "Plan"),
            [
                samples.field("budsjettaar", "year", ("Budsjettår", "Budget year")),
                samples.field("vedtatt", "date", ("Vedtatt", "Adopted")),
                samples.field("aar", "year", ("År", "Year")),
                _text("land", "Land", labels={"norge": {"nb": "Norge", "en": "Norway"}}),
                _text("enhet_kode", "Enhet (kode)"),
                _text("merknad", "Merknad"),
                _text("enhet", "Enhet"),
                _text("art", "Art"),
                _text("art_navn", "Artsnavn"),
                samples.field("beloep_kr", "integer", ("Beløp", "Amount"), unit="NOK", sign="as_stated"),
                samples.field("avrunding_kr", "integer", ("Avrunding", "Rounding"), unit="NOK", sign="as_stated"),
            ],
            ["budsjettaar", "vedtatt", "aar", "enhet_kode", "art"],
        )
    ],
)
WIDE_ROWS = [
    {"budsjettaar": budget, "vedtatt": date(2011, 12, 1), "aar": budget + ahead, "enhet_kode": f"{unit}"}
    | {"land": "norge", "enhet": f"Enhet {unit}", "art": "010", "art_navn": "Lønn", "beloep_kr": unit}
    for budget in (2012, 2013)
    for ahead in range(4)
    for unit in range(7)
]


@pytest.fixture
def wide(tmp_path):
    return samples.put_version(tmp_path, WIDE, {"plan": WIDE_ROWS}).folder / "plan.parquet"


def test_a_code_and_its_name_share_a_column_where_the_first_of_them_stands(wide):
    look = preview.preview(wide, WIDE.tables[0].schema, "nb")
    headings = [column.heading["title"] for column in look.columns]
    assert headings == ["Budsjettår", "Vedtatt", "År", "Land", "Enhet", "Merknad", "Art", "Beløp", "Avrunding"]
    assert look.merged
    unit, kind = look.rows[0][4], look.rows[0][6]
    assert [(cell.text, cell.label) for cell in (unit, kind)] == [("0", "Enhet 0"), ("010", "Lønn")]


def test_only_the_first_quantity_is_kept_in_sight(wide):
    look = preview.preview(wide, WIDE.tables[0].schema, "nb")
    assert [column.field["name"] for column in look.columns if column.pinned] == ["beloep_kr"]


def test_the_newest_rows_are_those_of_the_last_budget_and_its_last_year(wide):
    look = preview.preview(wide, WIDE.tables[0].schema, "nb")
    assert [(row[0], row[2]) for row in cells(look)] == [("2013", "2016")] * 7 + [("2013", "2015")] * 5
    assert [row[4] for row in cells(look)] == [*"0123456", *"01234"]


def test_the_period_spans_all_years_of_the_key_and_no_date_of_decision(wide):
    assert periods.period(wide, WIDE.tables[0].schema) == ("2012", "2016")


@pytest.mark.parametrize(
    ("code", "name", "shown"),
    [
        ("norge", "Norge", ("Norge", "")),
        ("helt_ledig", "Helt ledig", ("Helt ledig", "")),
        ("arbeidsmiljo", "Arbeidsmiljø", ("Arbeidsmiljø", "")),
        ("loennsoppgjoer", "Lønnsoppgjør", ("Lønnsoppgjør", "")),
        ("42", "Agder", ("42", "Agder")),
        ("K", "Kvinner", ("K", "Kvinner")),
    ],
)
def test_a_code_that_is_its_own_name_is_not_said_twice(tmp_path, code, name, shown):
    labelled = _text("land", "Land", labels={code: {"nb": name, "en": "x"}})
    made = samples.dataset("land", ("Land", "Country"), [samples.table("land", ("L", "C"), [labelled], ["land"])])
    version = samples.put_version(tmp_path, made, {"land": [{"land": code}]})
    cell = preview.preview(version.folder / "land.parquet", made.tables[0].schema, "nb").rows[0][0]
    assert (cell.text, cell.label) == shown


def test_where_a_code_or_its_name_is_empty_the_other_one_stands_alone(tmp_path):
    rows = [{"enhet_kode": code, "enhet": name} for code, name in (("1", None), (None, "Skolen"), (None, None))]
    unit = samples.table("enhet", ("E", "U"), [_text("enhet_kode", "Kode"), _text("enhet", "Enhet")], ["enhet_kode"])
    version = samples.put_version(tmp_path, samples.dataset("enhet", ("E", "U"), [unit]), {"enhet": rows})
    look = preview.preview(version.folder / "enhet.parquet", unit.schema, "nb")
    assert [(row[0].text, row[0].label, row[0].mark) for row in look.rows] == [
        ("1", "", ""),
        ("Skolen", "", ""),
        ("tom", "", "empty"),
    ]


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
    assert "read_parquet('http://localhost:8000/budsjett-kostra/latest/budsjett_kostra.parquet')" in text
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
    assert described["url"] == "http://localhost:8000/ansatte/"
    assert described["temporalCoverage"] == "2019-12-31/2020-12-31"
    assert described["name"] == {"nb": samples.STAFF.title.nb, "en": samples.STAFF.title.en}[language]
    assert (described["datePublished"], described["dateModified"]) == ("2025-01-20T03:30:00Z", "2026-11-22T03:30:00Z")


def test_a_page_names_the_publisher_of_its_dataset_and_nobody_else(tmp_path):
    definition = replace(samples.KOSTRA, publisher=samples.TRIAL)
    version = samples.put_version(tmp_path, definition, samples.KOSTRA_ROWS)
    SitePortal(tmp_path).publish(samples.release(version))
    text = unescape(page(tmp_path, "budsjett-kostra") + (tmp_path / "index.html").read_text())
    assert "Trondheim" not in text.replace("trondheim", "")
    assert "Åpne data fra Prøveportalen" in text
    assert "En prøve. Hvert datasett er kontrollert" in text
    assert "Ingen virksomhet står bak publiseringen." in text
    assert "Prøveportalen (2026). Budsjett og regnskap" in text
    assert '"@type": "GovernmentOrganization"' not in text
    english = page(tmp_path, "budsjett-kostra", "en.html")
    assert '<span class="owner">Trial portal</span>' in english
    assert "No organisation answers for this publication." in english


def test_where_releases_of_several_publishers_meet_each_dataset_says_whose_it_is(tmp_path):
    other = replace(samples.KOSTRA, publisher=samples.TRIAL)
    for definition, rows in ((other, samples.KOSTRA_ROWS), (samples.REPORTS, samples.REPORT_ROWS)):
        SitePortal(tmp_path).publish(samples.release(samples.put_version(tmp_path, definition, rows)))
    text = (tmp_path / "index.html").read_text()
    assert "<h1>Åpne data</h1>" in text
    assert 'class="owner"' not in text
    assert text.count("<li>Prøveportalen</li>") == text.count("<li>Trondheim kommune</li>") == 1
    catalog = json.loads((tmp_path / "catalog.json").read_text())
    assert [entry["publisher"]["title"] for entry in catalog["datasets"]] == ["Prøveportalen", "Trondheim kommune"]


def test_a_publisher_that_has_a_new_name_is_called_by_it(tmp_path):
    renamed = replace(samples.PUBLISHER, name=samples.Text("Nye Trondheim kommune", "New Trondheim municipality"))
    later = replace(samples.REPORTS, publisher=renamed)
    old = samples.put_version(tmp_path, samples.KOSTRA, samples.KOSTRA_ROWS)
    new = samples.put_version(tmp_path, later, samples.REPORT_ROWS, created="2027-01-01T03:30:00Z")
    for version in (old, new):
        SitePortal(tmp_path).publish(samples.release(version))
    assert "<h1>Åpne data fra Nye Trondheim kommune</h1>" in (tmp_path / "index.html").read_text()


def test_a_note_names_the_column_of_its_flag(public):
    assert "<code>antall_flagg</code> = <code>b</code>" in page(public, "ansatte")
    assert "_flagg_flagg" not in page(public, "ansatte")


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
        "Trondheim kommune (2026). Varslingssaker, versjon 1.0.0. http://localhost:8000/varsling/. Lisens:",
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
