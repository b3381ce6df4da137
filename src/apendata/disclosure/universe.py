"""Who is counted, and by what: the smallest groups that any table could tell apart.

A cell is known by the people in it and not by its place. Each is taken apart into *atoms*, one leaf code of every
dimension; then a total in one table, the same total under another table's code and a row of a coarser table are the
same atoms and so one variable. Hierarchies may overlap (a county and a size group), which trees of codes cannot say.
"""

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np

from apendata.disclosure.linear import Bools, Ints

Cell = tuple[tuple[str, str], ...]
"""(dimension, code), sorted; a dimension that is left out is summed away."""

MOST_ATOMS: Final = 2_000_000


class NotInUniverse(ValueError):
    """A cell has a dimension or code that the universe does not know."""


class TooManyAtoms(ValueError):
    """All dimensions crossed give more groups than can be reckoned with."""


@dataclass(frozen=True)
class Universe:
    """All that the linked tables tell people apart by.

    Raises:
        TooManyAtoms: see ``MOST_ATOMS``.
        NotInUniverse: a group names a code that is nowhere, or itself.
    """

    leaves: Mapping[str, tuple[str, ...]]
    """Dimension → its finest codes, in canonical order."""
    groups: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """Dimension → a coarser code → the codes that it is the sum of; one code may be in several."""
    impossible: frozenset[Cell] = frozenset()
    """Structural zeros: nobody can be in them, and every reader knows."""

    def __post_init__(self) -> None:
        if math.prod(map(len, self.leaves.values())) > MOST_ATOMS:
            raise TooManyAtoms(f"{math.prod(map(len, self.leaves.values()))} groups; at most {MOST_ATOMS}")
        for dimension, groups in self.groups.items():
            for code in groups:
                self._leaves_of(dimension, code, ())

    @cached_property
    def dimensions(self) -> tuple[str, ...]:
        """All dimensions, in the order of the grid's axes."""
        return tuple(sorted(self.leaves))

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """How many leaves each dimension has."""
        return tuple(len(self.leaves[dimension]) for dimension in self.dimensions)

    def atoms(self, cell: Cell) -> Ints:
        """Return the indices of the atoms in a cell, ascending, without those where nobody can be.

        Raises:
            NotInUniverse: an unknown dimension or code.
        """
        found = self._all_atoms(cell)
        return found[~self._nobody[found]] if self.impossible else found

    def children(self, dimension: str, code: str | None) -> tuple[str, ...]:
        """Return the codes that one is the sum of; none of a leaf. ``None``: the total over the dimension."""
        if code is not None:
            return self.groups.get(dimension, {}).get(code, ())
        return self._tops[dimension]

    def _all_atoms(self, cell: Cell) -> Ints:
        chosen = dict(cell)
        if unknown := chosen.keys() - self.leaves.keys():
            raise NotInUniverse(f"dimension {min(unknown)}")
        axes = [self._axis(d, chosen.get(d)) for d in self.dimensions]
        return np.ravel_multi_index(np.ix_(*axes), self.shape).ravel() if axes else np.zeros(1, np.int64)

    @cached_property
    def _nobody(self) -> Bools:
        nobody = np.zeros(math.prod(self.shape), dtype=np.bool_)
        for cell in self.impossible:
            nobody[self._all_atoms(cell)] = True
        return nobody

    @cached_property
    def _positions(self) -> Mapping[str, Mapping[str, int]]:
        return {d: {code: i for i, code in enumerate(codes)} for d, codes in self.leaves.items()}

    def _axis(self, dimension: str, code: str | None) -> Ints:
        if code is None:
            return np.arange(len(self.leaves[dimension]))
        return self._axes[dimension][code] if code in self._axes[dimension] else self._leaves_of(dimension, code, ())

    @cached_property
    def _axes(self) -> Mapping[str, Mapping[str, Ints]]:
        return {
            d: {c: self._leaves_of(d, c, ()) for c in (*codes, *self.groups.get(d, {}))}
            for d, codes in self.leaves.items()
        }

    def _leaves_of(self, dimension: str, code: str, above: tuple[str, ...]) -> Ints:
        if (position := self._positions.get(dimension, {}).get(code)) is not None:
            return np.array([position])
        parts = self.groups.get(dimension, {}).get(code)
        if parts is None or code in above:
            raise NotInUniverse(f"code «{code}» of {dimension}")
        return np.unique(np.concatenate([self._leaves_of(dimension, part, (*above, code)) for part in parts]))

    @cached_property
    def _tops(self) -> Mapping[str, tuple[str, ...]]:
        return {dimension: self._top_codes(dimension) for dimension in self.leaves}

    def _top_codes(self, dimension: str) -> tuple[str, ...]:
        """The coarsest codes that together are everybody once; all leaves where groups overlap."""
        sets = {code: frozenset(map(int, self._axes[dimension][code])) for code in self.groups.get(dimension, {})}
        top = [c for c, mine in sets.items() if not any(mine < other for other in sets.values())]
        covered = list(itertools.chain.from_iterable(sets[code] for code in top))
        if len(covered) != len(set(covered)):
            return self.leaves[dimension]
        inside = set(covered)
        return (*top, *(code for i, code in enumerate(self.leaves[dimension]) if i not in inside))


def cell_of(codes: Mapping[str, object]) -> Cell:
    """Return the cell with these codes; a dimension that is left out is summed away."""
    return tuple(sorted((str(dimension), str(code)) for dimension, code in codes.items()))


def name(cell: Cell) -> str:
    """Return a cell's name for the private report: its codes, no value."""
    return ", ".join(f"{dimension}={code}" for dimension, code in cell) or "(total)"


def names(cells: Iterable[Cell]) -> tuple[str, ...]:
    """Return the names of several cells, sorted."""
    return tuple(sorted(map(name, cells)))
