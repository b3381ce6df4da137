"""The versions that the lake remembers and the pointer that names them, as JSON on disk and frozen values here."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from apendata.errors import LakeCorrupt
from apendata.lake import durable
from apendata.lake.acceptance import Acceptance
from apendata.lake.hashing import sha256_of_json
from apendata.model import (
    Change,
    ChangeClass,
    Disclosure,
    ExternalFact,
    FileRef,
    Table,
    Text,
    Version,
    VersionNumber,
)

VERSION_FILE: Final = "version.json"
DESCRIPTOR_FILE: Final = "datapackage.json"


@dataclass(frozen=True, slots=True)
class Entry:
    """One committed version in the pointer file."""

    number: VersionNumber
    folder: str
    """Name below the dataset's versions."""
    sha256: str
    """Of version.json, which holds the hash of every other file."""


@dataclass(frozen=True, slots=True)
class Head:
    """The pointer of a dataset: what is a version, which one is the last, and of which build."""

    last: Entry
    build_key: str
    """Of the last build that gave this version; moves forward when another build gives the same."""
    entries: tuple[Entry, ...]
    """Oldest first; what is not here is no version, whatever lies on disk."""

    def entry(self, number: VersionNumber) -> Entry | None:
        """The entry of that number."""
        return next((entry for entry in self.entries if entry.number == number), None)


def read_head(file: Path) -> Head | None:
    """Read the pointer; None where the dataset has no version yet.

    Raises:
        LakeCorrupt: the file is not what we write.
    """
    record = read_json(file)
    if record is None:
        return None
    try:
        entries = tuple(Entry(VersionNumber.parse(e["number"]), e["folder"], e["sha256"]) for e in record["versions"])
        last = next(entry for entry in entries if entry.folder == record["head"])
        return Head(last, record["build_key"], entries)
    except (KeyError, ValueError, TypeError, StopIteration):
        raise broken(file) from None


def write_head(file: Path, head: Head) -> None:
    """Move the pointer, in one step."""
    versions = [{"number": str(e.number), "folder": e.folder, "sha256": e.sha256} for e in head.entries]
    replace_json(file, {"head": head.last.folder, "build_key": head.build_key, "versions": versions})


def version_bytes(
    version: Version,
    contract: Mapping[str, Any],
    table_sha256s: Mapping[str, str],
    policies: Mapping[str, Mapping[str, Any]],
    *,
    compared_with: VersionNumber | None,
    accepted: Acceptance | None,
) -> bytes:
    """Return version.json: all of a version but its descriptor, which is a file of its own.

    ``compared_with`` is the version whose values its ``changes.csv`` tells, which may be withdrawn one day;
    ``accepted`` the acceptance that this version has used up.

    Of the tables' ``policies`` it keeps what the public contract leaves out (:func:`policy_record`).
    """
    record = {
        "dataset": version.dataset,
        "number": str(version.number),
        "kind": version.kind,
        "build_key": version.build_key,
        "data_sha256": version.data_sha256,
        "descriptor_sha256": version.descriptor_sha256,
        "created": version.created,
        "synthetic": version.synthetic,
        "files": [asdict(file) for file in version.files],
        "changes": [asdict(part) for part in version.changes],
        "tables": dict(table_sha256s),
        "contract": contract,
        "compared_with": str(compared_with) if compared_with else None,
        **({"accepted": accepted.as_record()} if accepted else {}),
        "policies": dict(policies),
    }
    return pretty(record)


def policy_record(table: Table) -> Mapping[str, Any]:
    """Return what later versions must not change in a table's policy, and what an audit of this one needs of it."""
    policy = table.disclosure
    kept = ("people", "dimensions", "per", "hierarchies", "max_moves")
    return {
        **{word: getattr(policy, word) for word in kept},
        "external_facts": [asdict(fact) for fact in policy.external_facts],
        "totals": dict(table.margins.totals) if table.margins else {},
    }


def policy_of(told: Mapping[str, Any], kept: Mapping[str, Any]) -> Disclosure:
    """Put together what the public contract tells of a policy and what only the lake's own record keeps."""
    facts = (ExternalFact(**{**fact, "source": Text(**fact["source"])}) for fact in kept.get("external_facts", ()))
    return Disclosure(
        told["method"],
        people=kept.get("people"),
        threshold=told.get("threshold"),
        value=told.get("field"),
        dimensions=tuple(kept.get("dimensions", ())),
        per=tuple(kept.get("per", ())),
        derived=tuple(told.get("derived", ())),
        hierarchies={d: {c: tuple(p) for c, p in g.items()} for d, g in kept.get("hierarchies", {}).items()},
        max_moves=kept.get("max_moves"),
        external_facts=tuple(facts),
    )


def read_version(folder: Path) -> Version:
    """Read a committed version.

    Raises:
        LakeCorrupt: version.json or datapackage.json is missing or is not what we write.
    """
    record = read_record(folder)
    descriptor = read_json(folder / DESCRIPTOR_FILE)
    if descriptor is None:
        raise broken(folder / DESCRIPTOR_FILE)
    own = ("tables", "contract", "compared_with", "accepted", "policies")
    plain = {name: value for name, value in record.items() if name not in own}
    try:
        return Version(
            **{
                **plain,
                "number": VersionNumber.parse(record["number"]),
                "files": tuple(FileRef(**file) for file in record["files"]),
                "changes": tuple(_change(part) for part in record["changes"]),
                "descriptor": descriptor,
                "folder": folder,
            }
        )
    except (KeyError, ValueError, TypeError):
        raise broken(folder / VERSION_FILE) from None


def read_record(folder: Path) -> Mapping[str, Any]:
    """Read version.json as it stands.

    Also ``tables`` (name → hash of rows), ``contract``, ``policies``; in newer ones ``compared_with`` and ``accepted``.

    Raises:
        LakeCorrupt: it is missing or no JSON.
    """
    record = read_json(folder / VERSION_FILE)
    if record is None:
        raise broken(folder / VERSION_FILE)
    return record


def read_rows(version: Version, table: str, columns: Sequence[str] | None = None) -> pa.Table:
    """Read the rows of a table of a version, all columns or some.

    Raises:
        LakeCorrupt: the file is gone, or is none of ours any more.
    """
    file = next(file for file in version.files if file.table == table and file.format == "parquet")
    try:
        return pq.read_table(version.folder / file.path, columns=columns)
    except (FileNotFoundError, pa.ArrowInvalid):
        raise broken(version.folder / file.path) from None


def folder_name(number: VersionNumber, *content: str | None) -> str:
    """Return a version's folder: candidates for one number differ in content, so they never share a folder."""
    return f"{number}-{sha256_of_json(content)[:12]}"


def accepted_of(folder: Path) -> Acceptance | None:
    """Return the acceptance that a version has used up; None: it needed none.

    Raises:
        LakeCorrupt: version.json is missing or is not what we write.
    """
    try:
        return Acceptance.of(read_record(folder).get("accepted"))
    except TypeError:
        raise broken(folder / VERSION_FILE) from None


def pretty(record: Any) -> bytes:
    """Return a value as JSON that people can read too, always the same bytes."""
    return (json.dumps(record, ensure_ascii=False, indent=2) + "\n").encode()


def _change(part: Mapping[str, Any]) -> Change:
    return Change(**{**part, "level": ChangeClass(part["level"])})


def read_json(file: Path) -> dict[str, Any] | None:
    """Read a file of ours; None where there is none.

    Raises:
        LakeCorrupt: it is not what we write.
    """
    try:
        content = json.loads(file.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        raise broken(file) from None
    if not isinstance(content, dict):
        raise broken(file)
    return content


def replace_json(file: Path, record: Mapping[str, Any]) -> None:
    """Replace a file of ours, in one step."""
    durable.make_folder(file.parent)
    durable.replace_file(file, pretty(record))


def broken(file: Path) -> LakeCorrupt:
    """Return the error of a file that is not what we wrote."""
    return LakeCorrupt(
        f"{file.parent.name}/{file.name}: missing, or not what apendata wrote. "
        "Run `apendata verify` to see all that is wrong, and restore the lake from a backup."
    )


def newest_first(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return entries with the highest number first."""
    return tuple(sorted(entries, key=lambda entry: entry.number, reverse=True))
