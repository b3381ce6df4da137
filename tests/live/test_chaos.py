"""Faults at the requests of a release: each kind at one, two at all, kills at the pointer; ``make chaos`` has all."""

import pytest

from tests.live.chaos.campaign import disturbed, killed, requests_of, table
from tests.live.chaos.faults import Fault
from tests.live.chaos.scenarios import scenarios
from tests.live.house import house as make_house
from tests.live.portal import access_to, web_server, wipe

AT_EVERY_REQUEST = (Fault.RESET_AFTER, Fault.BAD_GATEWAY)


@pytest.fixture(scope="module")
def made(ckan, tmp_path_factory):
    """The scenarios, each set up once: what they learn of an undisturbed run holds for all its tests."""
    from tests.live.portal import Caller

    root = tmp_path_factory.mktemp("chaos")
    admin = Caller(ckan.url, ckan.sysadmin)
    access = access_to(ckan.url, ckan.editor, ckan.org)

    def uploading():
        return make_house(
            root / "uploaded" / "lake", None, access_to(ckan.url, ckan.editor, ckan.org, files="uploaded")
        )

    with web_server(root / "lake" / "public") as base_url:
        linked = make_house(root / "lake", base_url, access)
        yield scenarios(linked, uploading, admin), admin


@pytest.fixture(scope="module")
def revision(made):
    makers, admin = made
    wipe(admin)
    scenario = makers["revision"]()
    return scenario, requests_of(scenario)


def assert_whole(row, tries):
    assert row.bad == 0, "\n".join(table([row]))
    assert row.tried == tries, "\n".join(table([row]))


@pytest.mark.parametrize("fault", AT_EVERY_REQUEST, ids=lambda f: f.name)
def test_a_fault_at_every_request_tears_loses_and_doubles_nothing(revision, fault):
    scenario, actions = revision
    assert_whole(disturbed(scenario, fault, range(1, len(actions) + 1)), len(actions))


@pytest.mark.parametrize("fault", [f for f in Fault if f not in AT_EVERY_REQUEST], ids=lambda f: f.name)
def test_each_kind_of_fault_at_one_request(revision, fault):
    scenario, actions = revision
    number = 1 + list(Fault).index(fault) * 7 % len(actions)
    assert_whole(disturbed(scenario, fault, [number]), 1)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_the_pointer(revision, tmp_path, after):
    scenario, actions = revision
    row = killed(scenario, [actions.index("package_revise") + 1], tmp_path, after=after)
    assert row.ended == {"killed": 1}
    assert_whole(row, 1)


@pytest.mark.parametrize("name", ["first", "resource", "uploaded"])
def test_other_releases_are_as_whole_when_the_answer_to_the_pointer_is_lost(made, name):
    makers, admin = made
    wipe(admin)
    scenario = makers[name]()
    actions = requests_of(scenario)
    pointers = [i for i, action in enumerate(actions, start=1) if action == "package_revise"]
    assert_whole(disturbed(scenario, Fault.RESET_AFTER, pointers), len(pointers))
