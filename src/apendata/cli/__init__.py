"""argv → one call → exit code; the only place where errors become text."""

import argparse
import contextlib
import json
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TextIO

from apendata.cli.arguments import parse
from apendata.cli.screen import silence
from apendata.errors import EXIT_OK, ApendataError, InternalError, LakeUnwritable, UsageError, exit_code
from apendata.report.foreign import harmless, harmless_json

INTERRUPTED: Final = 130
UNSAID: Final = 74
"""EX_IOERR of sysexits.h: all went well, but the answer could not be written."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (see ``apendata.errors``)."""
    as_json = "--json" in (sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that knows no Norwegian must not end a night
            stream.reconfigure(errors="backslashreplace")
    try:
        arguments = parse(argv)
        answer = _answering(arguments.command)

        # Whatever a dataset's own code prints is no part of the answer.
        with contextlib.redirect_stdout(sys.stderr):
            code, text = answer(arguments)
        return _write(sys.stdout, text, code)
    except ApendataError as error:
        return _say(error, as_json=as_json)
    except OSError as error:  # outside any dataset: the lake's folder, a settings file
        told = f"{error.filename or 'a file'}: {error.strerror or type(error).__name__}."
        return _say(LakeUnwritable(told), as_json=as_json)
    except Exception as error:  # noqa: BLE001 (a defect, outside any dataset; its text may hold values)
        return _say(_defect(error), as_json=as_json)
    except KeyboardInterrupt:
        note = "Stopped. What was released before is untouched; running again goes on from there.\n"
        return _write(sys.stderr, note, INTERRUPTED)


def _defect(error: Exception) -> InternalError:
    """Say where it is in the code, which its makers need, and nothing of what it was about."""
    frames = traceback.extract_tb(error.__traceback__)
    at = [frame for frame in frames if "apendata" in Path(frame.filename).parts][-1]
    where = f"{Path(at.filename).name}, line {at.lineno}"
    return InternalError(f"A defect in apendata ({type(error).__name__} at {where}). Send this line to its makers.")


def _answering(command: str) -> Callable[[argparse.Namespace], tuple[int, str]]:
    """What answers a command. Heavy, so that `--help` does without; `validate` needs neither lake nor catalog."""
    if command == "validate":
        from apendata.cli.validate import answer as validated

        return validated
    from apendata.cli.commands import answer

    return answer


def _say(error: ApendataError, *, as_json: bool) -> int:
    code = exit_code(error)
    if as_json:
        document = {"error": type(error).__name__, "message": error.message, "exit_code": code}
        return _write(sys.stdout, harmless_json(json.dumps(document, ensure_ascii=False, indent=2)) + "\n", code)
    prefix = "" if isinstance(error, UsageError) else f"{type(error).__name__}: "
    return _write(sys.stderr, harmless(f"apendata: {prefix}{error.message}\n"), code)


def _write(stream: TextIO | None, text: str, code: int) -> int:
    """Write the last words and return ``code``: the work is done, whether anybody listens or not."""
    if stream is None:
        return code
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:  # the reader left, as `head` does
        silence(stream)
    except OSError:
        silence(stream)
        return UNSAID if code == EXIT_OK else code
    return code
