"""``latest.json``: what stands behind the pointer, for programs. The catalog is made from these files."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from apendata.model import FileRef, Release, Version, Withdrawal
from apendata.portals.site import store


def latest_json(release: Release) -> bytes:
    """Return the file: the dataset in brief, the version, its files with addresses and hashes, the history.

    Addresses are absolute where the site has a public address, else relative to the dataset's folder.
    """
    version, descriptor = release.version, release.version.descriptor
    address = "" if release.base_url is None else f"{release.base_url}{release.dataset}/"
    content = {
        "dataset": release.dataset,
        "version": str(version.number),
        "created": version.created,
        "kind": version.kind,
        "synthetic": version.synthetic,
        "dataSha256": version.data_sha256,
        "rows": version.rows,
        "tables": [resource["name"] for resource in descriptor["resources"]],
        **_about(descriptor),
        "files": [_file(version, file, address) for file in version.files],
        "history": [_entry(entry, address) for entry in history(release)],
        **({"withdrawn": [_gone(part) for part in release.withdrawn]} if release.withdrawn else {}),
    }
    return as_json(content)


def tombstone_json(withdrawal: Withdrawal, descriptor: Mapping[str, Any]) -> bytes:
    """Return the file for a dataset that was withdrawn: that it was there, when it went and why, and no file."""
    words = {name: descriptor[name] for name in ("title", "title_en", "domain")}
    gone = {"withdrawn": True, "because": withdrawal.because, "at": withdrawal.at}
    return as_json({"dataset": withdrawal.dataset, **gone, **words, "files": []})


def knows_of(state: Path, gone: Collection[str]) -> bool:
    """Tell whether pages were made after all these versions were withdrawn, so that they show nothing of them."""
    file = state / "latest.json"
    content = store.read_json(file)
    if not content:
        return False
    told = content.get("withdrawn", [])
    return told is True or set(gone) <= {part["version"] for part in told}


def history(release: Release) -> list[Version]:
    """All versions the public may see, newest first; after a rollback some are newer than the released one."""
    known = {version.number: version for version in (*release.history, release.version)}
    return [known[number] for number in sorted(known, reverse=True)]


def as_json(content: Mapping[str, Any]) -> bytes:
    """Write JSON as people can read it: two blanks, letters as they are, a line feed at the end."""
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def _about(descriptor: Mapping[str, Any]) -> dict[str, Any]:
    names = ("title", "title_en", "description", "description_en", "keywords", "keywords_en", "domain", "rhythm")
    licence = descriptor["licenses"][0]
    return {name: descriptor[name] for name in names} | {"license": licence["name"], "licenseUrl": licence["path"]}


def _gone(withdrawal: Withdrawal) -> dict[str, str]:
    return {"version": str(withdrawal.number), "because": withdrawal.because, "at": withdrawal.at}


def _file(version: Version, file: FileRef, address: str) -> dict[str, Any]:
    return {
        "table": file.table,
        "format": file.format,
        "path": file.path,
        "url": urljoin(address, f"v{version.number}/{file.path}"),
        "sha256": file.sha256,
        "bytes": file.bytes,
        "rows": file.rows,
    }


def _entry(version: Version, address: str) -> dict[str, Any]:
    return {
        "version": str(version.number),
        "created": version.created,
        "kind": version.kind,
        "url": urljoin(address, f"v{version.number}/"),
        "dataSha256": version.data_sha256,
        "changes": [
            {"rule": c.rule, "level": str(c.level), "table": c.table, "field": c.field, "count": c.count}
            for c in version.changes
        ],
    }
