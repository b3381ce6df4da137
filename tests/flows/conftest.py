"""Prefect for real: one server on loopback for all tests of this folder, its home in a temporary folder."""

import os
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Server:
    home: Path
    api: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "PREFECT_HOME": str(self.home),
            "PREFECT_API_URL": self.api,
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        }

    def dump(self) -> bytes:
        """Everything that Prefect keeps: its database, write-ahead log and storage, as bytes."""
        with sqlite3.connect(self.home / "prefect.db") as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return b"".join(file.read_bytes() for file in sorted(self.home.rglob("*")) if file.is_file())


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("prefect")
    port = _free_port()
    server = Server(home, f"http://127.0.0.1:{port}/api")
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with (home / "server.log").open("wb") as log:
        environment = {name: value for name, value in server.environment.items() if name != "PREFECT_API_URL"}
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            _wait_until_healthy(server.api, process)
            yield server
        finally:
            process.terminate()
            process.wait(timeout=30)


def _free_port() -> int:
    import socket

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _wait_until_healthy(api: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(240):
        assert process.poll() is None, "the Prefect server ended at its start"
        try:
            with urllib.request.urlopen(f"{api}/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.5)
    pytest.fail("the Prefect server did not come up within two minutes")
