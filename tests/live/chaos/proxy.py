"""Stands between apendata and CKAN on loopback: counts every request, and makes one fault at one of them."""

import http.client
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any, Self
from urllib.parse import urlsplit

from tests.live.chaos.faults import HOLD, REFUSING_SECONDS, Fault, Reply, inject


@dataclass(frozen=True)
class Seen:
    """One request that came."""

    number: int
    method: str
    path: str
    with_token: bool

    @property
    def action(self) -> str:
        """CKAN's word for it: ``package_revise``, ``dump`` …"""
        parts = self.path.partition("?")[0].strip("/").split("/")
        return parts[-1] if "action" in parts else parts[1] if parts[0] == "datastore" else parts[0]


class Proxy:
    """``with Proxy(upstream, fault, at) as proxy: …``; requests are counted from 1. Without a fault it only counts."""

    def __init__(
        self,
        upstream: str,
        fault: Fault | None = None,
        at: int = 0,
        *,
        meet: Callable[[int, bool], None] | None = None,
    ) -> None:
        """``meet(number, forwarded)`` is called when a request has come, and again when the server has done it."""
        self.upstream = urlsplit(upstream)
        self.fault, self.at, self.meet = fault, at, meet
        self.seen: list[Seen] = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._refuse = threading.Event()
        self._handlers: list[threading.Thread] = []
        self._listener = self._listen(0)
        self.port: int = self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def __enter__(self) -> Self:
        if self.fault is Fault.REFUSED and self.at == 1:
            self._refuse.set()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._stop.set()
        self._thread.join()
        self._listener.close()
        for handler in self._handlers:
            handler.join(HOLD + 5)

    def count(self, method: str, path: str, *, with_token: bool) -> int:
        """Write a request down and return its number."""
        with self._lock:
            seen = Seen(len(self.seen) + 1, method, path, with_token)
            self.seen.append(seen)
        return seen.number

    def fault_at(self, number: int) -> Fault | None:
        """The fault for a request; a wrong token stays wrong from then on."""
        if self.fault is None or self.fault is Fault.REFUSED:
            return None
        hit = number >= self.at if self.fault is Fault.WRONG_TOKEN else number == self.at
        return self.fault if hit else None

    def answered(self, number: int) -> None:
        """A request is done with; perhaps the next one shall find nobody listening."""
        if self.fault is Fault.REFUSED and number == self.at - 1:
            self._refuse.set()

    @staticmethod
    def _listen(port: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(64)
        listener.settimeout(0.02)
        return listener

    def _serve(self) -> None:
        while not self._stop.is_set():
            if self._refuse.is_set():
                self._listener.close()
                self._stop.wait(REFUSING_SECONDS)
                self._refuse.clear()
                self._listener = self._listen(self.port)
            try:
                connection, address = self._listener.accept()
            except TimeoutError:
                continue
            connection.settimeout(60)
            handler = threading.Thread(target=_Handler.handle_one, args=(connection, address, self), daemon=True)
            handler.start()
            self._handlers.append(handler)


class _Handler(BaseHTTPRequestHandler):
    """One connection carries one request: a fault then hits just the one that it was meant for."""

    protocol_version = "HTTP/1.1"
    proxy: Proxy

    @classmethod
    def handle_one(cls, connection: socket.socket, address: Any, proxy: Proxy) -> None:
        kind = type("Handler", (cls,), {"proxy": proxy})
        try:
            kind(connection, address, None)  # type: ignore[arg-type]
        except OSError:  # the client, or a fault, has closed it
            pass
        finally:
            connection.close()

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._relay()

    def do_POST(self) -> None:
        self._relay()

    def _relay(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in {"host", "connection"}}
        number = self.proxy.count(self.command, self.path, with_token="Authorization" in headers)
        if self.proxy.meet is not None:
            self.proxy.meet(number, False)
        fault = self.proxy.fault_at(number)
        try:
            inject(fault, self.connection, headers, lambda: self._forward(number, headers, body))
        finally:
            self.close_connection = True
            self.proxy.answered(number)

    def _forward(self, number: int, headers: dict[str, str], body: bytes) -> Reply:
        upstream = http.client.HTTPConnection(self.proxy.upstream.hostname or "", self.proxy.upstream.port, timeout=150)
        try:
            upstream.request(self.command, self.path, body or None, {**headers, "Connection": "close"})
            answer = upstream.getresponse()
            content = answer.read()
            reply = Reply(answer.status, [(n, v) for n, v in answer.getheaders() if n.lower() not in _HOP], content)
        finally:
            upstream.close()
        if self.proxy.meet is not None:
            self.proxy.meet(number, True)
        return reply


_HOP = {"transfer-encoding", "connection", "content-length"}


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for something that another thread does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return condition()
