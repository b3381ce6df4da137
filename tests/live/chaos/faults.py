"""The faults that a network, a proxy or a server makes, one by one, as the client meets them."""

import socket
import struct
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Final

HOLD: Final = 6.0
"""Seconds at most that an answer is held back; the client's own patience is shorter."""
REFUSING_SECONDS: Final = 0.4
"""How long nobody listens: less than the client's first pause, or its second try could never come through."""


class Fault(Enum):
    """What goes wrong. The value is its name in the table."""

    REFUSED = "connection refused"
    RESET_BEFORE = "reset before the work"
    RESET_AFTER = "reset after the work"
    TIMEOUT_BEFORE = "time-out before the work"
    TIMEOUT_AFTER = "time-out after the work"
    SLOW_BODY = "slow body"
    TOO_LARGE = "413 HTML"
    TOO_MANY = "429 with Retry-After"
    BAD_GATEWAY = "502 HTML"
    UNAVAILABLE = "503 HTML"
    GATEWAY_TIMEOUT_BEFORE = "504 HTML before the work"
    GATEWAY_TIMEOUT = "504 HTML after the work"
    LOGIN_PAGE = "log-in page with 200"
    TRUNCATED_JSON = "truncated JSON"
    TRUNCATED_BODY = "body ends early"
    REDIRECT = "redirect elsewhere"
    WRONG_TOKEN = "wrong token from here on"


@dataclass(frozen=True)
class Reply:
    """What the server answered."""

    status: int
    headers: list[tuple[str, str]]
    content: bytes


Forward = Callable[[], Reply]
_PAGE: Final = "<html><body><h1>{title}</h1><p>nginx</p></body></html>"


def inject(fault: Fault | None, client: socket.socket, headers: dict[str, str], forward: Forward) -> None:
    """Answer one request, with a fault or (None) as it is. ``headers`` are what is sent on, and may be changed."""
    if fault in _AFTER:  # the server does the work, whatever the client then hears of it
        reply = forward()
        _AFTER[fault](client, reply)
    elif fault is not None and fault in _INSTEAD:
        _INSTEAD[fault](client)
    else:
        if fault is Fault.WRONG_TOKEN:
            headers.update({name: "nobody" for name in headers if name in {"Authorization", "X-CKAN-API-Key"}})
        _send(client, forward())


def _head(reply: Reply, length: int) -> bytes:
    lines = [f"HTTP/1.1 {reply.status} x", *(f"{name}: {value}" for name, value in reply.headers)]
    return ("\r\n".join([*lines, f"Content-Length: {length}", "Connection: close"]) + "\r\n\r\n").encode("latin-1")


def _send(client: socket.socket, reply: Reply) -> None:
    client.sendall(_head(reply, len(reply.content)) + reply.content)


def _page(client: socket.socket, status: int, title: str, *more: tuple[str, str]) -> None:
    content = _PAGE.format(title=title).encode()
    _send(client, Reply(status, [("Content-Type", "text/html; charset=utf-8"), *more], content))


def _cut(client: socket.socket, reply: Reply) -> None:
    client.sendall(_head(reply, len(reply.content) + 1000) + reply.content[: len(reply.content) // 2])


def _reset(client: socket.socket) -> None:
    """Close with RST and not with FIN: what a crashed server, or a firewall, does."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def _hold(client: socket.socket) -> None:
    """Say nothing until the client goes, or for as long as is bearable."""
    client.settimeout(HOLD)
    with suppress(OSError):
        client.recv(1)


def _drip(client: socket.socket, reply: Reply) -> None:
    """Send a byte now and then: no silence is long, and the whole never comes."""
    client.sendall(_head(reply, len(reply.content)))
    end = time.monotonic() + HOLD
    with suppress(OSError):
        for position in range(len(reply.content)):
            if time.monotonic() > end:
                return
            client.sendall(reply.content[position : position + 1])
            time.sleep(0.1)


def _half(client: socket.socket, reply: Reply) -> None:
    _send(client, Reply(reply.status, reply.headers, reply.content[: len(reply.content) // 2]))


_AFTER: Final[Mapping[Fault | None, Callable[[socket.socket, Reply], None]]] = {
    Fault.RESET_AFTER: lambda client, _: _reset(client),
    Fault.TIMEOUT_AFTER: lambda client, _: _hold(client),
    Fault.GATEWAY_TIMEOUT: lambda client, _: _page(client, 504, "Gateway Time-out"),
    Fault.SLOW_BODY: _drip,
    Fault.TRUNCATED_JSON: _half,
    Fault.TRUNCATED_BODY: _cut,
}
_INSTEAD: Final[Mapping[Fault, Callable[[socket.socket], None]]] = {
    Fault.RESET_BEFORE: _reset,
    Fault.TIMEOUT_BEFORE: _hold,
    Fault.TOO_LARGE: lambda client: _page(client, 413, "Request Entity Too Large"),
    Fault.TOO_MANY: lambda client: _page(client, 429, "Too Many Requests", ("Retry-After", "1")),
    Fault.BAD_GATEWAY: lambda client: _page(client, 502, "Bad Gateway"),
    Fault.UNAVAILABLE: lambda client: _page(client, 503, "Service Unavailable"),
    Fault.GATEWAY_TIMEOUT_BEFORE: lambda client: _page(client, 504, "Gateway Time-out"),
    Fault.LOGIN_PAGE: lambda client: _page(client, 200, "Log in"),
    Fault.REDIRECT: lambda client: _page(client, 302, "Found", ("Location", "http://127.0.0.1:9/elsewhere")),
}
