"""Every collected attack that can be said in counts: the auditor gives its verdict, the suppressor withstands it.

What the suppressor makes is put before the collection's own oracle too, which shares no line with the project.
"""

import importlib.util
import json
from collections.abc import Collection
from types import ModuleType
from typing import Any

import pytest

from apendata.disclosure import facts as f, protect as protect_dataset
from apendata.disclosure.auditor import Auditor
from apendata.disclosure.linked import Linked, insiders, protect
from apendata.disclosure.parts import point_of
from apendata.disclosure.record_sets import record_sets
from apendata.disclosure.system import System, system
from apendata.errors import DisclosureRefused
from apendata.model import Disclosure, Shown
from tests.spec.disclosure.crosstabs import dataset, rows, table
from tests.spec.sdc_cases import ENDLESS, FOLDER, Case, cases

_SKIPPED = pytest.param(
    None, None, marks=pytest.mark.skip(reason=f"no cases at {FOLDER}: set APENDATA_SDC_CASES"), id="none"
)
_LINKS = ("moves_le", "grow", "static")


def _publications() -> list[Any]:
    found = [pytest.param(c, name, id=f"{c.folder.name}-{name}") for c in cases("linear") for name in c.publications]
    return found or [_SKIPPED]


def _protectable() -> list[Any]:
    """Cases in which something is to be protected by what we build, which is suppression."""
    found = [c for c in cases("linear") if c.targets and "method" not in c.policy]
    return [pytest.param(c, None, id=c.folder.name) for c in found] or [_SKIPPED]


@pytest.mark.parametrize(("case", "name"), _publications())
def test_the_auditor_rejects_what_gives_a_protected_count_away_and_accepts_what_does_not(case: Case, name: str) -> None:
    expected = case.publications[name]["expect"]
    facts = case.facts(name)
    asked = [(x, case.count(x["cell"])) for x in expected.get("feasible", ())]
    counts = (
        {count for fact in facts for count in f.counts_in(fact)}
        | {t.count for t in case.targets}
        | {c for _, c in asked}
    )
    given = system(record_sets(case.universe, {count.cell for count in counts}), case.times, facts)
    auditor = Auditor(given, _truth(case, given, counts))
    assert bool(auditor.found_out(case.targets)) == (expected["verdict"] == "reject")
    for stated, count in asked:
        if "set" in stated:
            assert auditor.possible(count) == tuple(stated["set"])
        if "interval" in stated:
            low, high = auditor.interval(count)
            assert [low, ENDLESS if high is None else high] == stated["interval"]


@pytest.mark.parametrize(("case", "_"), _protectable())
def test_what_the_suppressor_makes_passes_the_case_s_bar_and_an_independent_oracle(case: Case, _: None) -> None:
    linked = _linked(case)
    pattern = protect(linked)
    assert not pattern.verdict.counts
    told = [_as_told(count, n) for count, n in linked.truth.items() if count not in pattern.hidden]
    readers = [told, *(told + [_as_told(c, linked.truth[c]) for c in alone] for alone in _alone(linked))]
    if case.has("P12"):
        values = list(range(1, _threshold(case)))
        readers.append([*told, {"op": "some_in", "cells": [dict(c.cell) for c in pattern.hidden], "values": values}])
    for facts in readers if case.has("P4") or case.has("P12") else readers[:1]:
        known = {
            (fact["v"], json.dumps(fact["cell"], sort_keys=True)) for fact in facts[len(told) :] if fact["op"] == "eq"
        }
        assert not _leaking(case, [*facts, *_links(case), *_of_zeros(case, linked, pattern.hidden)], known)


def _truth(case: Case, given: System, counts: Collection[f.Count]) -> Any:
    point = point_of(given, {given.column(c): case.true(c) for c in counts if given.column(c) >= 0})
    # What a naive tool printed need not be true (totals that it made anew); the reader takes it at its word.
    return point_of(given, {}) if point is None else point


def _linked(case: Case) -> Linked:
    """The tables of all publications of a case, in truth; what was printed elsewhere cannot be hidden."""
    said = [fact for name in case.publications for fact in case.told(name) if fact["op"] in ("eq", "suppressed")]
    counts = {case.count(fact["cell"], fact.get("v")): None for fact in said} | dict.fromkeys(
        t.count for t in case.targets
    )
    elsewhere = {case.count(fact["cell"], fact.get("v")) for fact in said if fact["t"] == "external"}
    return Linked(
        universe=case.universe,
        truth={count: case.true(count) for count in counts},
        targets=case.targets,
        fixed=frozenset(elsewhere),
        known=tuple(fact for link in _links(case) for fact in case.fact(link)),
        thresholds=dict.fromkeys(counts, _threshold(case)) if case.has("P12") else {},
        zeros_may_hide=case.policy["zeros"]["may_be_suppressed"],
    )


def _threshold(case: Case) -> int:
    said = case.policy.get("threshold")
    return said if isinstance(said, int) else 0


def _links(case: Case) -> list[dict[str, Any]]:
    """What a reader of any publication knows between two versions."""
    everywhere = case.text.get("reader", {}).get("facts", [])
    said = [*everywhere, *(fact for p in case.publications.values() for fact in p.get("reader_facts", ()))]
    return list({json.dumps(fact, sort_keys=True): fact for fact in said if fact["op"] in _LINKS}.values())


def _of_zeros(case: Case, linked: Linked, hidden: Collection[f.Count]) -> list[dict[str, Any]]:
    if case.policy["zeros"]["may_be_suppressed"]:
        return []
    return [
        {"op": "range", "v": c.time, "cell": dict(c.cell), "low": 1, "high": ENDLESS} for c in hidden if linked.truth[c]
    ]


def _alone(linked: Linked) -> list[list[f.Count]]:
    given = linked.reader(linked.truth.keys())
    return [[c for c in linked.truth if given.column(c) in person.knows] for person in insiders(linked, given)]


def _as_told(count: f.Count, n: int) -> dict[str, Any]:
    return {"t": "ours", "op": "eq", "v": count.time, "cell": dict(count.cell), "value": n}


def _leaking(case: Case, facts: list[dict[str, Any]], known: Collection[tuple[str, str]]) -> list[Any]:
    """What the collection's own oracle says of a publication; what a reader is herself does not count."""
    oracle = _oracle()
    model = oracle.Model(case.text)
    for fact in (*facts, *case.text.get("reader", {}).get("facts", ())):
        model.fact(fact)
    found = []
    for said in case.text["protected_cells"]:
        count = case.count(said)
        interval = model.feasible(said)
        assert interval is not None, "the facts contradict each other"
        herself = (count.time, json.dumps(dict(count.cell), sort_keys=True)) in known
        if not herself and not oracle.ok(case.policy["protection"], interval, case.true(count)):
            found.append(said)
    return found


def _oracle() -> ModuleType:
    spec = importlib.util.spec_from_file_location("sdc_oracle", FOLDER / "oracle.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _differing() -> list[Any]:
    """Cases in which no count is small and the difference between two versions is."""
    found = [
        pytest.param(c, name, id=f"{c.folder.name}-{name}")
        for c in cases("linear")
        if c.has("P17")
        for name in c.publications
    ]
    return found or [_SKIPPED]


@pytest.mark.parametrize(("case", "name"), _differing())
def test_what_differs_by_a_few_from_what_was_published_is_refused(case: Case, name: str) -> None:
    """Each version is put through the pipeline's own door after the one before it, as the same date revised."""
    dims = case.universe.dimensions
    policy = Disclosure(
        "suppression", people="folk", threshold=_threshold(case), value="n", dimensions=dims, per=("dato",)
    )
    fields = {"dato": "string", **dict.fromkeys(dims, "string"), "n": "integer", "n_status": "string"}
    made = table("tabell", fields, ("dato", *dims), policy)
    whole = {c.cell for fact in case.facts(name) for c in f.counts_in(fact) if len(c.cell) == len(dims)}
    history: dict[str, tuple[Shown, ...]] = {}
    outcomes = []
    for time in case.times:
        lines = [("2024-01-15", *(dict(cell)[d] for d in dims), case.truth[time, cell], None) for cell in sorted(whole)]
        try:
            safe = protect_dataset(dataset(made), {"tabell": rows(made, *lines)}, history)
        except DisclosureRefused as refused:
            outcomes.append(refused.findings[0].code)
        else:
            outcomes.append("published")
            history = {
                "tabell": (Shown(policy, made.primary_key, safe.tables["tabell"].data), *history.get("tabell", ()))
            }
    assert outcomes == ["published", *["disclosure.small_difference"] * (len(case.times) - 1)]
