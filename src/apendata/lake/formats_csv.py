"""CSV for programs: UTF-8 without BOM, comma, LF, decimal point, ISO dates, null as nothing, minimal quotes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from apendata.lake import durable

_ROWS: Final = 1 << 16
_PLAIN: Final = pacsv.WriteOptions(include_header=False, quoting_style="none")
_PLAIN_DECIMALS: Final = 6
_NEEDS_QUOTES: Final = '[",\r\n]'


def write_csv(table: pa.Table, file: Path) -> tuple[str, int]:
    """Write a table as CSV, synced; return sha256 and size in bytes.

    Texts are never empty (see ``stage``), so nothing between two commas is always a missing value, and quotes only
    where RFC 4180 wants them lose nothing. Arrow's own ``needed`` style quotes every text: more bytes, no more meaning.
    """
    return durable.write_file(file, _chunks(table))


def _chunks(table: pa.Table) -> Iterator[bytes | memoryview]:
    yield (",".join(_quoted_name(name) for name in table.column_names) + "\n").encode()
    for batch in map(_without_exponents, table.to_batches(max_chunksize=_ROWS)):
        if batch.num_rows:
            plain = _plain(batch)
            yield memoryview(plain if plain is not None else _with_quotes(batch))


def _without_exponents(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Arrow writes decimals below 0.000001 as ``1E-7``, which not every reader of a CSV takes for a number."""
    for number, part in enumerate(batch.schema):
        if pa.types.is_decimal(part.type) and part.type.scale > _PLAIN_DECIMALS:
            texts = [None if value is None else f"{value:f}" for value in batch.column(number).to_pylist()]
            batch = batch.set_column(number, part.name, pa.array(texts, pa.string()))
    return batch


def _quoted_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if any(sign in name for sign in '",\r\n') else name


def _plain(batch: pa.RecordBatch) -> pa.Buffer | None:
    """The batch by Arrow's fast writer; None where a text needs quotes, which Arrow refuses in this style."""
    sink = pa.BufferOutputStream()
    try:
        pacsv.write_csv(batch, sink, _PLAIN)
    except pa.ArrowInvalid:  # its text shows the cell: it ends here
        return None
    return sink.getvalue()


def _with_quotes(batch: pa.RecordBatch) -> pa.Buffer:
    """The same bytes as Arrow's writer gives, but with quotes round the texts that need them."""
    cells = [_cells(column) for column in batch.columns]
    ended = pc.binary_join_element_wise(cells[-1], "\n", "", null_handling="replace", null_replacement="")
    lines = pc.binary_join_element_wise(*cells[:-1], ended, ",", null_handling="replace", null_replacement="")
    return pc.binary_join(pa.ListArray.from_arrays([0, len(lines)], lines), "")[0].as_buffer()


def _cells(column: pa.Array) -> pa.Array:
    if not pa.types.is_string(column.type):
        return column.cast(pa.string())
    needs = pc.match_substring_regex(column, _NEEDS_QUOTES)
    doubled = pc.replace_substring(column, '"', '""')
    return pc.if_else(needs, pc.binary_join_element_wise('"', doubled, '"', ""), column)
