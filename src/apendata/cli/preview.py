"""A local preview of the public tree: this machine only, nothing written, no listing of what is not published."""

import functools
import http.server
import json
import sys
from pathlib import Path

from apendata.errors import UsageError


def serve(public: Path, port: int, *, as_json: bool) -> str:
    """Serve ``public`` on the loopback address until Ctrl-C; return the address that it had.

    Raises:
        UsageError: the port is taken.
    """
    handler = functools.partial(_Handler, directory=str(public))
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or "it is no port number"
        raise UsageError(f"Port {port} cannot be used ({reason}). Choose another with --port.") from None
    address = f"http://127.0.0.1:{server.server_port}/"
    # Also of an empty tree: a first release to a CKAN on this machine wants the files' address before there is any.
    empty = "" if (public / "index.html").exists() else "; nothing is released there yet, `apendata run` does that"
    announcement = json.dumps({"address": address}) if as_json else f"{address}  (Ctrl-C stops{empty})"
    sys.stderr.write(announcement + "\n")
    sys.stderr.flush()
    with server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            sys.stderr.write("\n")
    return address


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Files as they are; folders only by their first page."""

    def list_directory(self, path: object) -> None:
        """Refuse: what has no page is not published as a page."""
        del path
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        """Say nothing: a preview needs no log."""
