"""All packages of the organisation that are ours, by one request for each hundred, kept for a night's work.

A night asks about every dataset, mostly to hear that nothing changed. What the survey says is believed only where it
agrees with what the lake remembers to have read back: Solr may show a change that CKAN rolled back (measured), so it
can never be the reason to think that something stands.
"""

import threading
import time
from collections.abc import Mapping
from typing import Any, Final

from apendata.portals.ckan import names
from apendata.portals.ckan.api import Api
from apendata.portals.ckan.fields import extras_of

PAGE: Final = 100
KEPT_SECONDS: Final = 600.0
"""For how long a survey is used: as long as one night's publishing, so that a night makes one of them."""
_MOST_PAGES: Final = 100


class Survey:
    """Safe to use from several threads: they wait for one of them to ask."""

    def __init__(self, api: Api, organization: str) -> None:
        self._api = api
        self._organization = organization
        self._lock = threading.Lock()
        self._found: Mapping[str, Mapping[str, Any]] = {}
        self._until = 0.0

    def package(self, dataset: str) -> Mapping[str, Any] | None:
        """Return a dataset's package as the search has it; None where it has none.

        Raises:
            Answer: CKAN cannot be asked.
        """
        with self._lock:
            if time.monotonic() >= self._until:
                self._found = self._ask()
                self._until = time.monotonic() + KEPT_SECONDS
            return self._found.get(dataset)

    def forget(self, dataset: str) -> None:
        """Let a dataset's entry go: something was written since."""
        with self._lock:
            self._found = {name: package for name, package in self._found.items() if name != dataset}

    def _ask(self) -> dict[str, Mapping[str, Any]]:
        found: dict[str, Mapping[str, Any]] = {}
        for page in range(_MOST_PAGES):
            answer = self._api.read(
                "package_search",
                fq=f'organization:"{self._organization}" AND extras_{names.ROLE}:dataset',
                include_private=True,
                sort="name asc",
                rows=PAGE,
                start=page * PAGE,
            )
            for package in answer["results"]:
                found[str(extras_of(package).get(names.MARK))] = package
            if len(answer["results"]) < PAGE:
                break
        return found
