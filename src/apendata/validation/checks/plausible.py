"""What can hardly be: a sign that its kind of amount does not have, a share that its parts do not bear out."""

from collections.abc import Iterator
from fractions import Fraction
from statistics import median

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from apendata.model import Finding
from apendata.validation.checks.conditions import rows_meant
from apendata.validation.checks.formula import RELATIVE, WHOLE, Formula, read_formula
from apendata.validation.checks.subject import Subject
from apendata.validation.problems import Rows


def sign(subject: Subject) -> Iterator[Finding]:
    """The rows that are meant have no amount of the other sign; zero is of both."""
    value = subject.column("value")
    rows = rows_meant(subject.here, subject.conditions("where"))
    amounts = subject.here.data[value].take(pa.array(rows))
    zero = pa.scalar(0).cast(amounts.type)
    wrong = pc.less(amounts, zero) if subject.check.words["is"] == "positive" else pc.greater(amounts, zero)
    found = rows[wrong.fill_null(False).to_numpy()]  # noqa: FBT003 (Arrow's signature)
    told = [str(amount) for amount in subject.here.data[value].take(pa.array(found)).to_pylist()]
    yield from subject.found("wrong_sign", found, value, samples=told)
    yield from subject.skipped(amounts.null_count)


def formula(subject: Subject) -> Iterator[Finding]:
    """In each row, a column is what its formula makes of the others."""
    result, within = subject.column("equals"), subject.number("within")
    made = read_formula(str(subject.check.words["is"]))
    data = subject.here.data.select([result, *(name for name in made.names if name != result)])
    doubted = _in_doubt(data, result, made, float(within))
    wrong, told, unknown = [], [], 0
    for row, values in zip(doubted.tolist(), data.take(pa.array(doubted)).to_pylist(), strict=True):
        expected = made.value(values)
        if values[result] is None or expected is None:
            unknown += 1
        elif abs(Fraction(values[result]) - expected) > Fraction(within):
            wrong.append(row)
            told.append(f"{values[result]} ≠ {float(expected):.6g}")
    yield from subject.found("formula_differs", wrong, result, samples=told)
    yield from subject.skipped(unknown)


def _in_doubt(data: pa.Table, result: str, made: Formula, within: float) -> Rows:
    """The rows that floats cannot surely accept; fractions decide on those, one by one."""
    columns = {name: data[name].cast(pa.float64(), safe=False).to_numpy() for name in data.column_names}
    values, error = made.floats(columns)
    apart = np.abs(np.broadcast_to(values, len(data)) - columns[result])
    exact_result = bool((np.abs(columns[result]) < WHOLE).all()) and pa.types.is_integer(data[result].type)
    if error == 0 and exact_result:
        return np.flatnonzero(~(apart <= within))
    return np.flatnonzero(~(apart + error + np.abs(columns[result]) * RELATIVE < within))


def bears_out(subject: Subject) -> Iterator[Finding]:
    """The whole that a share and its part imply is like that of the other rows of its group.

    8,8 million as 0,3 per cent implies a budget of 2,9 milliard beside years that imply half a milliard: one of the two
    figures is wrong. The whole is part · 100 / share; a row is told where it lies more than ``times`` above or below
    the group's median.
    """
    share, part, per = subject.column("share"), subject.column("of"), subject.columns("per")
    times = Fraction(subject.number("times"))
    data = subject.here.data.select(list(dict.fromkeys([share, part, *per]))).to_pylist()
    wholes: dict[tuple[object, ...], list[tuple[int, Fraction]]] = {}
    unknown = 0
    for row, values in enumerate(data):
        if values[share] is None or values[part] is None or values[share] == 0:
            unknown += 1
            continue
        whole = abs(Fraction(values[part]) * 100 / Fraction(values[share]))
        wholes.setdefault(tuple(values[name] for name in per), []).append((row, whole))
    odd = [(row, whole, middle) for rows in wholes.values() for row, whole, middle in _odd(rows, times)]
    told = [f"{float(whole):.4g} – {float(middle):.4g}" for _, whole, middle in odd]
    yield from subject.found("share_not_borne_out", [row for row, _, _ in odd], share, samples=told)
    yield from subject.skipped(unknown)


def _odd(rows: list[tuple[int, Fraction]], times: Fraction) -> Iterator[tuple[int, Fraction, Fraction]]:
    """Rows far from the median; of two rows that lie apart nobody knows which one is wrong, and both are told."""
    middles = (
        [whole for _, whole in reversed(rows)] if len(rows) == 2 else [median(whole for _, whole in rows)] * len(rows)
    )
    for (row, whole), middle in zip(rows, middles, strict=True):
        if whole > middle * times or whole * times < middle:
            yield row, whole, middle
