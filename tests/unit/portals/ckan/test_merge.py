"""Three sides of a field: hers stays, ours moves, the release's own is put right."""

import json

import pytest

from apendata.errors import PortalConflict, PortalContested, Transient
from apendata.model import Owner
from apendata.portals.ckan.fields import owner
from apendata.portals.ckan.others import refuse_others
from apendata.portals.ckan.packages import LostMatch, Packages, decide
from apendata.portals.ckan.wanted import wanted_package
from tests.unit.portals import samples


@pytest.fixture
def wanted(tmp_path):
    first, *_ = samples.staff_history(tmp_path)
    return wanted_package(samples.release(first, base_url="https://data.example/"), lambda v, f: f"https://x/{f.path}")


def written(wanted, package=None, **how):
    """The package as CKAN shows it after what was decided was written."""
    decision = decide(package, wanted, **{"take_ours": False, "standing": False, **how})
    result = {path: value for path, value in decision.merged.result.items() if value not in {None, ""}}
    resources = {}
    for path, value in result.items():
        if path[0] == "resources":
            resources.setdefault(path[1], {"id": path[1]})[path[2]] = value
    return {
        **{path[0]: value for path, value in result.items() if len(path) == 1 and path[0] != "tags"},
        "tags": [{"name": name} for name in str(result.get(("tags",), "")).split(", ")],
        "extras": [{"key": path[1], "value": value} for path, value in result.items() if path[0] == "extras"],
        "resources": list(resources.values()),
    }


def test_what_was_written_needs_nothing_more(wanted) -> None:
    decision = decide(written(wanted), wanted, take_ours=False, standing=True)
    assert not decision.is_needed
    assert decision.merged.kept == ()


def test_our_text_moves_on_and_hers_stays(wanted) -> None:
    package = written(wanted)
    older = {**package, "title": "Gammel tittel"}
    anchor = next(r for r in older["resources"] if r["id"] == wanted.anchor.id)
    hashes = json.loads(anchor["apendata_written"])
    anchor["apendata_written"] = json.dumps({**hashes, "title": hash_of("Gammel tittel")})
    ours = decide(older, wanted, take_ours=False, standing=False)
    assert [c.field for c in ours.merged.changes if c.field == "title"] == ["title"]
    hers = decide({**package, "title": "Hennes"}, wanted, take_ours=False, standing=False)
    assert [k.field for k in hers.merged.kept] == ["title"]
    assert ("title",) not in hers.merged.write
    taken = decide({**package, "title": "Hennes"}, wanted, take_ours=True, standing=False)
    assert taken.merged.write[("title",)] == wanted.text["title"]


def hash_of(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()[:12]


def test_a_text_that_she_took_away_stays_away(wanted) -> None:
    package = written(wanted)
    package["extras"] = [extra for extra in package["extras"] if extra["key"] != "title_en"]
    decision = decide(package, wanted, take_ours=False, standing=True)
    assert ("extras", "title_en") not in decision.merged.write
    assert [k.field for k in decision.merged.kept] == ["title_en"]


def test_hers_stays_hers_over_many_releases(wanted) -> None:
    package = {**written(wanted), "notes": "Hennes"}
    for _ in range(3):
        package = written(wanted, package)
        assert package["notes"] == "Hennes"
    assert written(wanted, package, take_ours=True)["notes"] == wanted.text["notes"]


def test_a_release_field_is_put_right_and_told_as_changed_by_hand(wanted) -> None:
    package = {**written(wanted), "version": "9.9.9"}
    decision = decide(package, wanted, take_ours=False, standing=True)
    (change,) = [c for c in decision.merged.changes if c.field == "version"]
    assert (change.live, change.wanted, change.by_hand) == ("9.9.9", "1.0.0", True)


def test_where_nobody_knows_who_wrote_it_nothing_is_overwritten(wanted) -> None:
    foreign = {"name": wanted.name, "title": "Fra før", "notes": "", "resources": [], "extras": []}
    decision = decide(foreign, wanted, take_ours=False, standing=False)
    assert {k.field for k in decision.merged.kept} == {"title"}
    assert ("notes",) in decision.merged.write


def test_every_field_that_a_release_writes_has_an_owner(wanted) -> None:
    decision = decide(None, wanted, take_ours=False, standing=False)
    assert {owner(path) for path in decision.merged.result} == {Owner.RELEASE, Owner.TEXT}
    assert owner(("extras", "hennes")) is Owner.STEWARD
    assert owner(("extras", "endring i kontakt")) is Owner.STEWARD


def test_an_old_line_of_the_changelog_goes(wanted) -> None:
    package = written(wanted)
    package["extras"].append({"key": "endring 2001-01-01 (0.0.1)", "value": "x"})
    package["extras"].append({"key": "hennes", "value": "x"})
    write = decide(package, wanted, take_ours=False, standing=True).merged.write
    assert [path for path in write if path[0] == "extras"] == [("extras", "endring 2001-01-01 (0.0.1)")]


@pytest.mark.parametrize("odd", [None, "nei", "[]", {"a": 1}, 7])
def test_what_somebody_put_where_our_hashes_were_is_no_hash(wanted, odd) -> None:
    package = written(wanted)
    next(r for r in package["resources"] if r["id"] == wanted.anchor.id)["apendata_written"] = odd
    decision = decide(package, wanted, take_ours=False, standing=True)
    assert {path[-1] for path in decision.merged.write} == {"apendata_written"}


def test_a_package_that_went_out_of_sight_is_looked_for_again_and_is_no_defect(wanted) -> None:
    """A token that ends between two reads shows the private package of a new dataset to nobody."""
    decision = decide(None, wanted, take_ours=False, standing=False)
    with pytest.raises(LostMatch):
        Packages(api=None, organization="x").flip(decision, wanted)  # type: ignore[arg-type]  # nothing is asked


def others(package, found, wanted):
    try:
        refuse_others(package, found, wanted)
    except PortalContested as contest:
        return contest.message
    return None


def tombstone(at="2026-11-26T10:00:00Z"):
    return {"resources": [], "extras": [{"key": "apendata_withdrawn", "value": at}]}


def test_another_s_release_and_another_s_withdrawal_are_neither_overwritten(wanted) -> None:
    ours = written(wanted)
    newer = {"resources": [{"id": "a", "apendata_release": "9.0.0"}]}
    older = {"resources": [{"id": "a", "apendata_release": "0.9.0"}]}
    formed = {"resources": [{"id": resource["id"]} for resource in ours["resources"]]}
    assert "released 9.0.0" in others(newer, older, wanted)
    assert "released 9.0.0" in others(newer, tombstone(), wanted)
    for first in (older, formed, {}, tombstone("2026-11-25T10:00:00Z")):
        assert "withdrew" in others(tombstone(), first, wanted)
    for first in (older, formed):
        with pytest.raises(PortalConflict, match="removed"):
            refuse_others({"resources": []}, first, wanted)


def test_what_stood_there_and_what_a_form_wiped_and_what_we_wrote_stops_nobody(wanted) -> None:
    ours = written(wanted)
    older = {"resources": [{"id": "a", "apendata_release": "0.9.0"}]}
    formed = {"resources": [{"id": resource["id"]} for resource in ours["resources"]]}
    for package in (None, ours, older, formed):
        assert others(package, older, wanted) is None
    assert others(tombstone(), tombstone(), wanted) is None
    assert others({}, {}, wanted) is None
    assert others({}, tombstone(), wanted) is None


def test_what_others_did_is_not_tried_again() -> None:
    """The next try would find their release standing there, and take it for the one to replace."""
    assert not issubclass(PortalContested, Transient)
