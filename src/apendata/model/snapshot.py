"""An export as it was received, before anything in it is believed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One file of one source. ``file`` is a local copy that nobody else writes to, or the local file itself."""

    source: str
    name: str
    """What a person calls it: the path below the source folder, or the URL without its query."""
    file: Path = field(repr=False)
    sha256: str
    bytes: int
    placeholders: Mapping[str, str] = field(default_factory=dict)
    """The placeholders of the source's path and what stands there in this file's name, in canonical form."""
    dataset: str = ""
    """Whose export it is: that of a code list belongs to the list's owner."""
