"""A reader who asks again and again while somebody publishes, without a token, and writes down what is not whole."""

import threading
from collections.abc import Callable, Mapping
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
    hidden: list[str] = field(default_factory=list)
    """Of a first release: it was there, and was taken back. A publisher may do that; it is told, not counted."""
    rounds: int = 0
    seen: int = 0
    """Whole packages that were read. A reader who was never shown one has not watched."""

    def __enter__(self) -> Self:
        self._had: set[str] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        """The reader looks once more at what is there in the end; one who was shown nothing has failed."""
        self._stop.set()
        self._thread.join()
        if not self.seen:
            self.torn.append("the reader was never shown the dataset")

    def _read(self) -> None:
        with requests.Session() as session:
            session.trust_env = False
            while not self._stop.is_set():
                self._round(session)
                self._stop.wait(PAUSE)
            self._round(session)

    def _round(self, session: requests.Session) -> None:
        """A reader who gets an error sees no half release: she gets nothing, and asks again."""
        for look in (self._package, self._search, self._rows):
            try:
                look(session)
            except _NoAnswerError:
                continue
            except (KeyError, TypeError, ValueError) as error:  # 200, and not what CKAN says
                self.torn.append(f"an answer that nobody can read ({type(error).__name__})")
        self.rounds += 1

    def _package(self, session: requests.Session) -> None:
        package = self._ask(session, "package_show", id=self.dataset)
        if self._is_there("the dataset", package):
            self._check(package)

    def _search(self, session: requests.Session) -> None:
        found = self._ask(session, "package_search", fq=f'name:"{self.dataset}"')
        packages = found["results"] if found else []
        if self._is_there("the dataset in the search", packages):
            for package in packages:
                self._check(package)

    def _rows(self, session: requests.Session) -> None:
        found = self._ask(session, "datastore_search", resource_id=self.table, limit=1000)
        rows = found["records"] if found else []
        if self._is_there("the table", rows) and not all(self._is_ours(row) for row in rows):
            self.torn.append("a row that is neither an old nor a new one")

    def _is_there(self, what: str, found: Any) -> bool:
        if found:
            self._had.add(what)
        elif self.public:
            self.gaps.append(f"{what} was gone or empty")
        elif what in self._had:
            self.hidden.append(f"{what} was taken back")
        return bool(found)

    def _is_ours(self, row: Mapping[str, Any]) -> bool:
        try:
            return self.is_known_row(row)
        except KeyError:  # a column is not there
            return False

    def _check(self, package: Mapping[str, Any]) -> None:
        self.seen += 1
        ours = [resource for resource in package["resources"] if RELEASE in resource]
        releases = {str(resource[RELEASE]) for resource in ours}
        if len(releases) != 1:
            self.torn.append(f"resources of {len(releases)} releases")
            return
        seen = {resource["id"]: (resource["url"], resource.get("apendata_sha256")) for resource in ours}
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
        if reply.status_code in {403, 404}:
            return None
        return reply.json()["result"]


class _NoAnswerError(Exception):
    """The server gave none, or says that it failed."""
