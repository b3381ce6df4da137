"""The campaign counts what wrong publishers do wrong, and nothing of a right one: its noughts mean something."""

import pickle
from dataclasses import dataclass
from functools import partial

import pytest

from tests.live.chaos import campaign
from tests.live.chaos.campaign import Row, disturbed, killed, requests_of, table
from tests.live.chaos.faults import Fault
from tests.unit.live import toy_ckan as toys
from tests.unit.live.test_reader import reader
from tests.unit.live.toy_ckan import Access, Toy


@dataclass
class Scenario:
    """From one release of the toy to the next, by one publisher; what the real scenarios offer."""

    toy: Toy
    publisher: type[toys.Publisher] = toys.Publisher
    name = "toy"

    @property
    def house(self):
        return type("House", (), {"access": Access(self.toy.url)})

    def start(self):
        self.toy.put("1.0.0")

    def learn(self):
        """What is whole of the toy's releases is known."""

    def publish(self, url=None, **_):
        """Undisturbed with patience, disturbed with little."""
        access = Access(url or self.toy.url, timeout=0.4 if url else 5)
        self.publisher(access).publish("1.0.1")

    def to_child(self, file, url):
        file.write_bytes(pickle.dumps((self.publisher, Access(url), "1.0.1")))

    def reader(self):
        return reader(self.toy)

    def problems(self):
        lost = ["lost: resources"] if self.toy.resources != toys.resources("1.0.1") else []
        lost += ["lost: rows"] if self.toy.rows != toys.ROWS["1.0.1"] else []
        return [*lost, *(["doubled: a package"] if len(self.toy.others) > 1 else [])]


@pytest.fixture
def scenario(monkeypatch):
    monkeypatch.setattr("tests.live.chaos.reader.PAUSE", 0.02)
    with toys.toy_ckan() as toy:
        yield partial(Scenario, toy)


def test_it_learns_how_many_requests_a_release_is(scenario):
    assert requests_of(scenario()) == ["package_search", "datastore_upsert", "package_revise", "package_show"]


@pytest.mark.parametrize("fault", Fault, ids=lambda f: f.name)
def test_a_right_publisher_under_every_fault(scenario, fault):
    row = disturbed(scenario(), fault, [3])
    assert row.bad == 0, row.details
    assert (row.tried, sum(row.ended.values())) == (1, 1)
    (ended,) = row.ended
    assert ended.removesuffix(" ~") in {"PortalUnavailable", "PortalForbidden", "PortalRefused"}


def test_faults_are_counted_by_the_errors_that_they_end_in(scenario):
    row = disturbed(scenario(), Fault.UNAVAILABLE, range(1, 5))
    assert row.ended == {"PortalUnavailable ~": 4}
    assert (row.tried, row.bad) == (4, 0)


def test_a_fault_that_was_never_met_is_not_counted_as_tried(scenario):
    row = disturbed(scenario(), Fault.UNAVAILABLE, [4, 5])
    assert row.tried == 1
    assert row.ended == {"PortalUnavailable ~": 1, campaign.NEVER_CAME: 1}


def test_a_lasting_fault_says_so(scenario):
    row = disturbed(scenario(), Fault.UNAVAILABLE, [2], lasting=True)
    assert row.fault == "503 HTML from here on"
    assert (row.tried, row.bad) == (1, 0)


WRONG = [
    (toys.Torn, Fault.RESET_AFTER, "torn"),
    (toys.Emptier, Fault.RESET_AFTER, "torn"),
    (toys.Giver, Fault.RESET_AFTER, "lost"),
    (toys.Doubler, Fault.RESET_AFTER, "doubled"),
    (toys.Nameless, Fault.UNAVAILABLE, "nameless"),
    (toys.Teller, Fault.UNAVAILABLE, "nameless"),
]


@pytest.mark.parametrize(("publisher", "fault", "counted"), WRONG, ids=lambda v: getattr(v, "__name__", ""))
def test_a_wrong_publisher_is_found_out(scenario, publisher, fault, counted):
    row = disturbed(scenario(publisher), fault, [2])
    assert getattr(row, counted) == 1
    assert row.bad == 1
    assert row.details or counted == "nameless"


def test_a_loss_that_running_again_does_not_mend(scenario):
    """The second run believes the first one, and sends nothing."""
    once = []

    class Believer(toys.Loser):
        def publish(self, release):
            if not once:
                once.append(release)
                super().publish(release)

    row = disturbed(scenario(Believer), Fault.RESET_BEFORE, [1])
    assert (row.ended, row.lost, row.torn, row.doubled) == ({"released": 1}, 1, 0, 0)
    assert row.details == ["request 1: lost: resources", "request 1: lost: rows"]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_process_is_killed_at_a_request(scenario, tmp_path, after):
    made = scenario()
    made.start()
    at_pointer = 3
    assert campaign._kill_at(made, at_pointer, tmp_path / "child", after=after) == "killed"
    assert made.toy.work == ["datastore_upsert", "package_revise"][: 2 if after else 1]
    assert made.toy.resources == toys.resources("1.0.1" if after else "1.0.0")


def test_kills_are_counted_and_what_follows_them_is_looked_at(scenario, tmp_path):
    row = killed(scenario(), [2, 9], tmp_path, after=False)
    assert row.ended == {"killed": 1, campaign.NEVER_CAME: 1}
    assert (row.tried, row.bad) == (1, 0)


def test_the_table_tells_all_and_its_last_line_adds_up():
    rows = [
        Row("a", "503", tried=3, torn=1, details=["request 2: resources of 2 releases"]),
        Row("b", "RST", tried=4, lost=2, doubled=1, nameless=1),
    ]
    lines = list(table(rows))
    assert "    request 2: resources of 2 releases" in lines
    assert lines[-1] == (
        "faults tried: 7, releases torn: 1, lost: 2, doubled: 1, errors without a name: 1 (~ transient)"
    )
