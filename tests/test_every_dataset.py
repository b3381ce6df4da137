"""Every dataset in ``datasets/``: its sample gives exactly what it must, and nothing that it must not."""

import csv
import importlib.util
import re
import zipfile
from collections import defaultdict
from pathlib import Path
from types import ModuleType

import pytest

from apendata import pipeline
from apendata.catalog import Catalog
from apendata.lake import Lake
from apendata.lake.formats_csv import write_csv
from apendata.model import Dataset

ROOT = Path(__file__).parent.parent
CATALOG = Catalog(ROOT / "datasets", ROOT / "schemas")
GENERATORS = sorted(CATALOG.datasets.glob("*/sample/make_sample.py"))
Row = dict[str, str]


@pytest.fixture(params=CATALOG.ids())
def dataset(request: pytest.FixtureRequest) -> Dataset:
    return CATALOG.load(request.param)


def sample_of(dataset_id: str) -> Path:
    return CATALOG.datasets / dataset_id / "sample"


def expected(dataset: Dataset, table: str) -> list[Row]:
    with (dataset.folder / "sample/expected" / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_folder_is_a_dataset_with_a_sample_that_says_what_is_real() -> None:
    folders = {folder.name for folder in CATALOG.datasets.iterdir() if folder.is_dir()}
    assert folders == set(CATALOG.ids())
    assert all((sample_of(name) / "README.md").stat().st_size for name in folders)


def test_every_table_schema_belongs_to_a_dataset() -> None:
    files = [file for file in CATALOG.schemas.glob("*.schema.json") if not file.is_symlink()]  # links: of definitions
    schemas = {file.name.removesuffix(".schema.json") for file in files}
    assert schemas == {table.name for name in CATALOG.ids() for table in CATALOG.load(name).tables}


def test_sample_gives_exactly_what_is_expected(dataset: Dataset, tmp_path: Path) -> None:
    inputs = pipeline.fetch_inputs(dataset, catalog=CATALOG, sources_of=sample_of, override=None, scratch=tmp_path)
    made = pipeline.make(inputs, Lake.open(tmp_path / "lake"), lambda _: None)
    for name, table in made.protection.tables.items():
        write_csv(table.data, tmp_path / f"{name}.csv")
    want = {file.name: file.read_bytes() for file in (dataset.folder / "sample/expected").iterdir()}
    assert {file.name: file.read_bytes() for file in tmp_path.glob("*.csv")} == want
    told = {finding.code for finding in made.findings if finding.severity != "info"}
    assert told <= {"disclosure.new_texts"}, "readers have nothing yet, so that every free text is new to them"
    assert inputs.synthetic


@pytest.mark.parametrize("script", GENERATORS, ids=lambda script: script.parent.parent.name)
def test_generator_makes_the_committed_sample_again(script: Path, tmp_path: Path) -> None:
    load(script).main(tmp_path)
    made = {file.relative_to(tmp_path): content(file) for file in tmp_path.rglob("*") if file.is_file()}
    assert made == {path: content(script.parent / path) for path in made}
    kept = {file.name for file in script.parent.iterdir() if file.is_file()} - {"README.md", script.name}
    assert kept == {path.name for path in made if path.parent == Path()}


def load(script: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"sample_{script.parent.parent.name.replace('-', '_')}", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def content(file: Path) -> bytes | dict[str, bytes]:
    """A file's bytes; of a workbook those of its parts, since another zlib packs the same content otherwise."""
    if file.suffix != ".xlsx":
        return file.read_bytes()
    with zipfile.ZipFile(file) as book:
        return {name: book.read(name) for name in book.namelist()}


def test_samples_name_no_real_person() -> None:
    texts = []
    for file in CATALOG.datasets.glob("*/sample/**/*"):
        found = content(file) if file.is_file() else b""
        texts += [part.decode("utf-8", "replace") for part in ([found] if isinstance(found, bytes) else found.values())]
    addresses = {address for text in texts for address in re.findall(r"[\w.+-]+@([\w.-]+\w)", text)}
    assert addresses == {"example.org"}


# --------------------------------------------------------------------------------------------- what stays inside


def test_no_small_count_stands_in_a_protected_table(dataset: Dataset) -> None:
    for table in dataset.tables:
        policy = table.disclosure
        if policy.method == "suppression":
            value = str(policy.value)
            shown = [int(row[value]) for row in expected(dataset, table.name) if row[value]]
            assert shown
            assert not [count for count in shown if 0 < count < (policy.threshold or 0)]


def test_hidden_employees_cannot_be_subtracted() -> None:
    """One hidden sex beside a shown total, or one hidden area beside the sum of all, would be no secret."""
    dataset = CATALOG.load("ansatte")
    rows = expected(dataset, "ansatte") + expected(dataset, "ansatte_sum")
    hidden: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in rows:
        if row["antall_status"] == ":":
            date, area, sex = row["referansedato"], row["tjenesteomraade_kode"], row["kjoenn"]
            assert row["antall"] == ""
            hidden[date, "sexes of", area].append(sex)
            hidden[date, "areas of", sex].append(area)
    assert len(hidden) > 8
    assert [place for place, cells in hidden.items() if len(cells) < 2] == []


def test_full_time_equivalents_are_hidden_wherever_heads_are() -> None:
    dataset = CATALOG.load("ansatte")
    heads = [row for row in expected(dataset, "ansatte_sum") if row["kjoenn"] == "ALLE" and row["antall_status"] == ":"]
    hidden = [row for row in expected(dataset, "aarsverk") if row["aarsverk_status"] == ":" and not row["aarsverk"]]
    place = ("referansedato", "tjenesteomraade_kode")
    assert heads
    assert [[row[column] for column in place] for row in hidden] == [[row[c] for c in place] for row in heads]


def test_exports_about_people_are_never_kept(dataset: Dataset) -> None:
    if dataset.domain in ("staffing", "whistleblowing"):
        assert not dataset.keep_raw
        assert dataset.retention_days["raw"] == 0
    if dataset.domain == "whistleblowing":
        assert dataset.release == "reviewed"


def test_whistleblowing_has_no_column_beyond_the_mandate() -> None:
    """No outcomes, no crossing, no area, no month: not in the data, and not in the contract either."""
    tables = {table.name: table for table in CATALOG.load("varsling").tables}
    columns = {name: [field["name"] for field in table.fields] for name, table in tables.items()}
    assert columns == {
        "varsling_saker": ["aar", "mottatt", "dekning"],
        "varsling_fordeling": ["aar", "dimensjon", "kategori", "antall", "antall_status"],
    }
    labels = {field["name"]: set(field.get("labels", ())) for field in tables["varsling_fordeling"].fields}
    assert labels["dimensjon"] == {"kanal", "type", "anonymitet"}
    assert labels["kategori"] == {"telefon", "brev", "web", "arbeidsmiljo", "anonym"}
    assert all(table.disclosure.method == "mandated" for table in tables.values())


# ---------------------------------------------------------------------------------------- the documents' figures

FIGURES = [
    ("driftstiltak", {"tiltak_id": "UST-2023-04", "aar": "2023"}, "beloep_kr", "-1100000"),
    ("driftstiltak", {"tiltak_id": "UST-2023-04A", "aar": "2023"}, "beloep_kr", "900000"),
    ("driftstiltak", {"tiltak_id": "UST-2023-04B", "aar": "2023"}, "beloep_kr", "200000"),
    ("regnskapsresultat", {"aar": "2018", "tjenesteomraade_kode": "ITA"}, "avvik_kr", "7500000"),
    ("regnskapsresultat", {"aar": "2018", "tjenesteomraade_kode": "ITA"}, "avvik_prosent", "1.4"),
    ("regnskapsresultat", {"aar": "2018", "tjenesteomraade_kode": "FV"}, "avvik_kr", "2300000"),
    ("regnskapsresultat", {"aar": "2018", "tjenesteomraade_kode": "KK"}, "avvik_kr", "1100000"),
    ("interne_arbeidsmarked", {"aar": "2017", "rapport": "Årsrapport 2017"}, "kostnad_kr", "10400000"),
    ("interne_arbeidsmarked", {"aar": "2017", "rapport": "Årsrapport 2018"}, "kostnad_kr", "14600000"),
    ("interne_arbeidsmarked", {"aar": "2017", "rapport": "Årsrapport 2018"}, "kostnad_kr_flagg", "r"),
    ("interne_arbeidsmarked", {"aar": "2018"}, "kostnad_kr", "14900000"),
    ("interne_arbeidsmarked", {"aar": "2018"}, "avvik_kr", "-3400000"),
    (
        "ansatte_sum",
        {"referansedato": "2018-01-15", "tjenesteomraade_kode": "ALLE", "kjoenn": "ALLE"},
        "antall",
        "14456",
    ),
    (
        "ansatte_sum",
        {"referansedato": "2019-01-15", "tjenesteomraade_kode": "ALLE", "kjoenn": "ALLE"},
        "antall",
        "14708",
    ),
    ("ansatte_sum", {"referansedato": "2019-01-15", "tjenesteomraade_kode": "ALLE", "kjoenn": "K"}, "antall", "11116"),
    ("ansatte_sum", {"referansedato": "2019-01-15", "tjenesteomraade_kode": "ALLE", "kjoenn": "M"}, "antall", "3592"),
    (
        "ansatte_sum",
        {"referansedato": "2019-12-31", "tjenesteomraade_kode": "ALLE", "kjoenn": "ALLE"},
        "antall",
        "14368",
    ),
    (
        "ansatte_sum",
        {"referansedato": "2020-12-31", "tjenesteomraade_kode": "ALLE", "kjoenn": "ALLE"},
        "antall",
        "14998",
    ),
    (
        "ansatte_sum",
        {"referansedato": "2020-12-31", "tjenesteomraade_kode": "OU", "kjoenn": "ALLE"},
        "antall_flagg",
        "b",
    ),
    ("antall_enheter", {"referansedato": "2019-01-01"}, "antall", "200"),
    ("rekruttering", {"aar": "2021"}, "prosesser", "1766"),
    ("rekruttering", {"aar": "2021"}, "soekere", "42578"),
    ("varsling_saker", {"aar": "2017"}, "mottatt", "4"),
    ("varsling_saker", {"aar": "2018"}, "mottatt", "4"),
    ("varsling_fordeling", {"aar": "2018", "kategori": "telefon"}, "antall", "1"),
    ("varsling_fordeling", {"aar": "2018", "kategori": "brev"}, "antall", "2"),
    ("varsling_fordeling", {"aar": "2018", "kategori": "web"}, "antall", "1"),
    ("varsling_fordeling", {"aar": "2018", "kategori": "arbeidsmiljo"}, "antall", "4"),
    ("varsling_fordeling", {"aar": "2018", "kategori": "anonym"}, "antall", "1"),
    ("varsling_fordeling", {"aar": "2017", "kategori": "brev"}, "antall_status", ".."),
]


@pytest.mark.parametrize(("table", "where", "column", "figure"), FIGURES)
def test_figure_of_the_municipality_s_documents(table: str, where: Row, column: str, figure: str) -> None:
    dataset = next(d for d in map(CATALOG.load, CATALOG.ids()) if table in {t.name for t in d.tables})
    rows = [row for row in expected(dataset, table) if where.items() <= row.items()]
    assert [row[column] for row in rows] == [figure]


def test_kostra_budget_keeps_the_rules_of_real_ones() -> None:
    rows = expected(CATALOG.load("budsjett-kostra"), "budsjett_kostra")
    balance: dict[tuple[str, ...], int] = defaultdict(int)
    for row in rows:
        amount = int(row["beloep_kr"])
        balance[row["vedtak_id"], row["aar"], "class", row["kontoklasse"]] += amount
        if row["art"] in ("570", "970"):
            balance[row["vedtak_id"], row["aar"], "transfer to investment"] += amount
    assert len(rows) >= 3000
    assert len(balance) == 6 * 3
    assert set(balance.values()) == {0}
    assert {row["art"] for row in rows} >= {"010", "020", "099"}
