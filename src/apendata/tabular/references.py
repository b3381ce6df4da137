"""Foreign keys: the values that stand in the columns of another table of the package, or of the table itself."""

from collections.abc import Iterator, Sequence

from apendata.tabular.examining import split
from apendata.tabular.header import Header, match_header
from apendata.tabular.judging import Column, Judge
from apendata.tabular.keys import ForeignKey, Values, cell_at, comparable, first_of_each
from apendata.tabular.reading import open_rows
from apendata.tabular.refused import Refused, refused
from apendata.tabular.resources import Package, Resource, Unusable


def foreign_keys(resource: Resource, header: Header, package: Package | None) -> Iterator[ForeignKey]:
    """The foreign keys whose columns the file has, with the values that they may take.

    Args:
        resource: whose schema declares them.
        header: the file's columns.
        package: all tables by name; None where the file is validated alone.

    Raises:
        Refused: the other table is not there, or cannot be read.
    """
    at = {field.name: position for position, field in enumerate(header.fields)}
    for key in resource.schema.foreign_keys:
        names, columns = tuple(key["fields"]), tuple(key["reference"]["fields"])
        other = _other(resource, key["reference"]["resource"], package)
        if set(names) <= at.keys():
            known = _values(other, columns)
            yield ForeignKey(tuple(at[n] for n in names), names, key["reference"]["resource"], columns, known)


def _other(resource: Resource, name: str, package: Package | None) -> Resource:
    if name in ("", resource.name):
        return resource
    if package is None:
        raise refused("resource-error", "package is required for foreign keys to other resources")
    if name not in package:
        note = f'failed to handle a foreign key for resource "{resource.name}" as resource "{name}" does not exist'
        raise refused("resource-error", note)
    other = package[name]
    if isinstance(other, Unusable):
        raise Refused([other.error])
    return other


def _values(resource: Resource, columns: Sequence[str]) -> frozenset[Values]:
    known: set[Values] = set()
    with open_rows(resource, lambda _: None) as rows:
        header = match_header(resource.schema, resource.dialect, rows.labels())
        judges = [Judge(field, None) for field in header.fields]
        names = [field.name for field in header.fields]
        for block in rows.blocks():
            part = split(block, resource.dialect, len(judges))
            picked = [(judges[names.index(n)], part.columns[names.index(n)]) if n in names else None for n in columns]
            known |= set(_distinct(picked))
    known.discard((None,) * len(columns))
    return frozenset(known)


def _distinct(picked: Sequence[tuple[Judge, Column] | None]) -> Iterator[Values]:
    there = [pair for pair in picked if pair is not None]
    if not there:
        return
    for row in first_of_each([column for _, column in there])[0].tolist():
        yield tuple(comparable(pair[0].value(cell_at(pair[1], row))) if pair is not None else None for pair in picked)
