"""Real exports of other publishers, each by a definition alone: the acceptance cases 4, 6, 8 and 9 with their numbers.

One night publishes all nine to a lake of its own. The oracle is never our reader: it is the same file read with
Python's csv, the publisher's own cleaned twin, or a law of the file (a budget adds up to zero, months to a year).
"""

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from apendata.catalog import Catalog
from apendata.errors import ApendataError, DataRejected, SourceRejected
from apendata.model import Condition, Dataset, FixedField, Only, Reading
from apendata.sources import fetch, read
from apendata.validation import validate
from tests.real.prepare import DATASETS, FILES, SCHEMAS, prepare, real_exports

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not real_exports().is_dir(), reason=f"no real exports in {real_exports()}"),
    pytest.mark.xdist_group("real"),  # one night for all of them
]

Row = dict[str, str]
STAVANGER, INVESTMENT, BERGEN, UDIR, NAV = (
    "stavanger-driftsbudsjett",
    "bergen-investeringsbudsjett",
    "bergen-driftsbudsjett",
    "udir-slutta-vgo",
    "nav-arbeidsledighet",
)


@dataclass(frozen=True)
class Night:
    sources: Path
    lake: Path
    code: int
    results: dict[str, Any]

    def table(self, dataset: str, name: str) -> list[Row]:
        with (self.lake / "public" / dataset / "latest" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def rows(self, dataset: str, rule: str) -> int:
        accounts = self.results[dataset]["accounts"]
        return sum(account["rows"] for account in accounts if account["rule"] == rule)


def run(sources: Path, lake: Path) -> Night:
    settings = {"DATASETS": DATASETS, "SCHEMAS": SCHEMAS, "SOURCES": sources, "LAKE": lake}
    environment = {"PATH": os.environ["PATH"], **{f"APENDATA_{name}": str(folder) for name, folder in settings.items()}}
    command = [sys.executable, "-m", "apendata", "run", "--json"]
    done = subprocess.run(command, env=environment, cwd=lake.parent, capture_output=True, text=True, check=False)
    results = {result["dataset"]: result for result in json.loads(done.stdout)["results"]}
    return Night(sources, lake, done.returncode, results)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    folder = tmp_path_factory.mktemp("real")
    prepare(folder / "sources")
    return run(folder / "sources", folder / "lake")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog(DATASETS, SCHEMAS)


def read_export(dataset: Dataset, folder: Path) -> Reading:
    return read(dataset, fetch(dataset, folder, scratch=folder / "scratch"), {})


def with_source(dataset: Dataset, **changes: Any) -> Dataset:
    (name, source), *_ = dataset.sources.items()
    return replace(dataset, sources={name: replace(source, **changes)})


def original(dataset: str, encoding: str = "utf-8", *, skip: int = 0, **dialect: Any) -> list[list[str]]:
    """The export of a dataset as Python's csv reads it, header first, after ``skip`` lines."""
    origin = next(origin for target, origin in FILES.items() if target.startswith(f"{dataset}/"))
    text = (real_exports() / origin).read_bytes().decode(encoding).split("\n", skip)[-1]
    return list(csv.reader(io.StringIO(text, newline=""), **{"delimiter": ";", **dialect}))


def add_up(rows: Iterable[tuple[Any, int]]) -> dict[Any, int]:
    sums: dict[Any, int] = defaultdict(int)
    for key, amount in rows:
        sums[key] += amount
    return dict(sums)


def kroner(text: str) -> int:
    """«810 000,00», « -1 362 250 » and « -   » as kroner."""
    whole, _, oere = text.strip().replace(" ", "").partition(",")
    assert oere in ("", "00")
    return 0 if whole == "-" else int(whole)


class TestOneNightPublishesThemAll:
    def test_every_export_is_published_and_the_exit_code_is_0(self, night: Night) -> None:
        outcomes = {dataset: result["outcome"] for dataset, result in night.results.items()}
        assert outcomes == dict.fromkeys(sorted({target.split("/")[0] for target in FILES}), "PUBLISHED")
        assert night.code == 0

    def test_a_second_night_changes_nothing(self, night: Night) -> None:
        again = run(night.sources, night.lake)
        assert {result["outcome"] for result in again.results.values()} == {"UNCHANGED"}

    def test_none_of_them_needed_python(self) -> None:
        assert {file.name for file in DATASETS.glob("*/*")} == {"dataset.yaml"}

    def test_table_names_are_unique_and_every_schema_belongs_to_a_table(self, catalog: Catalog) -> None:
        datasets = {name: catalog.load(name) for name in catalog.ids()}
        tables = {table.name for dataset in datasets.values() for table in dataset.tables}
        assert {file.name.removesuffix(".schema.json") for file in SCHEMAS.iterdir()} == tables


class TestCase4AHyphenMeansWhatItsPublisherSays:
    def test_in_bergens_budget_it_is_zero(self, night: Night) -> None:
        header, *rows = original(BERGEN)
        hyphens = sum(cell == " -   " for row in rows for cell in row)
        zeros = [row for row in night.table(BERGEN, "bergen_drift") if row["beloep_kr"] == "0"]
        assert header[10:] == ["2013", "2014", "2015", "2016"]
        assert hyphens == len(zeros) > 0

    def test_in_an_export_of_udir_it_is_hidden(self, catalog: Catalog, tmp_path: Path) -> None:
        years = [f"{year}-{year + 1 - 2000}" for year in (2019, 2020)]
        header = ["EnhetNivaa", "Nasjonaltkode", "Fylkekode", "Organisasjonsnummer", "Nasjonalt", "Fylke", "EnhetNavn"]
        header += [f"{year}.Alle eierformer.Alle trinn.Begge kjønn.Andel sluttet" for year in years]
        header += [f"{years[0]}.Alle eierformer.Alle trinn.Begge kjønn.Andel sluttet.Brudd"]
        school = ["3", "I", "50", "999999999", "Hele landet", "Trøndelag", "Oppdiktet skole", "-", "4,2", ""]
        text = "sep=\t\n" + "\t".join(header) + "\r\n" + "\t".join(school) + "\r\n"
        (tmp_path / "slutta-vgo.csv").write_bytes(text.encode("utf-16-le"))
        table = read_export(catalog.load(UDIR), tmp_path).tables["slutta_vgo"].data
        assert table["andel_prosent"].to_pylist() == [None, "4.2"]
        assert table["andel_prosent_status"].to_pylist() == [":", None]


class TestCase6Stavanger2016:
    def test_all_11130_rows_are_kept_with_347_of_them_reported_as_too_long(self, night: Night) -> None:
        cut = [f for f in night.results[STAVANGER]["findings"] if f["code"] == "extra_fields_cut"]
        assert night.rows(STAVANGER, "out") == 11_130
        assert [finding["count"] for finding in cut] == [347]

    def test_they_add_up_to_zero(self, night: Night) -> None:
        assert sum(int(row["beloep_kr"]) for row in night.table(STAVANGER, "stavanger_drift")) == 0

    def test_every_published_amount_is_that_of_the_file(self, night: Night) -> None:
        _, *rows = original(STAVANGER, quoting=csv.QUOTE_NONE)
        expected = add_up(((row[0].strip(), row[3], row[5], row[1]), int(row[11])) for row in rows)
        key = ("virksomhetsomraade", "ansvar", "tjeneste", "art")
        published = night.table(STAVANGER, "stavanger_drift")
        assert {tuple(row[name] for name in key): int(row["beloep_kr"]) for row in published} == expected
        assert len(published) == len(expected)

    def test_a_row_that_is_too_long_is_refused_unless_the_definition_says_why_not(
        self, catalog: Catalog, night: Night
    ) -> None:
        dataset = with_source(catalog.load(STAVANGER), extra_fields=None)
        with pytest.raises(SourceRejected, match="extra_fields") as refused:
            read_export(dataset, night.sources / STAVANGER)
        assert [(f.code, f.count) for f in refused.value.findings] == [("ragged_row", 347)]

    def test_without_those_rows_the_budget_misses_7_080_169_000_and_is_refused(
        self, catalog: Catalog, night: Night, tmp_path: Path
    ) -> None:
        name = "driftsbudsjett-2016.csv"
        lines = (night.sources / STAVANGER / name).read_bytes().split(b"\n")
        (tmp_path / name).write_bytes(b"\n".join(line for line in lines if line.count(b";") < 13))
        dataset = catalog.load(STAVANGER)
        with pytest.raises(DataRejected) as refused:
            validate(dataset, read_export(dataset, tmp_path))
        differences = [sample for f in refused.value.findings if f.code == "not_balanced" for sample in f.samples]
        assert "7080169000" in "".join(differences)

    def test_nothing_that_points_to_one_person_is_published_or_kept(self, night: Night) -> None:
        header, *rows = original(STAVANGER, quoting=csv.QUOTE_NONE)
        about_persons = [header.index(name) for name in ("prosjekt_tekst", "fri_dim_tekst")]
        texts = {row[index] for row in rows for index in about_persons}
        canaries = [text.encode() for text in texts if re.search(r"ID \d+|/\w+ \w+|TIL \w+ \w+", text)]
        files = [file for file in night.lake.rglob("*") if file.is_file() and STAVANGER in str(file)]
        readable = b"".join(f.read_bytes() for f in files if f.suffix in {".csv", ".json", ".jsonl", ".html", ".txt"})
        assert len(canaries) > 50
        assert [text for text in canaries if text in readable] == []
        assert night.table(STAVANGER, "stavanger_drift")[0].keys().isdisjoint(header[7:11])
        assert not [raw for raw in (night.lake / "internal/raw").iterdir() if b"fri_dim" in raw.read_bytes()]


class TestCase8BergenInvestment2012:
    @staticmethod
    def reading(dataset: Dataset, night: Night) -> Reading:
        return read_export(dataset, night.sources / INVESTMENT)

    @staticmethod
    def choosing(dataset: Dataset, version: str) -> Dataset:
        return with_source(dataset, only=Only({"versjoner": Condition(equals=version)}, "the test wants it"))

    def test_two_versions_in_one_file_are_refused_until_one_is_chosen(self, catalog: Catalog, night: Night) -> None:
        with pytest.raises(SourceRejected, match="choose one with `only`") as refused:
            self.reading(with_source(catalog.load(INVESTMENT), only=None), night)
        assert [f.code for f in refused.value.findings] == ["several_versions"]

    @pytest.mark.parametrize(("version", "rows"), [("12-15IN1", 1251), ("11-14VB", 1264)])
    def test_either_choice_takes_its_rows_and_adds_up_to_zero_every_year(
        self, catalog: Catalog, night: Night, version: str, rows: int
    ) -> None:
        reading = self.reading(self.choosing(catalog.load(INVESTMENT), version), night)
        table = reading.tables["bergen_investering"].data.to_pylist()
        sums = add_up((row["aar"], int(row["beloep_kr"])) for row in table)
        assert {account.rule: account.rows for account in reading.accounts}["out"] == rows
        assert sums == dict.fromkeys(("2011", "2012", "2013", "2014", "2015"), 0)

    def test_equal_rows_are_added_and_none_is_dropped(self, night: Night) -> None:
        header, *rows = original(INVESTMENT)
        parts = ("kost2a", "avdeling", "tjeneste", "prosjekt", "geografisk-bydel")
        indices = [header.index(name) for name in parts]
        chosen = [row for row in rows if row[0] == "12-15IN1"]
        expected = add_up(
            ((*(row[index] for index in indices), header[at][:4]), kroner(row[at]))
            for row in chosen
            for at in range(18, 23)
        )
        key = ("hovedgruppe", "avdeling", "tjeneste", "prosjekt", "bydel", "aar")
        published = night.table(INVESTMENT, "bergen_investering")
        assert {tuple(row[name] for name in key): int(row["beloep_kr"]) for row in published} == expected
        assert (len(chosen), len(published)) == (1251, 1850)

    def test_codes_that_a_spreadsheet_made_numbers_have_their_zero_back(self, night: Night) -> None:
        header, *rows = original(INVESTMENT)
        assert {row[at] for row in rows if len(row[at := header.index("tjenesteomraade")]) == 1} == set("6789")
        ours, drift = (
            {row["tjenesteomraade"]: row["tjenesteomraade_navn"] for row in night.table(dataset, table)}
            for dataset, table in ((INVESTMENT, "bergen_investering"), (BERGEN, "bergen_drift"))
        )
        assert {code: ours[code] for code in ("06", "07", "08", "09")}.items() <= drift.items()


class TestCase9Udir:
    def test_it_is_utf_16_whose_first_line_is_gone(self, night: Night) -> None:
        first = night.table(UDIR, "slutta_vgo")[0]
        assert night.rows(UDIR, "first_line") == 1
        assert night.rows(UDIR, "out") == 808
        assert "\0" not in "".join(first.values())

    def test_every_cell_is_its_own_share_hidden_mark_or_nothing(self, night: Night) -> None:
        header, *rows = original(UDIR, "utf-16-le", skip=1, delimiter="\t", quoting=csv.QUOTE_NONE)
        marks = {"*": ("", ":"), "": ("", "..")}
        years = {at: name[:7] for at, name in enumerate(header) if name.endswith("Andel sluttet")}
        expected = {
            (row[5], row[3].strip(), year): marks.get(row[at], (row[at].replace(",", "."), ""))
            for row in rows
            for at, year in years.items()
        }
        published = {
            (row["fylke_navn"], row["enhet"], row["skoleaar"]): (row["andel_prosent"], row["andel_prosent_status"])
            for row in night.table(UDIR, "slutta_vgo")
        }
        assert published == expected
        assert sum(status == ":" for _, status in published.values()) == 1763

    def test_breaks_are_flagged_where_the_export_says_so(self, night: Night) -> None:
        header, *rows = original(UDIR, "utf-16-le", skip=1, delimiter="\t", quoting=csv.QUOTE_NONE)
        said = {
            (row[5], row[3].strip(), name[:7])
            for row in rows
            for name, text in zip(header, row, strict=True)
            if name.endswith(".Brudd") and text
        }
        flagged = {
            (row["fylke_navn"], row["enhet"], row["skoleaar"])
            for row in night.table(UDIR, "slutta_vgo")
            if row["andel_prosent_flagg"] == "b"
        }
        assert flagged == said


class TestTheCleanedTwinOfBergen2013:
    def test_the_published_table_equals_it_cell_by_cell(self, night: Night) -> None:
        file = real_exports() / "datahotellet/bergen/budsjett-2013/driftsbudsjett/dataset.csv"
        with file.open(encoding="utf-8-sig", newline="") as stream:
            header, *rows = csv.reader(stream, delimiter=";")
        side = {"Inntekt": "inntekt", "Utgift": "utgift"}
        expected = Counter(
            ("2013", year, row[0], row[1], side[row[2]], *row[3:9], row[9].strip(), str(kroner(row[at])))
            for row in rows
            for at, year in enumerate(header[10:], start=10)
        )
        published = Counter(tuple(row.values()) for row in night.table(BERGEN, "bergen_drift"))
        assert published == expected
        assert sum(published.values()) == 4 * 1761

    def test_each_year_is_within_627_kroner_of_zero(self, night: Night) -> None:
        sums = add_up((row["aar"], int(row["beloep_kr"])) for row in night.table(BERGEN, "bergen_drift"))
        assert sums == {"2013": -490, "2014": -627, "2015": -489, "2016": -539}


class TestTheOthers:
    def test_difi_every_agencys_months_add_up_to_its_total(self, night: Night) -> None:
        _, *rows = original("difi-innsynskrav")
        published = night.table("difi-innsynskrav", "innsynskrav")
        sums = add_up((row["virksomhet"], int(row["antall"])) for row in published)
        assert sums == {row[0]: int(row[13]) for row in rows}
        assert (len(published), sum(sums.values())) == (94 * 12, 156_860)

    def test_difi_a_total_that_is_not_the_sum_is_refused(self, catalog: Catalog, night: Night, tmp_path: Path) -> None:
        name = "innsynskrav-2011.csv"
        text = (night.sources / "difi-innsynskrav" / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace(";2034", ";2035"), encoding="utf-8")
        with pytest.raises(SourceRejected) as refused:
            read_export(catalog.load("difi-innsynskrav"), tmp_path)
        assert [f.code for f in refused.value.findings] == ["row_total_differs"]

    def test_imdi_every_cell_under_three_header_rows_keeps_its_figure_or_its_mark(self, night: Night) -> None:
        what, units, years, *rows = original("imdi-enslige-mindreaarige", "cp1252", quoting=csv.QUOTE_NONE)
        codes = {"Anmodning om bosetting": "anmodning", "Opprinnelig anmodning": "opprinnelig_anmodning"}
        codes |= {"Vedtak om bosetting": "vedtak", "Faktisk bosetting": "bosatt"}
        expected: dict[str, dict[tuple[str, str, str], float | str]] = {"Enhet: Personer": {}, "Enhet: Prosent": {}}
        for row in rows:
            for at in range(2, len(row)):
                key = (row[0][1:], years[at].removeprefix("År: "), codes[what[at].partition(": ")[2]])
                expected[units[at]][key] = {":": ":", ".": ".", "": ".."}.get(row[at]) or float(row[at])
        for unit, table, value in (
            ("Enhet: Personer", "bosetting_personer", "antall"),
            ("Enhet: Prosent", "bosetting_prosent", "prosent"),
        ):
            published = night.table("imdi-enslige-mindreaarige", table)
            assert {
                (row["kommune"], row["aar"], row["hva"]): row[f"{value}_status"] or float(row[value])
                for row in published
            } == expected[unit]
            assert len(published) == 23 * 9 * 4

    def test_ssb_who_works_in_a_municipality_lives_there_or_commutes_in(self, night: Night) -> None:
        counts: dict[tuple[str, str, str], dict[str, int]] = defaultdict(dict)
        for row in night.table("ssb-pendling", "pendling"):
            counts[row["kommune"], row["kommune_navn"], row["aar"]][row["hva"]] = int(row["antall"])
        for persons in counts.values():
            assert persons["arbeidssted"] == persons["bosatt"] + persons["innpendler"] - persons["utpendler"]
        assert len(counts) == 23
        assert counts["3803", "Tønsberg", "2021"]["arbeidssted"] == 33_337
        assert night.rows("ssb-pendling", "above_header") == 2

    def test_nav_three_sheets_of_two_blocks_side_by_side(self, night: Night) -> None:
        by_sex, both = night.table(NAV, "arbeidsledige_kjoenn"), night.table(NAV, "arbeidsledige")
        levels = [Counter(row["niva"] for row in table) for table in (by_sex, both)]
        assert levels == [{"land": 6, "fylke": 90, "kommune": 101}, {"land": 3, "fylke": 45, "kommune": 51}]
        total = {(row["omraade"], row["status"]): row["antall"] for row in both}
        assert total["Landet", "helt_ledig"] == "65947"
        assert total["4001", "delvis_ledig"] == "214"

    def test_nav_women_and_men_are_both_sexes_wherever_none_is_hidden(self, night: Night) -> None:
        by_sex = night.table(NAV, "arbeidsledige_kjoenn")
        hidden = {(row["omraade"], row["status"]) for row in by_sex if row["antall_status"] == ":"}
        shown = [row for row in by_sex if (row["omraade"], row["status"]) not in hidden]
        sums = add_up(((row["omraade"], row["status"]), int(row["antall"])) for row in shown)
        total = {(row["omraade"], row["status"]): row["antall"] for row in night.table(NAV, "arbeidsledige")}
        assert {key: total[key] for key in sums} == {key: str(count) for key, count in sums.items()}
        assert sum(row["antall_status"] == ":" for row in by_sex) == 14

    def test_nav_the_percentage_that_would_tell_a_hidden_count_is_in_no_table(self, catalog: Catalog) -> None:
        fields = [field for table in catalog.load(NAV).tables for field in table.fields]
        assert "percent" not in {field.get("unit") for field in fields}

    def test_kostra_positions_become_codes_with_their_zeros_and_thousands_become_kroner(self, night: Night) -> None:
        origin = real_exports() / FILES["kostra-0a/0A_V2019_K4_R040200_OK.dat"]
        records = origin.read_text(encoding="ascii").splitlines()
        expected = {(r[31], r[32:35], r[36:39]): int(r[39:]) * 1000 for r in records}
        published = night.table("kostra-0a", "kostra_0a")
        accounts = {(row["kontoklasse"], row["funksjon"], row["art"]): int(row["beloep_kr"]) for row in published}
        assert accounts == expected
        assert len(published) == len(records) == 1644
        assert accounts["1", "120", "010"] == 36_328_000
        assert add_up((key[0], amount) for key, amount in accounts.items()) == {"0": 113_385_000, "1": 35_838_000}


class TestWhatADefinitionLeavesOutIsRefusedByItsKey:
    """The reader's error says which key to write; the export is never read in another way instead."""

    @pytest.mark.parametrize(
        ("dataset", "source", "left_out", "key"),
        [
            (BERGEN, "driftsbudsjett", {"marks": {"thousands": ()}}, "`thousands`"),
            (BERGEN, "driftsbudsjett", {"marks": {"zero": ()}}, "`zero`"),
            (INVESTMENT, "investeringsbudsjett", {"marks": {"decimal": None}}, "`decimal`"),
            (INVESTMENT, "investeringsbudsjett", {"only": None}, "`only`"),
            (STAVANGER, "driftsbudsjett", {"ignore": ()}, "`ignore`"),
            (UDIR, "slutta", {"encoding": "windows-1252"}, "`encoding: utf-16-le`"),
            (UDIR, "slutta", {"marks": {"hidden": ()}}, "`hidden`"),
            (UDIR, "slutta", {"marks": {"missing": ()}}, "`missing`"),
            ("imdi-enslige-mindreaarige", "bosetting", {"encoding": "utf-8"}, "`encoding`"),
            (NAV, "fylker_alle", {"sheet": None}, "`sheet`"),
            (NAV, "fylker_alle", {"rows": ()}, "`rows: [{kind: blank}]`"),
            ("kostra-0a", "skjema_0a", {"unit": None}, "`unit`"),
            ("kostra-0a", "skjema_0a", {"sign": None}, "`sign`"),
            ("kostra-0a", "skjema_0a", {"fields": (FixedField("beloep", 40, 48),)}, "`fields`"),
        ],
    )
    def test_the_error_names_the_key(
        self, catalog: Catalog, night: Night, dataset: str, source: str, left_out: dict[str, Any], key: str
    ) -> None:
        whole = catalog.load(dataset)
        marks = replace(whole.sources[source].marks, **left_out.get("marks", {}))
        lacking = replace(whole.sources[source], **{**left_out, "marks": marks})
        with pytest.raises(ApendataError, match=re.escape(key)):
            read_export(replace(whole, sources={**whole.sources, source: lacking}), night.sources / dataset)
