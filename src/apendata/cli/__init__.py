"""argv → one call → exit code; the only place where errors become text."""

import json
import sys
from collections.abc import Sequence

from apendata.cli.arguments import parse
from apendata.errors import ApendataError, UsageError, exit_code

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (see ``apendata.errors``)."""
    as_json = "--json" in (sys.argv[1:] if argv is None else argv)
    try:
        arguments = parse(argv)
        from apendata.cli.commands import answer  # heavy; `--help` and a misspelt word answer without it

        return answer(arguments)
    except ApendataError as error:
        return _say(error, as_json=as_json)
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. What was released before is untouched; running again goes on from there.\n")
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output left, as `head` does
        sys.stderr.close()
        return 0


def _say(error: ApendataError, *, as_json: bool) -> int:
    code = exit_code(error)
    if as_json:
        document = {"error": type(error).__name__, "message": error.message, "exit_code": code}
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    else:
        prefix = "" if isinstance(error, UsageError) else f"{type(error).__name__}: "
        sys.stderr.write(f"apendata: {prefix}{error.message}\n")
    return code
