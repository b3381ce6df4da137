"""``python -m tests.live.chaos.child SCENARIO.pickle URL``: publishes, in a process that somebody will kill."""

import pickle
import sys
from pathlib import Path

from apendata.portals.ckan import CkanPortal

if __name__ == "__main__":
    access, release = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301 (our own, of a moment ago)
    CkanPortal(access).publish(release)
