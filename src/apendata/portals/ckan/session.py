"""HTTP with a bound on everything: on connecting, on silence, on the whole of an answer, on its size.

``requests`` bounds the silence between two bytes only: a server that drips one byte a minute holds a night for ever. So
bodies are read here, in pieces as they come, against a deadline.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, ReadTimeoutError

CONNECT: Final = 10.0
"""Seconds to reach a server; one that needs more is down."""
LARGEST: Final = 512 << 20
"""Bytes of one answer; more is not what we asked for."""
_PIECE: Final = 1 << 16


class TooSlow(requests.Timeout):
    """The whole answer took longer than it may."""


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

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send one request. With ``stream`` the caller reads :func:`pieces` herself, against the same deadline."""
        deadline = time.monotonic() + self._timeout
        streamed = kwargs.get("stream", False)
        bounds = {"stream": True, "timeout": (min(CONNECT, self._timeout), self._timeout), "verify": self.verify}
        response = super().send(request, **{**kwargs, **bounds})
        if not streamed:
            # What requests itself does at the end of `send`, but piece by piece; it has no public way to do so.
            response._content = b"".join(pieces(response, deadline))  # noqa: SLF001
            response._content_consumed = True  # noqa: SLF001
        return response


def pieces(response: requests.Response, deadline: float) -> Iterator[bytes]:
    """Yield a streamed body as it comes, and close the connection where it takes too long.

    Raises:
        requests.Timeout: the deadline (``time.monotonic``) has passed, or the server fell silent.
        requests.ConnectionError: the body ended early, or is larger than :data:`LARGEST`.
    """
    size = 0
    try:
        while piece := response.raw.read1(_PIECE, decode_content=True):
            size += len(piece)
            if size > LARGEST:
                raise requests.ConnectionError("the answer is too large")
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
