"""Every answer that a server, or whatever stands before it, can give has a name; nothing is waited for without end."""

import json
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from apendata.errors import PortalForbidden, PortalRefused, PortalUnavailable
from apendata.model import CkanAccess
from apendata.portals.ckan.answers import (
    Answer,
    Denied,
    Invalid,
    Later,
    Missing,
    NotDone,
    Strange,
    TooLarge,
    Unknown,
    Unsure,
    told,
)
from apendata.portals.ckan.api import Api
from apendata.portals.ckan.checking import _may, _takes

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
    "an unknown action": (page(400, '"Bad request - Action name not known: x"', "application/json"), Unknown),
    "another bad request": (page(400, '"Bad request"', "application/json"), Strange),
    "a page that says so": (page(400, "Action name not known", "text/html"), Strange),
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
    assert api(server, patience=5.0).read("anything") == 7
    with pytest.raises(Unsure):
        api(server, patience=5.0).write("anything")
    assert len(server.asked) == 3


def test_a_write_that_was_surely_not_done_is_repeated_when_the_server_says(server) -> None:
    replies = iter([page(429, HTML, Retry_After="0"), page(200, '{"success": true, "result": 7}', "application/json")])
    server.reply = in_turn(replies)
    assert api(server, patience=5.0).write("anything") == 7


def test_files_are_fetched_without_the_token(server) -> None:
    server.reply = page(200, "abc", "text/csv")
    assert api(server).fetch(f"http://127.0.0.1:{server.server_port}/x.csv")[1] == 3
    assert SECRET not in str(server.asked)


def test_somebody_without_a_token_sends_none(server) -> None:
    server.reply = page(200, '{"success": true, "result": 7}', "application/json")
    access = CkanAccess(f"http://127.0.0.1:{server.server_port}/", SECRET, "kommune")
    Api(access, anonymous=True).read("anything")
    assert SECRET not in str(server.asked)


def slowly(*begun: bytes):
    def reply(handler):
        handler.wfile.write(b"".join(begun))
        for _ in range(100):
            try:
                handler.wfile.write(b"0")
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(0.1)

    return reply


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
DRIPS = {
    "a header": slowly(OK, b"X-A: "),
    "a chunk's length": slowly(OK, b"Transfer-Encoding: chunked\r\n\r\n"),
    "what unpacks to nothing": slowly(OK, b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x08", bytes(6)),
    "a body without a length": slowly(OK, b"Connection: close\r\n\r\n"),
}


@pytest.mark.parametrize("what", DRIPS)
def test_what_drips_is_cut_off_wherever_in_an_answer_it_is(server, what) -> None:
    server.reply = DRIPS[what]
    for ask in (lambda a: a.read("status_show"), lambda a: a.fetch(f"http://127.0.0.1:{server.server_port}/f.csv")):
        begun = time.monotonic()
        with pytest.raises(Unsure, match="within"):
            ask(api(server, timeout=0.5))
        assert time.monotonic() - begun < 3


def test_a_redirect_s_body_is_not_read(server) -> None:
    server.reply = slowly(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\n\r\n")
    with pytest.raises(Strange):
        api(server, timeout=5.0).read("status_show")
    with pytest.raises(NotDone):
        api(server, timeout=5.0).fetch(f"http://127.0.0.1:{server.server_port}/f.csv")


def answered(result):
    return page(200, json.dumps({"success": True, "result": result}), "application/json")


PACKAGE = {"id": "i", "name": "n", "metadata_modified": "x", "resources": []}
OTHERWISE = {
    "nested without end": page(200, '{"result":' + "[" * 100_000, "application/json"),
    "no result": page(200, '{"success": true}', "application/json"),
    "an error of another form": page(409, '{"success": false, "error": ["hemmelig"]}', "application/json"),
    "a redirect to no address": page(302, "", Location="http://[::1"),
    "a text": answered("hemmelig"),
    "nothing": answered(None),
    "a package without a name": answered({**PACKAGE, "name": None}),
    "resources that are a number": answered({**PACKAGE, "resources": 7}),
    "a resource that is a list": answered({**PACKAGE, "resources": [[]]}),
    "a tag that is a text": answered({**PACKAGE, "tags": {"name": "x"}}),
    "an extra without a value": answered({**PACKAGE, "extras": [{"key": "x"}]}),
    "half a sign": answered({**PACKAGE, "title": "\ud800"}),
}


@pytest.mark.parametrize("what", OTHERWISE)
def test_an_answer_of_another_form_is_none_of_a_ckan_s(server, what) -> None:
    server.reply = OTHERWISE[what]
    with pytest.raises(Strange, match="package_show") as said:
        api(server).read("package_show", id="n")
    assert "hemmelig" not in str(said.value)


def test_an_address_that_is_none_is_told(server) -> None:
    with pytest.raises(Strange):
        Api(CkanAccess("https://a..example/", SECRET, "kommune", timeout=1.0, patience=0.0)).read("status_show")


@pytest.mark.parametrize("date", ["Thu, 26 Nov 2026 19:46:46 -0000", "Thu, 99 Nov 99999 19:46:46 +9999", "x"])
def test_a_server_s_clock_may_say_anything(server, date) -> None:
    server.reply = lambda handler: (
        handler.wfile.write(OK + f"Date: {date}\r\nContent-Length: 30\r\n\r\n".encode()),
        handler.wfile.write(b'{"success": true, "result": 1}'),
    )
    asked = api(server)
    asked.read("anything")
    assert asked.server_time is None or asked.server_time.tzinfo is not None


def test_reasons_that_are_no_fields_names_are_not_told(server) -> None:
    server.reply = error(409, "Validation Error", **{"title": ["x"], f"{SECRET} er hemmelig": ["x"], "\x1b[31m": ["x"]})
    with pytest.raises(PortalRefused, match="concern: title\\.") as said, told():
        api(server).write("package_revise")
    assert SECRET not in str(said.value)


def test_it_is_the_host_of_the_file_that_is_named_where_that_one_is_down(server) -> None:
    with pytest.raises(NotDone, match=r"127\.0\.0\.1:9 ") as said:
        api(server).fetch("http://me:hunter3@127.0.0.1:9/x.csv")
    assert "hunter3" not in str(said.value)


def test_a_table_s_count_is_a_number_or_none_of_a_ckan_s(server) -> None:
    server.reply = answered({"fields": [], "meta": {"count": []}})
    with pytest.raises(Strange):
        api(server).read("datastore_info", id="r")


def test_an_answer_without_end_is_not_asked_for_again(server) -> None:
    packed = zlib.compressobj(wbits=31)
    blanks = b" " * (1 << 20)
    body = b"".join([*(packed.compress(blanks) for _ in range(520)), packed.flush()])
    server.reply = page(200, body, "application/json", Content_Encoding="gzip")
    with pytest.raises(Strange, match="AnswerTooLarge"):
        api(server, timeout=60.0, patience=60.0).read("package_show", id="x")
    assert len(server.asked) == 1


def test_an_outage_is_neither_a_right_that_is_missing_nor_a_limit(server) -> None:
    """Else `portal check` would call a sysadmin's token an editor's, and name a body limit that nobody has set."""
    server.reply = page(503, "down")
    with pytest.raises(Later):
        _may(api(server), "config_option_list")
    with pytest.raises(Later):
        _takes(api(server), 1 << 18)
    server.reply = lambda handler: page(*SMALL_ONLY[int(handler.headers["Content-Length"]) > 100_000])(handler)
    assert _takes(api(server), 1 << 16)
    assert not _takes(api(server), 1 << 18)


SMALL_ONLY = (
    (200, '{"success": true, "result": {"ckan_version": "2.12.0", "extensions": []}}', "application/json"),
    (502, "too much for what stands before CKAN"),
)
