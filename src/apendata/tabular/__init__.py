"""Any tabular file against any Table Schema: Frictionless' verdict, cell by cell, at the speed of columns.

:func:`validate_file` and :func:`validate_package` are the boundary. Kernels of Arrow accept what they are sure of;
every other distinct text goes to Frictionless' own cell reader, which decides; named stricter rules come last and can
be turned off. docs/validation.md lists the rules and every difference.
"""

from pathlib import Path

from apendata.tabular.checking import check
from apendata.tabular.frictionless_report import as_report
from apendata.tabular.resources import named, of_package, one_file
from apendata.tabular.task import Options, Task

__all__ = ["Options", "Task", "as_report", "validate_file", "validate_package"]


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
        DefinitionError: schema or dialect are not what the standard says.
    """
    return check(one_file(path, schema, dialect, encoding), None, options)


def validate_package(path: Path, options: Options) -> tuple[Task, ...]:
    """Validate every table of a Data Package, with foreign keys between them.

    Raises:
        SourceMissing: a file does not exist.
        DefinitionError: a descriptor is not what the standard says.
    """
    resources = of_package(path)
    package = named(resources)
    return tuple(check(resource, package, options) for resource in resources)
