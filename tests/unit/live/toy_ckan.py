"""As much of a CKAN as readers and a publisher need, in memory; and publishers: one right, the others each wrong."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import requests

from apendata.errors import PortalForbidden, PortalRefused, PortalUnavailable

TOKEN = "toy-token"
FILES = ("a.csv", "a.xlsx")
ROWS = {"1.0.0": [{"kode": "a", "antall": 1}, {"kode": "b", "antall": 2}], "1.0.1": [{"kode": "a", "antall": 9}]}


def resources(release: str, prefix: str = "") -> list[dict[str, Any]]:
    return [
        {"id": prefix + file, "url": f"http://x/{release}/{file}", "apendata_release": release, "apendata_sha256": file}
        for file in FILES
    ]


@dataclass
class Toy:
    """The portal's state. ``work`` is what was written, request by request."""

    url: str = ""
    resources: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] | None = None
    others: list[str] = field(default_factory=list)
    work: list[str] = field(default_factory=list)
    raw: bytes | None = None
    """Answer this, whatever is asked."""

    def put(self, release: str | None) -> None:
        """Let a release stand there as if it always had; None: nothing ever did."""
        self.resources = resources(release) if release else []
        self.rows = list(ROWS[release]) if release else None
        self.others, self.raw = [], None

    def answer(self, action: str, data: dict[str, Any], token: str | None) -> tuple[int, Any]:
        shown = {"name": "toy", "resources": self.resources}
        if action == "package_show":
            return (200, shown) if self.resources else (404, None)
        if action == "package_search":
            return 200, {"results": [shown] if self.resources else []}
        if action == "datastore_search":
            return (404, None) if self.rows is None else (200, {"records": list(self.rows)})
        if token != TOKEN:
            return 403, None
        self.work.append(action)
        if action == "package_revise":
            self.resources = data["resources"]
        elif action == "resource_patch":
            self.resources = [{**r, **data} if r["id"] == data["id"] else r for r in self.resources]
        elif action == "datastore_upsert":
            self.rows = data["records"]
        elif action == "datastore_delete":
            self.rows = None
        elif action == "package_create":
            self.others.append(f"package {len(self.others)}")
        return 200, {"done": True}


class _Handler(BaseHTTPRequestHandler):
    toy: Toy

    def do_POST(self) -> None:
        data = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        action = urlsplit(self.path).path.rpartition("/")[2]
        status, result = self.toy.answer(action, data, self.headers.get("Authorization"))
        body = self.toy.raw or json.dumps({"success": status == 200, "result": result, "padding": "x" * 200}).encode()
        self.send_response(200 if self.toy.raw else status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def toy_ckan() -> Iterator[Toy]:
    toy = Toy()
    kind = type("Handler", (_Handler,), {"toy": toy})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        toy.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield toy
        finally:
            server.shutdown()
            thread.join()


@dataclass(frozen=True)
class Access:
    url: str
    token: str = TOKEN
    timeout: float = 5


@dataclass
class Publisher:
    """Does it right: the table by one write, the pointer by another, then a look whether they are there."""

    access: Access

    def publish(self, release: str) -> None:
        self.ask("package_search")
        self.ask("datastore_upsert", records=ROWS[release])
        self.ask("package_revise", resources=resources(release))
        if self.ask("package_show")["resources"] != resources(release):
            raise PortalRefused("something else is there")

    def ask(self, action: str, **data: Any) -> Any:
        """Send one request; every way in which it can fail has one of our names."""
        headers = {"Authorization": self.access.token, "Connection": "close"}
        url = f"{self.access.url.rstrip('/')}/api/3/action/{action}"
        end = time.monotonic() + self.access.timeout
        try:
            with requests.post(url, json=data, headers=headers, timeout=self.access.timeout, stream=True,
                               allow_redirects=False) as reply:  # fmt: skip
                content = b""
                for piece in reply.iter_content(1):
                    content += piece
                    if time.monotonic() > end:
                        raise PortalUnavailable(f"{action}: too slow")
        except requests.RequestException as error:
            raise PortalUnavailable(f"{action}: {type(error).__name__}") from None
        if reply.status_code == 403:
            raise PortalForbidden(action)
        if reply.status_code != 200:
            raise (PortalUnavailable if reply.status_code in {429, 502, 503, 504} else PortalRefused)(action)
        try:
            return json.loads(content)["result"]
        except ValueError:
            raise PortalRefused(f"{action}: no JSON") from None


class Torn(Publisher):
    """Moves its resources one after another."""

    def publish(self, release: str) -> None:
        self.ask("datastore_upsert", records=ROWS[release])
        for resource in resources(release):
            self.ask("resource_patch", **resource)
            time.sleep(0.3)


class Emptier(Publisher):
    """Loads its table by deleting it first."""

    def publish(self, release: str) -> None:
        self.ask("datastore_delete")
        time.sleep(0.3)
        super().publish(release)


class Loser(Publisher):
    """Believes that what was sent has come."""

    def publish(self, release: str) -> None:
        with suppress(PortalUnavailable):
            self.ask("datastore_upsert", records=ROWS[release])
            self.ask("package_revise", resources=resources(release))


class Giver(Publisher):
    """Moves the pointer, and then never ends well."""

    def publish(self, release: str) -> None:
        super().publish(release)
        raise PortalUnavailable("never well")


class Doubler(Publisher):
    """Makes things anew where it was not told that they are there."""

    def publish(self, release: str) -> None:
        self.ask("package_create")
        super().publish(release)


class Nameless(Publisher):
    """Lets an error of its libraries through."""

    def publish(self, release: str) -> None:
        try:
            super().publish(release)
        except PortalUnavailable:
            raise KeyError("result") from None


class Teller(Publisher):
    """Tells its token in an error's text."""

    def publish(self, release: str) -> None:
        try:
            super().publish(release)
        except PortalUnavailable:
            raise PortalUnavailable(f"no answer to {self.access.token}") from None
