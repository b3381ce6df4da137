"""What a release makes of a package: every field that apendata writes, as a pure function of the release."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from apendata.model import FileRef, Release, Version
from apendata.portals.ckan import names
from apendata.portals.ckan.changelog import changelog, coverage
from apendata.portals.ckan.generations import Generations, generation_of, generations
from apendata.portals.ckan.tables import WantedTable, wanted_table

Address = Callable[[Version, FileRef], str]
"""Where a version's file lies."""

VIEW: Final = "apendata_view"
"""The field of a table's resource that says that its preview was made once."""
_FORMATS: Final = {"csv": "CSV", "xlsx": "XLSX", "parquet": "Parquet", "json": "JSON"}
_MEDIA: Final = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
}
DESCRIPTOR: Final = "datapackage.json"
_NO_TAG: Final = re.compile(r"[^\w \-.]")
_SAMPLE: Final = (
    "**Eksempeldata. Tallene er laget for prøving og sier ingenting om virkeligheten.** / "
    "**Sample data. The figures are made up for trials and say nothing about the real world.**"
)


@dataclass(frozen=True, slots=True)
class WantedResource:
    """One resource: what a person may reword, and what only the release may say."""

    id: str
    file: str
    text: Mapping[str, str]
    release: Mapping[str, Any]
    table: WantedTable | None
    version: Version
    ref: FileRef


@dataclass(frozen=True, slots=True)
class WantedPackage:
    """One package. ``text`` and ``extra_texts`` may be reworded by a person, the rest only the release may say."""

    name: str
    dataset: str
    text: Mapping[str, str]
    tags: tuple[str, ...]
    extra_texts: Mapping[str, str]
    release: Mapping[str, Any]
    extras: Mapping[str, str]
    resources: tuple[WantedResource, ...]
    ever: frozenset[str]
    """The ids of all resources that the dataset has or had: what else stands there is a person's."""

    @property
    def tables(self) -> tuple[WantedTable, ...]:
        """The DataStore's tables."""
        return tuple(resource.table for resource in self.resources if resource.table is not None)

    @property
    def anchor(self) -> WantedResource:
        """The resource by which the package is found again when it was renamed: the descriptor's."""
        return next(resource for resource in self.resources if resource.file == DESCRIPTOR)


def wanted_package(release: Release, address: Address) -> WantedPackage:
    """Return what a release wants of its package.

    Raises:
        PortalRefused: CKAN has no room for a name.
    """
    version = release.version
    descriptor = version.descriptor
    found = generations((*release.history, version))
    common = _common(release)
    return WantedPackage(
        name=names.package_name(release.dataset),
        dataset=release.dataset,
        text=_texts(release),
        tags=tuple(sorted({tag for word in descriptor["keywords"] if len(tag := _tag(word)) > 1})),
        extra_texts=dict(_extra_texts(descriptor)),
        release={"version": str(version.number), "private": False, "state": "active"},
        extras=_extras(release),
        resources=tuple(_resources(version, found, address, common)),
        ever=frozenset(_ever(release)),
    )


def _ever(release: Release) -> Iterator[str]:
    versions = (release.version, *release.history, *release.gone)
    paths = {file.path for version in versions for file in version.files}
    majors = max(version.number.major for version in versions)
    yield from names.resource_ids(release.version.descriptor["id"], paths, majors)


def _texts(release: Release) -> dict[str, str]:
    descriptor = release.version.descriptor
    publisher, contact = descriptor["contributors"]
    return {
        "title": descriptor["title"],
        "notes": _notes(descriptor),
        "license_id": descriptor["licenses"][0]["name"],
        "author": publisher["title"],
        "maintainer": contact["title"],
        "maintainer_email": contact["email"],
        **({"url": f"{release.base_url}{release.dataset}/"} if release.base_url else {}),
    }


def _notes(descriptor: Mapping[str, Any]) -> str:
    """The description in both languages, as Markdown, which is what CKAN shows."""
    parts = [_SAMPLE] if descriptor["synthetic"] else []
    for suffix, coverage_word, limits_word in (("", "Dekning", "Begrensninger"), ("_en", "Coverage", "Limitations")):
        parts += [] if not suffix else [f"### {descriptor['title_en']}"]
        parts += [descriptor[f"description{suffix}"], f"**{coverage_word}:** {descriptor[f'coverage{suffix}']}"]
        limits = descriptor[f"limitations{suffix}"]
        parts += [f"**{limits_word}:**", "\n".join(f"- {limit}" for limit in limits)] if limits else []
    return "\n\n".join(parts)


def _extra_texts(descriptor: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    publisher = descriptor["contributors"][0]
    yield "title_en", descriptor["title_en"]
    yield "keywords_en", ", ".join(descriptor["keywords_en"])
    yield "frequency", descriptor["rhythm"]
    yield "publisher_name", publisher["title"]
    if "registerEntry" in publisher:
        yield "publisher_uri", publisher["registerEntry"]


def _extras(release: Release) -> dict[str, str]:
    return {
        names.MARK: release.dataset,
        names.ROLE: "dataset",
        names.RELEASE: str(release.version.number),
        "apendata_synthetic": _yes(release.version.synthetic),
        "apendata_coverage": coverage(release.version),
        **changelog(release),
    }


def _common(release: Release) -> dict[str, Any]:
    """What stands in every resource, since only resources among themselves are never mixed (measured)."""
    version = release.version
    return {
        names.RELEASE: str(version.number),
        "apendata_modified": version.created,
        "apendata_synthetic": _yes(version.synthetic),
    }


def _resources(
    version: Version, found: Generations, address: Address, common: Mapping[str, Any]
) -> Iterator[WantedResource]:
    lasting = version.descriptor["id"]
    for part in version.descriptor["resources"]:
        number = generation_of(found, part["name"], version)
        yield from _of_table(version, part, number, address=address, common={**common, "apendata_status": "current"})
    for file in version.files:
        if file.table is None:
            yield WantedResource(
                id=names.resource_id(lasting, file.path),
                file=file.path,
                text=_about_file(file),
                release={**_release_fields(version, file, address), **common, "apendata_status": "current"},
                table=None,
                version=version,
                ref=file,
            )
    yield from _superseded(version, found, address, common)


def _superseded(
    version: Version, found: Generations, address: Address, common: Mapping[str, Any]
) -> Iterator[WantedResource]:
    """Resources of earlier, or after a rollback later, generations: each keeps the last table that it had."""
    there = {part["name"] for part in version.descriptor["resources"]}
    for table, numbers in found.items():
        current = generation_of(found, table, version) if table in there else None
        for number, last in sorted(numbers.items(), reverse=True):
            if number != current:
                part = next(part for part in last.descriptor["resources"] if part["name"] == table)
                yield from _of_table(
                    last, part, number, address=address, common={**common, "apendata_status": "superseded"}
                )


def _of_table(
    version: Version, part: Mapping[str, Any], generation: int, *, address: Address, common: Mapping[str, Any]
) -> Iterator[WantedResource]:
    old = common["apendata_status"] != "current"
    for file in _csv_first(file for file in version.files if file.table == part["name"]):
        id_ = names.resource_id(version.descriptor["id"], file.path, generation)
        own = {"apendata_table": part["name"], "apendata_generation": generation, "apendata_rows": file.rows}
        active = {"datastore_active": True, VIEW: "datatables_view"} if file.format == "csv" else {}
        yield WantedResource(
            id=id_,
            file=file.path if not old else f"{file.path} ({generation})",
            text=_about_table(part, file, version if old else None),
            release={**_release_fields(version, file, address), **common, **own, **active},
            table=wanted_table(part, id_, version.folder) if file.format == "csv" else None,
            version=version,
            ref=file,
        )


def _release_fields(version: Version, file: FileRef, address: Address) -> dict[str, Any]:
    return {
        "url": address(version, file),
        "format": _FORMATS[file.format],
        "mimetype": _MEDIA[file.format],
        "size": file.bytes,
        "last_modified": version.created.removesuffix("Z"),
        "apendata_version": str(version.number),
        "apendata_sha256": file.sha256,
        "apendata_coverage": coverage(version, file.table) if file.table else coverage(version),
    }


def _about_table(part: Mapping[str, Any], file: FileRef, old: Version | None) -> dict[str, str]:
    last = "" if old is None else f", til og med versjon {old.number}"
    replaced = "" if old is None else "Avløst; se den gjeldende tabellen. / Superseded; see the current table.\n\n"
    return {
        "name": f"{part['title']} ({_FORMATS[file.format]}{last})",
        "description": f"{replaced}{part['description']}\n\n*{part['title_en']}.* {part['description_en']}",
    }


def _about_file(file: FileRef) -> dict[str, str]:
    known = {
        DESCRIPTOR: (
            "Datapakke: kolonner, enheter, fortegn og filer (JSON)",
            "Beskrivelse etter Data Package v2. / Description after Data Package v2.",
        ),
        "changes.csv": (
            "Endringer siden forrige versjon (CSV)",
            "Hver endret celle, ny rad og fjernet rad. / Every changed cell, new row and removed row.",
        ),
    }
    name, description = known.get(file.path, (file.path, ""))
    return {"name": name, "description": description}


def _csv_first(files: Iterator[FileRef]) -> Sequence[FileRef]:
    return sorted(files, key=lambda file: (file.format != "csv", file.format != "xlsx", file.format))


def _tag(word: str) -> str:
    """CKAN takes letters, digits, blanks and ``-_.`` in a tag, between 2 and 100 of them."""
    return " ".join(_NO_TAG.sub(" ", word).split())[:100].strip()


def _yes(value: bool) -> str:  # noqa: FBT001 (it is the value that is written)
    return "true" if value else "false"
