"""What a dataset's page shows, in the order in which it shows it: a version put into words of one language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apendata.model import Release, Version
from apendata.portals.site import pointer
from apendata.portals.site.preview import Preview, preview
from apendata.portals.site.snippets import Snippet, snippets
from apendata.portals.words import forms
from apendata.portals.words.changes import change_sentences
from apendata.portals.words.periods import period
from apendata.portals.words.texts import Texts, text

Descriptor = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Download:
    """One file to fetch."""

    name: str
    format: str
    path: str
    size: str


@dataclass(frozen=True, slots=True)
class TableView:
    """One table of a dataset."""

    resource: Descriptor
    rows: str
    preview: Preview
    caption: str
    marks: tuple[str, ...]
    """The words that stand in place of figures in the preview, in the order of the legend."""
    downloads: tuple[Download, ...]
    snippets: tuple[Snippet, ...]


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One version in the history."""

    number: str
    day: str
    stamp: str
    kind: str
    note: str
    changes: tuple[str, ...]
    changes_path: str | None


def tables(release: Release, language: str) -> tuple[TableView, ...]:
    """Return every table with its preview, files and code."""
    resources = release.version.descriptor["resources"]
    return tuple(_table(release, resource, language) for resource in resources)


def covered(release: Release) -> tuple[str, ...]:
    """Return the first and the last date or year that any table tells of, in the shortest form; or nothing."""
    version = release.version
    periods = [period(_parquet(version, resource), resource["schema"]) for resource in version.descriptor["resources"]]
    ends = [found for found in periods if found]
    if not ends:
        return ()
    # A year beside dates: «2018» and «2018-12-31» compare as text, and the year alone is what both can say.
    width = min(len(end) for found in ends for end in found)
    return min(first for first, _ in ends)[:width], max(last for _, last in ends)[:width]


def period_in_words(release: Release, language: str) -> str:
    """Write the period that the tables tell of, ``2017–2019`` or ``31. desember 2019 – 31. desember 2020``."""
    ends = [forms.time(end, language) for end in dict.fromkeys(covered(release))]
    return ("–" if all(end.isdigit() for end in ends) else " – ").join(ends)


def entries(release: Release, language: str) -> tuple[HistoryEntry, ...]:
    """Return the history, newest first; after a rollback the newer versions say that they are not shown."""
    t = Texts(language)
    shown = release.version.number

    def note(version: Version) -> str:
        if version.number == shown:
            return t("history_current")
        return t("history_newer") if version.number > shown else ""

    return tuple(
        HistoryEntry(
            number=str(version.number),
            day=forms.day(version.created, language),
            stamp=version.created,
            kind=t(f"kind_{version.kind}"),
            note=note(version),
            changes=change_sentences(version, language),
            changes_path=_changes_path(version),
        )
        for version in pointer.history(release)
    )


def measures(release: Release, language: str) -> list[tuple[str, str]]:
    """Return each quantity of the dataset once: its title, and its unit and sign in words."""
    fields = (field for resource in release.version.descriptor["resources"] for field in resource["schema"]["fields"])
    told = {text(field, "title", language): unit_and_sign(field, language) for field in fields if "unit" in field}
    return list(told.items())


def protections(release: Release, language: str) -> list[tuple[Descriptor, list[str]]]:
    """Return each way of protection once, with the titles of the tables that it protects."""
    found: dict[str, tuple[Descriptor, list[str]]] = {}
    for resource in release.version.descriptor["resources"]:
        _, titles = found.setdefault(repr(resource["disclosure"]), (resource["disclosure"], []))
        titles.append(text(resource, "title", language))
    return list(found.values())


def unit_and_sign(field: Descriptor, language: str) -> str:
    """Write ``kroner; utgift er positiv, inntekt negativ``."""
    t = Texts(language)
    words = [t(f"unit_{field['unit']}")] if "unit" in field else []
    return "; ".join([*words, *([t(f"sign_{field['sign']}")] if "sign" in field else [])])


def limits(field: Descriptor, language: str) -> str:
    """Write what a field's values keep to besides its codes: ``minst 0, alltid utfylt``."""
    t, allowed = Texts(language), field.get("constraints", {})
    rules = [t(name, n=allowed[name]) for name in ("minimum", "maximum") if name in allowed]
    return ", ".join([*rules, t("required")] if allowed.get("required") else rules)


def kind_of(field: Descriptor, language: str) -> str:
    """Write a field's type; a decimal number says how many decimals."""
    if field["type"] == "number" and "decimals" in field:
        return counted("type_number_decimals", field["decimals"], language)
    return Texts(language)(f"type_{field['type']}")


def counted(key: str, count: int, language: str) -> str:
    """Write ``14 rader`` or ``1 rad``."""
    return Texts(language).counted(key, count, n=forms.number(count, language))


def _table(release: Release, resource: Descriptor, language: str) -> TableView:
    version, t = release.version, Texts(language)
    look = preview(_parquet(version, resource), resource["schema"], language)
    marks = {cell.mark for row in look.rows for cell in row}
    base = release.base_url or ""
    return TableView(
        resource=resource,
        rows=counted("rows", look.total, language),
        preview=look,
        caption=_caption(look, text(resource, "title", language), t, language),
        marks=tuple(mark for mark in ("hidden", "missing", "cannot_occur", "empty") if mark in marks),
        downloads=tuple(
            Download(
                name=file["path"],
                format=t(f"format_{file['format']}"),
                path=f"v{version.number}/{file['path']}",
                size=forms.size(file["bytes"], language),
            )
            for file in _files(resource)
        ),
        snippets=snippets(resource, f"{base}{release.dataset}/latest/"),
    )


def _files(resource: Descriptor) -> Sequence[Descriptor]:
    order = ("csv", "xlsx", "parquet")
    return sorted((resource, *resource["alternates"]), key=lambda file: order.index(file["format"]))


def _caption(look: Preview, title: str, t: Texts, language: str) -> str:
    key = "preview_all" if len(look.rows) == look.total else "preview_newest" if look.newest else "preview_first"
    return t.counted(key, look.total, title=title, n=len(look.rows), total=forms.number(look.total, language))


def _parquet(version: Version, resource: Descriptor) -> Path:
    path: str = next(file["path"] for file in resource["alternates"] if file["format"] == "parquet")
    return version.folder / path


def _changes_path(version: Version) -> str | None:
    path = next((file.path for file in version.files if file.path == "changes.csv" and file.rows != 0), None)
    return None if path is None else f"v{version.number}/{path}"
