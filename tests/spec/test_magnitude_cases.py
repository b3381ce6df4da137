"""Collected cases of amounts, and of methods that are not built: which cells are sensitive, and what is refused."""

import csv
import itertools
import re
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apendata.catalog import Catalog
from apendata.disclosure import protect
from apendata.disclosure.auditor import Target
from apendata.disclosure.facts import Count
from apendata.disclosure.linked import Linked, protect as protect_linked
from apendata.disclosure.magnitude import Dominance, FewContributors, PPercent, Rule, bar, in_whole_units, sensitive
from apendata.disclosure.universe import Cell, Universe, cell_of
from apendata.errors import DefinitionError
from apendata.model import Disclosure, Margins, MinPerSex
from tests.spec.disclosure.crosstabs import ALL, dataset, rows, table
from tests.spec.sdc_cases import FOLDER, Case, cases

_TOTAL = "Total"
_PERCENT = 20
_RULES: dict[str, Callable[..., Rule]] = {
    r"few_contributors_maxN(\d+)": lambda n: FewContributors(int(n)),
    r"dominance_n(\d+)_k(\d+)": lambda n, k: Dominance(int(n), Decimal(k)),
    r"p_percent_p(\d+)": lambda p: PPercent(Decimal(p)),
}


def _some(keep: Callable[[Case], bool], *models: str) -> list[Any]:
    found = [pytest.param(case, id=case.folder.name) for case in cases(*models) if keep(case)]
    skipped = pytest.mark.skip(reason=f"no such cases at {FOLDER}: set APENDATA_SDC_CASES")
    return found or [pytest.param(None, id="none", marks=skipped)]


def _rules(case: Case) -> dict[str, Rule]:
    found = {}
    for name, (form, rule) in itertools.product(case.text.get("known_good", {}), _RULES.items()):
        if match := re.fullmatch(form, name):
            found[name] = rule(*match.groups())
    return found


@pytest.mark.parametrize("case", _some(lambda case: bool(_rules(case)), "magnitude"))
def test_the_sensitive_amounts_are_the_known_ones_and_what_is_hidden_with_them_withstands_an_audit(case: Case) -> None:
    amounts, dimensions = _contributions(case)
    for name, rule in _rules(case).items():
        found = sensitive(amounts, [rule])
        said = {cell_of({d: c for d, c in zip(dimensions, codes, strict=True) if c != _TOTAL})
                for codes in map(tuple, case.text["known_good"][name]["primary"])}  # fmt: skip
        assert found == said, name
        assert not protect_linked(_linked(amounts, dimensions, found)).verdict.counts


def _contributions(case: Case) -> tuple[dict[Cell, list[Decimal]], list[str]]:
    with (case.folder / case.text["data"]).open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    dimensions = [column for column in lines[0] if column not in ("company", "value")]
    found: defaultdict[Cell, list[Decimal]] = defaultdict(list)
    for line in lines:
        for kept in itertools.product([True, False], repeat=len(dimensions)):
            cell = cell_of({d: line[d] for d, keep in zip(dimensions, kept, strict=True) if keep})
            found[cell].append(Decimal(line["value"]))
    return dict(found), dimensions


def _linked(amounts: dict[Cell, list[Decimal]], dimensions: list[str], found: frozenset[Cell]) -> Linked:
    scale = in_whole_units(amount for some in amounts.values() for amount in some)
    truth = {Count("d", cell): int(sum(some) * scale) for cell, some in amounts.items()}
    leaves = {d: tuple(sorted({dict(cell)[d] for cell in amounts if d in dict(cell)})) for d in dimensions}
    grid = (cell_of(dict(zip(dimensions, codes, strict=True))) for codes in itertools.product(*leaves.values()))
    nobody = frozenset(Count("d", cell) for cell in grid if cell not in amounts)
    targets = tuple(Target(Count("d", cell), bar(truth[Count("d", cell)], _PERCENT)) for cell in sorted(found))
    return Linked(Universe(leaves), truth, targets, nobody=nobody)


@pytest.mark.parametrize("case", _some(lambda case: "min_per_sex" in case.policy, "magnitude"))
def test_no_figure_by_sex_is_shown_where_there_are_too_few_of_one(case: Case) -> None:
    with (case.folder / case.text["data"]).open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    column = next(name for name in lines[0] if name not in ("sex", "n"))
    fields = {"aar": "string", "sex": "string", "n": "integer", "n_status": "string", column: "number", f"{column}_status": "string"}  # fmt: skip # noqa: E501
    policy = Disclosure("suppression", people="ansatte", threshold=3, value="n", dimensions=("sex",), per=("aar",),
                        derived=(column,), min_per_sex=MinPerSex("sex", case.policy["min_per_sex"]))  # fmt: skip
    base = table("loenn", fields, ("aar", "sex"), policy)
    totals = table(
        "loenn_totalt", fields, ("aar", "sex"), policy, margins=Margins(of="loenn", totals={"sex": ALL}, value="n")
    )
    inner = [("2024", x["sex"], int(x["n"]), None, float(x[column]), None) for x in lines if x["sex"] != "alle"]
    outer = [("2024", ALL, int(x["n"]), None, float(x[column]), None) for x in lines if x["sex"] == "alle"]
    safe = protect(dataset(base, totals), {"loenn": rows(base, *inner), "loenn_totalt": rows(totals, *outer)}, {})
    assert safe.tables["loenn"].data[column].to_pylist() == [None] * len(inner)
    assert set(safe.tables["loenn"].data[f"{column}_status"].to_pylist()) == {":"}
    assert safe.tables["loenn_totalt"].data[column].to_pylist() == [outer[0][4]]


@pytest.mark.parametrize(
    "case", _some(lambda case: "fewer than 5 of each sex" in case.text.get("expected", ""), "policy")
)
def test_cost_per_head_is_hidden_where_one_post_or_too_few_of_a_sex_would_be_told(case: Case) -> None:
    """A unit with one post, one with four men, one with enough of both: the budget shows what each costs together."""
    fields = {"aar": "string", "enhet": "string", "sex": "string", "n": "integer", "n_status": "string",
              "per_hode": "number", "per_hode_status": "string"}  # fmt: skip
    key = ("enhet", "sex")
    policy = Disclosure("suppression", people="ansatte", threshold=5, value="n", dimensions=key, per=("aar",),
                        derived=("per_hode",), min_per_sex=MinPerSex("sex", 5))  # fmt: skip
    base = table("kostnad", fields, ("aar", "enhet", "sex"), policy)
    units = {("en", "K"): 1, ("en", "M"): 0, ("faa", "K"): 9, ("faa", "M"): 4, ("nok", "K"): 30, ("nok", "M"): 20}
    lines = [("2024", unit, sex, n, None, 700.0 + n, None) for (unit, sex), n in units.items()]
    shown = protect(dataset(base), {"kostnad": rows(base, *lines)}, {}).tables["kostnad"].data.to_pylist()
    assert {row["enhet"] for row in shown if row["per_hode"] is not None} <= {"nok"}


@pytest.mark.parametrize("case", _some(lambda _: True, "ptable", "rounding", "statistics", "parser"))
def test_a_method_that_is_not_built_is_refused_as_one(case: Case, tmp_path: Path, root: Path) -> None:
    """Noise, rounding, and tables of another program: a definition that asks for them is refused, never guessed at."""
    for folder in ("datasets", "schemas"):
        (tmp_path / folder).symlink_to(root / folder) if folder == "schemas" else (tmp_path / folder).mkdir()
    (tmp_path / "datasets" / "publisher.yaml").write_bytes((root / "datasets" / "publisher.yaml").read_bytes())
    text = (root / "datasets" / "rekruttering" / "dataset.yaml").read_text(encoding="utf-8")
    (tmp_path / "datasets" / "rekruttering").mkdir()
    asked = text.replace("method: none", f"method: {case.policy.get('method', case.model)!r}", 1)
    assert asked != text
    (tmp_path / "datasets" / "rekruttering" / "dataset.yaml").write_text(asked, encoding="utf-8")
    with pytest.raises(DefinitionError, match="suppression"):
        Catalog(tmp_path / "datasets", tmp_path / "schemas").load("rekruttering")
