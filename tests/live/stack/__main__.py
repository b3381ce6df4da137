"""``python -m tests.live.stack up|down|status [STATE]``: a CKAN to look at by hand, and where it is, as JSON."""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.live.stack import NotAStack, down, status, up
from tests.live.stack.machine import CannotBeInstalled, CommandFailed
from tests.live.stack.processes import DidNotComeUp


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.live.stack", description=__doc__)
    parser.add_argument("what", choices=("up", "down", "status"))
    parser.add_argument("state", type=Path, nargs="?", help="a folder for data, logs and process ids; up: or a new one")
    parser.add_argument("--keep", action="store_true", help="down: stop the servers, and keep the folder")
    arguments = parser.parse_args()
    if arguments.state is None and arguments.what != "up":
        parser.error(f"{arguments.what} needs the state folder that up named")
    state = (arguments.state or Path(tempfile.mkdtemp(prefix="apendata-ckan-"))).resolve()
    try:
        print(json.dumps(answer(arguments.what, state, keep=arguments.keep), indent=1, default=str))
    except (CannotBeInstalled, CommandFailed, DidNotComeUp, NotAStack) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


def answer(what: str, state: Path, *, keep: bool) -> dict[str, Any]:
    """Do one of the three, and return what there is to say of it."""
    if what == "up":
        return asdict(up(state))
    if what == "status":
        return {"state": state, "servers": status(state)}
    if not state.exists():
        raise NotAStack(f"there is no {state}")
    down(state, keep=keep)
    return {"state": state, "kept": keep}


if __name__ == "__main__":
    sys.exit(main())
