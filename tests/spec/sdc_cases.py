"""The collected cases of disclosure control, read into the project's own words.

They lie beside the project and not in it: ``APENDATA_SDC_CASES``, by default ``../shared/sdc-cases``. Their format is
described in that folder's README; nothing here knows a case by its name.
"""

import csv
import itertools
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from apendata.disclosure import facts as f
from apendata.disclosure.auditor import Bar, Target
from apendata.disclosure.universe import Cell, Universe, cell_of

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / os.environ.get("APENDATA_SDC_CASES", "../shared/sdc-cases")
ENDLESS = 10_000
"""The collection's word for «no upper end»."""


_Counted = Callable[[Mapping[str, Any]], f.Count]


@dataclass(frozen=True)
class Case:
    """One case directory."""

    folder: Path
    text: Mapping[str, Any]

    @property
    def model(self) -> str:
        """What kind of case it is."""
        return str(self.text["model"])

    @property
    def policy(self) -> Mapping[str, Any]:
        """The rules under which it is judged."""
        return self.text.get("policy", {})

    def has(self, property_: str) -> bool:
        """Whether a right pipeline has this property here, «P4»."""
        return any(str(said).split("-")[0] == property_ for said in self.text.get("properties", ()))

    @cached_property
    def universe(self) -> Universe:
        """The people and what they are told apart by."""
        said = self.text["universe"]
        groups = {
            d: {str(k): tuple(map(str, v)) for k, v in (g or {}).items()}
            for d, g in said.get("hierarchies", {}).items()
        }
        return Universe({d: tuple(map(str, codes)) for d, codes in said["dims"].items()}, groups)

    @cached_property
    def times(self) -> tuple[str, ...]:
        """Versions; one where the case has none."""
        return tuple(map(str, self.text["universe"].get("versions", ["v1"])))

    @cached_property
    def truth(self) -> Mapping[tuple[str, Cell], int]:
        """(Time, leaf cell) → how many people."""
        with (self.folder / self.text["truth"]).open(newline="", encoding="utf-8") as file:
            return {
                (row.get("version", self.times[0]), cell_of({d: row[d] for d in self.universe.leaves})): int(
                    float(row["n"])
                )
                for row in csv.DictReader(file)
            }

    @cached_property
    def leaves(self) -> tuple[Cell, ...]:
        """Every finest cell."""
        dims = self.universe.dimensions
        return tuple(
            cell_of(dict(zip(dims, codes, strict=True)))
            for codes in itertools.product(*map(self.universe.leaves.get, dims))
        )  # type: ignore[arg-type]

    def true(self, count: f.Count) -> int:
        """Return how many people there are in truth."""
        inside = set(self.universe.atoms(count.cell).tolist())
        return sum(
            self.truth.get((count.time, leaf), 0) for leaf in self.leaves if int(self.universe.atoms(leaf)[0]) in inside
        )

    def count(self, said: Mapping[str, Any], time: str | None = None) -> f.Count:
        """Return the count of a cell as the case writes it."""
        return f.Count(
            str(time or said.get("_v", self.times[0])), cell_of({k: v for k, v in said.items() if k != "_v"})
        )

    @property
    def bar(self) -> Bar:
        """What must stay possible of every protected cell."""
        said = self.policy["protection"]
        if said["kind"] == "contain":
            return Bar(said["low"], said["high"])
        return Bar(width=said["width"] if said["kind"] == "width" else 1)

    @cached_property
    def targets(self) -> tuple[Target, ...]:
        """The protected counts."""
        return tuple(Target(self.count(said), self.bar) for said in self.text["protected_cells"])

    @property
    def publications(self) -> Mapping[str, Any]:
        """Name → what was published and what is expected of it."""
        return self.text["publications"]

    def told(self, name: str) -> list[dict[str, Any]]:
        """Return a publication as it is written."""
        found: list[dict[str, Any]] = json.loads(
            (self.folder / self.publications[name]["file"]).read_text(encoding="utf-8")
        )
        return found

    def facts(self, name: str) -> list[f.Fact]:
        """Return what the reader of a publication knows."""
        known = [*self.text.get("reader", {}).get("facts", ()), *self.publications[name].get("reader_facts", ())]
        return [fact for said in (*self.told(name), *known) for fact in self.fact(said)]

    def fact(self, said: Mapping[str, Any]) -> Iterator[f.Fact]:
        """Yield the fact that is written; none where it says nothing."""
        time, op = said.get("v"), said["op"]
        if op not in ("suppressed", "absent_unexplained"):
            yield from _FACTS[op](said, lambda cell: self.count(cell, time))


def _none_of(said: Mapping[str, Any], count: _Counted) -> Iterator[f.Fact]:
    yield f.NoneOf(count(said["cell"]), tuple(said["values"]))
    if "cap" in said:
        yield f.Between(count(said["cell"]), 0, said["cap"] - 1)


def _between(said: Mapping[str, Any], count: _Counted) -> Iterator[f.Fact]:
    yield f.Between(count(said["cell"]), int(said["low"]), None if said["high"] >= ENDLESS else int(said["high"]))


def _some_of(said: Mapping[str, Any], count: _Counted) -> Iterator[f.Fact]:
    yield f.SomeOf(tuple((count(cell), min(said["values"]), max(said["values"])) for cell in said["cells"]))


def _share(said: Mapping[str, Any], count: _Counted) -> Iterator[f.Fact]:
    yield f.Share(count(said["num"]), count(said["den"]), Decimal(str(said["percent"])), int(said["decimals"]))


_FACTS: Mapping[str, Callable[[Mapping[str, Any], _Counted], Iterable[f.Fact]]] = {
    "eq": lambda said, count: [f.exactly(count(said["cell"]), int(said["value"]))],
    "range": _between,
    "in": lambda said, count: [f.OneOf(count(said["cell"]), tuple(said["values"]))],
    "not_in": _none_of,
    "share": _share,
    "ge_cell": lambda said, count: [f.AtLeastOther(count(said["cell"]), count(said["other"]), said.get("gap", 0))],
    "some_in": _some_of,
    "min_of": lambda said, count: [f.SmallestOf(tuple(map(count, said["cells"])), int(said["value"]))],
    "static": lambda said, count: [f.Unchanged(str(said["from"]), str(said["to"]))],
    "moves_le": lambda said, count: [f.MovesAtMost(str(said["from"]), str(said["to"]), int(said["k"]))],
    "grow": lambda said, count: [f.OnlyGrows(str(said["from"]), str(said["to"]))],
}
"""Each kind of fact in the collection's words, in ours."""


def cases(*models: str) -> list[Case]:
    """Return all cases of these models; none where the folder is absent."""
    found = [
        Case(path.parent, yaml.safe_load(path.read_text(encoding="utf-8")))
        for path in sorted(FOLDER.glob("*/case.yaml"))
    ]
    return [case for case in found if case.model in models]
