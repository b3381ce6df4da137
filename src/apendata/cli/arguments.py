"""The command line's words. argparse and nothing heavy: `apendata --help` must answer at once."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

import apendata
from apendata.errors import UsageError

_EPILOG: Final = """\
exit codes: 0 all well · 2 plan or drift: something differs · 64 usage · 10 definition · 11 source missing ·
12 unreadable · 13 changed · 14 rejected ·
15 unavailable · 16 personal data · 17 data rejected · 18 disclosure refused · 19 drift · 20 lake busy ·
21 lake conflict · 22 lake corrupt · 23 lake unwritable · 24 difference unknown · 25 already accepted ·
26 acceptance used · 27 found out · 28 leak found · 30 portal refused · 31 portal unavailable ·
32 portal forbidden · 33 portal conflict · 34 portal mismatch · 35 portal not emptied ·
36 portal contested · 70 defect in apendata.
Several failures: the gravest, all listed. Settings are APENDATA_… variables or lines in .env; see docs/operations.md.
"""

_IDS: Final = ("ids", {"nargs": "*", "metavar": "ID", "help": "datasets; none: all"})
_ID: Final = ("id", {"metavar": "ID", "help": "the dataset"})


class _Parser(argparse.ArgumentParser):
    """argparse exits with 2 on a usage error; ours is 64, and ends where all errors end."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}\n{self.format_usage().strip()}\nTry `{self.prog} --help`.")


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line.

    Raises:
        UsageError: it was not understood.
    """
    arguments = _parser().parse_args(argv)
    _refuse_half_texts(arguments)
    return arguments


def _refuse_half_texts(arguments: argparse.Namespace) -> None:
    """A reason is written down and shown to readers; bytes that are no text could be neither."""
    for name in ("because", "by", "difference"):
        try:
            getattr(arguments, name, "").encode()
        except UnicodeEncodeError:
            raise UsageError(
                f"--{name} holds bytes that are no text in this terminal's encoding. Write it anew."
            ) from None


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="apendata",
        description="A municipality's internal exports, every night, as open data that can be trusted.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"apendata {apendata.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    _add_reading(commands)
    _add_releasing(commands)
    _add_portals(commands)
    _add_keeping(commands)
    return parser


_Commands = argparse._SubParsersAction  # noqa: SLF001 (argparse gives its type no public name)


def _add_reading(commands: "_Commands[_Parser]") -> None:
    _command(commands, "list", "the datasets: what there is, and what is released")
    check = _command(commands, "check", "read, validate and protect; publish nothing", _IDS)
    _with_sources(check)
    check.add_argument(
        "--to",
        type=Path,
        metavar="FOLDER",
        help="lay the report and the marked workbook here, for you alone (default: the lake's private reports)",
    )
    _command(commands, "audit", "can a reader of all that was ever published find out a protected count", _IDS)
    _with_sources(_command(commands, "diff", "what a build and publish now would change for readers", _ID))
    _add_validate(commands)
    _command(commands, "history", "the versions of a dataset and what changed in each", _ID)


def _add_validate(commands: "_Commands[_Parser]") -> None:
    validate = _command(commands, "validate", "any table against any Table Schema, as `frictionless validate` does")
    validate.add_argument(
        "file",
        metavar="FILE",
        type=Path,
        help="CSV, TSV, XLSX, XLS, ODS, JSON or JSONL, as its name says; also in gz, bz2, xz, zip",
    )
    validate.add_argument("--schema", metavar="SCHEMA.json", type=Path, help="the Table Schema that it must obey")
    validate.add_argument("--dialect", metavar="DIALECT.json", type=Path, help="Table Dialect; none: its defaults")
    validate.add_argument("--encoding", default="utf-8", help="of delimited text, never guessed (default: utf-8)")
    validate.add_argument("--package", action="store_true", help="FILE is a datapackage.json: all its tables")
    validate.add_argument("--as-frictionless", action="store_true", help="without apendata's stricter rules")
    limit = "the most errors that --json lists; all are counted (default: 1000; 0: list all)"
    validate.add_argument("--limit-errors", metavar="N", type=_whole, default=1000, help=limit)


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"expected a whole number from 0, got «{text}»")
    return int(text)


def _add_releasing(commands: "_Commands[_Parser]") -> None:
    _with_sources(_command(commands, "build", "make a new version in the lake where something changed", _IDS))
    accept = _command(commands, "accept", "let the next build make a version of a difference that stopped it", _ID)
    accept.add_argument("--difference", required=True, metavar="HASH", help="its name, as the failure and `diff` say")
    accept.add_argument("--because", default="", help="why it is right; readers see it: no person, no figure")
    accept.add_argument("--by", default="", metavar="ROLE", help="who says so: an office, no name; stays inside")
    accept.add_argument("--take-back", action="store_true", help="forget the acceptance; no build has used it yet")
    _with_sources(accept)
    _with_take(_command(commands, "publish", "release the newest version to the portals", _IDS))
    run = _command(commands, "run", "build and publish: the night's work, without Prefect", _IDS)
    _with_sources(run)
    _with_take(run)
    rollback = _command(commands, "rollback", "release an older version, and hold it there", _ID)
    rollback.add_argument("version", metavar="VERSION", help="such as 1.0.2; `apendata history ID` lists them")
    rollback.add_argument("--because", required=True, help="why; kept in the ledger")
    withdraw = _command(commands, "withdraw", "take a version, or all of a dataset, back from readers for good", _ID)
    withdraw.add_argument("version", metavar="VERSION", nargs="?", help="such as 1.0.2; none: all of the dataset")
    withdraw.add_argument("--because", required=True, help="why; readers see it")
    withdraw.add_argument("--yes", action="store_true", help="do not ask first")
    _command(commands, "resume", "let the newest version out again, after a rollback or a withdrawal", _ID)


def _add_portals(commands: "_Commands[_Parser]") -> None:
    plan = "what a publish would change on the portals, field by field; changes nothing"
    _with_take(_command(commands, "plan", plan, _IDS))
    _command(commands, "drift", "what other hands changed on the portals since, who and when where they tell", _IDS)
    portal = commands.add_parser("portal", help="the portals themselves", description="The portals themselves.")
    parts = portal.add_subparsers(dest="part", required=True, metavar="WHAT", parser_class=_Parser)
    _command(parts, "check", "what a first run needs of each portal, asked and tried")
    taken = _command(commands, "import", "make a definition of a package that stands on CKAN already")
    taken.add_argument("package", metavar="NAME", help="the package's name, as its address shows it")


def _with_take(parser: _Parser) -> None:
    parser.add_argument(
        "--take",
        choices=("ours",),
        help="put the definition's texts back where a person wrote others on a portal; without it hers stay",
    )


def _add_keeping(commands: "_Commands[_Parser]") -> None:
    _command(commands, "verify", "every file against its recorded hash, every pointer whole")
    _command(commands, "purge", "remove raw exports and reports that are older than their datasets allow")
    serve = _command(commands, "serve", "a local preview of the public tree, on this machine only")
    serve.add_argument("--port", type=int, default=8000, help="default: 8000; 0: any free one")


def _command(commands: "_Commands[_Parser]", name: str, text: str, *arguments: tuple[str, dict[str, str]]) -> _Parser:
    parser = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    for argument, options in arguments:
        parser.add_argument(argument, **options)  # type: ignore[arg-type]  # the options above, in argparse's own words
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout, and nothing else there")
    parser.add_argument("--language", choices=("nb", "en"), default="nb", help="of the findings (default: nb)")
    parser.add_argument("--samples", action="store_true", help="read every dataset's own synthetic sample")
    return parser


def _with_sources(parser: _Parser) -> None:
    parser.add_argument(
        "--source",
        action="append",
        default=[],
        type=_source,
        metavar="ID=PATH",
        help="read this dataset from another file or folder; may be given several times",
    )


def _source(text: str) -> tuple[str, Path]:
    dataset_id, equals, path = text.partition("=")
    if not (dataset_id and equals and path):
        raise argparse.ArgumentTypeError(f"expected ID=PATH, got «{text}»")
    return dataset_id, Path(path)
