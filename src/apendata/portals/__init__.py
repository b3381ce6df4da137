"""Places where the public finds releases. A portal is one folder here and one line in ``PORTALS``.

Every portal passes ``tests/contract/test_portals.py``, which holds the duties of :class:`Portal` one by one.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from apendata.portals.portal import Portal, refuse_synthetic
from apendata.portals.site import SitePortal

PORTALS: Final[Mapping[str, Callable[[Path], Portal]]] = {"site": SitePortal}
"""Name in ``APENDATA_PORTALS`` → how to open it, given the lake's public tree."""

__all__ = ["PORTALS", "Portal", "refuse_synthetic"]
