"""``python -m benchmarks.disclosure [--large]``: seconds, published share and verdict, for tables and a sequence."""

import argparse
import itertools
import time
from collections.abc import Iterator, Sequence

import numpy as np

from apendata.disclosure.auditor import Bar, Target
from apendata.disclosure.facts import Count, Fact, MovesAtMost
from apendata.disclosure.linked import Linked, audit, protect
from apendata.disclosure.universe import Cell, Universe, cell_of

THRESHOLD = 3
SEED = 1
Sizes = tuple[int, int, int, int]
"""Areas, groups of them, types of post, and full or part time (1: not told apart)."""


def main() -> None:
    """Print a line for each table; the large one only where it is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.disclosure", description=__doc__)
    parser.add_argument("--large", action="store_true", help="the 10 143 cells too: minutes")
    asked = parser.parse_args()
    print(f"{'table':<34}{'cells':>7}{'protected':>11}{'alone':>7}{'s':>8}{'cpu s':>8}{'published':>11}  found out")
    _one("area × sex × type", _staff((42, 6, 6, 1), ["1"]))
    if asked.large:
        _one("area × sex × type × full or part", _staff((144, 16, 6, 2), ["1"]))
    _sequence()


def _one(name: str, linked: Linked) -> None:
    started, worked = time.perf_counter(), time.process_time()
    pattern = protect(linked)
    seconds, work = time.perf_counter() - started, time.process_time() - worked
    _line(name, linked, (seconds, work), (len(pattern.hidden), len(pattern.verdict.counts)))


def _sequence() -> None:
    """Each date protected by itself, as they come; then all audited together, with what can have moved between them."""
    dates = [f"{year}-{month}" for year in range(2019, 2023) for month in ("01", "05", "09")]
    linked = _staff((7, 2, 2, 1), dates)
    hidden = {count for date in dates for count in protect(_at(linked, date)).hidden}
    started, worked = time.perf_counter(), time.process_time()
    found = audit(linked, hidden)
    seconds = (time.perf_counter() - started, time.process_time() - worked)
    _line(f"{len(dates)} dates, audited together", linked, seconds, (len(hidden), len(found.counts)))


def _at(linked: Linked, date: str) -> Linked:
    truth = {count: n for count, n in linked.truth.items() if count.time == date}
    targets = tuple(target for target in linked.targets if target.count.time == date)
    return Linked(linked.universe, truth, targets, thresholds=dict.fromkeys(truth, THRESHOLD))


def _line(name: str, linked: Linked, seconds: tuple[float, float], outcome: tuple[int, int]) -> None:
    hidden, found = outcome
    cells, alone = len(linked.truth), sum(n == 1 for n in linked.truth.values())
    published = f"{100 * (1 - hidden / cells):.0f} %"
    print(
        f"{name:<34}{cells:>7}{len(linked.targets):>11}{alone:>7}{seconds[0]:>8.2f}{seconds[1]:>8.2f}{published:>11}"
        f"  {found}",
        flush=True,
    )


def _staff(sizes: Sizes, dates: Sequence[str]) -> Linked:
    """Areas of very unequal size in groups, three in four women; at later dates the same but for a few."""
    areas, groups, types, times = sizes
    leaves = {"area": _codes("a", areas), "sex": ("K", "M"), "type": _codes("t", types)}
    if times > 1:
        leaves["time"] = _codes("h", times)
    grouped = {f"g{i:02}": leaves["area"][i::groups] for i in range(groups)}
    universe = Universe(leaves, {"area": grouped})
    random = np.random.default_rng(SEED)
    expected = np.ones(universe.shape)
    for axis, dimension in enumerate(universe.dimensions):
        weights = {"area": random.lognormal(np.log(60), 1.0, areas), "sex": np.array([0.75, 0.25])}
        own = weights.get(dimension, random.dirichlet(np.ones(len(leaves[dimension]))))
        expected = expected * own.reshape([-1 if i == axis else 1 for i in range(len(universe.shape))])
    counts, truth = random.poisson(expected).ravel(), {}
    moved, facts = counts, list[Fact]()
    for before, date in zip([None, *dates], dates, strict=False):
        if before is not None:
            moved = np.maximum(moved + random.integers(-1, 2, moved.shape) * (random.random(moved.shape) < 0.2), 0)
            facts.append(MovesAtMost(before, date, 10 * len(moved)))
        truth |= {Count(date, cell): int(moved[universe.atoms(cell)].sum()) for cell in _cells(universe, grouped)}
    targets = tuple(Target(count, Bar(0, THRESHOLD)) for count, n in truth.items() if 1 <= n < THRESHOLD)
    return Linked(universe, truth, targets, known=tuple(facts), thresholds=dict.fromkeys(truth, THRESHOLD))


def _codes(letter: str, count: int) -> tuple[str, ...]:
    return tuple(f"{letter}{i:03}" for i in range(count))


def _cells(universe: Universe, groups: dict[str, tuple[str, ...]]) -> Iterator[Cell]:
    axes = [(*universe.leaves[d], *(groups if d == "area" else ()), None) for d in universe.dimensions]
    for codes in itertools.product(*axes):
        yield cell_of({d: code for d, code in zip(universe.dimensions, codes, strict=True) if code is not None})


if __name__ == "__main__":
    main()
