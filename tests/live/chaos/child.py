"""``python -m tests.live.chaos.child WORK.pickle URL``: publishes, in a process that somebody will kill.

The file holds ``(kind of portal, access, release)``; the address is on the command line for whoever looks at it.
"""

import pickle
import sys
from pathlib import Path

if __name__ == "__main__":
    portal, access, release = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301 (our own, of a moment ago)
    portal(access).publish(release)
