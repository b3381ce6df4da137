"""Which cells a version hides, as its own files say: what a portal that shows it is held against."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from apendata.lake.records import read_rows
from apendata.lake.rows import HIDDEN, STATUS
from apendata.model import Version

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class HiddenRows:
    """The hidden cells of one table."""

    key: Key
    """The columns of its key."""
    rows: Mapping[str, frozenset[Key]]
    """Value column → the keys of the rows in which it is hidden, as texts; only columns that have such rows."""


def hidden_rows(version: Version) -> Mapping[str, HiddenRows]:
    """Return table → its hidden cells; only tables that have some.

    Raises:
        LakeCorrupt: a file of the version is gone, or is none of ours any more.
    """
    told = {part["name"]: _of_table(version, part) for part in version.descriptor["resources"]}
    return {name: hidden for name, hidden in told.items() if hidden.rows}


def hidden_in(rows: pa.Table, key: Key, value: str) -> frozenset[Key]:
    """Return the keys, as texts, of the rows in which a value is marked as hidden."""
    there = rows.filter(pc.fill_null(pc.equal(rows[value + STATUS], HIDDEN), fill_value=False))
    texts = [[str(cell) for cell in there[name].to_pylist()] for name in key]
    return frozenset(zip(*texts, strict=True))


def _of_table(version: Version, part: Mapping[str, Any]) -> HiddenRows:
    schema = part["schema"]
    names = {field["name"] for field in schema["fields"]}
    key = tuple(schema["primaryKey"])
    found: dict[str, frozenset[Key]] = {}
    for mark in sorted(name for name in names if name.endswith(STATUS) and name.removesuffix(STATUS) in names):
        marks = read_rows(version, part["name"], [mark])[mark]
        if pc.any(pc.equal(marks, HIDDEN)).as_py():  # most tables hide nothing, and their keys are never read
            value = mark.removesuffix(STATUS)
            found[value] = hidden_in(read_rows(version, part["name"], [*key, mark]), key, value)
    return HiddenRows(key, found)
