"""Tables that hold in their buffers what they show, and nothing else.

Arrow keeps the old bytes under a null slot and beside a slice, and Arrow files and pickles carry them along. So columns
are rebuilt from the values that may be seen; masking a copy of the true one would leave the numbers there.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from apendata.disclosure.linear import Bools
from apendata.disclosure.policy import HIDDEN, STATUS


def hide(data: pa.Table, hidden: Mapping[str, Bools]) -> pa.Table:
    """Return the table with nulls where ``hidden`` (value column → rows) says so, and ``:`` in the status beside.

    A value that is already missing keeps its status. The old numbers are still in memory: ``without_residue`` is next.
    """
    for column, rows in hidden.items():
        if not rows.any():
            continue
        mask = pa.array(rows)
        status = f"{column}{STATUS}"
        if status in data.column_names:
            said = data[status]
            marked = pc.if_else(pc.and_(mask, pc.is_null(said)), pa.scalar(HIDDEN, said.type), said)
            data = data.set_column(data.column_names.index(status), data.field(status), marked)
        nulls = pc.if_else(mask, pa.scalar(None, data.field(column).type), data[column])
        data = data.set_column(data.column_names.index(column), data.field(column), nulls)
    return data


def without_residue(data: pa.Table) -> pa.Table:
    """Return an equal table without a byte of anything else, and without metadata that a library left there."""
    fields = [pa.field(f.name, _plain(f.type), f.nullable) for f in data.schema]
    columns = [pa.chunked_array([_rebuilt(chunk) for chunk in c.chunks], _plain(c.type)) for c in data.columns]
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _rebuilt(chunk: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(chunk.type):
        chunk = chunk.dictionary_decode()
    return chunk if _tight(chunk) else _copied(chunk)


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


def _copied(chunk: pa.Array) -> pa.Array:
    """Take the values that are there to their places; ``take`` leaves zeros under the nulls."""
    there = np.asarray(pc.is_valid(chunk).to_numpy(zero_copy_only=False), dtype=np.bool_)
    places = np.where(there, np.cumsum(there) - 1, 0)
    return chunk.drop_null().take(pa.array(places, mask=~there))
