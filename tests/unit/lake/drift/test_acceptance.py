"""An acceptance is good for one version that has exactly its difference, and for nothing else."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from apendata.errors import AcceptanceUsed, AlreadyAccepted, DifferenceUnknown, DriftExceeded, LakeCorrupt
from apendata.lake import Lake
from apendata.model import Condition, Dataset, Revision, Text, Version
from tests.unit.lake.builders import (
    CLOCK,
    ROWS,
    accept,
    build,
    build_and_publish,
    guarded,
    loose,
    number,
    publish,
    revised,
    safe,
)

CHANGED = revised(ROWS, 0, antall=13)
OTHER = revised(ROWS, 0, antall=14)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake.open(tmp_path / "lake", clock=CLOCK)
    build_and_publish(lake, guarded())
    return lake


def reasons(version: Version) -> list[str]:
    with (version.folder / "changes.csv").open(encoding="utf-8", newline="") as stream:
        return [line["grunn"] for line in csv.DictReader(stream)]


def names(lake: Lake, definition: Dataset, rows: object) -> str:
    with pytest.raises(DriftExceeded) as caught:
        build(lake, definition, safe(rows))  # type: ignore[arg-type]
    (found,) = [f.params["difference"] for f in caught.value.findings if f.code == "drift_accept"]
    return found


def test_it_names_rows_contract_definition_and_release(lake: Lake) -> None:
    first = names(lake, guarded(), CHANGED)
    assert names(lake, guarded(), CHANGED) == first
    others = {names(lake, guarded(), OTHER), names(lake, replace(guarded(), definition_sha256="e" * 64), CHANGED)}
    described = replace(guarded(), title=Text("annet", "other"))
    others.add(names(lake, described, CHANGED))
    build_and_publish(lake, guarded(), safe((*ROWS, (2025, "0301", 1, None, None, None))))
    others.add(names(lake, guarded(), CHANGED))
    assert len(others - {first}) == 4


def test_it_names_what_readers_have_after_a_rollback_too(lake: Lake) -> None:
    build_and_publish(lake, loose(), safe(CHANGED))
    before = names(lake, guarded(), OTHER)
    with lake.lock("ansatte"):
        lake.hold("ansatte", number("1.0.0"), "feil")
    publish(lake, lake.version("ansatte", number("1.0.0")))
    assert names(lake, guarded(), OTHER) != before


def test_a_row_of_a_new_year_has_no_reason_that_was_meant_for_history(lake: Lake) -> None:
    why = Revision(Text("revisjonen", "audit"), {"aar": Condition(at_least="2023")})
    explained = replace(guarded(), tables=(replace(guarded().tables[0], revisions=(why,)),))
    rows = (*CHANGED[:1], (2023, "0400", 1, None, None, None), *CHANGED[1:], (2025, "0301", 1, None, None, None))
    assert reasons(build(lake, explained, safe(rows))) == ["revisjonen", "revisjonen", ""]


def test_a_version_remembers_what_it_was_accepted_for(lake: Lake) -> None:
    accept(lake, guarded(), safe(CHANGED), because="rettet i regnskapet", by="økonomi")
    version = build(lake, guarded(), safe(CHANGED))
    assert [c.details for c in version.changes if c.rule == "difference_accepted"] == [
        {"because": "rettet i regnskapet"}
    ]
    assert reasons(version) == ["rettet i regnskapet"]
    (committed, told) = [line for line in lake.history("ansatte") if line["event"] in ("accepted", "committed")][:2]
    assert committed["accepted"] == told["difference"]
    assert (told["because"], told["by"]) == ("rettet i regnskapet", "økonomi")
    assert "accepted" not in lake.layout.state("ansatte").read_text()
    assert lake.verify() == ()


def test_the_version_that_waits_is_not_asked_about_again(lake: Lake) -> None:
    """Another engine reads all anew: what was accepted is what waits."""
    accept(lake, guarded(), safe(CHANGED))
    waiting = build(lake, guarded(), safe(CHANGED))
    assert build(lake, guarded(), safe(CHANGED)) == waiting
    with pytest.raises(DriftExceeded):
        build(lake, guarded(), safe(OTHER))
    assert lake.head("ansatte") == waiting


def test_a_reason_given_afterwards_makes_another_candidate_of_the_same_rows(lake: Lake) -> None:
    """Under limits of before, the rows passed without a reason; it must reach changes.csv all the same."""
    waiting = build(lake, loose(), safe(CHANGED))
    assert reasons(waiting) == [""]
    accept(lake, guarded(), safe(CHANGED), because="rettet")
    again = build(lake, guarded(), safe(CHANGED))
    assert (again.number, again.data_sha256) == (waiting.number, waiting.data_sha256)
    assert reasons(again) == ["rettet"]
    assert not waiting.folder.exists()
    explained = replace(
        guarded().tables[0], revisions=(Revision(Text("revisjonen", "audit"), {"aar": Condition(equals="2023")}),)
    )
    assert reasons(build(lake, replace(guarded(), tables=(explained,)), safe(CHANGED))) == ["revisjonen"]
    assert lake.verify() == ()


def test_what_is_public_already_is_not_held_against_an_older_release(lake: Lake) -> None:
    """After a rollback the sources give what was released, accepted, and rolled back from."""
    accept(lake, guarded(), safe(CHANGED))
    newer = build_and_publish(lake, guarded(), safe(CHANGED))
    with lake.lock("ansatte"):
        lake.hold("ansatte", number("1.0.0"), "feil")
    publish(lake, lake.version("ansatte", number("1.0.0")))
    assert build(lake, replace(guarded(), definition_sha256="e" * 64), safe(CHANGED)) == newer


def test_one_that_no_longer_stands_is_replaced(lake: Lake) -> None:
    accept(lake, guarded(), safe(CHANGED))
    accept(lake, guarded(), safe(OTHER), because="en annen retting")
    with pytest.raises(DriftExceeded):
        build(lake, guarded(), safe(CHANGED))
    assert reasons(build(lake, guarded(), safe(OTHER))) == ["en annen retting"]


def test_refusals(lake: Lake) -> None:
    with pytest.raises(DifferenceUnknown, match="needs no acceptance"):
        accept(lake, guarded(), safe((*ROWS, (2025, "0301", 1, None, None, None))))
    accept(lake, guarded(), safe(CHANGED))
    with pytest.raises(AlreadyAccepted):
        accept(lake, guarded(), safe(CHANGED), because="en annen grunn")
    with pytest.raises(AlreadyAccepted):
        accept(lake, guarded(), safe(CHANGED), by="en annen rolle")
    build_and_publish(lake, guarded(), safe(CHANGED))
    build_and_publish(lake, loose(), safe())
    with pytest.raises(DriftExceeded):  # the way back to the same rows is another difference
        build(lake, guarded(), safe(CHANGED))


def test_a_used_name_is_refused_by_the_version_that_was_made_of_it(lake: Lake) -> None:
    accept(lake, guarded(), safe(CHANGED))
    build(lake, guarded(), safe(CHANGED))
    with pytest.raises(AcceptanceUsed, match=r"version 1\.0\.1"):
        accept(lake, guarded(), safe(CHANGED))


def test_what_was_dropped_unseen_must_be_accepted_anew(lake: Lake) -> None:
    """The sources went back, so nothing is left of the version that was made of it; then they came again."""
    accept(lake, guarded(), safe(CHANGED))
    build(lake, guarded(), safe(CHANGED))
    build(lake, guarded())
    with pytest.raises(DriftExceeded):
        build(lake, guarded(), safe(CHANGED))
    accept(lake, guarded(), safe(CHANGED), because="fortsatt rett")
    assert reasons(build(lake, guarded(), safe(CHANGED))) == ["fortsatt rett"]


def test_taken_back(lake: Lake) -> None:
    name = accept(lake, guarded(), safe(CHANGED))
    assert lake.history("ansatte")[0]["event"] == "accepted", "told at once, not by the next run"
    with lake.lock("ansatte"):
        assert not lake.take_back("ansatte", "0" * 16)
        assert lake.take_back("ansatte", name)
        assert not lake.take_back("ansatte", name)
    with pytest.raises(DriftExceeded):
        build(lake, guarded(), safe(CHANGED))
    assert "unaccepted" in {line["event"] for line in lake.history("ansatte")}


def test_a_state_that_is_not_ours_is_told(lake: Lake) -> None:
    accept(lake, guarded(), safe(CHANGED))
    file = lake.layout.state("ansatte")
    file.write_text(file.read_text().replace('"because"', '"grunn"'))
    assert [finding.code for finding in lake.verify()] == ["lake_record_broken"]
    with pytest.raises(LakeCorrupt):
        build(lake, guarded(), safe(CHANGED))
