"""A reader who asks again and again while somebody publishes, without a token, and writes down what is not whole."""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Self

import requests

RELEASE: Final = "apendata_release"
PAUSE: Final = 0.1
"""Seconds between two rounds: without it, a reader alone keeps a small CKAN busy."""
Whole = Mapping[str, tuple[str, str]]
"""Resource id → (address, sha256): what one release shows."""


@dataclass
class Reader:
    """``with Reader(…) as reader: publish()``; then ``reader.torn`` and ``reader.gaps``."""

    url: str
    dataset: str
    known: Mapping[str, Whole]
    """Release → what is whole of it."""
    table: str
    """The DataStore table that is watched."""
    is_known_row: Callable[[Mapping[str, Any]], bool]
    public: bool = True
    """The dataset was there before: then it may never be gone."""
    torn: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    rounds: int = 0

    def __enter__(self) -> Self:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._stop.set()
        self._thread.join()

    def _read(self) -> None:
        with requests.Session() as session:
            session.trust_env = False
            while not self._stop.is_set():
                self._round(session)
                self.rounds += 1
                time.sleep(PAUSE)

    def _round(self, session: requests.Session) -> None:
        """A reader who gets an error sees no half release: she gets nothing, and asks again."""
        with suppress(_NoAnswerError):
            self._package(session)
        with suppress(_NoAnswerError):
            self._rows(session)

    def _package(self, session: requests.Session) -> None:
        shown = self._ask(session, "package_show", id=self.dataset)
        if shown is None and self.public:
            self.gaps.append("the dataset was gone")
        found = self._ask(session, "package_search", fq=f'name:"{self.dataset}"')
        for package in [shown, *(found["results"] if found else [])]:
            if package is not None:
                self._check(package)

    def _rows(self, session: requests.Session) -> None:
        rows = self._ask(session, "datastore_search", resource_id=self.table, limit=1000)
        if rows is None or not rows["records"]:
            if self.public:
                self.gaps.append("the table was empty or gone")
        elif not all(self.is_known_row(row) for row in rows["records"]):
            self.torn.append("a row that is neither an old nor a new one")

    def _check(self, package: Mapping[str, Any]) -> None:
        ours = [resource for resource in package["resources"] if RELEASE in resource]
        releases = {str(resource[RELEASE]) for resource in ours}
        if len(releases) != 1:
            self.torn.append(f"resources of {len(releases)} releases")
            return
        seen = {resource["id"]: (resource["url"], resource["apendata_sha256"]) for resource in ours}
        (release,) = releases
        if seen != dict(self.known.get(release, {})):
            self.torn.append(f"{release} with resources that are not its own")

    def _ask(self, session: requests.Session, action: str, **data: Any) -> Any:
        try:
            reply = session.post(f"{self.url}/api/3/action/{action}", json=data, timeout=30)
        except requests.RequestException:  # the server itself was taken down for a test
            raise _NoAnswerError from None
        if reply.status_code >= 500:
            raise _NoAnswerError
        return reply.json()["result"] if reply.status_code == 200 else None


class _NoAnswerError(Exception):
    """The server gave none, or says that it failed."""
