"""What the lake remembers, as JSON on disk and as frozen values in the program."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from apendata.errors import LakeCorrupt
from apendata.lake import durable
from apendata.lake.acceptance import Acceptance
from apendata.lake.hashing import sha256_of_json
from apendata.model import Change, ChangeClass, Disclosure, FileRef, Version, VersionNumber

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


@dataclass(frozen=True, slots=True)
class Hold:
    """Somebody rolled back: the night leaves the pointer on ``number`` until something new has been built."""

    number: VersionNumber
    because: str
    since: str
    known: tuple[str, ...]
    """Folders of the versions that were there: none of them ends the hold."""
    inputs: str
    """Hash of the sources and the definition of the last version then; a build from the same does not end the hold."""


@dataclass(frozen=True, slots=True)
class Gone:
    """A version, or with no number the whole dataset, was withdrawn."""

    number: VersionNumber | None
    because: str
    at: str
    again: bool = False
    """Somebody said since that its rows may be public again, under another number."""


@dataclass(frozen=True, slots=True)
class State:
    """What the public can see of a dataset."""

    exposed: tuple[VersionNumber, ...] = ()
    """Numbers that stand under ``public/``, or are just being put there: never given to another version."""
    released: Mapping[str, VersionNumber] = field(default_factory=dict)
    """Portal → the version that its pointer names."""
    hold: Hold | None = None
    withdrawn: tuple[Gone, ...] = ()
    """Oldest first. Their numbers stay in ``exposed``: they were seen."""
    accepted: Acceptance | None = None
    """A difference that a steward lets through, until the build that has it is on record."""
    event: Mapping[str, str] | None = None
    """What made the state what it is, as the ledger is told of it next: who comes after a crash tells it instead."""

    @property
    def visible(self) -> tuple[VersionNumber, ...]:
        """Exposed numbers that were not withdrawn."""
        gone = {part.number for part in self.withdrawn}
        return tuple(number for number in self.exposed if number not in gone)

    @property
    def closed(self) -> Gone | None:
        """The withdrawal of the whole dataset, while it lasts."""
        return next((part for part in self.withdrawn if part.number is None), None)


def read_head(file: Path) -> Head | None:
    """Read the pointer; None where the dataset has no version yet.

    Raises:
        LakeCorrupt: the file is not what we write.
    """
    record = _read(file)
    if record is None:
        return None
    try:
        entries = tuple(Entry(VersionNumber.parse(e["number"]), e["folder"], e["sha256"]) for e in record["versions"])
        last = next(entry for entry in entries if entry.folder == record["head"])
        return Head(last, record["build_key"], entries)
    except (KeyError, ValueError, TypeError, StopIteration):
        raise _broken(file) from None


def write_head(file: Path, head: Head) -> None:
    """Move the pointer, in one step."""
    versions = [{"number": str(e.number), "folder": e.folder, "sha256": e.sha256} for e in head.entries]
    _replace(file, {"head": head.last.folder, "build_key": head.build_key, "versions": versions})


def read_state(file: Path) -> State:
    """Read what is exposed, released and held.

    Raises:
        LakeCorrupt: the file is not what we write.
    """
    record = _read(file)
    if record is None:
        return State()
    try:
        hold = record["hold"]
        return State(
            exposed=tuple(VersionNumber.parse(number) for number in record["exposed"]),
            released={portal: VersionNumber.parse(number) for portal, number in record["released"].items()},
            hold=None
            if hold is None
            else Hold(**{**hold, "number": VersionNumber.parse(hold["number"]), "known": tuple(hold["known"])}),
            withdrawn=tuple(
                Gone(**{**part, "number": VersionNumber.parse(part["number"]) if part["number"] else None})
                for part in record.get("withdrawn", [])  # a state written before there were withdrawals has none
            ),
            accepted=Acceptance.of(record.get("accepted")),
            event=record.get("event"),  # as above
        )
    except (KeyError, ValueError, TypeError):
        raise _broken(file) from None


def write_state(file: Path, state: State) -> None:
    """Replace the state, in one step."""
    hold = None if state.hold is None else {**asdict(state.hold), "number": str(state.hold.number)}
    released = {portal: str(number) for portal, number in state.released.items()}
    withdrawn = [{**asdict(part), "number": str(part.number) if part.number else None} for part in state.withdrawn]
    _replace(
        file,
        {
            "exposed": [str(number) for number in state.exposed],
            "released": released,
            "hold": hold,
            **({"withdrawn": withdrawn} if withdrawn else {}),
            **({"accepted": state.accepted.as_record()} if state.accepted else {}),
            **({"event": dict(state.event)} if state.event else {}),
        },
    )


def version_bytes(
    version: Version,
    contract: Mapping[str, Any],
    table_sha256s: Mapping[str, str],
    policies: Mapping[str, Disclosure],
    *,
    compared_with: VersionNumber | None,
    accepted: Acceptance | None,
) -> bytes:
    """Return version.json: all of a version but its descriptor, which is a file of its own.

    ``compared_with`` is the version whose values its ``changes.csv`` tells, which may be withdrawn one day;
    ``accepted`` the acceptance that this version has used up.

    Of the tables' policies it keeps what the public contract leaves out and later versions must not change.
    """
    kept = ("people", "dimensions", "per")
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
        "policies": {name: {word: getattr(policy, word) for word in kept} for name, policy in policies.items()},
    }
    return pretty(record)


def read_version(folder: Path) -> Version:
    """Read a committed version.

    Raises:
        LakeCorrupt: version.json or datapackage.json is missing or is not what we write.
    """
    record = read_record(folder)
    descriptor = _read(folder / DESCRIPTOR_FILE)
    if descriptor is None:
        raise _broken(folder / DESCRIPTOR_FILE)
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
        raise _broken(folder / VERSION_FILE) from None


def read_record(folder: Path) -> Mapping[str, Any]:
    """Read version.json as it stands.

    Also ``tables`` (name → hash of rows), ``contract``, ``policies``; in newer ones ``compared_with`` and ``accepted``.

    Raises:
        LakeCorrupt: it is missing or no JSON.
    """
    record = _read(folder / VERSION_FILE)
    if record is None:
        raise _broken(folder / VERSION_FILE)
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
        raise _broken(version.folder / file.path) from None


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
        raise _broken(folder / VERSION_FILE) from None


def with_exposed(state: State, number: VersionNumber) -> State:
    """Return the state with one more exposed number."""
    return replace(state, exposed=tuple(sorted({*state.exposed, number})))


def pretty(record: Any) -> bytes:
    """Return a value as JSON that people can read too, always the same bytes."""
    return (json.dumps(record, ensure_ascii=False, indent=2) + "\n").encode()


def _change(part: Mapping[str, Any]) -> Change:
    return Change(**{**part, "level": ChangeClass(part["level"])})


def _read(file: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(file.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        raise _broken(file) from None
    if not isinstance(content, dict):
        raise _broken(file)
    return content


def _replace(file: Path, record: Mapping[str, Any]) -> None:
    durable.make_folder(file.parent)
    durable.replace_file(file, pretty(record))


def _broken(file: Path) -> LakeCorrupt:
    return LakeCorrupt(
        f"{file.parent.name}/{file.name}: missing, or not what apendata wrote. "
        "Run `apendata verify` to see all that is wrong, and restore the lake from a backup."
    )


def newest_first(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return entries with the highest number first."""
    return tuple(sorted(entries, key=lambda entry: entry.number, reverse=True))
