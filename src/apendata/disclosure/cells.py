"""Cells as sets of people, and the sums that tie them together.

A cell is known by the people in it and not by its place: a total in one table, the same total under another table's
code and a row of a coarser table are one variable. That is what makes two tables of the same people one system.
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import sparse

from apendata.disclosure.linear import Bools, Floats, Ints
from apendata.errors import DisclosureRefused
from apendata.model import SHOWN_PLACES, Finding

Cell = tuple[tuple[str, str], ...]
"""(dimension, code), sorted; a dimension that is left out is summed away."""

# Each dimension that is summed away makes a cell ten times as dear to hide: readers, and other tables, rest on totals.
_TOTAL_WEIGHT: Final = 10.0


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """One row of one table, read as a statement about a set of people."""

    table: str
    row: int
    cell: Cell
    value: int | None
    """None: missing, to us as to the reader."""
    frozen: bool
    """Cannot occur (``.``): a zero that every reader knows."""
    threshold: int


@dataclass(frozen=True, slots=True, repr=False)
class Block:
    """All cells of the same people at one date: N cells y ≥ 0 with ``sums·y = 0``."""

    cells: tuple[Cell, ...]
    entries: tuple[tuple[Entry, ...], ...]
    """The rows that show each cell; none for a total that no table shows but that ties two tables together."""
    values: Ints
    thresholds: Ints
    """The strictest of the tables that show the cell; 0 where none does."""
    weights: Floats
    """How much is lost by hiding the cell."""
    sums: Any
    """Sparse int64 matrix, a row per total: 1 for each part, −1 for the total."""

    @property
    def published(self) -> Bools:
        """Cells that some table shows."""
        return self.thresholds > 0

    @property
    def frozen(self) -> Bools:
        """Cells that cannot be hidden."""
        return np.array([any(entry.frozen for entry in shown) for shown in self.entries], dtype=np.bool_)

    @property
    def protected(self) -> Bools:
        """Cells that the threshold protects: ``1 ≤ n < t``."""
        return np.asarray((self.values >= 1) & (self.values < self.thresholds))


def build_block(entries: Sequence[Entry], tops: Collection[frozenset[str]]) -> Block:
    """Join the rows of all tables of the same people at one date into one system.

    ``tops`` are the dimensions of the finest tables, none within another.

    Raises:
        DisclosureRefused: rows disagree about a cell, a total is not the sum of its parts, or a part is missing.
    """
    shown = _by_cell(entries)
    links = {a & b for a, b in itertools.combinations(tops, 2)}
    sums = _sums(shown, tops, links)
    values = _values(shown, sums, links)
    cells = tuple(sorted(values))
    position = {cell: i for i, cell in enumerate(cells)}
    kept = [(total, parts) for total, parts in sums if total in values]
    return Block(
        cells=cells,
        entries=tuple(tuple(e for e in shown.get(cell, ()) if e.value is not None) for cell in cells),
        values=np.array([values[cell] for cell in cells], dtype=np.int64),
        thresholds=np.array(
            [max((e.threshold for e in shown.get(cell, ()) if e.value is not None), default=0) for cell in cells],
            dtype=np.int64,
        ),
        weights=np.array([_weight(cell, values[cell], tops) for cell in cells], dtype=np.float64),
        sums=_matrix(kept, position),
    )


def _by_cell(entries: Iterable[Entry]) -> dict[Cell, list[Entry]]:
    shown: dict[Cell, list[Entry]] = defaultdict(list)
    for entry in entries:
        shown[entry.cell].append(entry)
    _refuse(
        "disclosure.negative_count",
        "A count of people is below zero. Correct the source.",
        [e for e in entries if e.value is not None and e.value < 0],
    )
    _refuse(
        "disclosure.cells_differ",
        "Rows that count the same people say different things: two tables, or two rows of one, disagree. "
        "Correct the source, or give `people` another name where they are not the same people.",
        [found[0] for found in shown.values() if len({e.value for e in found}) > 1],
    )
    return shown


def _sums(
    shown: Mapping[Cell, list[Entry]], tops: Iterable[frozenset[str]], links: Collection[frozenset[str]]
) -> list[tuple[Cell, list[Cell]]]:
    """Every total with its parts, for each finest table that has them."""
    found: list[tuple[Cell, list[Cell]]] = []
    for top in sorted(tops, key=sorted):
        atoms = [cell for cell in shown if _dimensions(cell) == top]
        totals = [cell for cell in shown if _dimensions(cell) < top]
        for dimensions in {*map(_dimensions, totals), *(link for link in links if link < top)}:
            parts: dict[Cell, list[Cell]] = {total: [] for total in totals if _dimensions(total) == dimensions}
            for atom in atoms:
                total = tuple(pair for pair in atom if pair[0] in dimensions)
                # A total that no table shows matters only where two tables meet in it.
                if dimensions in links or total in parts:
                    parts.setdefault(total, []).append(atom)
            found += parts.items()
    return found


def _values(
    shown: Mapping[Cell, list[Entry]],
    sums: Iterable[tuple[Cell, list[Cell]]],
    links: Collection[frozenset[str]],
) -> dict[Cell, int]:
    """Known cells and linking totals with their values; a missing cell is no variable, since nothing may rest on it."""
    values = {cell: found[0].value for cell, found in shown.items() if found[0].value is not None}
    missing = [e for found in shown.values() for e in found if e.value is None]
    unknown = {entry.cell for entry in missing}
    broken, resting = [], []
    for total, parts in sums:
        if total in unknown and _dimensions(total) not in links:
            continue
        if not unknown.isdisjoint(parts):
            resting.append(total)
            continue
        computed = sum(values[part] for part in parts)
        if values.setdefault(total, computed) != computed:
            broken.append(total)
    _refuse_cells(
        "disclosure.missing_in_sum",
        "A total is published although one of its parts is missing or was hidden by the source: the part could be "
        "computed. Give the total the status `..` too, or leave out the table of totals.",
        resting,
        shown,
    )
    _refuse_cells(
        "disclosure.sum_differs",
        "A total is not the sum of its parts. Totals must be true: a reader subtracts them.",
        broken,
        shown,
    )
    return values


def _weight(cell: Cell, value: int, tops: Iterable[frozenset[str]]) -> float:
    summed = max(len(top) - len(cell) for top in tops if _dimensions(cell) <= top)
    return float(_TOTAL_WEIGHT**summed * (1 + math.log1p(value)))


def _matrix(sums: Sequence[tuple[Cell, list[Cell]]], position: Mapping[Cell, int]) -> Any:
    ordered = sorted((total, sorted(parts)) for total, parts in sums)
    rows = [i for i, (_, parts) in enumerate(ordered) for _ in range(len(parts) + 1)]
    columns = [position[cell] for total, parts in ordered for cell in (total, *parts)]
    ones = [one for _, parts in ordered for one in (-1, *[1] * len(parts))]
    return sparse.csr_matrix((np.array(ones, dtype=np.int64), (rows, columns)), shape=(len(ordered), len(position)))


def _dimensions(cell: Cell) -> frozenset[str]:
    return frozenset(dimension for dimension, _ in cell)


def name(cell: Cell) -> str:
    """Return a cell's name for the private report: its codes, no value."""
    return ", ".join(f"{dimension}={code}" for dimension, code in cell) or "(total)"


def _refuse_cells(code: str, message: str, cells: Iterable[Cell], shown: Mapping[Cell, list[Entry]]) -> None:
    everyone = next(iter(shown.values()))
    _refuse(code, message, [shown.get(cell, everyone)[0] for cell in cells])


def _refuse(code: str, message: str, entries: Sequence[Entry]) -> None:
    if not entries:
        return
    table, count = entries[0].table, len(entries)
    samples = tuple(sorted(name(entry.cell) for entry in entries)[:SHOWN_PLACES])
    finding = Finding(code, table=table, count=count, samples=samples)
    raise DisclosureRefused(f"Table «{table}», {count} cells: {message}", findings=[finding])
