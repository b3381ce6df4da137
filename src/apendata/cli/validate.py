"""`apendata validate`: any table against any Table Schema. It needs no settings, no catalog and no lake."""

import argparse
import errno
import gc
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from apendata.cli.screen import bytes_read
from apendata.errors import EXIT_OK, DataRejected, DefinitionError, SourceUnreadable, UsageError, exit_code
from apendata.report.foreign import ascii_json, harmless, plain, shortened
from apendata.report.texts import HEADINGS, Language, table_sentence
from apendata.tabular import First, Options, Task, as_report, validate_file, validate_package

_OF_SCHEMA: Final = frozenset({"schema-error", "field-error", "metadata-error", "dialect-error", "error"})
_OF_FILE: Final = frozenset(
    {"source-error", "encoding-error", "scheme-error", "format-error", "resource-error", "compression-error"}
)
_OF_DISK: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
"""Of the place where a packed workbook is unpacked; no fault of the file."""
_DELIMITERS: Final = ";\t|,"
_LONGEST_CELL: Final = 40
_READ_BY_A_PERSON: Final = 40
"""Kinds of errors; a table with more is wrong in a way that the first of them tell."""


def answer(arguments: argparse.Namespace) -> tuple[int, str]:
    """Validate, and say what was found: as text, or as a Frictionless report.

    Raises:
        UsageError: the words on the command line do not belong together.
        SourceMissing, SourceUnreadable: a file is not there, or cannot be read.
        DefinitionError: a descriptor is not what the standard says.
    """
    _refuse_mixture(arguments)
    gc.disable()  # one answer and the process ends; looking through a hundred thousand errors for rings takes a fifth
    try:
        total = arguments.file.stat().st_size if arguments.file.is_file() else 0
        with bytes_read(total, silent=arguments.json or arguments.package) as progress:
            tasks = _tasks(arguments, progress)
    except OSError as error:
        if error.errno in _OF_DISK:
            raise
        told = f"{error.filename or arguments.file}: it cannot be read: {error.strerror or type(error).__name__}."
        raise SourceUnreadable(told) from None
    if arguments.json:
        report = as_report(tasks, sum(task.seconds for task in tasks))
        return _code(tasks), ascii_json(report) + "\n"
    lines = [line for task in tasks for line in _lines(task, arguments.language)]
    return _code(tasks), harmless("".join(f"{line}\n" for line in lines))


def _tasks(arguments: argparse.Namespace, progress: Callable[[int], None]) -> Sequence[Task]:
    options = Options(
        strict=not arguments.as_frictionless,
        limit=(arguments.limit_errors or None) if arguments.json else 1,
        hashes=arguments.json,
        progress=progress,
    )
    if arguments.package:
        return validate_package(arguments.file, options)
    dialect, encoding = arguments.dialect, arguments.encoding
    return [validate_file(arguments.file, arguments.schema, options, dialect=dialect, encoding=encoding)]


def _refuse_mixture(arguments: argparse.Namespace) -> None:
    if arguments.package and (arguments.schema or arguments.dialect):
        raise UsageError("With --package, schemas and dialects stand in the package; leave --schema and --dialect out.")
    if not arguments.package and arguments.schema is None:
        raise UsageError(
            "--schema is missing: a table is checked against a declared Table Schema, nothing is inferred. Of a "
            "datapackage.json, which names its own, say --package."
        )


def _lines(task: Task, language: Language) -> list[str]:
    """A table in a few lines: what is wrong, how often, and the first rows."""
    words = HEADINGS[language]
    counted = f"{task.rows} {words['rows']}, {len(task.field_names)} {words['columns']}, {task.seconds:.1f} s"
    if not task.errors:
        return [f"✓ {task.place}: {counted}"]
    lines = [f"✗ {task.place}: {counted}, {task.errors} {words['errors']}"]
    for told, count in task.counts.most_common(_READ_BY_A_PERSON):
        kind, rule, column = told
        name = f"«{plain(task.field_names[column - 1])}» " if 0 < column <= len(task.field_names) else ""
        where = f"{words['column']} {column} {name}" if column else ""
        first = task.first_rows.get(told, ())
        lines.append(f"  {where}{count} × {table_sentence(kind, rule, language)}{_first(first, count, words['line'])}")
    if (more_kinds := len(task.counts) - _READ_BY_A_PERSON) > 0:
        lines.append(f"  {words['more'].format(count=more_kinds)}")
    lines += [f"  {plain(error.note)}" for error in task.listed if error.row is None and error.note]
    return lines + [f"  {hint}" for hint in _hints(task, language)]


def _first(first: Sequence[First], count: int, line: str) -> str:
    """The first rows, and what stands in them: it is the person's own file, as in Frictionless' notes."""
    if not first:
        return ""
    rows = ", ".join(str(one.row) for one in first) + (", …" if count > len(first) else "")
    cells = dict.fromkeys(shortened(one.cell, _LONGEST_CELL) for one in first if one.cell)
    return f" ({line} {rows})" + (": " + ", ".join(f"«{cell}»" for cell in cells) if cells else "")


def _hints(task: Task, language: Language) -> Iterator[str]:
    """What one column that should be several may mean: a delimiter is declared, and never guessed."""
    (label, *more) = task.labels or ("",)
    if more or not any(kind == "missing-label" for kind, _, _ in task.counts):
        return
    if sign := max(_DELIMITERS, key=label.count) if any(sign in label for sign in _DELIMITERS) else "":
        yield HEADINGS[language]["delimiter_hint"].format(dialect=json.dumps({"delimiter": sign}))


def _code(tasks: Sequence[Task]) -> int:
    # a header without rows is no fault of the file as such, though Frictionless has no other word for it
    kinds = {rule if rule == "table_empty" else kind for task in tasks for kind, rule, _ in task.counts}
    if kinds & _OF_SCHEMA:
        return exit_code(DefinitionError(""))
    if kinds & _OF_FILE:
        return exit_code(SourceUnreadable(""))
    return exit_code(DataRejected("")) if kinds else EXIT_OK
