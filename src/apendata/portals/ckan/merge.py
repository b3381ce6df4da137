"""Three sides of every field: what stands there, what apendata wrote there last, and what the release wants.

A text that differs from what apendata wrote last was written by a person, and stays until somebody says ``--take
ours``. The rest is the release's, and is put right. What apendata wrote last is known by hashes that stand on CKAN
itself, written in the same transaction as the texts: a lake that was restored, or a night that died between the write
and the record of it, cannot make an own text look like somebody else's.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apendata.model import Difference, Owner
from apendata.portals.ckan.fields import Fields, Path, is_our_extra, owner, place


@dataclass(frozen=True, slots=True)
class Merge:
    """What to write so that a package is as its release wants it, and what to leave."""

    write: Mapping[Path, Any]
    """Fields with another value than stands there."""
    result: Mapping[Path, Any]
    """Every field that a release wants, as it will stand there: ours, or a person's."""
    changes: tuple[Difference, ...]
    """All of ``write``, as a plan tells it."""
    kept: tuple[Difference, ...]
    """Texts that a person wrote and that stay."""


@dataclass(frozen=True, slots=True)
class Sides:
    """What is known of a package before a release is held against it."""

    live: Fields
    """What stands there; empty where there is no package."""
    written: Mapping[str, str]
    """From :func:`~apendata.portals.ckan.fields.written_hashes`."""
    files: Mapping[str, str]
    """Resource id → file, for people."""
    dataset: str
    standing: bool
    """The release stands there already, so whatever differs was changed since."""

    def by_hand(self, path: Path) -> bool:
        """Whether a text was written, or taken away, by a person."""
        there = self.live.get(path)
        if owner(path) is not Owner.TEXT or not self._has_room_for(path):
            return False
        if _dotted(path) in self.written:
            return self.written[_dotted(path)] != _hash(there)
        return bool(_normal(there) != "")

    def difference(self, path: Path, value: Any) -> Difference:
        """Tell people of a field that is not as wanted."""
        where, field = place(path, self.files)
        return Difference(
            portal="ckan",
            dataset=self.dataset,
            place=where,
            field=field,
            live=_told(self.live.get(path)),
            wanted=_told(value),
            owner=owner(path),
            by_hand=bool(self.live) and (self.standing or self.by_hand(path)),
        )

    def _has_room_for(self, path: Path) -> bool:
        """A text of a package or resource that is not there was taken away with it, and by nobody by itself."""
        return bool(self.live) and (path[0] != "resources" or (*path[:2], "id") in self.live)


def merge(sides: Sides, wanted: Fields, *, take_ours: bool) -> Merge:
    """Decide every field that a release wants; ``take_ours``: put our texts back where a person wrote others."""
    live = sides.live
    write: dict[Path, Any] = {}
    result: dict[Path, Any] = dict(wanted)
    changes, kept = [], []
    stale = {path: None for path in live if path[0] == "extras" and is_our_extra(path[1]) and path not in wanted}
    for path, value in {**wanted, **stale}.items():
        if same(live.get(path), value):
            continue
        if owner(path) is Owner.TEXT and sides.by_hand(path) and not take_ours:
            result[path] = live.get(path)
            kept.append(sides.difference(path, value))
        else:
            write[path] = value
            changes.append(sides.difference(path, value))
    return Merge(write, result, tuple(changes), tuple(kept))


def hashes_to_write(merged: Merge, wanted: Fields, written: Mapping[str, str]) -> str:
    """Return the value of ``WRITTEN``: a hash of each of our texts; for a person's text, of what stood there before."""
    ours = {
        _dotted(path): _hash(value) if same(merged.result[path], value) else written.get(_dotted(path), "")
        for path, value in wanted.items()
        if owner(path) is Owner.TEXT
    }
    return json.dumps(ours, sort_keys=True, separators=(",", ":"))


def same(live: Any, wanted: Any) -> bool:
    """Whether two values are one for CKAN: it gives nothing back for an empty text, and dates in a form of its own."""
    return bool(_normal(live) == _normal(wanted))


def _normal(value: Any) -> Any:
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").removesuffix(".000000")
    return value


def _hash(value: Any) -> str:
    return hashlib.sha256(str(_normal(value)).encode()).hexdigest()[:12]


def _dotted(path: Path) -> str:
    return ".".join(path)


def _told(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)
