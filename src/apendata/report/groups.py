"""Findings as a steward works through them: what unblocks most first, equal mistakes together, each with a proposal."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from apendata.model import Finding, Place
from apendata.report.proposals import OF_LISTS, Proposal, propose

_SEVERITY: Final = {"error": 0, "warning": 1, "info": 2}
EXAMPLES: Final = 8
"""Cells that a page shows of each kind of mistake."""

PROPOSED: Final = 300
"""Different values that are held against a list of codes: each takes milliseconds, the other proposals none."""


@dataclass(frozen=True, slots=True)
class Example:
    """One wrong cell."""

    place: Place
    cell: str | None
    proposal: Proposal | None
    times: int = 1
    """Places with the same value, of which this is the first."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Cells of one finding that are wrong in one way."""

    kind: str | None
    """Of its proposals; None where there is none."""
    count: int
    examples: tuple[Example, ...]


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """What must be mended first: a file that cannot be read hides all its cells, then what stands most often.

    What differs from the last version stays in its own order: the lake knows what weighs most, and counts do not.
    """
    return sorted(findings, key=lambda f: (_SEVERITY[f.severity], _is_of_cells(f), *_weight(f)))


def _weight(finding: Finding) -> tuple[int, str]:
    return (0, "") if finding.code.startswith("drift_") else (-finding.count, finding.code)


def _is_of_cells(finding: Finding) -> bool:
    return any(place.row is not None for place in finding.places)


def mistakes(finding: Finding) -> list[Mistake]:
    """The cells of a finding, by what was probably meant; the most frequent first."""
    told = list(examples(finding))
    if not told:
        return []
    kinds = Counter(example.proposal.kind if example.proposal else None for example in told)
    of_kind: dict[str | None, list[Example]] = {kind: [] for kind, _ in kinds.most_common()}
    for example in told:
        of_kind[example.proposal.kind if example.proposal else None].append(example)
    whole = len(kinds) == 1  # then all that were not kept are of that kind too, as far as anybody knows
    return [
        Mistake(kind, finding.count if whole else len(cells), tuple(_distinct(cells)[:EXAMPLES]))
        for kind, cells in of_kind.items()
    ]


def _distinct(cells: Sequence[Example]) -> list[Example]:
    """One example a value, the most frequent first; where no value is known, each place for itself."""
    times = Counter(example.cell for example in cells if example.cell is not None)
    first: dict[str, Example] = {}
    for example in cells:
        if example.cell is not None:
            first.setdefault(example.cell, example)
    known = [replace(first[cell], times=count) for cell, count in times.most_common()]
    return [*known, *(example for example in cells if example.cell is None)]


def examples(finding: Finding) -> Iterable[Example]:
    """Every place of a finding, with its cell and what may have been meant."""
    cells: Sequence[str | None] = finding.cells or [None] * len(finding.places)
    meant: dict[str, Proposal | None] = {}
    for place, cell in zip(finding.places, cells, strict=False):
        if cell and cell not in meant and not (len(meant) >= PROPOSED and finding.code in OF_LISTS):
            meant[cell] = propose(finding, cell)
        yield Example(place, cell, meant.get(cell) if cell else None)
