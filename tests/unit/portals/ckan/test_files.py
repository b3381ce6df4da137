"""Whether a file lies where readers are sent: its bytes, others, or none; what tells neither has its own name."""

import ssl
import subprocess
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from apendata.errors import PortalRefused
from apendata.model import CkanAccess
from apendata.portals.ckan.answers import Missing, Strange, TooMuch, Unsure
from apendata.portals.ckan.api import Api
from apendata.portals.ckan.checking import files_place
from apendata.portals.ckan.files import LinkedFiles, is_fetched
from apendata.portals.ckan.reading_back import mismatches
from apendata.portals.ckan.wanted import wanted_package
from tests.unit.portals import samples
from tests.unit.portals.ckan.test_merge import written


class Tree(BaseHTTPRequestHandler):
    """A web server that gives every file of a version, or one answer to everything."""

    def do_GET(self):
        status, body, packed = self.server.reply(self.path.rpartition("/")[2])
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def version(tmp_path):
    return samples.staff_history(tmp_path)[0]


def serving(reply, context=None):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Tree)
    server.reply = reply
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture
def tree(version):
    server = serving(lambda name: (200, (version.folder / name).read_bytes(), False))
    yield server
    server.shutdown()
    server.server_close()


def access(**more) -> CkanAccess:
    return CkanAccess("http://127.0.0.1:9/", "x", "kommune", **{"timeout": 30.0, "patience": 0.0, **more})


def address(server, scheme="http"):
    return f"{scheme}://127.0.0.1:{server.server_port}/"


def public() -> Api:
    return Api(access(), anonymous=True)


def put(version, base):
    release = samples.release(version, base_url=base)
    files = LinkedFiles(public(), base)
    files.put(wanted_package(release, files.address))


def test_files_that_lie_there_are_there(version, tree) -> None:
    put(version, address(tree))


@pytest.mark.parametrize("reply", [(404, b""), (410, b""), (401, b""), (403, b""), (200, b"another")], ids=str)
def test_what_is_not_there_or_for_nobody_or_another_is_not_the_file(version, tree, reply) -> None:
    tree.reply = lambda _: (*reply, False)
    with pytest.raises(PortalRefused, match="does not give the file"):
        put(version, address(tree))


def endless(_):
    """More than we read of one answer, in few bytes."""
    packed, blanks = zlib.compressobj(wbits=31), b" " * (1 << 20)
    return 200, b"".join([*(packed.compress(blanks) for _ in range(520)), packed.flush()]), True


@pytest.mark.parametrize(
    ("reply", "kind", "text"),
    [
        (endless, TooMuch, r"larger than the 512 MiB .* APENDATA_BASE_URL"),
        (lambda _: (502, b"", False), Unsure, r"502.* APENDATA_BASE_URL"),
        (
            lambda _: (418, b"", False),
            Strange,
            r"418.* Open http://127\.0\.0\.1:\d+/ansatte/v1\.0\.0/ansatte\.csv in a",
        ),
    ],
    ids=["too large", "down", "odd"],
)
def test_what_tells_nothing_of_a_file_is_told_by_its_own_name(version, tree, reply, kind, text) -> None:
    tree.reply = reply
    with pytest.raises(kind, match=text) as told:
        put(version, address(tree))
    assert type(told.value) is kind
    assert "does not give the file" not in str(told.value)


@pytest.fixture
def untrusted(version, tmp_path):
    certificate, key = tmp_path / "tree.pem", tmp_path / "tree.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = serving(lambda name: (200, (version.folder / name).read_bytes(), False), context)
    yield address(server, "https")
    server.shutdown()
    server.server_close()


def test_a_certificate_that_nobody_vouches_for_is_no_missing_file(version, untrusted) -> None:
    with pytest.raises(Strange, match="APENDATA_CKAN_CA_FILE"):
        put(version, untrusted)
    place = files_place(public(), access(), untrusted)
    assert not place.ok
    assert "certificate" in place.found


class AsCkan:
    """CKAN's answers to somebody without a token, before a real file server."""

    def __init__(self, package):
        self.package = package
        self.fetch = public().fetch

    def read(self, action, **_):
        if action == "package_show" and self.package is not None:
            return self.package
        raise Missing("x")


def test_what_reading_back_cannot_see_is_a_difference_by_its_own_name(version, untrusted) -> None:
    release = samples.release(version, base_url=untrusted)
    wanted = wanted_package(release, LinkedFiles(public(), untrusted).address)
    told = [text for text in mismatches(AsCkan(written(wanted)), wanted, untrusted) if text.startswith("resource")]
    assert len(told) == len(wanted.resources)
    assert all("certificate" in text and "bytes" not in text for text in told)


def test_of_something_withdrawn_a_large_answer_is_one_and_an_unclear_one_proves_nothing(tree, untrusted) -> None:
    for reply, fetched in ((lambda _: (404, b"", False), False), (lambda _: (200, b"x", False), True), (endless, True)):
        tree.reply = reply
        assert is_fetched(public(), address(tree)) is fetched
    with pytest.raises(Strange, match="certificate"):
        is_fetched(public(), untrusted)
