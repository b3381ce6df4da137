"""Before a portal's pointer moves: what readers will see there is read back, and holds nothing of a hidden cell."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from apendata.disclosure.leaks.page import Page, documents_of, values_shown
from apendata.disclosure.leaks.refusal import HASH, PROFILE, refuse
from apendata.disclosure.leaks.reread import UNREADABLE, VALUE
from apendata.disclosure.leaks.told import digests_in, profiles_in, records_in
from apendata.lake import HiddenRows, hidden_rows
from apendata.model import Finding, Release, Surface, VersionNumber
from apendata.portals import Portal

_Hidden = Mapping[str, HiddenRows]


def refuse_shown(portal: Portal, release: Release) -> None:
    """Return where nothing that a portal would show of a release tells of a hidden cell.

    There is no true value to look for any more, only places in which nothing may stand: so rows are found by their
    keys, whatever shows them. Releases that hide nothing are not looked at.

    Raises:
        LeakFound: a page, document or payload has a value at a hidden key, tells figures of a column with hidden cells,
            or holds a hash of something else than published bytes.
    """
    versions = {version.number: version for version in (*release.history, release.version)}
    known = {sha for version in versions.values() for sha in (version.data_sha256, *(f.sha256 for f in version.files))}

    @cache
    def hidden(number: VersionNumber) -> _Hidden:
        return hidden_rows(versions[number])

    if hidden(release.version.number):
        surfaces = portal.shows(release)
        refuse(release.dataset, (found for surface in surfaces for found in _in_surface(surface, hidden, known)))


def _in_surface(surface: Surface, hidden: Callable[[VersionNumber], _Hidden], known: set[str]) -> Iterator[Finding]:
    of = hidden(surface.version) if surface.version else {}
    params = {"file": surface.name}
    try:
        page = Page(surface.content) if surface.kind == "html" else None
        documents = list(documents_of(page)) if page else [json.loads(surface.content)]
    except ValueError:
        yield Finding(UNREADABLE, table=next(iter(surface.tables), None), params=params)
        return
    for table in (name for name in surface.tables if name in of):
        if page is not None:
            yield from values_shown(page, surface.name, table, of[table].rows)
    for document in documents:
        yield from _in_document(document, surface, of)
    if surface.kind != "rows" and (found := digests_in(surface.content.decode("utf-8"), known)):
        yield Finding(HASH, count=len(found), params=params)


def _in_document(document: Any, surface: Surface, of: _Hidden) -> Iterator[Finding]:
    params = {"file": surface.name}
    for table, rows in of.items():
        if surface.tables and table not in surface.tables:
            continue
        for column in sorted(set(records_in(document, rows.key, rows.rows))):
            yield Finding(VALUE, table=table, field=column, params=params)
    for column in dict.fromkeys(profiles_in(document, {c for rows in of.values() for c in rows.rows})):
        yield Finding(PROFILE, field=column, params=params)
