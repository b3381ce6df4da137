"""A real Chromium, the samples published as a site, and pages that may fetch from nowhere else.

Without a Chromium these tests are skipped aloud on a developer's machine and fail where CI is set: there, a skipped
test of accessibility would be a promise that nobody keeps.
"""

import functools
import http.server
import os
import threading
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from apendata.portals.site import SitePortal
from tests.unit.portals import samples

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser():
    chromium = Path(os.environ.get("APENDATA_CHROMIUM", "/usr/bin/chromium"))
    if not chromium.exists():
        reason = (
            f"no Chromium at {chromium}: install Debian's package chromium, or set APENDATA_CHROMIUM to another one"
        )
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def public(tmp_path_factory):
    public = tmp_path_factory.mktemp("site") / "public"
    for release in samples.releases(public):
        SitePortal(public).publish(release)
    return public


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        """Say nothing."""


@pytest.fixture(scope="session")
def site(public):
    """The address of the site on loopback, with a slash at its end."""
    handler = functools.partial(_Quiet, directory=str(public))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def open_page(browser, site):
    """A function that opens a page of the site in a fresh window; what else it asked for is in ``page.foreign``."""
    contexts = []

    def opened(path, *, width=1280, script=True, base=site):
        context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=script)
        contexts.append(context)
        page = context.new_page()
        page.foreign, page.complaints = [], []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("requestfailed", lambda request: page.complaints.append(request.url))
        page.on("request", lambda r: None if r.url.startswith((base, "data:")) else page.foreign.append(r.url))
        page.goto(base + path)
        return page

    yield opened
    for context in contexts:
        context.close()
