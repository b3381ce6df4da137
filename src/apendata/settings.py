"""Every setting, read once from the environment and ``.env`` into one frozen object. The only place that does so."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from dotenv import dotenv_values

from apendata.errors import UsageError

PREFIX: Final = "APENDATA_"

# Name → what it is. `docs/operations.md` lists the same; a test compares them.
DOCUMENTED: Final[Mapping[str, str]] = {
    "APENDATA_LAKE": "the lake's folder (default: lake)",
    "APENDATA_DATASETS": "the folder with one folder for each dataset (default: datasets)",
    "APENDATA_SCHEMAS": "the folder of the Table Schemas (default: schemas)",
    "APENDATA_SOURCES": (
        "where the exports lie: a folder with one folder for each dataset, or a path with {id} in it (default: sources)"
    ),
    "APENDATA_PORTALS": "the portals to release to, with commas between (default: site)",
    "APENDATA_BASE_URL": "the public tree's address, https://…/ (default: none; pages then use relative links only)",
    "APENDATA_LOCK_WAIT": "seconds to wait for another run that holds a dataset (default: 60)",
}

SAMPLES: Final = "{datasets}/{id}/sample"
"""``APENDATA_SOURCES`` of `make run`: every dataset's own small synthetic export."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What apendata is told from outside. ``repr`` shows nothing that could be a secret."""

    lake: Path
    datasets: Path
    schemas: Path
    sources: str = field(repr=False)
    """A path, ``{id}`` in it or not. May be an address with credentials one day, so it is not shown."""
    portals: tuple[str, ...]
    base_url: str | None
    lock_wait: float

    @classmethod
    def from_mapping(cls, values: Mapping[str, str], folder: Path) -> "Settings":
        """Read settings from a mapping; relative paths are relative to ``folder``.

        Raises:
            UsageError: a value cannot be what its name says, or a name with our prefix is unknown (a misspelt setting
                would otherwise be a silent default).
        """
        unknown = sorted(name for name in values if name.startswith(PREFIX) and name not in DOCUMENTED)
        if unknown:
            raise UsageError(f"Unknown setting {', '.join(unknown)}. Known: {', '.join(DOCUMENTED)}.")
        return cls(
            lake=folder / values.get("APENDATA_LAKE", "lake"),
            datasets=folder / values.get("APENDATA_DATASETS", "datasets"),
            schemas=folder / values.get("APENDATA_SCHEMAS", "schemas"),
            sources=str(folder / values.get("APENDATA_SOURCES", "sources")),
            portals=tuple(name.strip() for name in values.get("APENDATA_PORTALS", "site").split(",") if name.strip()),
            base_url=_base_url(values.get("APENDATA_BASE_URL")),
            lock_wait=_seconds(values.get("APENDATA_LOCK_WAIT", "60")),
        )

    @classmethod
    def load(cls, folder: Path | None = None) -> "Settings":
        """Read ``.env`` in the working folder, and the environment, which wins over it.

        Raises:
            UsageError: as :meth:`from_mapping`.
        """
        here = folder or Path.cwd()
        written = {name: value for name, value in dotenv_values(here / ".env").items() if value is not None}
        return cls.from_mapping({**written, **os.environ}, here)

    def on_samples(self) -> "Settings":
        """Return the same settings with every dataset reading its own sample."""
        return replace(self, sources=SAMPLES)

    def sources_of(self, dataset_id: str) -> Path:
        """Return the folder that holds one dataset's exports."""
        path = self.sources.replace("{datasets}", str(self.datasets))
        if "{id}" in path:
            return Path(path.replace("{id}", dataset_id))
        return Path(path) / dataset_id


def _base_url(value: str | None) -> str | None:
    if not value:
        return None
    address = urlsplit(value)
    here = address.scheme == "http" and address.hostname in ("localhost", "127.0.0.1", "::1")
    if not address.hostname or not (address.scheme == "https" or here) or address.query or address.fragment:
        raise UsageError("APENDATA_BASE_URL must be an https:// address, or http:// on this machine (127.0.0.1).")
    return value.rstrip("/") + "/"


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= 86_400:
        raise UsageError("APENDATA_LOCK_WAIT must be a number of seconds from 0 to 86400.")
    return seconds
