"""The one door to CKAN: ckanapi with a bound on everything, patience where that is safe, and answers with names.

No text of an answer is ever passed on: what a server writes may hold anything, and a login page holds a lot of it.
"""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO, Final, TypeVar
from urllib.parse import urlsplit

import ckanapi
import requests
from urllib3.exceptions import HTTPError

import apendata
from apendata.model import CkanAccess
from apendata.portals.ckan.answers import (
    Answer,
    Denied,
    Invalid,
    Later,
    Missing,
    NotDone,
    Strange,
    TooLarge,
    TooMuch,
    Unknown,
    Unsure,
)
from apendata.portals.ckan.forms import is_of_form
from apendata.portals.ckan.session import LARGEST, AnswerTooLarge, BoundedSession, pieces

_AGENT: Final = f"apendata/{apendata.__version__}"
_FIRST_WAIT: Final = 0.5
_UNSURE: Final = frozenset({408, 500, 502, 503, 504, 507, 522, 524})
_CKAN: Final = "APENDATA_CKAN_URL"
"""Where a setting says what was asked; a file may lie elsewhere."""
_DEADLOCK: Final = "deadlock detected"
_UNREADABLE: Final = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What the libraries stumble with over an answer of another form: JSON that is no object, or nested without end."""
_T = TypeVar("_T")
Upload = Mapping[str, tuple[str, BinaryIO]]
"""Field of a multipart body → the file's name and its bytes."""


class Api:
    """CKAN's actions as one user, or as nobody. Safe to use from several threads: each has its own connections."""

    def __init__(self, access: CkanAccess, *, anonymous: bool = False) -> None:
        self._access = access
        self._token = None if anonymous else access.token
        self._local = threading.local()

    def read(self, action: str, **data: Any) -> Any:
        """Ask for something; asked again while patience lasts, since asking changes nothing.

        Raises:
            Answer: any but Later, and Later when patience is at its end.
        """
        return self._patiently(lambda: self._call(action, data), Later)

    def write(self, action: str, *, files: Upload | None = None, **data: Any) -> Any:
        """Change something; asked again only where it has surely not been done.

        Raises:
            Answer: as :meth:`read`; after Unsure the caller must look before it repeats.
        """
        return self._patiently(lambda: self._call(action, data, files), NotDone)

    def dump(self, resource: str) -> bytes:
        """Return a DataStore table as CSV, all rows, as ``/datastore/dump`` gives it.

        Raises:
            Answer: as :meth:`read`.
        """
        path = f"datastore/dump/{resource}"
        return self._patiently(lambda: b"".join(self._get(path)), Later)

    def fetch(self, url: str) -> tuple[str, int]:
        """Return sha256 and size of what an address gives to somebody without a token.

        Raises:
            Answer: as :meth:`read`.
        """
        return self._patiently(lambda: _hashed(self._open(url, {})), Later)

    @property
    def server_time(self) -> datetime | None:
        """When the last answer was given, by the server's own clock; None where it does not tell."""
        response = getattr(self._local, "response", None)
        header = "" if response is None else response.headers.get("Date", "")
        try:
            told = parsedate_to_datetime(header)
        except (ValueError, OverflowError):
            return None
        return told if told.tzinfo is not None else told.replace(tzinfo=UTC)

    # ------------------------------------------------------------------------------------------- inside

    def _patiently(self, ask: Callable[[], _T], again: type[Later]) -> _T:
        end, wait = time.monotonic() + self._access.patience, _FIRST_WAIT
        while True:
            try:
                return ask()
            except again as answer:
                pause = wait if answer.after is None else max(answer.after, 0.0)
                if time.monotonic() + pause > end:
                    raise
            time.sleep(pause)
            wait *= 2

    def _call(self, action: str, data: Mapping[str, Any], files: Upload | None = None) -> Any:
        self._local.response = None
        for _, stream in (files or {}).values():
            stream.seek(0)
        with self._named(action), _readable(action):
            result = self._remote.call_action(action, data, files=files)
        if not is_of_form(action, result):
            raise Strange(
                f"CKAN's answer to {action} is not of the form that a CKAN gives it: no CKAN, or one with an extension "
                "that answers otherwise. `apendata portal check` asks the same, one thing at a time."
            )
        return result

    def _get(self, path: str) -> Iterator[bytes]:
        headers = {} if self._token is None else {"Authorization": self._token}
        # A redirect with a token would carry it to wherever the server likes; requests drops it between hosts only.
        return self._open(self._access.url + path, headers, redirects=not headers)

    def _open(self, url: str, headers: Mapping[str, str], *, redirects: bool = True) -> Iterator[bytes]:
        what = f"GET {urlsplit(url).path}"
        self._local.response = None
        deadline = time.monotonic() + self._access.timeout
        where = _CKAN if url.startswith(self._access.url) else _bare(url)
        with self._named(what, url), _readable(what, where):
            response = self._session.get(url, headers={**headers, "User-Agent": _AGENT}, stream=True,
                                         allow_redirects=redirects)  # fmt: skip
            if response.status_code != 200:
                response.close()
                raise _answer(what, response, where)
            yield from pieces(response, deadline)

    @contextmanager
    def _named(self, what: str, url: str | None = None) -> Iterator[None]:
        """Turn every error of the libraries into an answer. Their texts end here: they quote addresses and bodies.

        ``url``: where it was asked, if not of CKAN; a file may lie on another host, and that one is down then.
        """
        host = _host(url or self._access.url)
        try:
            yield
        except requests.exceptions.SSLError:
            raise Strange(
                f"{host}: its certificate is not one that this machine trusts. Let APENDATA_CKAN_CA_FILE name the "
                "certificates of whoever issued it."
            ) from None
        except (requests.ConnectTimeout, requests.exceptions.ProxyError):
            raise NotDone(f"{host} could not be reached for {what}.") from None
        except requests.Timeout:
            raise Unsure(f"{host} did not answer {what} within {self._access.timeout:g} seconds.") from None
        except requests.ConnectionError as error:
            kind = NotDone if _never_connected(error) else Unsure
            raise kind(f"The connection to {host} broke at {what}.") from None
        except requests.RequestException as error:
            raise _other(host, what, error) from None
        except ckanapi.ValidationError as error:
            raise _refusal(what, error.error_dict) from None
        except ckanapi.NotFound:
            raise Missing(f"CKAN has no such thing, for {what}.") from None
        except ckanapi.NotAuthorized:
            raise Denied(f"CKAN does not allow {what}.") from None
        except ckanapi.CKANAPIError:
            raise _answer(what, self._local.response) from None

    @property
    def _remote(self) -> ckanapi.RemoteCKAN:
        if not hasattr(self._local, "remote"):
            self._local.remote = ckanapi.RemoteCKAN(
                self._access.url.rstrip("/"), apikey=self._token, user_agent=_AGENT, session=self._session
            )
        return self._local.remote

    @property
    def _session(self) -> BoundedSession:
        if not hasattr(self._local, "session"):
            self._local.session = BoundedSession(self._access.timeout, self._access.ca_file)
            # ckanapi hides status and headers of what it does not know in the text of its error.
            self._local.session.hooks["response"].append(self._remember)
        session: BoundedSession = self._local.session
        return session

    def _remember(self, response: requests.Response, *_: Any, **__: Any) -> None:
        self._local.response = response


def _other(host: str, what: str, error: requests.RequestException) -> Strange:
    if isinstance(error, AnswerTooLarge):
        most = f"the {LARGEST >> 20} MiB that apendata reads of one answer (AnswerTooLarge)"
        return TooMuch(f"What {host} gives for {what} is larger than {most}.")
    return Strange(f"{host} cannot be asked for {what} ({type(error).__name__}).")


def _host(url: str) -> str:
    """Without a user and a password, which a steward's address may hold."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return "an address that is none"


def _bare(url: str) -> str:
    """As :func:`_host`, with the path."""
    return f"{urlsplit(url).scheme}://{_host(url)}{urlsplit(url).path}"


@contextmanager
def _readable(what: str, where: str = _CKAN) -> Iterator[None]:
    try:
        yield
    except requests.RequestException:
        raise
    except (ckanapi.ServerIncompatibleError, HTTPError, *_UNREADABLE) as error:
        raise Strange(
            f"What stands at {where} answered {what} as no CKAN does ({type(error).__name__}). Open that address in a "
            "browser without logging in."
        ) from None


def _never_connected(error: requests.ConnectionError) -> bool:
    """Whether the request cannot have reached the server."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return type(reason).__name__ in {"NewConnectionError", "NameResolutionError"}


def _refusal(what: str, errors: Mapping[str, Any]) -> Invalid | NotDone | TooLarge:
    reasons = {name: value for name, value in errors.items() if name != "__type"}
    if _DEADLOCK in str(reasons.get("records", "")):
        return NotDone(f"CKAN's database was held by somebody else at {what}.")
    if "too large" in str(reasons.get("upload", "")):
        return TooLarge(f"CKAN takes no file of this size, at {what}.")
    return Invalid(f"CKAN refused {what}.", reasons)


def _answer(what: str, response: requests.Response | None, where: str = _CKAN) -> Answer:
    """Name an answer by its status; None: there was none. ``where``: the setting or address that was asked."""
    if response is None:
        return Unsure(f"CKAN gave no answer to {what}.")
    status = response.status_code
    if status == 429:
        return NotDone(f"CKAN asks for time before {what} (429).", after=_retry_after(response))
    if status in _UNSURE:
        after = _retry_after(response) if status == 503 else None
        return Unsure(f"CKAN, or what stands before it, failed at {what} ({status}).", after=after)
    if status == 200 and _is_json(response):  # half an answer: what was asked may well have been done
        return Unsure(f"CKAN's answer to {what} ended too early.")
    if status == 400 and _is_json(response) and _UNKNOWN in response.text:
        return Unknown(f"CKAN knows no action for {what} ({status}).")
    kind, sentence = _BY_STATUS.get(status, (Strange, _PAGE))
    return kind(sentence.format(what=what, status=status, where=where))


_PAGE: Final = (
    "{what} was answered with a page instead of data (status {status}): a log-in page, or no CKAN. Open {where} in a "
    "browser without logging in."
)
_UNKNOWN: Final = "Action name not known"
_ELSEWHERE: Final = "CKAN sends us elsewhere for {what} ({status}): {where} must be its final address."
_BY_STATUS: Final[Mapping[int, tuple[type[Answer], str]]] = {
    401: (Denied, "CKAN does not allow {what} ({status})."),
    403: (Denied, "CKAN does not allow {what} ({status})."),
    404: (Missing, "There is nothing at {what} ({status})."),
    410: (Missing, "There is nothing at {what} any more ({status})."),
    413: (TooLarge, "The body of {what} is too large for what stands before CKAN ({status})."),
    **dict.fromkeys(range(300, 400), (Strange, _ELSEWHERE)),
}


def _is_json(response: requests.Response) -> bool:
    return "json" in response.headers.get("Content-Type", "")


def _retry_after(response: requests.Response) -> float | None:
    """Seconds of ``Retry-After``; a date there is not worth a clock that may differ from the server's."""
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() and len(text) < 6 else None


def _hashed(chunks: Iterator[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size
