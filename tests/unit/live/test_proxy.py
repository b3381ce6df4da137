"""Every fault is what it says: to the client, to the server behind, and in the count."""

import errno
import json
import socket
import time

import pytest
import requests

from tests.live.chaos.faults import HOLD, Fault
from tests.live.chaos.proxy import Proxy
from tests.unit.live.toy_ckan import TOKEN, Access, Publisher, toy_ckan

WAIT = 0.4


@pytest.fixture
def toy():
    with toy_ckan() as toy:
        toy.put("1.0.0")
        yield toy


def write(proxy, **more):
    """One write, as the requests library sees its answer."""
    headers = {"Authorization": TOKEN, "X-CKAN-API-Key": TOKEN}
    return requests.post(f"{proxy.url}api/3/action/package_revise", json={"resources": []}, headers=headers,
                         timeout=WAIT, **more)  # fmt: skip


def reset(error):
    """Whether a connection ended by RST: with FIN it would be the end of the stream, and no errno."""
    while error is not None and not (isinstance(error, OSError) and error.errno == errno.ECONNRESET):
        error = error.__context__
    return error is not None


BROKEN = {
    Fault.REFUSED: (requests.ConnectionError, 0),
    Fault.RESET_BEFORE: (requests.ConnectionError, 0),
    Fault.RESET_AFTER: (requests.ConnectionError, 1),
    Fault.TIMEOUT_BEFORE: (requests.ReadTimeout, 0),
    Fault.TIMEOUT_AFTER: (requests.ReadTimeout, 1),
    Fault.TRUNCATED_BODY: (requests.exceptions.ChunkedEncodingError, 1),
}
PAGES = {
    Fault.TOO_LARGE: (413, 0),
    Fault.TOO_MANY: (429, 0),
    Fault.BAD_GATEWAY: (502, 0),
    Fault.UNAVAILABLE: (503, 0),
    Fault.GATEWAY_TIMEOUT_BEFORE: (504, 0),
    Fault.GATEWAY_TIMEOUT: (504, 1),
    Fault.LOGIN_PAGE: (200, 0),
    Fault.REDIRECT: (302, 0),
}
OTHERS = {Fault.SLOW_BODY, Fault.TRUNCATED_JSON, Fault.WRONG_TOKEN}


def test_each_fault_has_its_test():
    assert {*BROKEN, *PAGES, *OTHERS} == set(Fault)


@pytest.mark.parametrize("fault", BROKEN, ids=lambda f: f.name)
def test_a_broken_connection(toy, fault):
    kind, done = BROKEN[fault]
    with Proxy(toy.url, fault, 1) as proxy, pytest.raises(kind) as caught:
        write(proxy)
    assert len(toy.work) == done
    assert proxy.made == 1
    assert list(proxy.forwarded.values()) == [200] * done
    assert reset(caught.value) == (fault in {Fault.RESET_BEFORE, Fault.RESET_AFTER})
    assert ("NewConnectionError" in repr(caught.value)) == (fault is Fault.REFUSED)


@pytest.mark.parametrize("fault", PAGES, ids=lambda f: f.name)
def test_a_page_instead_of_data(toy, fault):
    status, done = PAGES[fault]
    with Proxy(toy.url, fault, 1) as proxy:
        reply = write(proxy, allow_redirects=False)
    assert (reply.status_code, len(toy.work), proxy.made) == (status, done, 1)
    assert reply.headers["Content-Type"].startswith("text/html")
    assert "<html>" in reply.text
    assert reply.headers.get("Retry-After") == ("1" if fault is Fault.TOO_MANY else None)


def test_half_the_json_looks_like_the_whole(toy):
    with Proxy(toy.url, Fault.TRUNCATED_JSON, 1) as proxy:
        reply = write(proxy)
    assert (reply.status_code, len(toy.work)) == (200, 1)
    assert int(reply.headers["Content-Length"]) == len(reply.content)
    with pytest.raises(json.JSONDecodeError):
        json.loads(reply.text)


def test_a_slow_body_trickles_for_longer_than_any_one_silence_may_be(toy):
    with Proxy(toy.url, Fault.SLOW_BODY, 1) as proxy:
        with write(proxy, stream=True) as reply:
            pieces = [next(reply.iter_content(1)) for _ in range(8)]  # each in time, for requests
            wanted = int(reply.headers["Content-Length"])
        assert (len(pieces), len(toy.work)) == (8, 1)
        assert wanted * 0.1 > HOLD, "the whole would never come"


def test_a_wrong_token_is_wrong_from_then_on(toy):
    with Proxy(toy.url, Fault.WRONG_TOKEN, 2) as proxy:
        statuses = [write(proxy).status_code for _ in range(3)]
    assert statuses == [200, 403, 403]
    assert len(toy.work) == 1
    assert all(seen.with_token for seen in proxy.seen), "the client itself sent the right one"


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.RESET_AFTER, Fault.REFUSED], ids=lambda f: f.name)
@pytest.mark.parametrize("lasting", [False, True], ids=["once", "lasting"])
def test_the_one_request_and_no_other_or_all_that_follow(toy, fault, lasting):
    with Proxy(toy.url, fault, 2, lasting=lasting) as proxy:
        first, second, *others = [well(proxy) for _ in range(3)]
        assert (first, second) == (True, False)
        if fault is not Fault.REFUSED or lasting:  # else the third may come while nobody listens yet
            assert others == [not lasting]


def well(proxy):
    try:
        return write(proxy).status_code == 200
    except requests.ConnectionError:
        return False


@pytest.mark.parametrize("at", [1, 2, 5])
def test_a_refusal_is_there_before_the_answer_to_the_request_before(toy, at):
    """A client asks again at once; a thread that polls would be too late, and the fault would hit nobody."""
    with Proxy(toy.url, Fault.REFUSED, at) as proxy:
        for _ in range(at - 1):
            assert write(proxy).status_code == 200
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", proxy.port), timeout=5)
        until_it_listens(proxy)
        assert write(proxy).status_code == 200
    assert (proxy.made, len(proxy.seen)) == (1, at)


def until_it_listens(proxy):
    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", proxy.port), timeout=5).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return


def test_it_counts_and_names_what_was_asked(toy):
    with Proxy(toy.url) as proxy:
        Publisher(Access(proxy.url)).publish("1.0.1")
        requests.post(f"{proxy.url}datastore/dump/x?bom=1", json={}, timeout=5)
    actions = [seen.action for seen in proxy.seen]
    assert actions == ["package_search", "datastore_upsert", "package_revise", "package_show", "dump"]
    assert [seen.number for seen in proxy.seen] == [1, 2, 3, 4, 5]
    assert [seen.with_token for seen in proxy.seen] == [True] * 4 + [False]
    assert [proxy.forwarded[number] for number in range(1, 5)] == [200] * 4
    assert proxy.made == 0


def test_a_fault_that_no_request_met_is_not_one(toy):
    with Proxy(toy.url, Fault.BAD_GATEWAY, 9) as proxy:
        assert write(proxy).status_code == 200
    assert proxy.made == 0


@pytest.mark.parametrize("stop", [False, True])
def test_somebody_is_told_when_a_request_comes_and_when_it_is_done(toy, stop):
    told = []

    def meet(number, forwarded):
        told.append((number, forwarded, len(toy.work)))
        return stop

    with Proxy(toy.url, meet=meet) as proxy:
        if stop:
            with pytest.raises(requests.ConnectionError):
                write(proxy)
        else:
            assert write(proxy).status_code == 200
    assert told == ([(1, False, 0)] if stop else [(1, False, 0), (1, True, 1)])
    assert len(toy.work) == (0 if stop else 1)


def test_nobody_listens_when_it_is_over(toy):
    with Proxy(toy.url) as proxy:
        port = proxy.port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
