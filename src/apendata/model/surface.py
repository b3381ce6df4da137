"""What a portal is about to show, as it will be read there."""

from dataclasses import dataclass
from typing import Literal

from apendata.model.release import VersionNumber


@dataclass(frozen=True, slots=True, repr=False)
class Surface:
    """One page, document or table of rows that readers of a portal will have."""

    name: str
    kind: Literal["html", "json", "rows"]
    """``rows``: a JSON list of objects, column → value, as they are sent."""
    content: bytes
    tables: tuple[str, ...] = ()
    """Those whose rows it shows. A page has ``data-table``, ``data-field`` of its headings and ``data-key`` of its rows
    on the HTML tables that show them, ``data-key`` a JSON list of the key's cells as texts."""
    version: VersionNumber | None = None
    """Whose rows they are; None: no rows of any."""
