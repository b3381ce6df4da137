"""Places where the public finds releases. A portal is one folder here and one line in ``PORTALS``.

Every portal passes ``tests/contract/test_portals.py``, which holds the duties of :class:`Portal` one by one.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from apendata.errors import UsageError
from apendata.model import CkanAccess
from apendata.portals.portal import Portal, refuse_synthetic
from apendata.portals.site import SitePortal


def _site(public: Path, _: CkanAccess | None) -> Portal:
    return SitePortal(public)


def _ckan(_: Path, access: CkanAccess | None) -> Portal:
    from apendata.portals.ckan import CkanPortal  # its client costs a tenth of a second that the site need not pay

    if access is None:
        raise UsageError(
            "APENDATA_PORTALS names ckan, but APENDATA_CKAN_URL, APENDATA_CKAN_TOKEN and APENDATA_CKAN_ORGANIZATION "
            "are not set. docs/ckan.md says how to get them."
        )
    return CkanPortal(access)


PORTALS: Final[Mapping[str, Callable[[Path, CkanAccess | None], Portal]]] = {"site": _site, "ckan": _ckan}
"""Name in ``APENDATA_PORTALS`` → how to open it, given the lake's public tree and how to reach a CKAN."""

__all__ = ["PORTALS", "Portal", "refuse_synthetic"]
