"""Cells become variables: one for each set of people that the tables can tell apart."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from apendata.disclosure.linear import Ints
from apendata.disclosure.universe import Cell, Universe


@dataclass(frozen=True, repr=False)
class RecordSets:
    """N variables y ≥ 0 with ``sums·y = 0``; two cells with the same people are one variable (sdc.md §2.2)."""

    universe: Universe
    index: Mapping[Cell, int]
    """Cell → its variable; −1 where nobody can be."""
    cells: tuple[tuple[Cell, ...], ...]
    """Variable → the cells that are it; none for people whom no cell singles out."""
    smallest: tuple[frozenset[int], ...]
    """Variable → the smallest variables, each a set of atoms that no cell tells apart, that it is the sum of."""
    sums: Any
    """Sparse int64 matrix (m, N): 1 for each part, −1 for the total; each total is taken apart once."""

    @property
    def size(self) -> int:
        """How many variables there are."""
        return len(self.cells)


def record_sets(universe: Universe, cells: Collection[Cell]) -> RecordSets:
    """Return the variables that these cells need.

    Raises:
        NotInUniverse: a cell has an unknown dimension or code.
    """
    ordered = sorted(set(cells))
    smallest = _told_apart([universe.atoms(cell) for cell in ordered])
    count = len(set().union(*smallest)) if smallest else 0
    variable: dict[frozenset[int], int] = {frozenset([i]): i for i in range(count)}
    index = {
        cell: variable.setdefault(parts, len(variable)) if parts else -1
        for cell, parts in zip(ordered, smallest, strict=True)
    }
    shown: list[list[Cell]] = [[] for _ in variable]
    for cell, i in index.items():
        if i >= 0:
            shown[i].append(cell)
    known = tuple(variable)
    sums = [(i, _parts(universe, index, shown[i], known)) for i in range(count, len(known))]
    return RecordSets(universe, index, tuple(map(tuple, shown)), known, _matrix(sums, len(variable)))


def _told_apart(atoms: Sequence[Ints]) -> list[frozenset[int]]:
    """Return, per cell, the classes of atoms in it: atoms that are in the same cells are one class."""
    if not atoms:
        return []
    rows = np.repeat(np.arange(len(atoms)), [len(some) for some in atoms])
    columns = np.concatenate(atoms)
    used, places = np.unique(columns, return_inverse=True)
    members = sparse.csc_matrix((np.ones(len(rows), np.int8), (rows, places)), shape=(len(atoms), len(used)))
    members.sort_indices()
    classes: dict[bytes, int] = {}
    of = [classes.setdefault(bytes(members.indices[a:b].tobytes()), len(classes))
          for a, b in zip(members.indptr[:-1], members.indptr[1:], strict=True)]  # fmt: skip
    of_atom = np.array(of, dtype=np.int64)
    ends = np.cumsum([len(some) for some in atoms])[:-1]
    return [frozenset(part.tolist()) for part in np.split(of_atom[places], ends)]


def _parts(
    universe: Universe, index: Mapping[Cell, int], cells: Sequence[Cell], known: Sequence[frozenset[int]]
) -> list[int]:
    """Return the fewest variables that a total is the sum of; short sums keep the matrix sparse."""
    whole = frozenset().union(*(known[index[cell]] for cell in cells))
    options = (found for cell in cells for found in _steps_down(universe, index, cell))
    right = [found for found in options if _makes(whole, [known[part] for part in found])]
    return min((*right, sorted(whole)), key=len)


def _makes(whole: frozenset[int], parts: Sequence[frozenset[int]]) -> bool:
    """Whether the parts are the whole, everybody once; groups of a hierarchy may overlap."""
    return len(parts) > 1 and sum(map(len, parts)) == len(whole) == len(whole.intersection(frozenset().union(*parts)))


def _steps_down(universe: Universe, index: Mapping[Cell, int], cell: Cell) -> Iterator[list[int]]:
    """One dimension taken one step down its hierarchy, where all the cells that come of it are variables too."""
    codes = dict(cell)
    for dimension in universe.dimensions:
        children = universe.children(dimension, codes.get(dimension))
        below = [index.get(tuple(sorted({**codes, dimension: child}.items()))) for child in children]
        if None not in below:
            yield [part for part in below if part is not None and part >= 0]


def _matrix(sums: Sequence[tuple[int, Sequence[int]]], size: int) -> Any:
    rows = [i for i, (_, parts) in enumerate(sums) for _ in range(len(parts) + 1)]
    columns = [column for total, parts in sums for column in (total, *parts)]
    ones = [one for _, parts in sums for one in (-1, *[1] * len(parts))]
    return sparse.csr_matrix((np.array(ones, dtype=np.int64), (rows, columns)), shape=(len(sums), size))
