"""Against the last version: what stops a build, what is told of it and to whom, and how one difference is accepted."""

import csv
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import apendata as apendata_package
from tests.functional.conftest import Ended, Run
from tests.functional.own_dataset import DEFINITION, OwnDataset, make
from tests.functional.test_cli import tree

LIMITS = """\
    drift:
      max_fewer_rows: 1
      max_more_rows: null
      max_changed_rows: null
      because: prøve
      values:
        - {column: type_kode, may_vanish: false, may_appear: false, because: Typene er fastsatt i forskrift.}
      sums:
        - {value: antall, per: [aar], max_percent: 10, max_amount: 100, because: Et år svinger sjelden mer.}
      history: {column: aar, still_open: 1, needs_reason: true, because: Avsluttede år er rapportert.}
"""
HEAD = "År;Type;Antall\n"
FIRST = HEAD + "2023;010;500000\n2023;020;340\n2024;010;1200\n2024;020;34\n"
REVISED = FIRST.replace("500000", "760000").replace("2023;020;340", "2023;020;341")
BECAUSE = "Regnskapet er rettet etter revisjonen"


@pytest.fixture
def own(tmp_path: Path) -> OwnDataset:
    own = make(tmp_path)
    text = re.sub(r"    checks:\n.*\n", "", DEFINITION)
    own.definition.write_text(re.sub(r"    drift: .*\n", LIMITS, text))
    own.export.write_text(FIRST, encoding="utf-8")
    return own


@pytest.fixture
def line(apendata: Run, own: OwnDataset) -> Run:
    def run(*arguments: str, **settings: str) -> Ended:
        return apendata(*arguments, **own.settings, **settings)

    assert run("run").code == 0
    return run


def change(own: OwnDataset, text: str) -> None:
    assert own.export.read_text() != text
    own.export.write_text(text, encoding="utf-8")


def stopped(line: Run, command: str = "build") -> dict[str, Any]:
    """The answer of a build that stops for drift, and the name of the difference in it."""
    said = line(command, "soeknader", "--json")
    assert said.code == 19
    result = said.line("soeknader")
    assert (result["outcome"], result["error"]) == ("FAILED", "DriftExceeded")
    return result


def difference(result: dict[str, Any]) -> str:
    (name,) = set(re.findall(r"--difference ([0-9a-f]{16}) ", json.dumps(result)))
    return name


def accept(line: Run, name: str, *more: str, because: str = BECAUSE) -> Ended:
    return line("accept", "soeknader", "--difference", name, "--because", because, *more)


def report(result: dict[str, Any], kind: str = "txt") -> str:
    return Path(result["report"]).with_suffix(f".{kind}").read_text(encoding="utf-8")


def changes(own: OwnDataset) -> list[dict[str, str]]:
    with (own.public / "latest" / "changes.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def descriptor(own: OwnDataset) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((own.public / "latest" / "datapackage.json").read_text(encoding="utf-8"))
    return document


# ----------------------------------------------------------------------------------------- what is told, and to whom


def test_the_report_says_it_in_words_and_the_answer_by_counts(line: Run, own: OwnDataset) -> None:
    change(own, REVISED)
    result = stopped(line)
    said = report(result)
    assert "«Søknader»: 2 verdier i 2023 er endret; de var publisert." in said
    assert "'2023, 010: antall 500000 → 760000' | '2023, 020: antall 340 → 341'" in said
    assert (
        "«Søknader»: summen av tekst for 2023 gikk fra 500\u00a0340 til 760\u00a0341 (+52\u00a0%). "
        "Grensen er 10 % og 100. Grunnen til grensen: Et år svinger sjelden mer." in said
    )
    assert said.index("verdier i 2023") < said.index("summen av") < said.index("apendata accept soeknader --difference")
    everything = json.dumps(result, ensure_ascii=False)
    for value in ("2023", "500340", "760341", "760000", "341"):
        assert value not in everything.replace(result["report"], ""), "values stand in the private report only"
    open_codes = [finding["code"] for finding in result["findings"]]
    assert open_codes == ["drift_history_changed", "drift_sums_moved", "drift_accept"]


def test_the_page_has_the_same_words_in_the_same_order(line: Run, own: OwnDataset) -> None:
    change(own, REVISED)
    page = report(stopped(line), "html").replace("\u00a0", " ")
    for parts in (("2 verdier i 2023", "gikk fra 500 340"), ("2 values of 2023", "went from 500,340")):
        assert page.index(parts[0]) < page.index(parts[1])


def test_a_type_that_vanishes_is_named_with_its_rows(line: Run, own: OwnDataset) -> None:
    change(own, HEAD + "2023;010;500000\n2024;010;1200\n")
    result = stopped(line)
    found = {part["code"]: part["text"] for part in json.loads(report(result, "json"))["findings"]}
    assert found["drift_value_gone"]["nb"].startswith("«Søknader»: tekst 020 er borte. 2 rader i forrige utgivelse.")
    assert found["drift_value_gone"]["en"].startswith("«Applications»: tekst 020 is gone. 2 rows in the last release.")
    assert found["drift_period_rows_gone"]["en"].startswith("«Applications»: 1 row of 2023 is gone; it was published.")
    assert "020" not in json.dumps([part["text"] for part in result["findings"]])


def test_on_a_terminal_the_way_out_is_told(line: Run, own: OwnDataset) -> None:
    change(own, REVISED)
    said = line("build", "soeknader")
    assert "apendata accept soeknader --difference" in said.out
    assert "Begrunnelsen blir lest av alle" in said.out
    assert "Everybody can read the reason" in line("build", "soeknader", "--language", "en").out


def test_diff_tells_the_same_and_writes_no_version(line: Run, own: OwnDataset) -> None:
    change(own, REVISED)
    before = tree(own.public.parent)
    foretold = stopped(line, "diff")
    assert difference(foretold) == difference(stopped(line))
    assert [c["rule"] for c in foretold["changes"]] == ["values_revised"]
    assert tree(own.public.parent) == before
    assert len(line("history", "soeknader", "--json").document["versions"]) == 1
    assert "--difference" in line("diff", "soeknader").out


# --------------------------------------------------------------------------------------------------- an acceptance


def test_what_is_accepted_is_built_once_and_another_difference_stops_again(line: Run, own: OwnDataset) -> None:
    change(own, REVISED)
    name = difference(stopped(line))
    assert accept(line, name, "--by", "økonomisjefen").code == 0
    (listed,) = line("list", "--json").document["datasets"]
    assert listed["why"] == f"the difference {name} is accepted, and waits for its build: {BECAUSE}"
    assert line("diff", "soeknader").code == 0
    built = line("run", "--json").line("soeknader")
    assert (built["outcome"], built["version"]) == ("PUBLISHED", "1.0.1")
    assert line("run", "--json").line("soeknader")["outcome"] == "UNCHANGED"

    change(own, REVISED.replace("760000", "990000"))
    assert difference(stopped(line)) != name
    assert line("verify").code == 0


def test_readers_see_that_it_was_accepted_and_why(line: Run, own: OwnDataset) -> None:
    change(own, REVISED)
    accept(line, difference(stopped(line)), "--by", "økonomisjefen")
    assert line("run").code == 0
    assert {(c["noekkel"], c["grunn"]) for c in changes(own)} == {
        ('{"aar":2023,"type_kode":"010"}', BECAUSE),
        ('{"aar":2023,"type_kode":"020"}', BECAUSE),
    }
    told = [c for c in descriptor(own)["changes"] if c["rule"] == "difference_accepted"]
    assert told == [{"rule": "difference_accepted", "level": "release", "count": 1, "details": {"because": BECAUSE}}]
    assert BECAUSE in (own.public / "index.html").read_text(encoding="utf-8")
    public = b"".join(path.read_bytes() for path in own.public.rglob("*") if path.is_file())
    assert "økonomisjefen".encode() not in public
    ledger = (own.folder / "lake" / "internal" / "ledger" / "soeknader.jsonl").read_text(encoding="utf-8")
    assert "økonomisjefen" in ledger


def test_the_open_year_has_no_reason_it_was_not_given(line: Run, own: OwnDataset) -> None:
    change(own, REVISED.replace("2024;020;34", "2024;020;35"))
    accept(line, difference(stopped(line)))
    assert line("run").code == 0
    assert {(json.loads(c["noekkel"])["aar"], c["grunn"]) for c in changes(own)} == {(2023, BECAUSE), (2024, "")}


def test_another_export_definition_or_release_voids_it(line: Run, own: OwnDataset) -> None:
    change(own, REVISED)
    name = difference(stopped(line))
    assert accept(line, name).code == 0
    text = own.definition.read_text()
    own.definition.write_text(text + "# en bemerkning\n")
    assert difference(stopped(line)) != name
    own.definition.write_text(text)

    change(own, REVISED.replace("760000", "760001"))
    assert difference(stopped(line)) != name

    change(own, FIRST.replace("2024;020;34", "2024;020;35"))  # nothing that stops, and a new release
    assert line("run", "--json").line("soeknader")["version"] == "1.0.1"
    change(own, REVISED)
    assert difference(stopped(line)) != name


def test_the_same_rows_in_another_file_are_the_same_difference(line: Run, own: OwnDataset) -> None:
    change(own, REVISED)
    accept(line, difference(stopped(line)))
    change(own, REVISED.replace("760000", "760\u00a0000"))
    assert line("run", "--json").line("soeknader")["version"] == "1.0.1"


def test_what_is_public_already_does_not_stop_after_a_rollback(line: Run, own: OwnDataset) -> None:
    change(own, REVISED)
    accept(line, difference(stopped(line)))
    assert line("run").code == 0
    assert line("rollback", "soeknader", "1.0.0", "--because", "feil").code == 0
    own.definition.write_text(own.definition.read_text() + "# en bemerkning\n")
    assert line("build", "soeknader", "--json").line("soeknader")["outcome"] == "UNCHANGED"
    assert line("diff", "soeknader").code == 0


def test_a_wrong_name_says_which_difference_stands(line: Run, own: OwnDataset) -> None:
    change(own, REVISED)
    name = difference(stopped(line))
    said = accept(line, "0123456789abcdef", "--json")
    assert said.code == 24
    assert name in said.line("soeknader")["message"]
    change(own, FIRST)
    said = accept(line, name, "--json")
    assert said.code == 24
    assert "needs no acceptance" in said.line("soeknader")["message"]
    assert line("run", "--json").line("soeknader")["outcome"] == "UNCHANGED"


def test_a_used_one_is_not_used_again(line: Run, own: OwnDataset) -> None:
    change(own, REVISED)
    name = difference(stopped(line))
    accept(line, name)
    assert line("run").code == 0
    said = accept(line, name, "--json")
    assert (said.code, "1.0.1" in said.line("soeknader")["message"]) == (26, True)


def test_two_stewards_do_not_write_over_each_other(line: Run, own: OwnDataset) -> None:
    change(own, REVISED)
    name = difference(stopped(line))
    assert accept(line, name, "--by", "økonomi").code == 0
    said = accept(line, name, "--by", " økonomi", because=BECAUSE.replace(" ", "\n"))
    assert said.code == 0, "saying it again is no mistake"
    said = accept(line, name, "--json", because="En annen grunn")
    assert (said.code, "økonomi" in said.line("soeknader")["message"]) == (25, True)

    taken = line("accept", "soeknader", "--difference", name, "--take-back", "--json")
    assert taken.document["taken_back"] is True
    assert stopped(line)
    assert accept(line, name, because="En annen grunn").code == 0
    assert line("run").code == 0
    assert {c["grunn"] for c in changes(own)} == {"En annen grunn"}


def test_of_two_stewards_at_the_same_moment_one_is_told_of_the_other(line: Run, own: OwnDataset) -> None:
    change(own, REVISED)
    name = difference(stopped(line))
    words = [sys.executable, "-m", "apendata", "accept", "soeknader", "--difference", name, "--because"]
    both = [
        subprocess.Popen([*words, because], cwd=own.folder, env=own.environment | _path(), stdout=subprocess.PIPE)
        for because in ("En grunn", "En annen grunn")
    ]
    for process in both:
        process.communicate(timeout=60)
    assert sorted(process.returncode for process in both) == [0, 25]
    assert line("run").code == 0
    (told,) = [c["details"]["because"] for c in descriptor(own)["changes"] if c["rule"] == "difference_accepted"]
    assert told == ("En grunn" if both[0].returncode == 0 else "En annen grunn")


def _path() -> dict[str, str]:
    """Where this apendata is, for a process of its own."""
    return {"PYTHONPATH": str(Path(apendata_package.__file__).parents[1])}


@pytest.mark.parametrize("because", ["", " \n ", "\x1b[2J", "x" * 501, "=1+1", "Rettet for 01017710016"])
def test_a_reason_that_readers_could_not_be_shown_is_refused(line: Run, own: OwnDataset, because: str) -> None:
    change(own, REVISED)
    name = difference(stopped(line))
    said = accept(line, name, "--language", "nb", because=because)
    assert said.code == 64
    assert "Kommandoen kunne ikke utføres slik den er skrevet" in said.out
    assert "egrunnelse" in said.out.split("Kommandoen", 1)[1]
    assert "Readers see" not in said.out.split("Kommandoen", 1)[1]
    assert stopped(line)


@pytest.mark.parametrize("words", [("--by", "\x1b[2J"), ("--by", "\udc80"), ("--by", "Rolle 01017710016")])
def test_a_role_is_a_text_too(line: Run, own: OwnDataset, words: tuple[str, str]) -> None:
    change(own, REVISED)
    assert accept(line, difference(stopped(line)), *words).code == 64
    assert stopped(line)


@pytest.mark.parametrize("name", ["", "siste", "0123456789abcdeg", "0123456789abcdef0", "\udc80" * 16])
def test_a_name_that_none_can_be_is_refused(line: Run, own: OwnDataset, name: str) -> None:
    change(own, REVISED)
    assert accept(line, name).code == 64


def test_a_reason_must_be_given(line: Run, own: OwnDataset) -> None:
    change(own, REVISED)
    assert line("accept", "soeknader", "--difference", difference(stopped(line))).code == 64


# --------------------------------------------------------------------------------------------- reasons for history


def with_revision(own: OwnDataset, where: str) -> None:
    text = own.definition.read_text()
    revisions = (
        f"    revisions:\n      - {{where: {{{where}}}, because: {{nb: Rettet i regnskapet., en: Corrected.}}}}\n"
    )
    own.definition.write_text(text.replace("    disclosure:", f"{revisions}    disclosure:"))


def test_revisions_in_the_definition_are_reason_enough(line: Run, own: OwnDataset) -> None:
    change(own, FIRST.replace("2023;020;340", "2023;020;341"))
    assert [f["code"] for f in stopped(line)["findings"]] == ["drift_history_changed", "drift_accept"]
    with_revision(own, "aar: 2023")
    assert line("run", "--json").line("soeknader")["version"] == "1.0.1"
    assert [(c["gammel_verdi"], c["ny_verdi"], c["grunn"]) for c in changes(own)] == [
        ("340", "341", "Rettet i regnskapet.")
    ]
    assert "difference_accepted" not in {c["rule"] for c in descriptor(own)["changes"]}


def test_what_the_revisions_do_not_cover_still_stops(line: Run, own: OwnDataset) -> None:
    change(own, REVISED)
    with_revision(own, "aar: 2023, type_kode: '010'")
    result = stopped(line)
    assert "1 verdi i 2023 er endret; den var publisert." in report(result)


def test_a_row_put_into_history_has_its_reason_too(line: Run, own: OwnDataset) -> None:
    own.definition.write_text(own.definition.read_text().replace("may_appear: false", "may_appear: true"))
    change(own, FIRST + "2023;030;9\n2025;010;1\n")
    result = stopped(line)
    assert "1 rad er satt inn i 2023, som var publisert og avsluttet." in report(result)
    accept(line, difference(result))
    assert line("run").code == 0
    assert [(json.loads(c["noekkel"])["aar"], c["endring"], c["grunn"]) for c in changes(own)] == [
        (2023, "ny", BECAUSE),
        (2025, "ny", ""),
    ]


# ----------------------------------------------------------------------------------------- breaks stand on their rows

FLAGS = """\
    flags:
      - {column: antall, flag: b, where: {aar: 2024}, because: {nb: Ny lov fra 2024., en: A new law from 2024.}}
      - {column: antall_flagg, flag: b, where: {type_kode: "020", aar: 2024}, because: {nb: Ny type., en: New type.}}
      - {column: antall, flag: p, where: {aar: 2024, type_kode: "010"}, because: {nb: Foreløpig., en: Provisional.}}
"""


def with_flags(own: OwnDataset, flags: str = FLAGS) -> None:
    schema = own.folder / "schemas" / "soeknader.schema.json"
    document = json.loads(schema.read_text())
    if "antall_flagg" not in {field["name"] for field in document["fields"]}:
        texts = dict.fromkeys(("title", "title_en", "description", "description_en"), "flagg")
        document["fields"].append(
            {"name": "antall_flagg", "type": "string", "constraints": {"enum": ["b", "p", "bp"]}, **texts}
        )
        schema.write_text(json.dumps(document))
    own.definition.write_text(own.definition.read_text().replace("    disclosure:", f"{flags}    disclosure:"))


def flags_of(own: OwnDataset) -> dict[tuple[str, str], str]:
    with (own.public / "latest" / "soeknader.csv").open(encoding="utf-8", newline="") as stream:
        return {(row["aar"], row["type_kode"]): row["antall_flagg"] for row in csv.DictReader(stream)}


def test_a_break_in_the_series_stands_on_every_row_it_touches(apendata: Run, own: OwnDataset) -> None:
    with_flags(own)
    assert apendata("run", **own.settings).code == 0
    assert flags_of(own) == {("2023", "010"): "", ("2023", "020"): "", ("2024", "010"): "bp", ("2024", "020"): "b"}
    (resource,) = descriptor(own)["resources"]
    assert [(flag["field"], flag["flag"], flag["note"], flag["note_en"]) for flag in resource["flags"]] == [
        ("antall_flagg", "b", "Ny lov fra 2024.", "A new law from 2024."),
        ("antall_flagg", "b", "Ny type.", "New type."),
        ("antall_flagg", "p", "Foreløpig.", "Provisional."),
    ]
    assert "Ny lov fra 2024." in (own.public / "index.html").read_text(encoding="utf-8")


def test_a_flag_put_on_history_has_its_own_reason_and_stands_in_changes(apendata: Run, own: OwnDataset) -> None:
    with_flags(own)
    assert apendata("run", **own.settings).code == 0
    more = FLAGS.replace("    flags:\n", "") + FLAGS.splitlines(keepends=True)[1].replace("aar: 2024", "aar: 2023")
    own.definition.write_text(own.definition.read_text().replace(FLAGS, "    flags:\n" + more))
    said = apendata("run", "--json", **own.settings).line("soeknader")
    assert said["outcome"] == "PUBLISHED", said["message"]
    assert flags_of(own)["2023", "010"] == "b"
    lines = [(c["noekkel"], c["kolonne"], c["gammel_verdi"], c["ny_verdi"]) for c in changes(own)]
    assert lines == [
        ('{"aar":2023,"type_kode":"010"}', "antall_flagg", "", "b"),
        ('{"aar":2023,"type_kode":"020"}', "antall_flagg", "", "b"),
    ]
