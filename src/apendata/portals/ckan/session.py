"""HTTP with a bound on everything: on connecting, on silence, on the whole of an answer, on its size.

``requests`` bounds the silence between two bytes only: a server that drips one byte a minute holds a night for ever. So
bodies are read here, in pieces as they come, and what the libraries read by themselves (a status line, headers, the
length of a chunk) is cut off at a deadline by shutting the connection's socket.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, ReadTimeoutError

CONNECT: Final = 10.0
"""Seconds to reach a server; one that needs more is down."""
LARGEST: Final = 512 << 20
"""Bytes of one answer; more is not what we asked for."""
_PIECE: Final = 1 << 16


class AnswerTooLarge(requests.RequestException):
    """The answer is larger than :data:`LARGEST`, and will be the next time."""


class TooSlow(requests.Timeout):
    """The whole answer took longer than it may."""


_in_use = threading.local()
"""Of each thread: ``connections``, a list of the one that it waits for."""


class _Known(HTTPConnection):
    """A connection that says that it is waited for."""

    def connect(self) -> None:
        _connections()[:] = [self]
        super().connect()

    def request(self, *args: Any, **kwargs: Any) -> None:
        _connections()[:] = [self]
        super().request(*args, **kwargs)


class _KnownTls(_Known, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Known


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _KnownTls


class _Adapter(HTTPAdapter):
    """Connections that can be cut, straight or by a proxy."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _let_it_be_cut(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        return _let_it_be_cut(super().proxy_manager_for(proxy, **kwargs))


def _let_it_be_cut(manager: PoolManager) -> PoolManager:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
    return manager


class _Nobody(AuthBase):
    """Keeps ``.netrc`` out: requests would put its password in the place of our token, or beside it."""

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        return r


class BoundedSession(requests.Session):
    """A session that verifies TLS, sends only the credentials it is told to, and reads bodies against a deadline."""

    def __init__(self, timeout: float, ca_file: Path | None) -> None:
        super().__init__()
        self._timeout = timeout
        self.auth = _Nobody()
        # True and not the file's absence: requests then trusts the machine's certificates, and cannot be told not to.
        self.verify = str(ca_file) if ca_file is not None else True
        self.mount("https://", _Adapter())
        self.mount("http://", _Adapter())

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send one request. With ``stream`` the caller reads :func:`pieces` herself, against the same deadline."""
        deadline = time.monotonic() + self._timeout
        streamed = kwargs.get("stream", False)
        bounds = {"stream": True, "timeout": (min(CONNECT, self._timeout), self._timeout), "verify": self.verify}
        response: requests.Response | None = None
        try:
            with _until(deadline, _shutter(_connections())):
                response = super().send(request, **{**kwargs, **bounds})
        except TooSlow:
            if response is not None:  # headers that were cut off look like all of them
                response.close()
            raise
        if not streamed and not response.is_redirect:
            # What requests itself does at the end of `send`, but piece by piece; it has no public way to do so.
            response._content = b"".join(pieces(response, deadline))  # noqa: SLF001
            response._content_consumed = True  # noqa: SLF001
        return response

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return where a redirect leads. Its body is thrown away unread: requests would read all of it."""
        if resp.is_redirect:
            resp.close()
            resp._content = b""  # noqa: SLF001
            resp._content_consumed = True  # noqa: SLF001
        try:
            return super().get_redirect_target(resp)
        except ValueError:
            raise requests.exceptions.InvalidURL("a redirect to no address") from None


def _connections() -> list[HTTPConnection]:
    if not hasattr(_in_use, "connections"):
        _in_use.connections = []
    connections: list[HTTPConnection] = _in_use.connections
    return connections


def _shutter(connections: list[HTTPConnection]) -> Callable[[], None]:
    def shut() -> None:
        for connection in connections:
            if connection.sock is not None:
                connection.sock.shutdown(socket.SHUT_RDWR)

    return shut


@contextmanager
def _until(deadline: float, cut: Callable[[], None]) -> Iterator[None]:
    """Cut a connection off where the block is not done at the deadline.

    Raises:
        TooSlow: it was cut.
    """
    late = threading.Event()

    def fire() -> None:
        late.set()
        with suppress(OSError, ValueError, RuntimeError):  # the connection has just ended by itself
            cut()

    timer = threading.Timer(max(deadline - time.monotonic(), 0), fire)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (requests.RequestException, HTTPError, OSError):
        if late.is_set():
            raise TooSlow("the answer took too long") from None
        raise
    finally:
        timer.cancel()
    if late.is_set():  # what was cut may look like an end
        raise TooSlow("the answer took too long")


def pieces(response: requests.Response, deadline: float) -> Iterator[bytes]:
    """Yield a streamed body as it comes, and close the connection where it takes too long.

    Raises:
        requests.Timeout: the deadline (``time.monotonic``) has passed, or the server fell silent.
        requests.ConnectionError: the body ended early.
        AnswerTooLarge: the body is larger than :data:`LARGEST`.
    """
    size = 0
    try:
        with _until(deadline, response.raw.shutdown):
            while piece := response.raw.read1(_PIECE, decode_content=True):
                size += len(piece)
                if size > LARGEST:
                    raise AnswerTooLarge("the answer is too large")
                if time.monotonic() > deadline:
                    raise TooSlow("the answer took too long")
                yield piece
    except requests.RequestException:
        response.close()
        raise
    except ReadTimeoutError:  # urllib3's errors come through untranslated where the body is read by hand
        response.close()
        raise TooSlow("the server fell silent") from None
    except (HTTPError, OSError) as error:
        response.close()
        raise requests.ConnectionError(type(error).__name__) from None
    response.raw.release_conn()
