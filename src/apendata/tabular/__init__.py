"""Any tabular file against any Table Schema: Frictionless' verdict, cell by cell, at the speed of columns.

:func:`validate_file` and :func:`validate_package` are the boundary. Kernels of Arrow accept what they are sure of;
every other distinct text goes to Frictionless' own cell reader, which decides; named stricter rules come last and can
be turned off. docs/validation.md lists the rules and every difference.
"""

from pathlib import Path

from apendata.tabular.checking import check
from apendata.tabular.frictionless_report import as_report
from apendata.tabular.resources import Unusable, of_package, one_file
from apendata.tabular.task import First, Options, Task

__all__ = ["First", "Options", "Task", "as_report", "validate_file", "validate_package"]


def validate_file(
    path: Path, schema: Path, options: Options, *, dialect: Path | None = None, encoding: str = "utf-8"
) -> Task:
    """Validate one file.

    Args:
        path: CSV, TSV or XLSX, by its name.
        schema: a Table Schema, as JSON.
        options: how strictly, and how much is listed.
        dialect: a Table Dialect, as JSON; None: the standard's defaults.
        encoding: of delimited text; it is never guessed.

    Raises:
        SourceMissing: a file does not exist.
        SourceUnreadable: it is no file, or may not be looked at.
        OSError: it can be opened and not read.
        DefinitionError: schema or dialect are not what the standard says.
    """
    return check(one_file(path, schema, dialect, encoding), None, options)


def validate_package(path: Path, options: Options) -> tuple[Task, ...]:
    """Validate every table of a Data Package, with foreign keys between them.

    One that has no schema, or whose file cannot be opened, has that as its error, as in Frictionless' report.

    Raises:
        SourceMissing, SourceUnreadable: the descriptor, a schema or a dialect cannot be read.
        DefinitionError: one of them is not what the standard says.
        OSError: a file can be opened and not read.
    """
    package = of_package(path)
    return tuple(
        _unusable(resource) if isinstance(resource, Unusable) else check(resource, package, options)
        for resource in package.values()
    )


def _unusable(resource: Unusable) -> Task:
    task = Task(resource.name, resource.place)
    task.tell(resource.error)
    return task
