"""Tables that are built from their published cells, and hold in their buffers what they show and nothing else.

Arrow keeps the old bytes under a null slot and beside a slice, and Arrow files and pickles carry them along. So no
column is ever a masked copy of the true one: the cells that may be seen are picked out, and put in their places in a
new column.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from apendata.disclosure.linear import Bools
from apendata.disclosure.policy import HIDDEN, STATUS


def published(data: pa.Table, hidden: Mapping[str, Bools]) -> pa.Table:
    """Return a table of the published cells alone.

    Args:
        data: the true table.
        hidden: value column → the rows in which it is not published; columns that are not here are published whole.

    Returns:
        The same rows and columns, with plain types and without metadata that a library left there. Where a value is
        hidden there is nothing, and ``:`` in the status beside; a value that is already missing keeps its status.
    """
    fields = [pa.field(f.name, _plain(f.type), f.nullable) for f in data.schema]
    columns = [_column(data, field.name, hidden).cast(field.type) for field in fields]
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def marked(data: pa.Table) -> dict[str, Bools]:
    """Return value column → the rows that are marked as hidden; columns without such a row are left out."""
    found = {}
    for name in data.column_names:
        value = name.removesuffix(STATUS)
        if value != name and value in data.column_names:
            rows = pc.fill_null(pc.equal(_dense(data[name]), HIDDEN), fill_value=False)
            if rows.true_count:
                found[value] = np.asarray(rows.to_numpy(zero_copy_only=False), dtype=np.bool_)
    return found


def _column(data: pa.Table, name: str, hidden: Mapping[str, Bools]) -> pa.ChunkedArray:
    column = data[name]
    if name in hidden:
        return pa.chunked_array([_placed(_dense(column), ~hidden[name])])
    value = name.removesuffix(STATUS)
    if value != name and value in hidden:
        unsaid = pc.and_(pa.array(hidden[value]), pc.is_null(column))
        column = pc.if_else(unsaid, pa.scalar(HIDDEN, column.type), column)
    return pa.chunked_array([_rebuilt(chunk) for chunk in column.chunks], _plain(column.type))


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _dense(column: pa.ChunkedArray) -> pa.Array:
    plain = column.cast(_plain(column.type))
    return plain.chunk(0) if plain.num_chunks == 1 else pa.concat_arrays([*plain.chunks, pa.array([], plain.type)])


def _placed(column: pa.Array, seen: Bools) -> pa.Array:
    """Put the cells that may be seen in their places; ``take`` leaves zeros between them."""
    there = seen & np.asarray(pc.is_valid(column).to_numpy(zero_copy_only=False), dtype=np.bool_)
    cells = column.take(pa.array(np.flatnonzero(there)))
    places = np.where(there, np.cumsum(there) - 1, 0)
    return cells.take(pa.array(places, mask=~there))


def _rebuilt(chunk: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(chunk.type):
        chunk = chunk.dictionary_decode()
    return chunk if _tight(chunk) else _placed(chunk, np.ones(len(chunk), dtype=np.bool_))


def _tight(chunk: pa.Array) -> bool:
    """Whether nothing can be left over: no null, no slice. Looks at sizes only, so that large tables cost nothing."""
    if chunk.null_count or chunk.offset:
        return False
    buffers = chunk.buffers()
    if pa.types.is_string(chunk.type):
        ends = np.frombuffer(buffers[1], dtype=np.int32) if buffers[1] else np.zeros(1, np.int32)
        return len(ends) == len(chunk) + 1 and ends[0] == 0 and ends[-1] == (buffers[2].size if buffers[2] else 0)
    if pa.types.is_primitive(chunk.type) and chunk.type.bit_width >= 8:
        return bool(buffers[1] is None or buffers[1].size == len(chunk) * chunk.type.bit_width // 8)
    return False
