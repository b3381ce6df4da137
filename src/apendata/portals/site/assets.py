"""The style sheet of all pages, under a name that says what is in it.

Old style sheets stay: a dataset's page that has not changed since names the one it was made with.
"""

import hashlib
from importlib.resources import files
from pathlib import Path

from apendata.portals.site import store


def put(public: Path) -> str:
    """Write the style sheet where it is not yet, and return its path under ``public``."""
    with store.locked(public / "assets"):
        store.write_file(public / path(), _content())
    return path()


def path() -> str:
    """Return the style sheet's path under the public tree, whether it stands there yet or not."""
    return f"assets/site.{hashlib.sha256(_content()).hexdigest()[:12]}.css"


def _content() -> bytes:
    return files("apendata.portals.site").joinpath("assets/site.css").read_bytes()
