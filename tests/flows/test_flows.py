"""The flows on a real Prefect server: failures stay alone, only ids cross, forms name datasets, schedules make runs."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from apendata.disclosure.leaks.needles import Needles
from apendata.lake import Lake
from tests.flows.conftest import Server
from tests.functional.own_dataset import EXPORT, OwnDataset, make
from tests.functional.pay import HIDDEN, TEXT_CANARY, pay_dataset, settings

pytestmark = pytest.mark.prefect

CANARY = "kanarifugl98765"


def call(server: Server, path: str, body: object | None = None) -> Any:
    request = urllib.request.Request(
        f"{server.api}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


@pytest.fixture
def night(server: Server, root: Path, tmp_path: Path) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Run the nightly flow in a process of its own against the real server."""

    def run(*arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        environment = {**server.environment, "APENDATA_LAKE": str(tmp_path / "lake"), **settings}
        command = [sys.executable, "-m", "flows.nightly", *arguments]
        return subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, timeout=240, check=False
        )

    return run


def outcomes(output: str) -> dict[str, str]:
    table = output.split("dataset ", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return {line.split()[0]: line.split()[1] for line in table}


def two_datasets(tmp_path: Path) -> OwnDataset:
    own = make(tmp_path)
    other = own.folder / "datasets" / "oedelagt"
    other.mkdir()
    text = own.definition.read_text().replace("soeknader", "oedelagt")
    (other / "dataset.yaml").write_text(text)
    (own.folder / "schemas" / "oedelagt.schema.json").write_text(
        (own.folder / "schemas" / "soeknader.schema.json").read_text()
    )
    export = own.folder / "sources" / "oedelagt" / "oedelagt.csv"
    export.parent.mkdir()
    export.write_text(EXPORT.replace("34", CANARY))
    return own


def test_all_samples_are_published_by_the_nightly_flow(night, tmp_path: Path, root: Path) -> None:
    ended = night("--sample")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    ids = {path.parent.name for path in (root / "datasets").glob("*/dataset.yaml")}
    assert outcomes(ended.stdout) == dict.fromkeys(ids, "PUBLISHED")
    assert str(tmp_path / "lake" / "public" / "index.html") in ended.stdout


def test_one_failure_leaves_the_others_and_nothing_of_it_is_kept_by_prefect(
    night, tmp_path: Path, server: Server
) -> None:
    own = two_datasets(tmp_path)
    ended = night(**own.settings)
    assert outcomes(ended.stdout) == {"oedelagt": "FAILED", "soeknader": "PUBLISHED"}
    assert ended.returncode == 14
    assert CANARY not in ended.stdout + ended.stderr
    (run,) = call(server, "/flow_runs/filter", {"sort": "START_TIME_DESC", "limit": 1})
    assert run["state"]["type"] == "FAILED"
    assert run["state"]["message"] == "Feilet: oedelagt"
    names = {task["name"]: task["state"]["name"] for task in task_runs(server, run["id"])}
    assert names["build oedelagt"] == "Failed"
    assert names["build soeknader"] == names["publish soeknader"] == "Completed"
    time.sleep(3)  # logs go to the server in batches of two seconds
    kept = server.dump()
    assert b"build oedelagt" in kept
    (page,) = (tmp_path / "lake" / "internal" / "reports" / "oedelagt").glob("*-build.html")
    assert str(page).encode() in kept
    assert CANARY in page.read_text(encoding="utf-8")
    assert CANARY.encode() not in kept


def test_nothing_of_hidden_cells_is_kept_by_prefect(night, tmp_path: Path, server: Server) -> None:
    """Not of a night that published them as hidden, nor of one in which nothing but a hidden count changed."""
    source = pay_dataset(tmp_path)
    ended = night(**settings(tmp_path))
    assert outcomes(ended.stdout) == {"loenn": "PUBLISHED"}
    source.write_text(source.read_text().replace("2024;B;K;3;", "2024;B;K;30;"))
    again = night(**settings(tmp_path))
    assert outcomes(again.stdout) == {"loenn": "UNCHANGED"}
    time.sleep(3)  # as above
    kept = server.dump()
    assert b"build loenn" in kept
    needles = Needles(HIDDEN)
    assert TEXT_CANARY.encode() not in kept
    for said in (ended.stdout, ended.stderr, again.stdout, again.stderr):
        assert needles.found_in(said.encode()) == set()
    assert needles.found_in(kept) == set()


def test_data_errors_are_not_tried_again(night, tmp_path: Path, server: Server) -> None:
    night(**two_datasets(tmp_path).settings)
    (run,) = call(server, "/flow_runs/filter", {"sort": "START_TIME_DESC", "limit": 1})
    failed = next(task for task in task_runs(server, run["id"]) if task["name"] == "build oedelagt")
    assert failed["run_count"] == 1


def test_a_dataset_that_another_run_holds_is_tried_again(night, tmp_path: Path, server: Server) -> None:
    own = make(tmp_path)
    lake = Lake.open(tmp_path / "lake")
    with ThreadPoolExecutor() as pool:
        with lake.lock("soeknader"):
            running = pool.submit(night, **own.settings, APENDATA_LOCK_WAIT="0")
            wait_for_try(server, since=datetime.now(UTC))
        ended = running.result()
    assert ended.returncode == 0, ended.stdout + ended.stderr
    (run,) = call(server, "/flow_runs/filter", {"sort": "START_TIME_DESC", "limit": 1})
    tried = next(task for task in task_runs(server, run["id"]) if task["name"] == "build soeknader")
    assert tried["run_count"] == 2


def wait_for_try(server: Server, since: datetime) -> None:
    """Wait until a task has failed once and waits for its second try."""
    wanted = {
        "task_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}, "expected_start_time": {"after_": since.isoformat()}}
    }
    for _ in range(60):
        if any(task["name"] == "build soeknader" for task in call(server, "/task_runs/filter", wanted)):
            return
        time.sleep(1)
    pytest.fail("no task waits for a second try")


def task_runs(server: Server, flow_run: str) -> list[dict[str, Any]]:
    tasks: list[dict[str, Any]] = call(server, "/task_runs/filter", {"flow_runs": {"id": {"any_": [flow_run]}}})
    return tasks


@pytest.fixture(scope="module")
def deployments(server: Server, root: Path) -> list[dict[str, Any]]:
    prefect = [sys.executable, "-m", "prefect"]
    for command in (["work-pool", "create", "apendata", "--type", "process"], ["deploy", "--all", "--no-prompt"]):
        subprocess.run(
            [*prefect, *command], cwd=root, env=server.environment, check=True, capture_output=True, timeout=120
        )
    found: list[dict[str, Any]] = call(server, "/deployments/filter", {})
    return found


def test_every_flow_has_a_deployment(deployments: list[dict[str, Any]], root: Path) -> None:
    named = {entry["name"] for entry in yaml.safe_load((root / "prefect.yaml").read_text())["deployments"]}
    assert (
        {deployment["name"] for deployment in deployments}
        == named
        == {"nightly", "budget", "staffing", "whistleblowing"}
    )


def test_a_form_offers_the_datasets_of_its_domain_with_norwegian_texts(deployments: list[dict[str, Any]]) -> None:
    offered = {}
    for deployment in deployments:
        field = deployment["parameter_openapi_schema"]["properties"]["datasett"]
        offered[deployment["name"]] = set(field["items"].get("enum") or [field["items"].get("const")])
        assert field["description"].startswith("Hvilke datasett")
    assert offered["whistleblowing"] == {"varsling"}
    assert offered["staffing"] == {"ansatte", "rekruttering"}
    assert {"driftsramme", "regnskapsresultat", "budsjett-kostra", "kostra-kontoplan"} == offered["budget"]
    assert offered["nightly"] > offered["budget"] | offered["staffing"] | offered["whistleblowing"]


def test_an_unknown_dataset_is_refused_by_the_server(deployments: list[dict[str, Any]], server: Server) -> None:
    nightly = next(deployment for deployment in deployments if deployment["name"] == "nightly")
    with pytest.raises(urllib.error.HTTPError) as refused:
        call(server, f"/deployments/{nightly['id']}/create_flow_run", {"parameters": {"datasett": ["finnes-ikke"]}})
    refused.value.close()
    assert refused.value.code == 409


def test_the_schedule_makes_runs_at_half_past_four_in_oslo(deployments: list[dict[str, Any]], server: Server) -> None:
    """A cron schedule makes no run, without a word, when SQLAlchemy is 2.1 or newer: pyproject.toml holds it back."""
    nightly = next(deployment for deployment in deployments if deployment["name"] == "nightly")
    (schedule,) = nightly["schedules"]
    assert schedule["schedule"]["cron"] == "30 4 * * *"
    assert schedule["schedule"]["timezone"] == "Europe/Oslo"
    wanted = {
        "deployments": {"id": {"any_": [nightly["id"]]}},
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
    }
    for _ in range(90):
        if runs := call(server, "/flow_runs/filter", wanted):
            break
        time.sleep(1)
    assert runs, "the schedule made no run"


def test_a_worker_runs_what_the_form_starts(
    deployments: list[dict[str, Any]], server: Server, root: Path, tmp_path: Path
) -> None:
    environment = {**server.environment, "APENDATA_LAKE": str(tmp_path / "lake"), "PREFECT_WORKER_QUERY_SECONDS": "2"}
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "apendata", "--limit", "1"]
    deployment = next(deployment for deployment in deployments if deployment["name"] == "whistleblowing")
    run = call(server, f"/deployments/{deployment['id']}/create_flow_run", {"parameters": {"eksempeldata": True}})
    with (tmp_path / "worker.log").open("wb") as log:
        worker = subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            state = _final_state(server, run["id"])
        finally:
            _end(worker)
    assert state == "COMPLETED", (tmp_path / "worker.log").read_text()
    assert (tmp_path / "lake" / "public" / "varsling" / "latest.json").exists()


def _end(worker: subprocess.Popen[bytes]) -> None:
    """Prefect turns SIGTERM into SIGINT, which is ignored where the tests were started in a shell's background."""
    worker.terminate()
    try:
        worker.wait(timeout=30)
    except subprocess.TimeoutExpired:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


def _final_state(server: Server, run: str) -> str:
    for _ in range(120):
        kind = str(call(server, f"/flow_runs/{run}")["state"]["type"])
        if kind in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}:
            return kind
        time.sleep(1)
    return "never ended"
