"""The catalog of all datasets: derived from what stands behind each pointer, never from what a run knows.

So it is right after any crash, rollback or half a night, and a dataset that failed stays in it with its last release.
"""

import json
from pathlib import Path
from typing import Any

from apendata.model import Release
from apendata.portals.site import assets, pages, pointer, store


def update(public: Path, base_url: str | None) -> None:
    """Bring the catalog up to date; a file that would not change is not touched."""
    with store.locked(public):
        assets.put(public)
        for name, content in expected(public, base_url).items():
            store.write_file(public / name, content)


def expected(public: Path, base_url: str | None, *, coming: Release | None = None) -> dict[str, bytes]:
    """Return the catalog's files as they should be now: path under ``public`` → content.

    ``coming``: a release that counts as if it stood behind its pointer already.
    """
    datasets, gone = released(public), withdrawn(public)
    if coming is not None:
        datasets = [entry for entry in datasets if entry["dataset"] != coming.dataset]
        gone = [entry for entry in gone if entry["dataset"] != coming.dataset]
        datasets = sorted([*datasets, _entry_of(coming)], key=lambda entry: str(entry["dataset"]))
    style = assets.path()
    return {
        "index.html": pages.catalog_page(datasets, "nb", style, base_url=base_url, withdrawn=gone).encode(),
        "en.html": pages.catalog_page(datasets, "en", style, base_url=base_url, withdrawn=gone).encode(),
        "catalog.json": _catalog_json(datasets, gone, base_url),
    }


def base_url_of(public: Path) -> str | None:
    """Return the public address that the catalog was written with; who withdraws is not told it."""
    file = public / "catalog.json"
    base_url: str | None = store.read_json(file).get("baseUrl")
    return base_url


def released(public: Path) -> list[dict[str, Any]]:
    """Return the ``latest.json`` of every released dataset, and its publisher, in the order of their ids."""
    return [
        _entry(folder) for folder in _pointers(public) if _read(folder / "latest.json").get("withdrawn") is not True
    ]


def withdrawn(public: Path) -> list[dict[str, Any]]:
    """Return the tombstone of every dataset that was withdrawn, in the order of their ids."""
    told: list[dict[str, Any]] = [_read(folder / "latest.json") for folder in _pointers(public)]
    return [entry for entry in told if entry.get("withdrawn") is True]


def _pointers(public: Path) -> list[Path]:
    return [folder for folder in sorted(public.glob("*/release")) if store.read_json(folder / "latest.json")]


def _entry(release: Path) -> dict[str, Any]:
    """The publisher comes from the version's own descriptor: releases of several may meet in one tree."""
    latest: dict[str, Any] = _read(release / "latest.json")
    return latest | {"publisher": _read(release / "latest" / "datapackage.json")["contributors"][0]}


def _entry_of(release: Release) -> dict[str, Any]:
    latest: dict[str, Any] = json.loads(pointer.latest_json(release))
    return latest | {"publisher": release.version.descriptor["contributors"][0]}


def _read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def _catalog_json(datasets: list[dict[str, Any]], gone: list[dict[str, Any]], base_url: str | None) -> bytes:
    names = (
        "dataset",
        "title",
        "title_en",
        "description",
        "description_en",
        "domain",
        "rhythm",
        "license",
        "synthetic",
        "publisher",
    )
    entries = [
        {name: entry[name] for name in (*names, "version", "created", "rows", "tables")}
        | {"url": f"{base_url or ''}{entry['dataset']}/", "latest": f"{base_url or ''}{entry['dataset']}/latest.json"}
        for entry in datasets
    ]
    told = [{name: entry[name] for name in ("dataset", "title", "title_en", "because", "at")} for entry in gone]
    address = {"baseUrl": base_url} if base_url else {}
    return pointer.as_json({**address, "datasets": entries, **({"withdrawn": told} if told else {})})
