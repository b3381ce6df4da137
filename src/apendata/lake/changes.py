"""``changes.csv``: every changed cell, removed row and added row since the version before, for readers of the data."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from apendata.lake.drift.history import history_of, history_values
from apendata.lake.rows import STATUS, CellDifference, Mask, Positions, RowDifference
from apendata.lake.stated import per_value, stated
from apendata.model import Table

FILE: Final = "changes.csv"
COLUMNS: Final = ("tabell", "noekkel", "kolonne", "gammel_verdi", "ny_verdi", "endring", "grunn")
SCHEMA: Final = pa.schema([(name, pa.string()) for name in COLUMNS])


def changes_table(
    differences: Sequence[RowDifference], tables: Mapping[str, Table], accepted: str | None = None
) -> pa.Table:
    """Return the lines of ``changes.csv``: per table the changed cells in row order, then new rows, then removed rows.

    ``noekkel`` is a JSON object (a text of ``col=value`` pairs has no safe separator); ``endring`` is ``endret``,
    ``skjult`` (hidden now), ``vist`` (hidden before), ``ny`` or ``fjernet``. A value that is hidden in one of the two
    versions never stands here: ``skjult`` and ``vist`` name the mark's column and leave both values empty.

    ``grunn`` is the first reason among the table's ``revisions`` that fits the row. History that needs a reason and has
    none of its own has ``accepted``: what the steward said who accepted this difference. New rows have a reason where
    they were put into history only.
    """
    parts = [part for difference in differences for part in _lines(difference, tables[difference.name], accepted)]
    return pa.concat_tables([SCHEMA.empty_table(), *parts])


def _lines(difference: RowDifference, table: Table, accepted: str | None) -> Iterator[pa.Table]:
    reasons = _Reasons(difference, table, accepted)
    yield _changed(difference, reasons)
    rows = difference.new.take(pa.array(difference.added))
    yield _whole_rows(rows, "ny", difference, reasons(rows, history_only=True))
    gone = difference.old.take(pa.array(difference.removed))
    yield _whole_rows(gone, "fjernet", difference, reasons(gone))


class _Reasons:
    """Why rows of one table have changed."""

    def __init__(self, difference: RowDifference, table: Table, accepted: str | None) -> None:
        self._revisions, self._rule = table.revisions, table.drift.history
        self._accepted = accepted if self._rule and self._rule.needs_reason else None
        self._closed = history_values(difference.old, self._rule) if self._rule else None

    def __call__(self, rows: pa.Table, *, history_only: bool = False) -> list[str | None]:
        """A text or None for each row."""
        said = np.array([*(revision.because.nb for revision in self._revisions), None], dtype=object)
        found = stated(rows, self._revisions)
        reasons = said[found]  # -1, no reason, is the last of them
        if self._rule is None or self._closed is None:
            return [None] * len(reasons) if history_only else list(reasons)
        history = history_of(rows, self._closed, self._rule)
        if self._accepted is not None:
            reasons[history & (found < 0)] = self._accepted
        if history_only:
            reasons[~history] = None
        return list(reasons)


def _whole_rows(rows: pa.Table, kind: str, difference: RowDifference, reasons: Sequence[str | None]) -> pa.Table:
    empty = pa.nulls(rows.num_rows, pa.string())
    return _table(
        difference.name,
        {"noekkel": _keys(rows, difference.key), "kolonne": empty, "gammel_verdi": empty, "ny_verdi": empty},
        kind=pa.repeat(pa.scalar(kind), rows.num_rows),
        reasons=reasons,
    )


def _changed(difference: RowDifference, reasons: _Reasons) -> pa.Table:
    """Changed cells, sorted by row and then by column."""
    blocks = [block for cell in difference.cells.values() for block in _blocks(difference, cell)]
    if not blocks:
        return SCHEMA.empty_table()
    positions = np.concatenate([block[0] for block in blocks])
    order = np.argsort(positions, kind="stable")
    rows = difference.new.take(pa.array(difference.pairs[1][positions[order]]))
    cells = pa.concat_tables([block[1] for block in blocks]).take(pa.array(order))
    return _table(
        difference.name,
        {
            "noekkel": _keys(rows, difference.key),
            **{name: cells[name] for name in cells.column_names if name != "kind"},
        },
        kind=cells["kind"],
        reasons=reasons(rows),
    )


def _blocks(difference: RowDifference, cell: CellDifference) -> Iterator[tuple[Positions, pa.Table]]:
    """(positions among the pairs, their cells) for each way in which cells of one column change."""
    mark = cell.column + STATUS
    yield _block(difference, cell.column, cell.value, "endret")
    yield _block(difference, mark, cell.status, "endret")
    yield _block(difference, mark, cell.hidden, "skjult")
    yield _block(difference, mark, cell.shown, "vist")


def _block(difference: RowDifference, column: str, mask: Mask, kind: str) -> tuple[Positions, pa.Table]:
    positions = np.flatnonzero(mask)
    at_old, at_new = difference.pairs
    nothing = pa.nulls(len(positions), pa.string())
    tell = kind == "endret"
    return positions, pa.table(
        {
            "kolonne": pa.repeat(pa.scalar(column), len(positions)),
            "gammel_verdi": _texts(difference.old, column, at_old[positions]) if tell else nothing,
            "ny_verdi": _texts(difference.new, column, at_new[positions]) if tell else nothing,
            "kind": pa.repeat(pa.scalar(kind), len(positions)),
        }
    )


def _texts(table: pa.Table, column: str, positions: Positions) -> pa.ChunkedArray | pa.Array:
    """Cells as the CSV file of the table shows them; nulls where the column is not there."""
    if column not in table.column_names:
        return pa.nulls(len(positions), pa.string())
    return table[column].take(pa.array(positions)).cast(pa.string())


def _table(name: str, columns: Mapping[str, Any], *, kind: Any, reasons: Sequence[str | None]) -> pa.Table:
    lines = {
        "tabell": pa.repeat(pa.scalar(name), len(kind)),
        **columns,
        "endring": kind,
        "grunn": pa.array(reasons, pa.string()),
    }
    return pa.table(lines).select(COLUMNS).cast(SCHEMA)


def _keys(rows: pa.Table, key: Sequence[str]) -> Any:
    """The key of each row as a JSON object, ``{"aar":2024,"kode":"0301"}``."""
    parts: list[Any] = []
    for index, name in enumerate(key):
        parts += [("," if index else "{") + json.dumps(name) + ":", _json_texts(rows[name])]
    return pc.binary_join_element_wise(*parts, "}", "")


def _json_texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Cells as JSON; numbers and truth values bare, everything else as a text. Written once per distinct value."""
    texts = column.cast(pa.string())
    if pa.types.is_integer(column.type) or pa.types.is_decimal(column.type) or pa.types.is_boolean(column.type):
        return texts
    return per_value(texts, lambda text: json.dumps(text, ensure_ascii=False), pa.string())
