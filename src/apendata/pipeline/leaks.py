"""Before the commit: every file of a version is read again, and a twin that hides other numbers must be the same.

Only datasets with hidden cells pay for it.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

import pyarrow as pa

from apendata.disclosure.leaks.expected import Expected
from apendata.disclosure.leaks.inside import Sealed, buffers_of
from apendata.disclosure.leaks.needles import Needles
from apendata.disclosure.leaks.refusal import HASH, PROFILE, SEALED, SENTINEL, TOLD, TWIN, WAS_HIDDEN, refuse
from apendata.disclosure.leaks.reread import found_in_file
from apendata.disclosure.leaks.told import cells_told, digests_in, old_values_in, profiles_in
from apendata.disclosure.twin import Twin, twin
from apendata.errors import PortalRefused
from apendata.lake import Lake, Plan, hidden_in
from apendata.model import Dataset, Finding, Protection, Release, Table, ValidTable, Version
from apendata.pipeline.inputs import Inputs
from apendata.pipeline.leaving import described, planned
from apendata.portals import Portal

_OTHER_BUILD: Final = "0" * 64
"""The twin's build key: the real one is a hash of the exports, which must be in no public file either."""
_IN_MEMORY: Final = "Arrow"
_DESCRIPTOR: Final = "datapackage.json"
_CHANGES: Final = "changes.csv"

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Where a version may be released."""

    portals: Mapping[str, Portal] = field(default_factory=dict)
    base_url: str | None = None


NOWHERE: Final = Places()
Tables = Mapping[str, ValidTable]


def refuse_leaks(
    plan: Plan, inputs: Inputs, lake: Lake, *, true: Tables, protection: Protection, places: Places
) -> None:
    """Return where no file that a plan's version would have tells of a hidden cell.

    Args:
        plan: of staged tables, inside their block.
        inputs: what they were made from.
        lake: where they are staged.
        true: the tables before protection.
        protection: of these.
        places: where it may be released; what they would show of the twin is searched too.

    Raises:
        LeakFound: a file holds a value at a hidden key, or lacks rows, or tells one hidden cell from another; its
            statistics, hashes or words are of more than is published; or it comes out otherwise for the twin.
    """
    if not protection.hidden:
        return
    version = lake.written(plan, described(plan), inputs.build_key)
    refuse(inputs.dataset.id, [*reread(version, inputs.dataset, true, protection), *_beside(version, plan, protection)])
    refuse(inputs.dataset.id, _spoken(inputs.dataset, true, protection))
    other = twin(true, protection)
    with lake.stage_twin(inputs.dataset, other.protection.tables) as staged:
        again = replace(planned(staged, lake, inputs), created=plan.created)
        twins = lake.written(again, described(again), _OTHER_BUILD)
        refuse(inputs.dataset.id, [*_in_memory(other, protection), *_in_files(other, twins, version)])
        release = Release(version=twins, history=lake.exposed(inputs.dataset.id), base_url=places.base_url)
        refuse(inputs.dataset.id, _on_portals(other, release, places.portals))


def reread(version: Version, dataset: Dataset, true: Tables, protection: Protection) -> Iterator[Finding]:
    """Read the files of every table with hidden cells again, and hold them against what they must show."""
    for table in dataset.tables:
        if hidden := protection.hidden.get(table.name):
            expected = Expected(table.name, table.primary_key, true[table.name].data, hidden)
            for file in version.files:
                if file.table == table.name:
                    content = (version.folder / file.path).read_bytes()
                    yield from found_in_file(expected, file.path, file.format, content)


def _beside(version: Version, plan: Plan, protection: Protection) -> Iterator[Finding]:
    """What is told beside the tables: hashes, profiles, old values."""
    known = {version.data_sha256, *(file.sha256 for file in version.files)}
    content = (version.folder / _DESCRIPTOR).read_text(encoding="utf-8")
    if found := digests_in(content, known):
        yield Finding(HASH, count=len(found), params={"file": _DESCRIPTOR})
    for column in profiles_in(version.descriptor, {c for columns in protection.hidden.values() for c in columns}):
        yield Finding(PROFILE, field=column, params={"file": _DESCRIPTOR})
    keys = {table.name: table.primary_key for table in plan.staged.dataset.tables}
    hidden: dict[tuple[str, str], frozenset[Key]] = {}
    for name, columns in protection.hidden.items():
        tables = [protection.tables[name].data, *([plan.differences[name].old] if name in plan.differences else [])]
        for column in columns:
            hidden[name, column] = frozenset().union(*(_hidden(rows, keys[name], column) for rows in tables))
    if count := old_values_in((version.folder / _CHANGES).read_bytes(), hidden, keys):
        yield Finding(WAS_HIDDEN, count=count, params={"file": _CHANGES})


def _hidden(rows: pa.Table, key: Key, column: str) -> frozenset[Key]:
    return hidden_in(rows, key, column) if f"{column}_status" in rows.column_names else frozenset()


def _spoken(dataset: Dataset, true: Tables, protection: Protection) -> Iterator[Finding]:
    """What is said of the protection itself, to whoever reads the log: no row by its key together with its value."""
    texts = [text for finding in protection.findings for text in finding.params.values()]
    for table in dataset.tables:
        told = _true_cells(table, true[table.name].data, protection)
        if found := cells_told(texts, told):
            yield Finding(TOLD, table=table.name, count=len(found))


def _true_cells(table: Table, data: pa.Table, protection: Protection) -> dict[Key, set[str]]:
    """The parts of a hidden row's key that tell it apart → its values. A row of a date alone is told by every text."""
    columns = [data[part].to_pylist() for part in table.primary_key if part not in table.disclosure.per]
    if not columns:
        return {}
    found: dict[Key, set[str]] = {}
    for column, rows in protection.hidden.get(table.name, {}).items():
        values = data[column].to_pylist()
        for row in (row for row, gone in enumerate(rows.to_pylist()) if gone and values[row] is not None):
            found.setdefault(tuple(str(cells[row]) for cells in columns), set()).add(str(values[row]))
    return found


def _in_memory(other: Twin, protection: Protection) -> Iterator[Finding]:
    """What the writers are handed: the slot of a hidden cell must be empty there already, whatever they make of it."""
    needles = Needles(other.sentinels)
    for name in protection.hidden:
        real = b"".join(part for _, part in buffers_of(protection.tables[name].data))
        twins = b"".join(part for _, part in buffers_of(other.protection.tables[name].data))
        if found := needles.found_in(twins) - needles.found_in(real):
            yield Finding(SENTINEL, table=name, count=len(found), params={"file": _IN_MEMORY})


def _in_files(other: Twin, twins: Version, real: Version) -> Iterator[Finding]:
    """Files that hold a number of the twin's, and those that came out otherwise.

    A number that stands in the real file too is there by chance: four bytes of a packed file may be any number.
    """
    needles = Needles(other.sentinels)
    for path in sorted({file.path for file in (*twins.files, *real.files)}):
        contents = [(version.folder / path).read_bytes() if _has(version, path) else b"" for version in (twins, real)]
        try:
            found, chance = (_all(needles, path, content) for content in contents)
        except Sealed as error:
            yield Finding(SEALED, params={"file": str(error)})
            continue
        if found - chance:
            yield Finding(SENTINEL, count=len(found - chance), params={"file": path})
        elif contents[0] != contents[1]:
            yield Finding(TWIN, params={"file": path})


def _on_portals(other: Twin, release: Release, portals: Mapping[str, Portal]) -> Iterator[Finding]:
    """Pages and payloads that hold a number of the twin's; these are texts, in which none stands by chance."""
    needles = Needles(other.sentinels)
    for portal in portals.values():
        with suppress(PortalRefused):  # it cannot be released there, which the publish tells
            for surface in portal.shows(release):
                if found := needles.found_in(surface.content):
                    yield Finding(SENTINEL, count=len(found), params={"file": surface.name})


def _has(version: Version, path: str) -> bool:
    return any(file.path == path for file in version.files)


def _all(needles: Needles, path: str, content: bytes) -> set[int]:
    return set().union(*needles.found_inside(path, content).values())
