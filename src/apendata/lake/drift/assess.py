"""Puts the parts of the guard together: what is past a limit, by weight, and what is only to be seen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import pyarrow as pa

from apendata.errors import DriftExceeded
from apendata.lake.drift.compared import Compared, Told, reason
from apendata.lake.drift.history import history
from apendata.lake.drift.shares import shares
from apendata.lake.drift.sums import sums
from apendata.lake.drift.values import values, vanished
from apendata.model import Finding, VersionNumber

_UNSEEN: Final = 0


@dataclass(frozen=True, slots=True, repr=False)
class Drift:
    """How tables differ from the last release, as far as their definition wants it told."""

    dataset: str
    since: VersionNumber
    difference: str
    """The name that an acceptance must give."""
    told: tuple[Told, ...]
    """What weighs most first."""

    @property
    def stops(self) -> bool:
        """Whether anything is past a limit."""
        return any(part.stops for part in self.told)

    @property
    def notes(self) -> tuple[Finding, ...]:
        """What is only to be seen, once each: two limits on the sums of one column leave out the same cells."""
        seen = (part.open for part in self.told if not part.stops)
        return tuple({(note.code, note.table, note.field): note for note in seen}.values())

    def error(self) -> DriftExceeded:
        """Return what stops the dataset: in the open by counts, in private in words."""
        found = [part for part in self.told if part.stops]
        command = f'apendata accept {self.dataset} --difference {self.difference} --because "…"'
        way_out = Finding("drift_accept", "info", params={"dataset": self.dataset, "difference": self.difference})
        return DriftExceeded(
            f"{self.dataset} differs from release {self.since} by more than its definition allows: "
            f"{', '.join(dict.fromkeys(f'{part.open.table}: {part.open.code}' for part in found))}. "
            f"Look at the private report. If all of it is right: {command} (readers see the reason). If not, mend the "
            "export. A limit under `drift` in dataset.yaml is raised only where it is wrong for every year.",
            findings=[*(part.open for part in found), *self.notes, way_out],
            private=[
                *(finding for part in found for finding in part.private or (part.open,)),
                *self.notes,
                way_out,
            ],
        )


def assess(tables: Sequence[Compared]) -> tuple[Told, ...]:
    """Return what is to be told of these tables; what weighs most first."""
    told = [part for compared in tables for part in _told(compared)]
    return tuple(sorted(told, key=lambda part: (part.rank, -part.size)))


def _told(compared: Compared) -> Iterator[Told]:
    limits = compared.table.drift
    yield from shares(compared)
    gone: dict[str, frozenset[str]] = {}  # an area that has vanished took its sums along: that is one thing, told once
    for limit in limits.values:
        if _is_there(compared, limit.column):
            yield from values(compared, limit)
            gone[limit.column] = vanished(compared, limit)
        else:
            yield _incomparable(compared, limit.column, limit.because)
    for sum_limit in limits.sums:
        if not _is_there(compared, sum_limit.value):
            continue  # nothing was published, so nothing can have moved
        if compared.rows is None or not _is_there(compared, *sum_limit.per) or not _adds_up(compared, sum_limit.value):
            yield _incomparable(compared, sum_limit.value, sum_limit.because)
        else:
            yield from sums(compared, compared.rows, sum_limit, gone)
    if limits.history is not None:
        if compared.rows is None:
            yield _incomparable(compared, limits.history.column, limits.history.because)
        else:
            yield from history(compared, compared.rows, limits.history)


def _is_there(compared: Compared, *names: str) -> bool:
    return set(names) <= set(compared.old.column_names)


def _adds_up(compared: Compared, name: str) -> bool:
    """Whether the column held numbers, as it does now."""
    kind = compared.old[name].type
    return bool(pa.types.is_integer(kind) or pa.types.is_decimal(kind))


def _incomparable(compared: Compared, column: str, because: str) -> Told:
    """A guard that cannot see must not say that all is well."""
    words = {"column": compared.column(column), "because": reason(because)}
    found = Finding("drift_not_comparable", table=compared.table.name, field=column, params=words)
    return Told(found, (), _UNSEEN, Fraction(1))
