"""One block against its fields: what every cell and row breaks, with the order in which Frictionless tells it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field as dataclass_field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from apendata.tabular.arrays import of_rows, only_chunk
from apendata.tabular.blocks import Block, Row, head_of, rectangle, rows_of
from apendata.tabular.dialect import Dialect
from apendata.tabular.hashing import Hashes
from apendata.tabular.judging import MISSING, Column, Judge, Rows, Verdict, Wrong
from apendata.tabular.keys import ForeignKey, Key, cell_at, hashes_of, unmatched
from apendata.tabular.listed import Listed
from apendata.tabular.task import FIRST_ROWS, First, Told

_EXTRA: Final = Wrong("extra-cell", "", "extra-cell")
_MISSING: Final = Wrong("missing-cell", "", "missing-cell")
_BLANK: Final = Wrong("blank-row", "", "blank-row")
_NO_KEY: Final = Wrong("primary-key", 'cells composing the primary keys are all "None"', "primary-key")


@dataclass(frozen=True, eq=False, repr=False)
class Examiner:
    """What every block is held against."""

    dialect: Dialect
    judges: tuple[Judge, ...]
    keys: tuple[Key, ...]
    foreign_keys: tuple[ForeignKey, ...]
    strict: bool
    limit: int | None
    """The most errors of one block that are listed; all are counted."""

    def learn(self, block: Block) -> None:
        """Look at the first rows of the file's first block.

        Raises:
            Refused: a byte does not belong to the encoding.
        """
        for judge, column in zip(
            self.judges, split(head_of(block), self.dialect, len(self.judges)).columns, strict=True
        ):
            judge.learn(column)

    def examine(self, block: Block) -> "Examined":
        """Examine a block.

        Raises:
            Refused: a byte does not belong to the encoding.
        """
        part = split(block, self.dialect, len(self.judges))
        verdicts = [judge.judge(column) for judge, column in zip(self.judges, part.columns, strict=True)]
        hashes = [hashes_of(key, self.judges, part.columns) for key in self.keys]
        found = _Found(part, self.judges, self.limit)
        blank = _blank_rows(verdicts, part)
        self._tell_cells(found, verdicts, blank)
        self._tell_keys(found, verdicts, hashes)
        return Examined(part.numbers, hashes, found.counts, found.first_rows, found.listed())

    def _tell_cells(self, found: "_Found", verdicts: Sequence[Verdict], blank: npt.NDArray[np.bool_]) -> None:
        for position, (judge, verdict) in enumerate(zip(self.judges, verdicts, strict=True)):
            for code, rows in verdict.wrong():
                for step, wrong in enumerate(judge.wrongs[code]):
                    found.tell(wrong, rows[~blank[rows]], position, step)
        for wrong, rows, position in found.part.widths(len(self.judges)):
            found.tell(wrong, rows[~blank[rows]], position, 0, late=True)
        if blank.any():
            found.tell(_BLANK, np.flatnonzero(blank), None, 0)

    def _tell_keys(self, found: "_Found", verdicts: Sequence[Verdict], hashes: Sequence[Hashes]) -> None:
        for key, values in zip(self.keys, hashes, strict=True):
            if key.kind == "unique":
                continue
            nothing = values == 0
            if key.kind == "primary" and nothing.any():
                found.tell(_NO_KEY, np.flatnonzero(nothing), None, 1, late=True)
            if self.strict and key.kind == "primary":
                _tell_null(found, verdicts, key, nothing)
        for foreign in self.foreign_keys:
            rows = np.flatnonzero(unmatched(foreign, self.judges, found.part.columns))
            if len(rows):
                found.tell_foreign(foreign, rows)


def _tell_null(found: "_Found", verdicts: Sequence[Verdict], key: Key, nothing: npt.NDArray[np.bool_]) -> None:
    """Tell key cells without a value: Frictionless allows them while one column of the key has one."""
    for position, name in zip(key.positions, key.names, strict=True):
        codes = verdicts[position].codes
        if codes is not None:
            note = f'stricter rule "key_null" of apendata: the key column "{name}" has no value'
            rows = np.flatnonzero((codes == MISSING) & ~nothing)
            found.tell(Wrong("primary-key", note, "key_null"), rows, None, 1, late=True, column=position)


@dataclass(frozen=True, eq=False, repr=False)
class Part:
    """A block as columns."""

    numbers: npt.NDArray[np.int64]
    """The row's number in the file, for every row."""
    columns: tuple[Column, ...]
    """One a field; null where the row is too short."""
    rows: tuple[Row, ...] | None = None
    """The rows as they were read, where they may differ in width."""

    def widths(self, fields: int) -> Iterator[tuple[Wrong, Rows, int]]:
        """Rows with a cell too many or too few: what, which, and the 0-based column."""
        if self.rows is None:
            return
        width = np.fromiter(map(len, self.rows), dtype=np.int64, count=len(self.rows))
        for position in range(fields, int(width.max(initial=0))):
            yield _EXTRA, np.flatnonzero(width > position), position
        for position in range(int(width.min(initial=fields)), fields):
            yield _MISSING, np.flatnonzero(width <= position), position

    def cells(self, rows: Rows) -> list[tuple[str, ...]]:
        """All cells of some rows, as texts."""
        if self.rows is not None:
            return [tuple("" if cell is None else str(cell) for cell in self.rows[row]) for row in rows.tolist()]
        taken = [column.take(of_rows(rows)).to_pylist() for column in self.columns if isinstance(column, pa.Array)]
        return list(zip(*taken, strict=True))

    def text_at(self, row: int, positions: Sequence[int]) -> str:
        """The cells of a row at some columns, as one text; empty where nothing stands in them."""
        return ", ".join(filter(None, (self._text(row, position) for position in positions)))

    def _text(self, row: int, position: int) -> str:
        if position < len(self.columns):
            cell = cell_at(self.columns[position], row)
        else:  # a cell too many
            cell = self.rows[row][position] if self.rows is not None else None
        return "" if cell is None else str(cell)

    def shown(self, row: int, position: int, cells: Sequence[str]) -> str:
        """One cell as Frictionless shows it: what is not there at all is «None»."""
        absent = position >= len(cells) or (self.rows is not None and self.rows[row][position] is None)
        return "None" if absent else cells[position]


@dataclass(frozen=True, eq=False, repr=False)
class Examined:
    """What one block holds."""

    numbers: npt.NDArray[np.int64]
    hashes: list[Hashes]
    """One for each key."""
    counts: Mapping[Told, int]
    first_rows: Mapping[Told, tuple[First, ...]]
    listed: list[Listed]
    """The first errors, in order."""


def split(block: Block, dialect: Dialect, fields: int) -> Part:
    """Split a block into columns.

    Raises:
        Refused: a byte does not belong to the encoding.
    """
    if block.text is not None:
        table = rectangle(block, dialect, fields)
        if table is not None:
            numbers = np.arange(block.first_row, block.first_row + table.num_rows)
            return Part(numbers, tuple(map(only_chunk, table.columns)))
    rows = block.rows if block.text is None else rows_of(block.text, dialect, block.first_row)
    if block.numbers is not None:
        return Part(block.numbers, tuple(_column(rows, at) for at in range(fields)), rows)
    numbers = np.arange(block.first_row, block.first_row + len(rows))
    if kept := _kept(rows, numbers, dialect):
        rows, numbers = kept
    return Part(numbers, tuple(pa.array(_column(rows, at), pa.string()) for at in range(fields)), rows)


def _column(rows: Sequence[Row], position: int) -> list[Any]:
    return [row[position] if position < len(row) else None for row in rows]


def _kept(
    rows: Sequence[Row], numbers: npt.NDArray[np.int64], dialect: Dialect
) -> tuple[tuple[Row, ...], npt.NDArray[np.int64]] | None:
    """The rows that are no comment and, where the dialect skips those, not blank; None where all are kept."""
    if not (dialect.comment_char or dialect.comment_rows or dialect.skip_blank_rows):
        return None
    mask = [
        not (dialect.comment_char and row and row[0].startswith(dialect.comment_char))
        and number not in dialect.comment_rows
        and not (dialect.skip_blank_rows and not any(row))
        for row, number in zip(rows, numbers.tolist(), strict=True)
    ]
    return tuple(row for row, keep in zip(rows, mask, strict=True) if keep), numbers[np.array(mask, dtype=bool)]


def _blank_rows(verdicts: Sequence[Verdict], part: Part) -> npt.NDArray[np.bool_]:
    """Rows none of whose fields has a value: one error each, instead of all others of its cells."""
    blank = np.ones(len(part.numbers), dtype=bool)
    for verdict in verdicts:
        if verdict.empty is None:
            return np.zeros_like(blank)
        blank &= verdict.empty
    return blank


@dataclass(eq=False, repr=False)
class _Found:
    """Errors of one block: counted, and the first ones kept for the list."""

    part: Part
    judges: Sequence[Judge]
    limit: int | None
    counts: Counter[Told] = dataclass_field(default_factory=Counter)
    first_rows: dict[Told, tuple[First, ...]] = dataclass_field(default_factory=dict)
    _kept: list[tuple[Wrong, Rows, int, int | None, Mapping[str, object] | None]] = dataclass_field(
        default_factory=list
    )

    def tell(
        self,
        wrong: Wrong,
        rows: Rows,
        position: int | None,
        step: int,
        *,
        late: bool = False,
        column: int | None = None,
    ) -> None:
        """Tell an error of rows at a 0-based column (None: of the rows as a whole)."""
        if not len(rows):
            return
        shown = position if position is not None else column
        self._count(
            (wrong.kind, wrong.rule, 0 if shown is None else shown + 1), rows, () if shown is None else (shown,)
        )
        self._keep(wrong, rows[: self.limit], position, (1 << 20) * late + step)

    def tell_foreign(self, key: ForeignKey, rows: Rows) -> None:
        """Tell rows whose foreign key stands nowhere: one by one, since the note holds the values."""
        self._count(("foreign-key", "foreign-key", key.positions[0] + 1), rows, key.positions)
        for row in rows[: self.limit].tolist():
            values = [self.judges[at].value(cell_at(self.part.columns[at], row)) for at in key.positions]
            note = 'for "{}": values "{}" not found in the lookup table "{}" as "{}"'.format(
                ", ".join(key.names), ", ".join(map(str, values)), key.reference, ", ".join(key.columns)
            )
            words = {
                "fieldNames": list(key.names),
                "fieldCells": ["" if value is None else str(value) for value in values],
                "referenceName": key.reference,
                "referenceFieldNames": list(key.columns),
            }
            wrong = Wrong("foreign-key", note, "foreign-key")
            self._keep(wrong, np.array([row]), None, (1 << 20) + 2, words=words)

    def _count(self, told: Told, rows: Rows, positions: Sequence[int]) -> None:
        self.counts[told] += len(rows)
        first = rows[:FIRST_ROWS]
        numbered = zip(self.part.numbers[first].tolist(), first.tolist(), strict=True)
        mine = [First(number, self.part.text_at(row, positions)) for number, row in numbered]
        self.first_rows[told] = tuple(sorted((*self.first_rows.get(told, ()), *mine))[:FIRST_ROWS])

    def _keep(
        self, wrong: Wrong, rows: Rows, position: int | None, step: int, *, words: Mapping[str, object] | None = None
    ) -> None:
        order = step + (0 if position is None else position + 1) * 16
        self._kept.append((wrong, rows, order, position, words))

    def listed(self) -> list[Listed]:
        """The first errors, by row and then as Frictionless orders them."""
        if not self._kept:
            return []
        rows = np.concatenate([rows for _, rows, _, _, _ in self._kept])
        order = np.concatenate([np.full(len(rows), order) for _, rows, order, _, _ in self._kept])
        which = np.concatenate([np.full(len(kept[1]), index) for index, kept in enumerate(self._kept)])
        sequence = np.lexsort((order, rows))[: self.limit]
        distinct, at = np.unique(rows[sequence], return_inverse=True)
        cells = self.part.cells(distinct)
        numbers = self.part.numbers[distinct].tolist()
        return [
            self._listed(index, int(distinct[place]), numbers[place], cells[place])
            for index, place in zip(which[sequence].tolist(), at.tolist(), strict=True)
        ]

    def _listed(self, index: int, row: int, number: int, cells: tuple[str, ...]) -> Listed:
        wrong, _, _, position, words = self._kept[index]
        if position is None:
            return Listed(wrong.kind, wrong.note, wrong.rule, number, cells=cells, words=words)
        name = self.judges[position].field.name if position < len(self.judges) else ""
        cell = "" if wrong is _MISSING else self.part.shown(row, position, cells)
        return Listed(wrong.kind, wrong.note, wrong.rule, number, position + 1, name, cell, cells)
