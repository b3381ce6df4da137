"""``python -m tests.live.stack up|down STATE``: a CKAN to look at by hand. ``up`` prints where it is and its tokens."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from tests.live.stack import down, up


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.live.stack", description=__doc__)
    parser.add_argument("what", choices=("up", "down"))
    parser.add_argument("state", type=Path, help="a folder for this CKAN's data, logs and process ids")
    parser.add_argument("--keep", action="store_true", help="down: stop the servers, and keep the folder")
    arguments = parser.parse_args()
    if arguments.what == "down":
        down(arguments.state.resolve(), keep=arguments.keep)
        return 0
    print(json.dumps(asdict(up(arguments.state)), indent=1, default=str))
    return 0


if __name__ == "__main__":
    sys.exit(main())
