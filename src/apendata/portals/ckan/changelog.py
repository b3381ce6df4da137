"""What changed in each version, and what time a version tells of, in words for a package's page."""

from collections.abc import Mapping
from typing import Final

from apendata.model import Release, Version
from apendata.portals.words.changes import change_sentences
from apendata.portals.words.periods import period

SHOWN: Final = 20
"""Versions in the package's own list; all of them stand in the public tree."""
PREFIX: Final = "endring "
_LONGEST: Final = 400


def changelog(release: Release) -> dict[str, str]:
    """Return ``endring 2026-11-22 (1.0.2)`` → what changed, in Norwegian, for the newest versions.

    The date stands first, since CKAN sorts extras by their keys; the number behind it keeps two of one day apart.
    """
    known = {version.number: version for version in (*release.history, release.version)}
    told = [(v.created[:10], v.number, "", _words(v)) for v in known.values()]
    told += [(w.at[:10], w.number, " trukket tilbake", w.because[:_LONGEST]) for w in release.withdrawn if w.number]
    newest = sorted(told, reverse=True)[:SHOWN]
    return {f"{PREFIX}{day} ({number}{mark})": words for day, number, mark, words in newest}


def coverage(version: Version, table: str | None = None) -> str:
    """Return the first and last period that a version, or one table of it, tells of: ``2017/2019``; or nothing."""
    parts = [part for part in version.descriptor["resources"] if table in {None, part["name"]}]
    ends = [found for part in parts if (found := _period(version, part["name"], part["schema"]))]
    if not ends:
        return ""
    width = min(len(end) for pair in ends for end in pair)
    return f"{min(first for first, _ in ends)[:width]}/{max(last for _, last in ends)[:width]}"


def _period(version: Version, table: str, schema: Mapping[str, object]) -> tuple[str, ...]:
    file = next(file for file in version.files if file.table == table and file.format == "parquet")
    return period(version.folder / file.path, schema)


def _words(version: Version) -> str:
    sentences = change_sentences(version, "nb")
    return "; ".join(sentences)[:_LONGEST] or {"first": "Første versjon", "data": "Nye tall"}.get(
        version.kind, "Ny beskrivelse"
    )
