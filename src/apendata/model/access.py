"""How to reach a portal that is a server: what the settings say, without the portal's own words."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Files = Literal["linked", "uploaded"]


@dataclass(frozen=True, slots=True)
class CkanAccess:
    """A CKAN and who we are there: the editor user of one organisation, never a sysadmin."""

    url: str
    """With a slash at its end; https, or http on this machine."""
    token: str = field(repr=False)
    organization: str
    public_url: str | None = None
    """The address as readers know it, where ``url`` is another one, inside the house."""
    ca_file: Path | None = None
    """Certificates to trust instead of the machine's own. TLS is always verified."""
    files: Files = "linked"
    """``linked``: resources lead to the lake's public tree. ``uploaded``: files lie in an archive package on CKAN."""
    timeout: float = 130
    """Seconds to wait for an answer. CKAN itself gives up on a hung Solr after 120."""
    body_limit: int = 900_000
    """Bytes of one request's body; nginx takes 1 MiB where nobody raised it."""
    patience: float = 30
    """Seconds in all that a dataset may spend waiting for a portal that asks to be tried again."""

    @property
    def address(self) -> str:
        """Where readers are sent."""
        return self.public_url or self.url
