"""Reads exports strictly: what the definition does not declare is refused with its place, never guessed.

``fetch`` finds the files, ``read`` makes canonical tables of them. One file per format gives a grid of strings; all
formats then go through the same stages: personal data, header, names, rows, columns, lookups, equal keys, margins.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from apendata.sources.fetching import fetch
from apendata.sources.strangers import strangers

if TYPE_CHECKING:
    from apendata.model import Dataset, RawTable, Reading, Snapshot, Source
    from apendata.sources.returning import Rows

__all__ = ["fetch", "has_identity_number", "read", "rows_at", "screen", "strangers", "with_margins"]


def read(dataset: "Dataset", snapshots: "Sequence[Snapshot]", codelists: "Mapping[str, RawTable]") -> "Reading":
    """Read all tables of a dataset: see :func:`apendata.sources.reading.read`."""
    from apendata.sources import reading

    return reading.read(dataset, snapshots, codelists)


def rows_at(snapshot: "Snapshot", source: "Source", numbers: "Iterable[int]") -> "Rows | None":
    """Return rows as they stand in an export: see :func:`apendata.sources.returning.rows_at`."""
    from apendata.sources import returning

    return returning.rows_at(snapshot, source, numbers)


def screen(tables: "Mapping[str, RawTable]", *, equals_allowed: bool = False) -> None:
    """Look at tables that ``transform.py`` has made: see :func:`apendata.sources.screening.screen`."""
    from apendata.sources import screening

    screening.screen(tables, equals_allowed=equals_allowed)


def with_margins(
    dataset: "Dataset", tables: "Mapping[str, RawTable]", codelists: "Mapping[str, RawTable]"
) -> "dict[str, RawTable]":
    """Make the tables of margins anew, after ``transform.py``: see :func:`apendata.sources.margins.with_margins`."""
    from apendata.sources import margins

    return margins.with_margins(dataset, tables, codelists)


def has_identity_number(text: str) -> bool:
    """Whether a national identity number stands in a text that somebody types."""
    from apendata.sources import identity

    return identity.has_identity_number(text)
