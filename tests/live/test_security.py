"""The token goes to CKAN alone, over connections that are verified, and stands in nothing that we write."""

import json
import logging
import ssl
import subprocess
import threading
from contextlib import suppress
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from apendata import app
from apendata.errors import PortalError, PortalRefused
from apendata.portals.ckan import CkanPortal
from apendata.settings import Settings
from tests.live.chaos.proxy import Proxy


class Elsewhere(BaseHTTPRequestHandler):
    """A host that is not CKAN: writes down what it was told."""

    def answer(self):
        self.server.told.append(dict(self.headers))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_POST = answer  # noqa: N815 (the library's names)

    def log_message(self, *_):
        pass


@pytest.fixture
def elsewhere():
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        server.told = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_no_redirect_carries_the_token_away(house, elsewhere, monkeypatch):
    from tests.live.chaos import faults

    version = house.build()
    address = f"http://127.0.0.1:{elsewhere.server_port}/"
    redirect = lambda client: faults._page(client, 302, "Found", ("Location", address))  # noqa: E731
    monkeypatch.setitem(faults._INSTEAD, faults.Fault.REDIRECT, redirect)
    for number in range(1, 40):
        with Proxy(house.access.url, faults.Fault.REDIRECT, number) as proxy, suppress(PortalError):
            CkanPortal(replace(house.access, url=proxy.url)).publish(house.release(version), thorough=True)
        if len(proxy.seen) < number:
            break
    assert len(proxy.seen) < number
    assert not any(house.access.token in str(headers) for headers in elsewhere.told)


def test_files_of_other_hosts_are_fetched_without_it(house, elsewhere, editor):
    """A steward's resource, or our own under another address, may lie anywhere."""
    version = house.build()
    house.publish(version)
    resource = editor("package_show", id="ansatte")["resources"][0]
    editor("resource_patch", id=resource["id"], url=f"http://127.0.0.1:{elsewhere.server_port}/x.csv")
    house.portal.verify([house.release(version)])
    house.again().drift(house.release(version))
    house.publish(version, portal=house.again())
    assert not any(house.access.token in str(headers) for headers in elsewhere.told)


def test_a_password_file_of_the_machine_is_not_sent(house, tmp_path, monkeypatch):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password hunter2\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HOME", str(tmp_path))
    house.publish(house.build())
    assert house.portal.current("ansatte") is not None


def test_it_is_in_no_log_message_report_or_ledger(house, ckan, tmp_path, caplog, root, capfd):
    caplog.set_level(logging.DEBUG)
    values = {
        "APENDATA_LAKE": str(tmp_path / "own"),
        "APENDATA_DATASETS": str(root / "datasets"),
        "APENDATA_SCHEMAS": str(root / "schemas"),
        "APENDATA_PORTALS": "site,ckan",
        "APENDATA_BASE_URL": "http://127.0.0.1:9/",
        "APENDATA_CKAN_URL": ckan.url,
        "APENDATA_CKAN_TOKEN": ckan.editor,
        "APENDATA_CKAN_ORGANIZATION": ckan.org,
        "APENDATA_CKAN_PATIENCE": "0",
    }
    installation = app.load(Settings.from_mapping(values, root).on_samples())
    result = installation.run("rekruttering")
    assert result.error is not None  # nobody listens at the public address
    everything = caplog.text + repr(result) + repr(installation) + "".join(capfd.readouterr())
    everything += "".join(p.read_text(errors="replace") for p in (tmp_path / "own").rglob("*") if p.is_file())
    assert ckan.editor not in everything
    assert ckan.editor.split(".")[2] not in everything


@pytest.fixture
def behind_tls(ckan, tmp_path):
    """The same CKAN behind a certificate that nobody has vouched for but its own file."""
    certificate, key = tmp_path / "ckan.pem", tmp_path / "ckan.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Forward, ckan.url)) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://127.0.0.1:{server.server_port}/", certificate
        server.shutdown()


class Forward(BaseHTTPRequestHandler):
    def __init__(self, upstream, *args):
        self.upstream = urlsplit(upstream)
        super().__init__(*args)

    def do_POST(self):
        import http.client

        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        connection = http.client.HTTPConnection(self.upstream.hostname, self.upstream.port)
        connection.request(self.command, self.path, body, dict(self.headers))
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.getheader("Content-Type") or "")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


def test_a_certificate_that_nobody_vouches_for_ends_it(house, behind_tls):
    url, _ = behind_tls
    with pytest.raises(PortalRefused, match="APENDATA_CKAN_CA_FILE"):
        CkanPortal(replace(house.access, url=url)).current("ansatte")


def test_with_its_file_it_is_trusted(house, behind_tls):
    url, certificate = behind_tls
    assert CkanPortal(replace(house.access, url=url, ca_file=certificate)).current("ansatte") is None


HOSTILE = "\x1b]0;eid\x07\x1b[31m<script>alert(1)</script>\n--take theirs\r\n" + "x" * 500


def test_what_a_portal_says_is_data_on_a_terminal(house, editor):
    from apendata.cli.differences import difference_lines
    from apendata.model import Outcome
    from apendata.pipeline import Result

    version = house.build()
    house.publish(version)
    editor("package_patch", id="ansatte", title=HOSTILE.replace("\x1b", ""), notes=HOSTILE)
    found = house.again().drift(house.release(version))
    lines = list(difference_lines(Result("ansatte", Outcome.CHANGES, "x", differences=found), "en"))
    assert lines
    assert all(line.isprintable() and len(line) < 320 for line in lines)
    assert json.dumps([difference.live for difference in found])


def test_a_portal_with_odd_answers_breaks_nothing_but_its_own_dataset(house, editor):
    """Fields of types that they should not have, as somebody else's program left them."""
    version = house.build()
    house.publish(version)
    package = editor("package_show", id="ansatte")
    for resource in package["resources"]:
        resource["apendata_written"] = ["not", "a", "text"]
        resource["apendata_sha256"] = {"a": None}
    editor("package_update", **package)
    house.publish(version, portal=house.again())
    assert house.portal.verify([house.release(version)]) == ()
