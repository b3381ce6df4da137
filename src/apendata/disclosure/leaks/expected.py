"""What a published table must show, told by the true table and the pattern: for a reader that knows no writer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from apendata.disclosure.policy import HIDDEN, STATUS

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, repr=False)
class Expected:
    """One table as readers must find it."""

    name: str
    key: tuple[str, ...]
    true: pa.Table
    """Every row of the table, in key order."""
    hidden: Mapping[str, pa.BooleanArray]
    """Value column → the rows in which nothing may stand."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The table's columns, in order."""
        return tuple(self.true.column_names)

    @cached_property
    def cells(self) -> Mapping[str, Sequence[Any]]:
        """Column → the value of each row; None where there is none, or none that is published."""
        return {name: self._cells(name) for name in self.columns}

    def rows_hidden(self, column: str) -> Bools:
        """The rows in which a column's value is hidden."""
        rows = self.hidden.get(column)
        if rows is None:
            return np.zeros(self.true.num_rows, dtype=np.bool_)
        return np.asarray(rows.to_numpy(zero_copy_only=False), dtype=np.bool_)

    def is_about_hidden(self, column: str) -> bool:
        """Whether a column's values are hidden somewhere, or are the marks of such a column."""
        return column in self.hidden or column.removesuffix(STATUS) in self.hidden

    def _cells(self, name: str) -> Sequence[Any]:
        true: list[Any] = self.true[name].to_pylist()
        if name in self.hidden:
            return [None if gone else value for value, gone in zip(true, self.rows_hidden(name), strict=True)]
        value = name.removesuffix(STATUS)
        if value != name and value in self.hidden:  # one mark, whatever the reason is; what is missing was so before
            gone = self.rows_hidden(value)
            return [HIDDEN if rows and said is None else said for said, rows in zip(true, gone, strict=True)]
        return true
