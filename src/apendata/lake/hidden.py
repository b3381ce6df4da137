"""Which cells have been hidden in what was committed before: the ratchet of disclosure control looks at them."""

from collections.abc import Iterable, Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from apendata.lake.records import read_record, read_rows
from apendata.lake.rows import HIDDEN, STATUS
from apendata.model import Version


def hidden_cells(versions: Iterable[Version]) -> Mapping[str, pa.Table]:
    """Return table → the hidden cells of all versions together, each once.

    A row is the primary key, as texts since types may differ between versions, and ``value``: the hidden column's name.
    A table whose key has changed is known by the key of its newest version; older keys do not fit today's rows.
    """
    found: dict[str, list[pa.Table]] = {}
    for version in versions:
        for name, cells in _of_version(version):
            others = found.setdefault(name, [])
            if not others or others[0].column_names == cells.column_names:
                others.append(cells)
    return {name: _distinct(pa.concat_tables(parts)) for name, parts in found.items()}


def _of_version(version: Version) -> Iterator[tuple[str, pa.Table]]:
    for resource in read_record(version.folder)["contract"]["resources"]:
        names = [field["name"] for field in resource["schema"]["fields"]]
        marks = [name for name in names if name.endswith(STATUS) and name.removesuffix(STATUS) in names]
        if marks:
            rows = read_rows(version, resource["name"], [*resource["schema"]["primaryKey"], *marks])
            yield resource["name"], _hidden(rows, resource["schema"]["primaryKey"], marks)


def _hidden(rows: pa.Table, key: list[str], marks: list[str]) -> pa.Table:
    schema = pa.schema([(name, pa.string()) for name in (*key, "value")])
    parts = [schema.empty_table()]
    for mark in marks:
        cells = rows.filter(pc.equal(rows[mark], HIDDEN)).select(key)
        named = cells.append_column("value", pa.repeat(pa.scalar(mark.removesuffix(STATUS)), cells.num_rows))
        parts.append(named.cast(schema))
    return pa.concat_tables(parts)


def _distinct(cells: pa.Table) -> pa.Table:
    return cells.group_by(cells.column_names, use_threads=False).aggregate([])
