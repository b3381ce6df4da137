"""The only door to Frictionless. It is imported where the first doubt is, and its refusals become errors of the report.

Its import takes a quarter of a second: a third of what a million valid rows take.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from apendata.tabular.listed import Listed
from apendata.tabular.refused import Refused, refused

if TYPE_CHECKING:
    from frictionless.resources import TableResource
    from frictionless.schema import Field, Schema
    from frictionless.table import Header

    TheirField: TypeAlias = Field
    TheirSchema: TypeAlias = Schema


@contextmanager
def _refusals() -> Iterator[None]:
    """Tell what Frictionless refuses as errors of the report.

    Raises:
        Refused: it did.
    """
    from frictionless import FrictionlessException

    try:
        yield
    except FrictionlessException as error:
        told = (reason.to_descriptor() for reason in error.to_errors())
        raise Refused([Listed(reason["type"], reason["note"], reason["type"]) for reason in told]) from None


def read_schema(descriptor: Mapping[str, Any]) -> "Schema":
    """Read a Table Schema.

    Raises:
        Refused: it is not valid.
    """
    from frictionless import Schema as Reader

    with _refusals():
        return Reader.from_descriptor(dict(descriptor))


def match_header(schema: "Schema", labels: Sequence[str], rows: Iterable[int], *, header_case: bool) -> "Header":
    """Match labels with fields as ``fieldsMatch`` says; ``rows`` are the numbers of the header's rows.

    Raises:
        Refused: they cannot be matched at all.
    """
    from frictionless.table import Header as Matcher

    with _refusals():
        header = Matcher(
            list(labels),
            fields=schema.fields,
            row_numbers=list(rows),
            ignore_case=not header_case,
            fields_match=schema.fields_match,
        )
        header.get_expected_fields()  # may refuse; what it answers is kept
        return header


def missing_values(field: "Field") -> frozenset[str]:
    """The texts that stand for no value: the field's own, or else its schema's."""
    if field.has_defined("missing_values") or not field.schema:
        return frozenset(field.missing_values)
    return frozenset(field.schema.missing_values)


def reader_with(field: "Field", matches: Callable[[str], bool]) -> Callable[[Any], tuple[Any, dict[str, str] | None]]:
    """The reader of a field's cells, with a match of its pattern that is not Python's."""
    pattern, own = field.constraints["pattern"], field.to_copy()
    own.schema = field.schema  # whose missing values hold
    own.constraints = {name: asked for name, asked in field.constraints.items() if name != "pattern"}
    read = own.create_cell_reader()

    def read_cell(cell: Any) -> tuple[Any, dict[str, str] | None]:
        value, notes = read(cell)
        if value is None or matches(value):
            return value, notes
        notes = {**(notes or {}), "pattern": f'constraint "pattern" is "{pattern}"'}
        return value, {name: notes[name] for name in field.supported_constraints if name in notes}

    return read_cell


def read_labels(dialect: Mapping[str, Any], head: Sequence[Sequence[str]]) -> list[str]:
    """The labels of a header of several rows, or with comments among them.

    Raises:
        Refused: the dialect is not valid.
    """
    from frictionless import Dialect

    with _refusals():
        words = {name: word for name, word in dialect.items() if name not in ("csv", "$schema")}
        return list(Dialect.from_descriptor(words).read_labels([list(row) for row in head]))


def open_resource(
    path: Path, schema: "Schema", dialect: Mapping[str, Any], *, kind: str, encoding: str
) -> "TableResource":
    """Open a file of a format with types of its own; foreign keys are not looked up. Within :func:`foreign_faults`."""
    from frictionless import Dialect
    from frictionless.resources import TableResource

    words = {name: word for name, word in dialect.items() if name != "$schema"}
    own = schema.to_copy()
    own.foreign_keys = []
    resource = TableResource(
        path=path.name,
        basepath=str(path.parent),
        schema=own,
        dialect=Dialect.from_descriptor(words),
        format=kind,
        encoding=encoding,
    )
    resource.open()  # type: ignore[no-untyped-call]  # Frictionless types it not
    return resource


@contextmanager
def foreign_faults(what: str) -> Iterator[None]:
    """Tell whatever goes wrong in the five libraries by which Frictionless opens other formats as an error of the file.

    A list of what they may raise was rejected: given a damaged file, they fail by whatever their code meets first.

    Raises:
        Refused: something did.
        OSError, MemoryError: as they were; they are no fault of the file.
    """
    try:
        with _refusals():
            yield
    except (Refused, MemoryError):
        raise
    except OSError as error:
        if error.errno is not None:
            raise
        raise refused("source-error", f"{what} ({type(error).__name__})") from None
    except Exception as error:  # noqa: BLE001
        raise refused("source-error", f"{what} ({type(error).__name__})") from None


@cache
def words_of(kind: str) -> tuple[str, str, str, tuple[str, ...]]:
    """Title, description, template of the message and tags of a type of error."""
    from frictionless.system import system

    error = system.select_error_class(kind)
    return error.title, error.description, error.template, tuple(error.tags)
