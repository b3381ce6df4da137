"""All datasets on a real CKAN: the seeds' figures as developers get them, the pages as a person sees them."""

from collections import defaultdict

import pytest

from apendata import app
from apendata.model import Outcome
from apendata.pipeline import Verified
from apendata.settings import Settings
from tests.browser.conftest import browser  # noqa: F401 (a fixture)
from tests.live.portal import Caller, web_server, wipe

DATASETS = (
    "ansatte", "budsjett-kostra", "driftsramme", "kostra-kontoplan", "organisasjon", "regnskapsresultat",
    "rekruttering", "varsling",
)  # fmt: skip


@pytest.fixture(scope="module")
def night(ckan, root, tmp_path_factory):
    """The night's work on the samples, as `apendata run` does it, to the static portal and to CKAN."""
    wipe(Caller(ckan.url, ckan.sysadmin))
    lake = tmp_path_factory.mktemp("night") / "lake"
    with web_server(lake / "public") as base_url:
        values = {
            "APENDATA_LAKE": str(lake),
            "APENDATA_DATASETS": str(root / "datasets"),
            "APENDATA_SCHEMAS": str(root / "schemas"),
            "APENDATA_PORTALS": "site,ckan",
            "APENDATA_BASE_URL": base_url,
            "APENDATA_CKAN_URL": ckan.url,
            "APENDATA_CKAN_TOKEN": ckan.editor,
            "APENDATA_CKAN_ORGANIZATION": ckan.org,
        }
        house = app.load(Settings.from_mapping(values, root).on_samples())
        yield house, {name: house.run(name) for name in house.catalog.ids()}


@pytest.fixture
def anybody(ckan):
    return Caller(ckan.url)


@pytest.fixture
def search(night, anybody):
    """Find rows by a table's name and its columns, as the API's readers do."""

    def find(dataset, table, **filters):
        package = anybody("package_show", id=dataset)
        resource = next(
            r["id"] for r in package["resources"] if r.get("apendata_table") == table and r["format"] == "CSV"
        )
        return anybody("datastore_search", resource_id=resource, filters=filters, limit=32000)["records"]

    return find


def test_every_dataset_was_released_and_the_second_night_changes_nothing(night, anybody):
    house, results = night
    assert {name: r.outcome for name, r in results.items()} == dict.fromkeys(DATASETS, Outcome.PUBLISHED)
    before = {name: anybody("package_show", id=name)["metadata_modified"] for name in DATASETS}
    again = {name: house.run(name) for name in DATASETS}
    assert {name: r.outcome for name, r in again.items()} == dict.fromkeys(DATASETS, Outcome.UNCHANGED)
    assert {name: anybody("package_show", id=name)["metadata_modified"] for name in DATASETS} == before
    assert house.verify() == Verified()


def test_employees_by_date_and_sex(search):
    at = {"tjenesteomraade_kode": "ALLE", "referansedato": "2019-01-15"}
    count = {sex: search("ansatte", "ansatte_sum", kjoenn=sex, **at)[0]["antall"] for sex in ("ALLE", "K", "M")}
    assert count == {"ALLE": 14708, "K": 11116, "M": 3592}
    totals = search("ansatte", "ansatte_sum", tjenesteomraade_kode="ALLE", kjoenn="ALLE")
    assert [row["antall"] for row in totals] == [14456, 14708, 14368, 14998]


def test_what_is_hidden_has_no_value_there_either(search):
    for table in ("ansatte", "ansatte_sum", "aarsverk", "ledere"):
        value = "aarsverk" if table == "aarsverk" else "antall"
        hidden = search("ansatte", table, **{f"{value}_status": ":"})
        assert all(row[value] is None for row in hidden)
    assert search("ansatte", "ansatte", antall_status=":")


def test_recruitment(search):
    (row,) = search("rekruttering", "rekruttering", aar=2021)
    assert (row["prosesser"], row["soekere"]) == (1766, 42578)


def test_both_figures_of_the_internal_labour_market(search):
    rows = search("regnskapsresultat", "interne_arbeidsmarked", aar=2017)
    assert sorted(row["kostnad_kr"] for row in rows) == [10_400_000, 14_600_000]


def test_the_frame_of_2023_is_the_basis_and_its_measures(search):
    (frame,) = search("driftsramme", "driftsramme", aar=2023, tjenesteomraade_kode="UST")
    assert frame["netto_ramme_kr"] == frame["basis_kr"] + frame["endring_mot_basis_kr"]
    measures = search("driftsramme", "driftstiltak", aar=2023, tjenesteomraade_kode="UST")
    assert sum(row["beloep_kr"] for row in measures) == frame["endring_mot_basis_kr"]


def test_budget_and_accounts_sum_to_zero_and_keep_their_codes(search):
    rows = search("budsjett-kostra", "budsjett_kostra")
    assert len(rows) >= 3000
    sums = defaultdict(int)
    for row in rows:
        sums[row["vedtak_id"], row["aar"], row["kontoklasse"]] += row["beloep_kr"]
    assert set(sums.values()) == {0}
    assert all(len(row["art"]) == 3 for row in rows)


def test_reports_to_the_secretariat_are_the_mandated_totals(search):
    assert {row["aar"]: row["mottatt"] for row in search("varsling", "varsling_saker")} == {2017: 4, 2018: 4}
    by_channel = search("varsling", "varsling_fordeling", aar=2018, dimensjon="kanal")
    assert {row["kategori"]: row["antall"] for row in by_channel} == {"telefon": 1, "brev": 2, "web": 1}


def test_codes_of_the_organisation_keep_their_names(search):
    areas = {row["kode"]: row["navn"] for row in search("organisasjon", "tjenesteomraader")}
    assert areas["UST"] == "Utvikling og støttetjenester"


@pytest.mark.browser
@pytest.mark.parametrize("dataset", DATASETS)
def test_a_person_can_read_the_pages(night, ckan, browser, anybody, dataset):  # noqa: F811
    house, _ = night
    package = anybody("package_show", id=dataset)
    page = browser.new_page()
    page.goto(f"{ckan.url}/dataset/{dataset}")
    text = page.inner_text("body")
    definition = house.catalog.load(dataset)
    assert definition.title.nb in text
    assert definition.title.en in text
    assert "Eksempeldata" in text
    assert "Første versjon" in text
    assert all(resource["name"] in text for resource in package["resources"])
    table = next(r for r in package["resources"] if r.get("apendata_table"))
    page.goto(f"{ckan.url}/dataset/{dataset}/resource/{table['id']}")
    assert definition.table(table["apendata_table"]).fields[0]["title"] in page.inner_text("body")
    frame = page.frame_locator("iframe").first
    frame.locator("table tbody tr td").nth(1).wait_for(timeout=20_000)
    page.close()
