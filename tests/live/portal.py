"""A CKAN as its users have it: actions as somebody, an empty portal, a public tree behind a web server."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

from apendata.model import CkanAccess


@dataclass(frozen=True)
class Caller:
    """Calls CKAN's actions as one user; without a token as anybody."""

    url: str
    token: str | None = None

    def __call__(self, action: str, **data: Any) -> Any:
        """Return an action's result; anything but success fails the test."""
        status, answer = self.ask(action, **data)
        assert status == 200, (action, status, answer)
        return answer["result"]

    def ask(self, action: str, **data: Any) -> tuple[int, Any]:
        headers = {} if self.token is None else {"Authorization": self.token}
        reply = requests.post(f"{self.url}/api/3/action/{action}", json=data, headers=headers, timeout=120)
        is_json = "json" in reply.headers.get("Content-Type", "")
        return reply.status_code, reply.json() if is_json else reply.text

    def get(self, path: str) -> requests.Response:
        headers = {} if self.token is None else {"Authorization": self.token}
        return requests.get(f"{self.url}/{path}", headers=headers, timeout=120)


def wipe(admin: Caller) -> None:
    """Take every package away, with its tables: each test begins with an empty portal."""
    packages = admin("package_search", rows=1000, include_private=True, fq="state:(active OR deleted OR draft)")[
        "results"
    ]
    names = {package["name"]: package for package in packages}
    for package in names.values():
        for resource in package["resources"]:
            admin.ask("datastore_delete", resource_id=resource["id"], force=True)
        admin("dataset_purge", id=package["id"])


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def web_server(folder: Path) -> Iterator[str]:
    """Show a folder on loopback for as long as the block lasts; return its address."""
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def access_to(url: str, token: str, organization: str, **more: Any) -> CkanAccess:
    """How tests reach CKAN: with little patience, so that what fails fails soon."""
    base = CkanAccess(url=url.rstrip("/") + "/", token=token, organization=organization, patience=2, timeout=20)
    return replace(base, **more)
