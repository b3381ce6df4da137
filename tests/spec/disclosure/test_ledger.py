"""The audit over everything that was ever published: every release counts, whatever became of it."""

import json
from typing import Any

import pyarrow as pa
import pytest

from apendata.disclosure.auditing import audit
from apendata.errors import FoundOut
from apendata.model import Disclosure, ExternalFact, Protected, Published, Text
from tests.spec.sdc_cases import FOLDER, Case, cases

DATE = "2019-01-15"
TEXT = Text("x", "x")


def _published(shown: dict[str, int | None], *, protected: str = "D", small: int = 2, **told: Any) -> Published:
    """One version of a table of areas; «» is its total, None a hidden count."""
    date, dataset, version = told.pop("date", DATE), told.pop("dataset", "ansatte"), told.pop("version", "1.0.0")
    data = pa.table(
        {
            "dato": [date] * len(shown),
            "omraade": [area or "ALLE" for area in shown],
            "antall": pa.array(list(shown.values()), pa.int64()),
            "antall_status": pa.array([":" if n is None else None for n in shown.values()], pa.string()),
        }
    )
    policy = Disclosure(
        "suppression", people="ansatte", threshold=3, value="antall", dimensions=("omraade",), per=("dato",), **told
    )
    hidden = tuple(row for row, n in enumerate(shown.values()) if n is None)
    marks = tuple(Protected((date, area), 0, 3, small == 1) for area in protected if shown.get(area, 0) is None)
    return Published(
        dataset, version, "omraader", policy, {"omraade": "ALLE"}, ("dato", "omraade"), data, hidden, marks
    )


SAFE = {"": 64, "A": 31, "B": 24, "C": None, "D": None}
OTHERWISE = {"": 64, "A": 31, "B": None, "C": 7, "D": None}


def test_one_release_that_hides_enough_is_safe() -> None:
    (found,) = audit([_published(SAFE)])
    assert (found.people, found.versions, found.dates, found.protected) == ("ansatte", 1, 1, 1)


def test_two_releases_that_hide_enough_each_but_not_the_same_are_found_out_and_it_is_said_how() -> None:
    with pytest.raises(FoundOut) as refused:
        audit([_published(SAFE), _published(OTHERWISE, version="1.0.1")])
    (finding,) = refused.value.findings
    assert finding.count == 1
    (told,) = finding.samples
    assert told.startswith(f"{DATE}: omraade=D = [(total)] − [omraade=A] − [omraade=B] − [omraade=C]")
    assert "omraade" not in str(refused.value) + repr(finding)


def test_another_dataset_of_the_same_people_counts_and_one_of_other_people_does_not() -> None:
    other = _published({"C": 7}, dataset="ledere")
    with pytest.raises(FoundOut):
        audit([_published(SAFE), other])
    strangers = _published({"C": 7}, dataset="ledere")
    strangers = Published(
        **{**_fields(strangers), "policy": Disclosure(**{**_fields(strangers.policy), "people": "ledere"})}
    )
    assert len(audit([_published(SAFE), strangers])) == 2


def test_a_count_that_is_printed_elsewhere_counts() -> None:
    printed = ExternalFact(DATE, {"omraade": "C"}, 7, TEXT)
    with pytest.raises(FoundOut):
        audit([_published(SAFE, external_facts=(printed,))])


def test_what_is_printed_elsewhere_must_be_true() -> None:
    with pytest.raises(FoundOut) as refused:
        audit([_published(SAFE, external_facts=(ExternalFact(DATE, {"omraade": "A"}, 30, TEXT),))])
    assert [finding.code for finding in refused.value.findings] == ["disclosure.ledger_contradicts"]


def test_who_knows_that_few_can_have_moved_learns_from_the_next_date() -> None:
    then = _published(SAFE)
    later = _published({"": 65, "A": 31, "B": 24, "C": 7, "D": 3}, date="2019-07-01", version="1.1.0")
    audit([then, later])
    with pytest.raises(FoundOut):
        audit([_published(SAFE, max_moves=1), later])


def test_that_more_moved_than_can_have_is_a_contradiction_and_no_proof_of_safety() -> None:
    later = _published({"": 80, "A": 40, "B": 30, "C": 7, "D": 3}, date="2019-07-01", version="1.1.0")
    with pytest.raises(FoundOut) as refused:
        audit([_published(SAFE, max_moves=2), later])
    assert [finding.code for finding in refused.value.findings] == ["disclosure.ledger_contradicts"]


def test_the_only_person_in_a_cell_is_a_reader_too() -> None:
    shown = {"": 13, "A": None, "B": None, "C": 10}
    audit([_published(shown, protected="B")])
    alone = _published(shown, protected="A", small=1)
    both = Published(**{**_fields(alone), "protected": (*(alone.protected or ()), Protected((DATE, "B"), 0, 3, False))})
    with pytest.raises(FoundOut):
        audit([both])


def test_a_revised_date_is_a_new_state_of_it_and_not_a_contradiction() -> None:
    audit([_published(SAFE), _published({**SAFE, "": 65, "A": 32}, version="1.0.1")])


def test_a_version_that_tells_not_what_it_protects_is_taken_at_its_strictest() -> None:
    old = _published({"": 64, "A": 31, "B": 24, "C": None, "D": None})
    audit([Published(**{**_fields(old), "protected": None})])
    one = _published({"": 62, "A": 31, "B": 24, "C": None})
    with pytest.raises(FoundOut):
        audit([Published(**{**_fields(one), "protected": None})])


def _fields(of: Any) -> dict[str, Any]:
    return {name: getattr(of, name) for name in of.__dataclass_fields__}


def _logs() -> list[Any]:
    found = [pytest.param(case, id=case.folder.name) for case in cases("release-log")]
    skipped = pytest.mark.skip(reason=f"no cases at {FOLDER}: set APENDATA_SDC_CASES")
    return found or [pytest.param(None, id="none", marks=skipped)]


@pytest.mark.parametrize("case", _logs())
def test_every_release_of_a_collected_log_counts_whatever_its_status(case: Case) -> None:
    releases = json.loads((case.folder / case.text["data"]).read_text(encoding="utf-8"))
    hidden_always = {c for c in releases[0]["cells"] if all(r["cells"].get(c) is None for r in releases)}

    def as_published(log: list[dict[str, Any]]) -> list[Published]:
        return [_published(r["cells"], protected="", version=r["version"]) for r in log]

    def strict(tables: list[Published]) -> list[Published]:
        marks = tuple(Protected((DATE, area), 0, 3, False) for area in sorted(hidden_always))
        return [Published(**{**_fields(table), "protected": marks}) for table in tables]

    audit(strict(as_published([r for r in releases if r["status"] == "active"])))
    with pytest.raises(FoundOut):
        audit(strict(as_published(releases)))
