"""A stack that lives no longer than whoever brought it up, however that one ends: by an error, Ctrl-C, or SIGKILL."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.live.stack.machine import ROOT
from tests.live.stack.stack import down


@contextmanager
def guarded(state: Path) -> Iterator[None]:
    """Bring down what the block brings up in a state folder, and remove the folder.

    A handler of ours would not do: pytest-xdist ends its workers in the middle of their teardown, and SIGKILL asks
    none. So a process of its own waits at a pipe that ends with this one.
    """
    command = (sys.executable, "-m", "tests.live.stack.guard", state)
    with subprocess.Popen(command, stdin=subprocess.PIPE, cwd=ROOT, start_new_session=True):
        try:
            yield
        finally:
            down(state)


def main() -> int:
    """Wait until nobody holds the other end of stdin any more, then bring down what is still there."""
    sys.stdin.buffer.read()
    down(Path(sys.argv[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
