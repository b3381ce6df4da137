"""The header: which field each column is. Where the labels are the schema's names in order, nobody else is asked."""

from collections.abc import Sequence
from dataclasses import dataclass

from apendata.tabular import theirs
from apendata.tabular.dialect import Dialect
from apendata.tabular.listed import Listed
from apendata.tabular.schema import Field, Schema, field_of


@dataclass(frozen=True, eq=False)
class Header:
    """The file's columns."""

    labels: tuple[str, ...]
    fields: tuple[Field, ...]
    """One for each column that a row must have."""
    errors: tuple[Listed, ...]


def match_header(schema: Schema, dialect: Dialect, labels: Sequence[str]) -> Header:
    """Match the labels with the schema's fields, as ``fieldsMatch`` says.

    Raises:
        Refused: the schema is not valid, or the labels cannot be matched at all.
    """
    if schema.is_sure and (not labels or tuple(labels) == schema.names):
        return Header(tuple(labels), schema.fields(), ())
    return _matched_by_frictionless(schema, dialect, labels)


def _matched_by_frictionless(schema: Schema, dialect: Dialect, labels: Sequence[str]) -> Header:
    header = theirs.match_header(schema.theirs, labels, dialect.header_rows, header_case=dialect.header_case)
    fields = tuple(map(field_of, header.get_expected_fields()))
    return Header(tuple(labels), fields, tuple(Listed.of_header(error.to_descriptor()) for error in header.errors))
