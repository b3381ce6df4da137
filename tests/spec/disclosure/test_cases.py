"""The collected attacks that are plain sums of counts: the auditor's verdict is the case's, the suppressor withstands.

The cases lie beside the project and not in it: ``APENDATA_SDC_CASES``, by default ``../shared/sdc-cases``.
"""

import csv
import itertools
import json
import os
from pathlib import Path

import numpy as np
import pytest
import yaml

from apendata.disclosure.adversary import Adversary
from apendata.disclosure.cells import Entry, build_block
from apendata.disclosure.secondary import suppress

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / os.environ.get("APENDATA_SDC_CASES", "../shared/sdc-cases")


def _plain(folder):
    """Whether the case speaks of one date, published and hidden cells and sums alone, and of the bar that we keep."""
    case = yaml.safe_load((folder / "case.yaml").read_text())
    if case["model"] != "linear" or set(case["universe"]) != {"dims"}:
        return False
    bar = case["policy"]["protection"]
    return (
        bar["kind"] == "contain"
        and bar["low"] == 0
        and all(0 < _count(folder, c) < bar["high"] for c in _protected(case))
    )


def _count(folder, cell):
    with (folder / "truth.csv").open(newline="") as file:
        return sum(int(row["n"]) for row in csv.DictReader(file) if all(row[d] == c for d, c in cell.items()))


def _protected(case):
    return case["protected_cells"]


def _publications():
    if not FOLDER.is_dir():
        reason = f"no cases at {FOLDER}: set APENDATA_SDC_CASES"
        return [pytest.param(None, None, marks=pytest.mark.skip(reason=reason), id="no-cases")]
    found = []
    for folder in sorted(path.parent for path in FOLDER.glob("*/case.yaml")):
        if _plain(folder):
            case = yaml.safe_load((folder / "case.yaml").read_text())
            found += [pytest.param(folder, name, id=f"{folder.name}-{name}") for name in case["publications"]]
    return found


def _block(folder, case, facts):
    """All cells of the universe; those in no fact are unknown to the reader but must add up."""
    stated = {_cell(fact["cell"]) for fact in facts}
    protected = {_cell(cell) for cell in _protected(case)}
    dims = case["universe"]["dims"]
    leaves = {_cell(dict(zip(dims, codes, strict=True))) for codes in itertools.product(*dims.values())}
    high = case["policy"]["protection"]["high"]
    entries = [
        Entry(
            "t", 0, cell, _count(folder, dict(cell)), False, high if cell in protected else 1 if cell in stated else 0
        )
        for cell in sorted(stated | protected | leaves)
    ]
    return build_block(entries, [frozenset(dims)])


def _cell(codes):
    return tuple(sorted((str(d), str(c)) for d, c in codes.items()))


@pytest.mark.parametrize(("folder", "name"), _publications())
def test_the_auditor_gives_the_case_s_verdict_and_the_suppressor_withstands_it(folder, name):
    case = yaml.safe_load((folder / "case.yaml").read_text())
    publication = case["publications"][name]
    facts = json.loads((folder / publication["file"]).read_text())
    if publication.get("reader_facts") or {fact["op"] for fact in facts} - {"eq", "suppressed"}:
        pytest.skip("the reader of this publication knows more than cells and sums")
    block = _block(folder, case, facts)
    published = {_cell(fact["cell"]) for fact in facts if fact["op"] == "eq"}
    hidden = np.array([cell not in published for cell in block.cells])
    assert bool(Adversary(block).unsafe(hidden)) == (publication["expect"]["verdict"] == "reject")
    ours = suppress(block, np.zeros(len(block.cells), dtype=np.bool_))
    assert Adversary(block).unsafe(ours) == ()
