"""The command line as its users have it: every command, its answer in both forms, its exit code."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from apendata.lake import Lake
from apendata.model import VersionNumber
from tests.functional.conftest import Run
from tests.functional.own_dataset import EXPORT, OwnDataset, make


@pytest.fixture
def own(tmp_path: Path) -> OwnDataset:
    return make(tmp_path)


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file and link below a folder: its time and its content."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mtime_ns,
            str(path.readlink()).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b"",
        )
        for path in sorted(folder.rglob("*"))
    }


def test_run_publishes_and_a_second_run_writes_nothing(apendata: Run, own: OwnDataset) -> None:
    first = apendata("run", "--json", **own.settings)
    assert first.code == 0, first.err
    assert sum(account["rows"] for account in first.line("soeknader")["accounts"]) == len(EXPORT.splitlines())
    assert first.line("soeknader")["outcome"] == "PUBLISHED"
    assert first.line("soeknader")["version"] == "1.0.0"
    assert (own.public / "latest" / "soeknader.csv").read_text() == (
        "aar,type_kode,antall,antall_status\n2024,010,1200,\n2024,020,34,\n2025,010,1300,\n2025,020,,..\n"
    )
    before = tree(own.public.parent)
    second = apendata("run", "--json", **own.settings)
    assert second.line("soeknader")["outcome"] == "UNCHANGED"
    assert tree(own.public.parent) == before


def test_a_revised_number_is_a_new_release_and_a_line_in_the_changelog(apendata: Run, own: OwnDataset) -> None:
    apendata("run", **own.settings)
    own.export.write_text(EXPORT.replace("1\u00a0300", "1\u00a0301"), encoding="utf-8")
    result = apendata("run", "--json", **own.settings).line("soeknader")
    assert (result["outcome"], result["version"]) == ("PUBLISHED", "1.0.1")
    changes = (own.public / "latest" / "changes.csv").read_text()
    assert "1300" in changes
    assert "1301" in changes
    assert (own.public / "v1.0.0" / "soeknader.csv").exists()


def test_a_failure_leaves_the_last_release_and_says_where_and_what(apendata: Run, own: OwnDataset) -> None:
    apendata("run", **own.settings)
    before = tree(own.public.parent)
    own.export.write_text(EXPORT.replace("2024;020;34", "2024;020;42.578"), encoding="utf-8")
    failed = apendata("run", **own.settings)
    assert failed.code == 14
    assert "soeknader.csv" in failed.out
    assert "line 3" in failed.out
    assert "Antall" in failed.out
    assert "42.578" not in failed.out + failed.err
    assert tree(own.public.parent) == before
    again = apendata("run", "--json", **own.settings).line("soeknader")
    assert [finding["code"] for finding in again["findings"]] == ["undeclared_mark"]
    reports = list((own.folder / "lake" / "internal" / "reports" / "soeknader").glob("*.txt"))
    assert any("42.578" in report.read_text() for report in reports)
    assert {report.stat().st_mode & 0o777 for report in reports} == {0o600}


def test_every_failure_is_listed_and_the_gravest_decides_the_code(apendata: Run, own: OwnDataset) -> None:
    own.export.write_text(EXPORT.replace("1\u00a0200", "1\u00a0201"), encoding="utf-8")
    broken = own.folder / "datasets" / "annet" / "dataset.yaml"
    broken.parent.mkdir()
    broken.write_text("title: feil\n")
    ended = apendata("run", "--json", **own.settings)
    errors = {result["dataset"]: result["error"] for result in ended.document["results"]}
    assert errors == {"annet": "DefinitionError", "soeknader": "DataRejected"}
    assert ended.code == ended.document["exit_code"] == 10


def test_rollback_holds_until_the_source_changes(apendata: Run, own: OwnDataset) -> None:
    apendata("run", **own.settings)
    own.export.write_text(EXPORT.replace("1\u00a0300", "1\u00a0301"), encoding="utf-8")
    apendata("run", **own.settings)
    back = apendata("rollback", "soeknader", "1.0.0", "--because", "feil tall", "--json", **own.settings)
    assert back.line("soeknader")["outcome"] == "HELD"
    assert "1300" in (own.public / "latest" / "soeknader.csv").read_text()
    night = apendata("run", "--json", **own.settings).line("soeknader")
    assert night["outcome"] == "HELD"
    assert "feil tall" in night["why"]
    assert "1300" in (own.public / "latest" / "soeknader.csv").read_text()
    own.export.write_text(EXPORT.replace("1\u00a0300", "1\u00a0302"), encoding="utf-8")
    assert apendata("run", "--json", **own.settings).line("soeknader")["outcome"] == "PUBLISHED"
    assert "1302" in (own.public / "latest" / "soeknader.csv").read_text()


def test_the_night_ends_a_rollback_that_died_half_way(apendata: Run, own: OwnDataset) -> None:
    apendata("run", **own.settings)
    own.export.write_text(EXPORT.replace("1\u00a0300", "1\u00a0301"), encoding="utf-8")
    apendata("run", **own.settings)
    lake = Lake.open(own.folder / "lake")
    with lake.lock("soeknader"):
        lake.hold("soeknader", VersionNumber(1, 0, 0), "feil tall")  # and then the process died
    assert "1301" in (own.public / "latest" / "soeknader.csv").read_text()
    assert apendata("run", "--json", **own.settings).line("soeknader")["outcome"] == "HELD"
    assert "1300" in (own.public / "latest" / "soeknader.csv").read_text()


def test_resume_ends_a_hold(apendata: Run, own: OwnDataset) -> None:
    apendata("run", **own.settings)
    own.export.write_text(EXPORT.replace("1\u00a0300", "1\u00a0301"), encoding="utf-8")
    apendata("run", **own.settings)
    apendata("rollback", "soeknader", "1.0.0", "--because", "prøve", **own.settings)
    assert apendata("resume", "soeknader", "--json", **own.settings).document["was_held"] is True
    assert apendata("run", "--json", **own.settings).line("soeknader")["outcome"] == "PUBLISHED"
    assert "1301" in (own.public / "latest" / "soeknader.csv").read_text()
    assert apendata("resume", "soeknader", "--json", **own.settings).document["was_held"] is False


def test_check_and_diff_publish_and_commit_nothing(apendata: Run, own: OwnDataset) -> None:
    checked = apendata("check", **own.settings)
    assert checked.code == 0
    assert "soeknader.csv: 5 rader = 1 overskrift + 4 til data" in checked.out
    assert not own.public.exists()
    assert apendata("history", "soeknader", "--json", **own.settings).document["versions"] == []
    apendata("run", **own.settings)
    before = tree(own.public.parent)
    own.export.write_text(EXPORT + "2026;010;7\n", encoding="utf-8")
    difference = apendata("diff", "soeknader", "--json", **own.settings).line("soeknader")
    assert [change["rule"] for change in difference["changes"]] == ["rows_appended"]
    assert tree(own.public.parent) == before
    assert len(apendata("history", "soeknader", "--json", **own.settings).document["versions"]) == 1


def test_another_export_can_be_named(apendata: Run, own: OwnDataset, tmp_path: Path) -> None:
    other = tmp_path / "annen.csv"
    other.write_text(EXPORT.replace("1\u00a0300", "9"), encoding="utf-8")
    ended = apendata("run", "--source", f"soeknader={other}", "--json", **own.settings)
    assert ended.code == 0, ended.out
    assert "2025,010,9," in (own.public / "latest" / "soeknader.csv").read_text()


def test_a_vanished_export_is_an_error_not_a_deletion(apendata: Run, own: OwnDataset) -> None:
    apendata("run", **own.settings)
    before = tree(own.public.parent)
    own.export.unlink()
    ended = apendata("run", **own.settings)
    assert ended.code == 11
    assert tree(own.public.parent) == before


def test_verify_finds_a_changed_byte(apendata: Run, own: OwnDataset) -> None:
    apendata("run", **own.settings)
    assert apendata("verify", **own.settings).code == 0
    file = own.public / "v1.0.0" / "soeknader.csv"
    file.chmod(0o644)
    file.write_text(file.read_text().replace("1200", "1201"))
    ended = apendata("verify", "--json", **own.settings)
    assert ended.code == 22
    assert ended.document["problems"]


def test_purge_keeps_what_is_young(apendata: Run, own: OwnDataset) -> None:
    apendata("run", **own.settings)
    assert apendata("purge", "--json", **own.settings).document["removed"] == []


def test_list_shows_every_dataset_and_what_is_released(apendata: Run, own: OwnDataset) -> None:
    apendata("run", **own.settings)
    (line,) = apendata("list", "--json", **own.settings).document["datasets"]
    assert line["dataset"] == "soeknader"
    assert line["released"] == "site 1.0.0"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("publsh",),
        ("run", "finnes-ikke"),
        ("run", "--source", "x"),
        ("rollback", "soeknader", "1.0", "--because", "x"),
    ],
)
def test_usage_errors_exit_64(apendata: Run, own: OwnDataset, arguments: tuple[str, ...]) -> None:
    ended = apendata(*arguments, **own.settings)
    assert ended.code == 64
    assert ended.err.startswith("apendata: ")
    assert "Traceback" not in ended.err


def test_a_misspelt_setting_is_refused(apendata: Run, own: OwnDataset) -> None:
    ended = apendata("list", **own.settings, APENDATA_LAK="x")
    assert ended.code == 64
    assert "APENDATA_LAK" in ended.err


def test_json_is_one_document_and_nothing_else(apendata: Run, own: OwnDataset) -> None:
    for command in (["list"], ["check"], ["run"], ["history", "soeknader"], ["verify"], ["run", "nei"]):
        ended = apendata(*command, "--json", **own.settings)
        assert json.loads(ended.out)["exit_code"] == ended.code
        assert ended.err == ""


def test_two_runs_at_once_one_waits_or_stops_cleanly(own: OwnDataset, root: Path) -> None:
    command = [sys.executable, "-m", "apendata", "run", "--json"]
    both = [subprocess.Popen(command, env=own.environment, cwd=own.folder, stdout=subprocess.PIPE) for _ in range(2)]
    outcomes = [json.loads(process.communicate(timeout=120)[0])["results"][0]["outcome"] for process in both]
    assert sorted(outcomes) == ["PUBLISHED", "UNCHANGED"]


def test_serve_shows_the_public_tree_and_nothing_else(apendata: Run, own: OwnDataset) -> None:
    apendata("run", **own.settings)
    command = [sys.executable, "-m", "apendata", "serve", "--port", "0", "--json"]
    with subprocess.Popen(command, env=own.environment, cwd=own.folder, stderr=subprocess.PIPE) as process:
        try:
            assert process.stderr is not None
            address = json.loads(process.stderr.readline())["address"]
            assert address.startswith("http://127.0.0.1:")
            with urllib.request.urlopen(address + "soeknader/latest/soeknader.csv", timeout=10) as answer:
                assert answer.read().startswith(b"aar,")
            for outside in ("../internal/state/soeknader.json", "%2e%2e/internal/", "soeknader/v1.0.0/"):
                with pytest.raises(urllib.error.HTTPError) as refused:
                    urllib.request.urlopen(address + outside, timeout=10)
                refused.value.close()
        finally:
            process.kill()


@pytest.mark.parametrize("port", ["80000", "-1"])
def test_serve_refuses_what_is_no_port(apendata: Run, own: OwnDataset, port: str) -> None:
    apendata("run", **own.settings)
    assert apendata("serve", "--port", port, **own.settings).code == 64


def test_help_answers_at_once_without_heavy_imports() -> None:
    code = "import sys; from apendata.cli import main\n"
    code += "try: main(['--help'])\nexcept SystemExit: pass\nprint(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    heavy = {"pyarrow", "pandas", "frictionless", "scipy", "prefect", "jinja2", "rich"}
    assert not heavy & set(done.stdout.rsplit("[", 1)[1].replace("'", "").replace("]", "").split(", "))


def test_interrupting_is_quiet(own: OwnDataset) -> None:
    # A shell's background jobs ignore Ctrl-C and hand that down, so it is made audible again first.
    code = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code += "from apendata.cli import main; sys.exit(main(['run']))"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, env=own.environment, cwd=own.folder, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            assert process.stderr.readline() == "soeknader: fetch\n"
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 130
    assert "Traceback" not in err


def test_a_folder_with_an_impossible_name_fails_alone(apendata: Run, own: OwnDataset) -> None:
    strange = own.folder / "datasets" / "Kopi av noe" / "dataset.yaml"
    strange.parent.mkdir()
    strange.write_text("title: x\n")
    ended = apendata("run", "--json", **own.settings)
    assert {r["dataset"]: r["outcome"] for r in ended.document["results"]} == {
        "Kopi av noe": "FAILED",
        "soeknader": "PUBLISHED",
    }
    assert ended.code == 10
    assert apendata("list", **own.settings).code == 0
    assert apendata("purge", **own.settings).code == 0


@pytest.mark.parametrize("code", ["raise SystemExit(0)", "def transform(tables):\n    raise SystemExit(0)"])
def test_a_transform_that_leaves_does_not_end_the_night(apendata: Run, own: OwnDataset, code: str) -> None:
    (own.definition.parent / "transform.py").write_text(code)
    ended = apendata("run", "--json", **own.settings)
    assert ended.line("soeknader")["outcome"] == "FAILED"
    assert ended.code in {10, 70}


@pytest.mark.parametrize(
    ("redirection", "code"), [("2>/dev/full", 0), ("2>&-", 0), (">/dev/full", 74), (">&-", 0), ("| head -c 0", 0)]
)
def test_the_work_is_done_whether_anybody_listens_or_not(own: OwnDataset, redirection: str, code: int) -> None:
    command = f"set -o pipefail; {sys.executable} -m apendata run {redirection}"
    done = subprocess.run(
        ["bash", "-c", command], env=own.environment, cwd=own.folder, stderr=subprocess.PIPE, check=False
    )
    assert done.returncode == code
    assert b"Traceback" not in done.stderr
    assert (own.public / "latest.json").exists()


def test_a_terminal_that_knows_no_norwegian_is_no_reason_to_stop(own: OwnDataset) -> None:
    environment = {**own.environment, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "apendata", "check"]
    done = subprocess.run(command, env=environment, cwd=own.folder, capture_output=True, check=False)
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr


def test_a_lake_that_cannot_be_is_told_in_a_line(apendata: Run, own: OwnDataset) -> None:
    (own.folder / "lake").write_text("a file, not a folder")
    ended = apendata("run", **own.settings)
    assert ended.code == 23
    assert "lake" in ended.err


def test_an_export_whose_name_is_no_text_fails_alone(apendata: Run, own: OwnDataset) -> None:
    text = own.definition.read_text().replace(
        "path: soeknader.csv", 'path: "{navn}.csv"\n    placeholders: {navn: text}'
    )
    own.definition.write_text(text)
    Path(os.fsdecode(os.fsencode(own.export.parent) + b"/\xff\xfe.csv")).write_text("x")
    ended = apendata("run", "--json", **own.settings)
    assert ended.line("soeknader")["outcome"] == "FAILED"


def test_a_defect_outside_any_dataset_says_where_it_is_and_nothing_of_what_it_was_about(
    apendata: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apendata.cli import commands

    def defect(*_: object) -> None:
        raise ValueError("31125512345")

    monkeypatch.setattr(commands, "_COMMANDS", {**commands._COMMANDS, "verify": defect})
    ended = apendata("verify")
    assert ended.code == 70
    assert "commands.py, line" in ended.err
    assert "31125512345" not in ended.err + ended.out
    assert "Traceback" not in ended.err
