"""The acceptance table of the domain, cases 1 to 12, 17 and 18: what a cell means, what is refused, what is kept.

Each case is a whole night on a small export: what readers then find in the published CSV, or how the night ended.
Cases 4, 6, 8 and 9 are also run on the real files of other publishers (``test_real_exports.py``), case 17 through a
real CKAN (``tests/live/test_datasets.py``).
"""

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from apendata import app
from apendata.model import Check, Outcome
from apendata.pipeline import Result
from apendata.settings import Settings
from apendata.validation import validate
from tests.functional.own_dataset import SCHEMA, OwnDataset, make
from tests.unit.validation.made import FIRST_ROW, dataset, field, reading, table

NBSP, NARROW = "\u00a0", "\u202f"


@dataclass(frozen=True)
class Trial:
    """A small dataset with one column of numbers, and a lake of its own."""

    own: OwnDataset

    def night(self, *numbers: str, marks: str = "{}", **changes: str) -> Result:
        """Publish an export with these numbers, one a year from 2001, under these marks."""
        rows = "".join(f"{2001 + at};010;{number}\n" for at, number in enumerate(numbers))
        return self.of_rows(rows, marks=marks, **changes)

    def of_rows(self, rows: str, *, marks: str = "{}", checks: str = "", more: str = "") -> Result:
        """Publish an export of these rows: year, type, number."""
        text = self.own.definition.read_text(encoding="utf-8")
        start, end = text.index("    marks:"), text.index("tables:")
        text = f"{text[:start]}    marks: {marks}\n{more}{text[end:]}"
        start, end = (
            text.index("    checks:") if "    checks:" in text else text.index("    disclosure:"),
            text.index("    disclosure:"),
        )
        text = text[:start] + checks + text[end:]
        self.own.definition.write_text(text, encoding="utf-8")
        self.own.export.write_text("År;Type;Antall\n" + rows, encoding="utf-8")
        return self.house.run("soeknader")

    @property
    def house(self) -> app.App:
        values = {"APENDATA_LAKE": str(self.own.folder / "lake"), **self.own.settings}
        return app.load(Settings.from_mapping(values, self.own.folder))

    @property
    def released(self) -> list[dict[str, str]]:
        """What readers find."""
        text = (self.own.public / "latest" / "soeknader.csv").read_text(encoding="utf-8")
        return list(csv.DictReader(io.StringIO(text)))

    @property
    def numbers(self) -> list[str]:
        return [row["antall"] for row in self.released]


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    own = make(tmp_path)
    schema = json.loads(json.dumps(SCHEMA))
    schema["fields"][2]["constraints"] = {}
    (tmp_path / "schemas" / "soeknader.schema.json").write_text(json.dumps(schema), encoding="utf-8")
    return Trial(own)


def test_1_a_dot_is_a_thousand_mark_only_where_it_is_declared(trial: Trial) -> None:
    assert trial.night("42.578", marks="{thousands: [point]}").outcome is Outcome.PUBLISHED
    assert trial.numbers == ["42578"]


def test_1_undeclared_it_is_an_error_and_never_forty_two(trial: Trial) -> None:
    result = trial.night("42.578")
    assert result.outcome is Outcome.FAILED
    assert result.error is not None
    assert result.error.findings[0].code == "undeclared_mark"


def test_2_a_number_with_and_without_blanks_of_any_kind_is_one_number(trial: Trial) -> None:
    marks = "{thousands: [space, nbsp, narrow_nbsp]}"
    trial.night("11 116", "3592", f"11{NBSP}116", f"11{NARROW}116", marks=marks)
    assert trial.numbers == ["11116", "3592", "11116", "11116"]


def test_3_the_true_minus_sign_is_a_minus_where_it_is_declared(trial: Trial) -> None:
    trial.night("−259 038", marks="{thousands: [space], minus: [u2212, hyphen]}")
    assert trial.numbers == ["-259038"]


def test_4_a_dash_is_zero_for_one_publisher_and_hidden_for_another(trial: Trial) -> None:
    trial.night("-", "5", marks='{zero: ["-"]}')
    assert trial.numbers == ["0", "5"]


def test_4_and_the_other_way_round(trial: Trial) -> None:
    trial.night("-", "5", marks='{hidden: ["-"]}')
    assert [(row["antall"], row["antall_status"]) for row in trial.released] == [("", ":"), ("5", "")]


def test_5_words_for_a_thousand_and_a_million_add_up_to_zero(trial: Trial) -> None:
    balanced = (
        "    checks:\n      - {kind: control_total, value: antall, equals: 0, because: Omprioriteringen går i null.}\n"
    )
    marks = "{decimal: point, scale_words: {mill: 1000000, k: 1000}}"
    result = trial.of_rows("2001;010;-1.1mill\n2001;020;0.9mill\n2001;030;200k\n", marks=marks, checks=balanced)
    assert result.outcome is Outcome.PUBLISHED, result.why
    assert trial.numbers == ["-1100000", "900000", "200000"]


def test_7_equal_keys_are_added_up_and_never_thrown_away_and_a_spreadsheet_error_is_one_finding(trial: Trial) -> None:
    """A look-alike of Stavanger's proposal: false duplicates that sum to zero, and one ``#I/T``."""
    definition = trial.own.definition
    text = definition.read_text(encoding="utf-8").replace(
        "    from: uttrekk\n", "    from: uttrekk\n    same_key: {add: true, because: Ett bilag på flere linjer.}\n"
    )
    definition.write_text(text, encoding="utf-8")
    rows = "2001;010;100\n2001;010;100\n2001;020;-200\n"
    zero = "    checks:\n      - {kind: balances, value: antall, per: [aar]}\n"
    assert trial.of_rows(rows, checks=zero).outcome is Outcome.PUBLISHED
    assert trial.numbers == ["200", "-200"]
    failed = trial.of_rows(rows.replace("-200", "#I/T"), checks=zero)
    assert failed.error is not None
    assert [(f.code, f.count) for f in failed.error.findings] == [("undeclared_mark", 1)]


def test_10_women_and_men_are_the_total_at_each_date_and_a_year_may_have_two(tmp_path: Path, root: Path) -> None:
    """The seeds' own figures, in the sample of ``ansatte``: 15 January became 31 December, so 2019 stands twice."""
    values = {
        "APENDATA_LAKE": str(tmp_path / "lake"),
        "APENDATA_DATASETS": str(root / "datasets"),
        "APENDATA_SCHEMAS": str(root / "schemas"),
    }
    house = app.load(Settings.from_mapping(values, tmp_path).on_samples())
    assert house.run("ansatte").outcome is Outcome.PUBLISHED
    text = (tmp_path / "lake/public/ansatte/latest/ansatte_sum.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    everybody = {r["referansedato"]: r for r in rows if r["kjoenn"] == "ALLE" and r["tjenesteomraade_kode"] == "ALLE"}
    by_sex = [
        sum(
            int(r["antall"])
            for r in rows
            if r["referansedato"] == date and r["kjoenn"] in "KM" and r["tjenesteomraade_kode"] == "ALLE"
        )
        for date in everybody
    ]
    assert [int(row["antall"]) for row in everybody.values()] == [14456, 14708, 14368, 14998]
    assert by_sex == [14456, 14708, 14368, 14998]
    assert [date[:4] for date in everybody] == ["2018", "2019", "2019", "2020"]
    assert "b" in everybody["2019-12-31"]["antall_flagg"]


def test_11_a_figure_that_was_revised_is_recorded_and_not_written_over(tmp_path: Path, root: Path) -> None:
    """DIA 2017: 10,4 million in one report, 14,6 in the next; both stand, and the second is marked."""
    text = (root / "datasets/regnskapsresultat/sample/expected/interne_arbeidsmarked.csv").read_text(encoding="utf-8")
    of_2017 = [row for row in csv.DictReader(io.StringIO(text)) if row["aar"] == "2017"]
    assert [(row["kostnad_kr"], row["kostnad_kr_flagg"]) for row in of_2017] == [("10400000", ""), ("14600000", "r")]


def test_12_a_share_that_its_amount_does_not_bear_out_is_doubted(tmp_path: Path, root: Path) -> None:
    """8,8 million and «0,3 %» for 2017 imply a budget of 2,9 milliard beside 0,54: the two cannot both be right."""
    words = {"share": "avvik_prosent", "of": "avvik_kr", "per": [], "times": 2}
    doubted = Check("bears_out", words, "årsrapportene 2017 til 2019", "warning")
    fields = [field("aar", "year"), field("avvik_kr", "integer"), field("avvik_prosent", "number", decimals=1)]
    reports = {
        "aar": ["2017", "2018", "2019"],
        "avvik_kr": ["8800000", "7500000", "4800000"],
        "avvik_prosent": ["0.3", "1.4", "1.0"],
    }
    result = table("regnskapsresultat", fields, ["aar"], checks=[doubted])
    (found,) = validate(dataset(result), reading({"regnskapsresultat": reports})).findings
    assert (found.code, found.severity, found.places[0].row) == ("share_not_borne_out", "warning", FIRST_ROW)
    definition = (root / "datasets/regnskapsresultat/dataset.yaml").read_text(encoding="utf-8")
    assert "kind: bears_out" in definition, "the real dataset asks it too"


def test_17_a_code_keeps_its_leading_zero(trial: Trial) -> None:
    trial.night("1")
    assert [row["type_kode"] for row in trial.released] == ["010"]


def test_18_parquet_and_csv_say_the_same(trial: Trial) -> None:
    trial.night("1", ":", "", marks='{hidden: [":"], missing: [""]}')
    table = pq.read_table(trial.own.public / "latest" / "soeknader.parquet").to_pylist()
    as_texts = [{name: "" if value is None else str(value) for name, value in row.items()} for row in table]
    assert as_texts == trial.released
    assert [row["antall_status"] for row in trial.released] == ["", ":", ".."]
