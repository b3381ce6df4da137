"""The style sheet of all pages, under a name that says what is in it.

Old style sheets stay: a dataset's page that has not changed since names the one it was made with.
"""

import hashlib
from importlib.resources import files
from pathlib import Path

from apendata.portals.site import store


def put(public: Path) -> str:
    """Write the style sheet where it is not yet, and return its path under ``public``."""
    content = files("apendata.portals.site").joinpath("assets/site.css").read_bytes()
    path = f"assets/site.{hashlib.sha256(content).hexdigest()[:12]}.css"
    with store.locked(public / "assets"):
        store.write_file(public / path, content)
    return path
