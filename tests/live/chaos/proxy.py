"""Stands between apendata and CKAN on loopback: counts every request, and makes one fault at one of them."""

import http.client
import socket
import threading
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


Meet = Callable[[int, bool], bool | None]
"""``(number, forwarded)``: called when a request has come, and again when the server has done it. True: whoever asked
is dead, and the request goes no further."""


class Proxy:
    """``with Proxy(upstream, fault, at) as proxy: …``; requests are counted from 1. Without a fault it only counts."""

    def __init__(
        self,
        upstream: str,
        fault: Fault | None = None,
        at: int = 0,
        *,
        lasting: bool = False,
        meet: Meet | None = None,
    ) -> None:
        """With ``lasting`` the fault stays from that request on; without, the next request finds all well."""
        self.upstream = urlsplit(upstream)
        self.fault, self.at, self.meet = fault, at, meet
        self.lasting = lasting or fault is Fault.WRONG_TOKEN
        self.seen: list[Seen] = []
        self.forwarded: dict[int, int] = {}
        """Number of a request that the server was given → the status that it answered."""
        self.made = 0
        """How often the fault was made; 0: the request that it waited for never came, and nothing was tried."""
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._refuse, self._deaf = threading.Event(), threading.Event()
        self._handlers: list[threading.Thread] = []
        self._listener = self._bind(0)
        self._listener.listen(64)
        self.port: int = self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        self.before(1)
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
        """The fault for a request that has come; None: it is served as it is."""
        if self.fault is None or self.fault is Fault.REFUSED:
            return None
        if number != self.at and not (self.lasting and number > self.at):
            return None
        with self._lock:
            self.made += 1
        return self.fault

    def before(self, number: int) -> None:
        """Stop listening if this request shall find nobody; returns when it is so, and not a moment before.

        The answer to the request before it is sent only then: a client is faster than a thread that polls.
        """
        if self.fault is Fault.REFUSED and number == self.at:
            self._refuse.set()
            self.made += self._deaf.wait(10)

    @staticmethod
    def _bind(port: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.settimeout(0.02)
        return listener

    def _be_deaf(self) -> None:
        """Refuse connections; the port stays bound meanwhile, so that nobody else is given it."""
        self._listener.close()
        self._listener = self._bind(self.port)
        self._deaf.set()
        self._stop.wait(None if self.lasting else REFUSING_SECONDS)
        self._refuse.clear()
        self._listener.listen(64)

    def _serve(self) -> None:
        while not self._stop.is_set():
            if self._refuse.is_set():
                self._be_deaf()
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
        self.close_connection = True
        if self.proxy.meet is not None and self.proxy.meet(number, False):
            return
        fault = self.proxy.fault_at(number)
        inject(fault, self.connection, headers, lambda: self._forward(number, headers, body))

    def _forward(self, number: int, headers: dict[str, str], body: bytes) -> Reply:
        upstream = http.client.HTTPConnection(self.proxy.upstream.hostname or "", self.proxy.upstream.port, timeout=150)
        try:
            upstream.request(self.command, self.path, body or None, {**headers, "Connection": "close"})
            answer = upstream.getresponse()
            content = answer.read()
            reply = Reply(answer.status, [(n, v) for n, v in answer.getheaders() if n.lower() not in _HOP], content)
        finally:
            upstream.close()
        self.proxy.forwarded[number] = reply.status
        if self.proxy.meet is not None:
            self.proxy.meet(number, True)
        self.proxy.before(number + 1)
        return reply


_HOP = {"transfer-encoding", "connection", "content-length"}
