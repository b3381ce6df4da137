"""What a check is given, and how it tells what it found."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field as dataclass_field
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from apendata.model import Check, Finding, Place, RawTable
from apendata.validation.problems import Problem, Rows, finding
from apendata.validation.tables import Checked


@dataclass(frozen=True)
class Subject:
    """One check and the tables that it may look at. Its words are known to be right (:mod:`.words`)."""

    check: Check
    here: Checked
    """The table that declares the check."""
    tables: Mapping[str, Checked]
    """All tables of the dataset."""
    sum_rows: RawTable | None
    """The sum rows of the table's export."""
    codelists: Mapping[str, RawTable] = dataclass_field(default_factory=dict)
    """The code lists that the definition uses from other datasets, as they were read."""

    def column(self, word: str) -> str:
        """The column that a word names."""
        return str(self.check.words[word])

    def columns(self, word: str) -> tuple[str, ...]:
        """The columns that a word names."""
        return tuple(self.check.words[word])

    def number(self, word: str) -> Decimal:
        """The number that a word gives; 0 where it is left out."""
        return Decimal(str(self.check.words.get(word, 0)))

    def conditions(self, word: str) -> Mapping[str, Any]:
        """The conditions by column that a word gives; none where it is left out."""
        return dict(self.check.words.get(word, {}))

    def mapping(self, word: str) -> Mapping[str, str]:
        """The texts by column that a word gives; none where it is left out."""
        return {key: str(value) for key, value in self.check.words.get(word, {}).items()}

    @property
    def params(self) -> dict[str, str]:
        """The check as declared, as safe texts: nothing here comes from a cell."""
        words = {word: as_text(value) for word, value in self.check.words.items()}
        return {"check": self.check.kind, "because": self.check.because or ""} | words

    def found(
        self, code: str, rows: Iterable[int], column: str, *, samples: Sequence[str] = (), at: Checked | None = None
    ) -> Iterator[Finding]:
        """Tell what was found at rows, if any, of this table or of ``at``, with the check's severity."""
        table, indices = at or self.here, np.fromiter(rows, np.int64)
        if len(indices):
            problem = Problem(code, indices, column, self.params, tuple(samples), self.check.severity)
            yield finding(problem, table.rules.table, table.origin)

    def of_table(self, code: str, *, rows: Rows | None = None, samples: Sequence[str] = ()) -> Finding:
        """Tell what was found of the table as a whole, where no single row is at fault, and which exports it is of.

        Args:
            code: of the finding.
            rows: the ones that it speaks of; None: all of the table.
            samples: what stands there.
        """
        table, column, origin = self.here.rules.table.name, self.check.words.get("value"), self.here.origin
        files = origin.rows["file"] if rows is None else origin.rows["file"].take(pa.array(rows))
        places = tuple(Place(*origin.files[index]) for index in sorted(pc.unique(files).to_pylist()))
        return Finding(
            code, self.check.severity, table, column, places=places, params=self.params, samples=tuple(samples)
        )

    def skipped(self, count: int) -> Iterator[Finding]:
        """Tell how many groups or rows, if any, were not compared, since a value of theirs is hidden or missing."""
        if count:
            yield Finding("check_skipped", "info", self.here.rules.table.name, count=count, params=self.params)


def as_text(value: object) -> str:
    """A value as it is declared and published."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={as_text(item)}" for key, item in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
