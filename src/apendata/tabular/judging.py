"""One column of a block: kernels accept, Frictionless decides on every other distinct text, then the stricter rules."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from apendata.errors import DefinitionError
from apendata.tabular.acceptance import acceptance
from apendata.tabular.arrays import always, of_rows, of_texts
from apendata.tabular.schema import Field
from apendata.tabular.stricter import Stricter, has_marks, plain

Rows = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Column: TypeAlias = pa.Array | list[Any]
"""Texts, null where a row is too short; or, in formats with types of their own, Python values."""

RIGHT: Final = 0
MISSING: Final = 1
_FIRST_WRONG: Final = 2
_SAMPLE: Final = 2048
_REMEMBERED: Final = 1 << 18


class Wrong(NamedTuple):
    """What one cell breaks."""

    kind: str
    """``type-error`` or ``constraint-error``, in Frictionless' words."""
    note: str
    rule: str
    """``type``, the constraint's name, or the name of a stricter rule."""


@dataclass(frozen=True, eq=False, repr=False)
class Verdict:
    """What a column of a block holds, row by row."""

    codes: Codes | None
    """:data:`RIGHT`, :data:`MISSING`, or an index into the judge's ``wrongs``; None where every row is right."""

    empty: npt.NDArray[np.bool_] | None = None
    """Rows without a value, whether or not they may be; None where there are none."""

    def wrong(self) -> Iterator[tuple[int, Rows]]:
        """Each code of a wrong cell, and its rows."""
        if self.codes is None:
            return
        rows = np.flatnonzero(self.codes >= _FIRST_WRONG)
        for code in np.unique(self.codes[rows]).tolist():
            yield code, rows[self.codes[rows] == code]


class Judge:
    """Judges one field's cells; remembers what Frictionless said of a text."""

    def __init__(self, field: Field, stricter: Stricter | None) -> None:
        """Judge by a field's schema, and by the stricter rules unless None."""
        self.field = field
        self._stricter = stricter
        self._accept = None if stricter and "categories" in field.words else acceptance(field)
        self._only_ascii = stricter is not None and "pattern" in field.constraints
        self._missing = of_texts(sorted(field.missing))
        self._has_marks = stricter is not None and has_marks(field)
        self._codes: dict[tuple[Wrong, ...], int] = {}
        self._of_notes: dict[tuple[tuple[str, str], ...], int] = {}
        self._said: dict[object, int] = {}
        self._lock = Lock()
        self._without_value = {MISSING}
        self.wrongs: list[tuple[Wrong, ...]] = [(), ()]
        self.few_distinct = False

    def judge(self, column: Column) -> Verdict:
        """Judge a column's cells."""
        return self._judge_values(column) if isinstance(column, list) else self._judge_texts(column)

    def learn(self, column: Column) -> None:
        """Learn from the first rows whether to look at distinct texts alone: for all blocks, as hashes depend on it."""
        if isinstance(column, pa.Array):
            sample = column[:_SAMPLE]
            self.few_distinct = pc.count_distinct(sample).as_py() <= len(sample) // 4

    def _judge_texts(self, texts: pa.Array) -> Verdict:
        if not self.few_distinct:
            return self._verdict(self._of_texts(texts))
        encoded = texts.dictionary_encode()
        codes = self._of_texts(encoded.dictionary)
        if codes is None and not texts.null_count:
            return Verdict(None)
        if codes is None:
            codes = np.zeros(len(encoded.dictionary), dtype=np.int32)
        absent = self._absent_code if texts.null_count else MISSING
        indices = encoded.indices.fill_null(len(codes)).to_numpy(zero_copy_only=False)
        return self._verdict(np.append(codes, np.int32(absent))[indices])

    def _judge_values(self, cells: Sequence[object]) -> Verdict:
        return self._verdict(np.fromiter(map(self._code, cells), dtype=np.int32, count=len(cells)))

    def value(self, cell: object) -> Any:
        """The value that Frictionless compares in keys: None for a missing cell, and for one of another type."""
        value, notes = self._read(cell)
        return None if notes and "type" in notes else value

    def _verdict(self, codes: Codes | None) -> Verdict:
        if codes is None:
            return Verdict(None)
        empty = np.isin(codes, list(self._without_value))
        return Verdict(codes, empty if empty.any() else None)

    def _of_texts(self, texts: pa.Array) -> Codes | None:
        """Codes of texts, or None where all are right."""
        missing = self.where_missing(texts)
        if self._accept is None:
            in_doubt = pc.invert(missing) if missing is not None else always(value=True, rows=len(texts))
        else:
            sure = self._accept(texts)
            if self._only_ascii:  # a digit of another script may match a pattern: a stricter rule asks
                sure = pc.and_(sure, pc.string_is_ascii(texts))
            if missing is None and sure.false_count == 0:
                return None
            in_doubt = pc.invert(sure if missing is None else pc.or_(sure, missing))
        codes = np.zeros(len(texts), dtype=np.int32)
        if missing is not None:
            codes[missing.to_numpy(zero_copy_only=False)] = self._absent_code
        rows = np.flatnonzero(in_doubt.to_numpy(zero_copy_only=False))
        if len(rows):
            doubted = texts.take(of_rows(rows)).dictionary_encode()
            told = np.fromiter(map(self._code, doubted.dictionary.to_pylist()), dtype=np.int32)
            codes[rows] = told[doubted.indices.to_numpy(zero_copy_only=False)]
        return codes

    def where_missing(self, texts: pa.Array) -> pa.Array | None:
        """Where texts stand for no value; None where none does."""
        missing = pc.is_in(texts, self._missing)
        if texts.null_count:
            missing = pc.or_(missing, texts.is_null())
        return missing if missing.true_count else None

    @cached_property
    def _absent_code(self) -> int:
        return self._code(None)

    def _code(self, cell: object) -> int:
        key = cell if isinstance(cell, str) else (type(cell), repr(cell))
        if (known := self._said.get(key)) is not None:
            return known
        if len(self._said) >= _REMEMBERED:
            self._said.clear()
        code = self._said[key] = self._asked(cell)
        return code

    def _asked(self, cell: object) -> int:
        value, notes = self._read(cell)
        if notes:
            told = tuple(notes.items())
            if (known := self._of_notes.get(told)) is None:
                known = self._of_notes[told] = self._code_of(tuple(_wrong(name, note) for name, note in told))
            return known
        if self._stricter and isinstance(cell, str) and value is not None:
            wrongs = tuple(self._stricter.wrong(self.field, cell, value))
            if wrongs:
                return self._code_of(wrongs)
        return MISSING if value is None else RIGHT

    def _code_of(self, wrongs: tuple[Wrong, ...]) -> int:
        with self._lock:  # blocks are judged side by side
            if wrongs not in self._codes:
                self._codes[wrongs] = len(self.wrongs)
                self.wrongs.append(wrongs)
                if any(wrong.rule == "required" for wrong in wrongs):
                    self._without_value.add(self._codes[wrongs])
            return self._codes[wrongs]

    def _read(self, cell: object) -> tuple[Any, dict[str, str] | None]:
        if self._has_marks and isinstance(cell, str):
            cell = plain(self.field, cell)
        try:
            return self.field.read(cell)
        except (TypeError, ValueError, ArithmeticError, AttributeError):
            return self._not_comparable()

    def _not_comparable(self) -> tuple[None, dict[str, str]]:
        """What to say where Frictionless itself ends: a bound is no value, or one of two times has no time zone.

        Raises:
            DefinitionError: a bound is no value of the field's type.
        """
        if name := self.field.read.unreadable_constraint():
            raise DefinitionError(
                f"field «{self.field.name}»: the constraint {name} is no value of type {self.field.type}."
            )
        return None, {"type": "the value cannot be compared with the field's constraints"}


def _wrong(name: str, note: str) -> Wrong:
    return Wrong("type-error" if name == "type" else "constraint-error", note, name)
