"""An export as it was received, before anything in it is believed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_LARGEST_SAMPLE: Final = 4_000_000
_BOM: Final = b"\xef\xbb\xbf"


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


def sample_sha256s_of(file: Path) -> frozenset[str]:
    """Return the hashes by which a sample is known again.

    Of its bytes, and of what stays the same where a spreadsheet or a version control has saved it anew with other line
    ends, a byte order mark or another end of the file. Large files are no samples; of those, the bytes' hash alone.
    """
    content = file.read_bytes() if file.stat().st_size <= _LARGEST_SAMPLE else None
    if content is None:
        with file.open("rb") as opened:
            return frozenset([hashlib.file_digest(opened, "sha256").hexdigest()])
    lines = content.removeprefix(_BOM).replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n\x1a")
    return frozenset(hashlib.sha256(each).hexdigest() for each in (content, lines))
