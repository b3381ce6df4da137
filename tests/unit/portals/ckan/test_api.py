"""Every answer that a server, or whatever stands before it, can give has a name; nothing is waited for without end."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from apendata.errors import PortalForbidden, PortalRefused, PortalUnavailable
from apendata.model import CkanAccess
from apendata.portals.ckan.answers import Answer, Denied, Invalid, Missing, NotDone, Strange, TooLarge, Unsure, told
from apendata.portals.ckan.api import Api

SECRET = "hunter2-hunter2"


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append(dict(self.headers))
        self.server.reply(self)
        self.close_connection = True

    do_GET = do_POST = answer  # noqa: N815 (the library's names)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as made:
        made.asked = []
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


def api(server, **more) -> Api:
    words = {"timeout": 1.0, "patience": 0.0, **more}
    return Api(CkanAccess(f"http://127.0.0.1:{server.server_port}/", SECRET, "kommune", **words))


def page(status, content, kind="text/html", **headers):
    def reply(handler):
        body = content if isinstance(content, bytes) else content.encode()
        handler.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return reply


def in_turn(replies):
    def reply(handler):
        next(replies)(handler)

    return reply


def error(status, kind, **more):
    return page(status, json.dumps({"success": False, "error": {"__type": kind, **more}}), "application/json")


HTML = f"<html>{SECRET} hemmelig</html>"
ANSWERS = {
    "404": (error(404, "Not Found Error", message="x"), Missing),
    "403": (error(403, "Authorization Error", message="x"), Denied),
    "403 of a proxy": (page(403, HTML), Denied),
    "409": (error(409, "Validation Error", name=["in use"]), Invalid),
    "a lost match": (error(409, "Validation Error", match=["metadata_modified"]), Invalid),
    "a deadlock": (error(409, "Validation Error", records=["deadlock detected"]), NotDone),
    "upload too large": (error(409, "Validation Error", upload=["File upload too large"]), TooLarge),
    "413": (page(413, HTML), TooLarge),
    "429": (page(429, HTML, Retry_After="1"), NotDone),
    "500": (page(500, HTML), Unsure),
    "solr down": (error(500, "Search Index Error", message="x"), Unsure),
    "502": (page(502, HTML), Unsure),
    "503": (page(503, HTML), Unsure),
    "504": (page(504, HTML), Unsure),
    "a log-in page": (page(200, HTML), Strange),
    "half of JSON": (page(200, '{"success": true, "resu', "application/json"), Unsure),
    "a redirect": (page(302, "", Location="http://127.0.0.1:9/"), Strange),
    "an unknown action": (page(400, '"Bad request"', "application/json"), Strange),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_every_answer_has_a_name_and_tells_nothing_of_its_body(server, answer) -> None:
    server.reply, kind = ANSWERS[answer]
    with pytest.raises(Answer) as said:
        api(server).write("package_revise", a=1)
    assert type(said.value) is kind
    assert "package_revise" in str(said.value)
    assert SECRET not in str(said.value)
    assert "hemmelig" not in str(said.value)


@pytest.mark.parametrize(
    ("answer", "error"), [("502", PortalUnavailable), ("403", PortalForbidden), ("a log-in page", PortalRefused),
                          ("409", PortalRefused), ("413", PortalRefused), ("404", PortalRefused)]
)  # fmt: skip
def test_what_nobody_handles_becomes_an_error_that_says_what_to_do(server, answer, error) -> None:
    server.reply = ANSWERS[answer][0]
    with pytest.raises(error), told():
        api(server).read("package_show", id="x")


def drip(handler):
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(60):
        try:
            handler.wfile.write(b" ")
        except OSError:
            return
        time.sleep(0.05)


def test_a_server_that_drips_is_not_waited_for(server) -> None:
    server.reply = drip
    began = time.monotonic()
    with pytest.raises(Unsure):
        api(server, timeout=0.5).read("status_show")
    assert time.monotonic() - began < 2.9, "it would have dripped for three seconds, and then the body is short"


def cut(handler):
    page(200, '{"success": true, "result": 1}', "application/json", **{"Content-Length": "1000"})(handler)


def test_a_body_that_ends_early_is_no_answer(server) -> None:
    server.reply = cut
    with pytest.raises(Unsure):
        api(server).read("status_show")


def test_nobody_there_is_surely_not_done() -> None:
    nobody = Api(CkanAccess("http://127.0.0.1:9/", SECRET, "kommune", timeout=1, patience=0))
    with pytest.raises(NotDone):
        nobody.write("package_revise")


def test_asking_is_repeated_and_writing_is_not(server) -> None:
    replies = iter([page(502, HTML), page(200, '{"success": true, "result": 7}', "application/json")] * 2)
    server.reply = in_turn(replies)
    assert api(server, patience=5.0).read("status_show") == 7
    with pytest.raises(Unsure):
        api(server, patience=5.0).write("package_revise")
    assert len(server.asked) == 3


def test_a_write_that_was_surely_not_done_is_repeated_when_the_server_says(server) -> None:
    replies = iter([page(429, HTML, Retry_After="0"), page(200, '{"success": true, "result": 7}', "application/json")])
    server.reply = in_turn(replies)
    assert api(server, patience=5.0).write("package_revise") == 7


def test_files_are_fetched_without_the_token(server) -> None:
    server.reply = page(200, "abc", "text/csv")
    assert api(server).fetch(f"http://127.0.0.1:{server.server_port}/x.csv")[1] == 3
    assert SECRET not in str(server.asked)


def test_somebody_without_a_token_sends_none(server) -> None:
    server.reply = page(200, '{"success": true, "result": 7}', "application/json")
    access = CkanAccess(f"http://127.0.0.1:{server.server_port}/", SECRET, "kommune")
    Api(access, anonymous=True).read("status_show")
    assert SECRET not in str(server.asked)
