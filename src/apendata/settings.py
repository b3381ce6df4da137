"""Every setting, read once from the environment and ``.env`` into one frozen object. The only place that does so."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from dotenv import dotenv_values

from apendata.errors import UsageError
from apendata.model import CkanAccess, Files

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
    "APENDATA_CKAN_URL": "the CKAN portal's address, https://…/ (default: none)",
    "APENDATA_CKAN_PUBLIC_URL": "its address as readers know it, where that is another (default: APENDATA_CKAN_URL)",
    "APENDATA_CKAN_TOKEN": "the API token of an editor of the organisation; secret (default: none)",
    "APENDATA_CKAN_ORGANIZATION": "the name of the organisation that owns the datasets there (default: none)",
    "APENDATA_CKAN_CA_FILE": "certificates to trust instead of the machine's own (default: none)",
    "APENDATA_CKAN_FILES": "linked: to the public tree; uploaded: to an archive package on CKAN (default: linked)",
    "APENDATA_CKAN_TIMEOUT": "seconds to wait for an answer (default: 130)",
    "APENDATA_CKAN_BODY_LIMIT": "bytes that one request may carry, as the proxy before CKAN allows (default: 900000)",
    "APENDATA_CKAN_PATIENCE": "seconds in all that a dataset waits for a portal that asks for time (default: 30)",
}

_ORGANIZATION: Final = re.compile(r"[a-z0-9_-]{2,100}")

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
    ckan: CkanAccess | None = None

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
            lock_wait=_seconds(values, "APENDATA_LOCK_WAIT", "60"),
            ckan=_ckan(values, folder),
        )

    @classmethod
    def load(cls, folder: Path | None = None) -> "Settings":
        """Read ``.env`` in the working folder, and the environment, which wins over it.

        Raises:
            UsageError: as :meth:`from_mapping`.
        """
        here = folder or Path.cwd()
        try:
            written = {name: value for name, value in dotenv_values(here / ".env").items() if value is not None}
        except UnicodeDecodeError:
            raise UsageError(f"{here / '.env'} is not in UTF-8. Save it again in that encoding.") from None
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


def _ckan(values: Mapping[str, str], folder: Path) -> CkanAccess | None:
    needed = [f"{PREFIX}CKAN_{word}" for word in ("URL", "TOKEN", "ORGANIZATION")]
    given = [name for name in needed if values.get(name)]
    if not given:
        return None
    if missing := sorted(set(needed) - set(given)):
        raise UsageError(f"{', '.join(given)} is set, but not {', '.join(missing)}. CKAN needs all three.")
    token, organization = values["APENDATA_CKAN_TOKEN"].strip(), values["APENDATA_CKAN_ORGANIZATION"]
    if not (token.isascii() and token.isprintable() and " " not in token):  # a header would break, or carry two
        raise UsageError("APENDATA_CKAN_TOKEN is not a token: expected one word of ASCII letters, digits and signs.")
    if not _ORGANIZATION.fullmatch(organization):
        raise UsageError("APENDATA_CKAN_ORGANIZATION must be the organisation's name as its address at CKAN shows it.")
    public = values.get("APENDATA_CKAN_PUBLIC_URL")
    return CkanAccess(
        url=_address(values["APENDATA_CKAN_URL"], "APENDATA_CKAN_URL"),
        token=token,
        organization=organization,
        public_url=_address(public, "APENDATA_CKAN_PUBLIC_URL") if public else None,
        ca_file=_ca_file(values, folder),
        files=_files(values.get("APENDATA_CKAN_FILES", "linked")),
        timeout=_seconds(values, "APENDATA_CKAN_TIMEOUT", "130", least=0.1),
        body_limit=int(_seconds(values, "APENDATA_CKAN_BODY_LIMIT", "900000", least=10_000, most=1e9, unit="bytes")),
        patience=_seconds(values, "APENDATA_CKAN_PATIENCE", "30", least=0),
    )


def _ca_file(values: Mapping[str, str], folder: Path) -> Path | None:
    name = values.get("APENDATA_CKAN_CA_FILE")
    if not name:
        return None
    file = folder / name
    if not file.is_file():
        raise UsageError(f"APENDATA_CKAN_CA_FILE: there is no file {file}. Expected certificates in PEM form.")
    return file


def _files(value: str) -> Files:
    if value == "linked":
        return "linked"
    if value == "uploaded":
        return "uploaded"
    raise UsageError("APENDATA_CKAN_FILES must be linked or uploaded.")


def _base_url(value: str | None) -> str | None:
    return _address(value, "APENDATA_BASE_URL") if value else None


def _address(value: str, name: str) -> str:
    try:
        address = urlsplit(value)
        _ = address.port  # read here, or a port that is none fails later
    except ValueError:
        raise UsageError(f"{name} is not an address.") from None
    here = address.scheme == "http" and address.hostname in ("localhost", "127.0.0.1", "::1")
    if not address.hostname or not (address.scheme == "https" or here) or address.query or address.fragment:
        raise UsageError(f"{name} must be an https:// address, or http:// on this machine (127.0.0.1).")
    if address.username is not None or address.password is not None:  # it would stand in logs and on pages
        raise UsageError(f"{name} must hold no user name and no password.")
    return value.rstrip("/") + "/"


def _seconds(
    values: Mapping[str, str], name: str, default: str, *, least: float = 0, most: float = 86_400, unit: str = "seconds"
) -> float:
    try:
        number = float(values.get(name) or default)
    except ValueError:
        number = -1
    if not least <= number <= most:
        raise UsageError(f"{name} must be a number of {unit} from {least:g} to {most:.0f}.")
    return number
