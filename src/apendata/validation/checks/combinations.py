"""Codes that may stand only together, as art 530 may only with function 880."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from apendata.model import MAX_PLACES, Finding
from apendata.validation.checks.conditions import rows_meant
from apendata.validation.checks.subject import Subject
from apendata.validation.problems import Rows


def only_with(subject: Subject) -> Iterator[Finding]:
    """The rows that are meant meet ``must`` as well; with ``value``, a row without an amount is left alone.

    Exports list every account there is, most of them empty: nothing is booked on those, and nothing booked wrong.
    """
    must = subject.conditions("must")
    meant = rows_meant(subject.here, subject.conditions("where"))
    wrong = np.setdiff1d(meant, rows_meant(subject.here, must), assume_unique=True)
    wrong, unknown = _with_amount(subject, wrong)
    columns = list(dict.fromkeys([*subject.conditions("where"), *must]))
    shown = subject.here.data.select(columns).take(pa.array(wrong[:MAX_PLACES])).to_pylist()
    samples = [", ".join(f"{name}={value}" for name, value in row.items()) for row in shown]
    yield from subject.found("stands_not_with", wrong, next(iter(must)), samples=samples)
    yield from subject.skipped(unknown)


def _with_amount(subject: Subject, rows: Rows) -> tuple[Rows, int]:
    """Of the rows, those whose amount is not 0, and how many have a hidden or missing one."""
    if "value" not in subject.check.words:
        return rows, 0
    amounts = subject.here.data[subject.column("value")].take(pa.array(rows))
    some = pc.not_equal(amounts, pa.scalar(0).cast(amounts.type))
    return rows[some.fill_null(False).to_numpy()], amounts.null_count  # noqa: FBT003 (Arrow's signature)
