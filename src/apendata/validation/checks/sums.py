"""Checks that add up: to the export's sum rows, to zero, to a stated figure, to another table."""

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from apendata.model import Finding
from apendata.validation.checks.conditions import rows_meant
from apendata.validation.checks.exact import Comparison, Group, compare_sums, side
from apendata.validation.checks.subject import Subject
from apendata.validation.problems import Rows, rows_where
from apendata.validation.tables import Checked, only_columns


def sums_to_sum_rows(subject: Subject) -> Iterator[Finding]:
    """The rows, added up over some key columns, equal the export's own sum rows.

    A sum row belongs to this check when it has a value in every other key column; other sum rows are of another level.
    """
    value, over, rules = subject.column("value"), subject.columns("over"), subject.here.rules
    per = [column for column in rules.table.primary_key if column not in over]
    if subject.sum_rows is None or not subject.sum_rows.data.num_rows:
        yield subject.of_table("sum_rows_absent")
        return
    sums = only_columns(subject.sum_rows, [*per, value], rules)
    if not isinstance(sums, Checked):
        yield from sums
        return
    rows = _of_level(sums, per)
    yield from _repeated_sum_rows(subject, sums, per, rows)
    yield from _against_sum_rows(subject, sums, per, rows)


def _against_sum_rows(subject: Subject, sums: Checked, per: Sequence[str], rows: Rows) -> Iterator[Finding]:
    value = subject.column("value")
    compared = compare_sums(side(subject.here.data, per, value), side(sums.data, per, value, rows))
    without, alone = compared.pick(compared.only_here), compared.pick(compared.only_there)
    differing = compared.pick(
        pc.and_not(compared.differing(subject.number("within"), subject.number("rounded_to")), compared.one_sided)
    )
    yield from subject.found("sum_row_missing", _first_here(without), value, samples=_keys(per, without))
    yield from subject.found("sum_row_without_rows", _first_there(alone), value, samples=_keys(per, alone), at=sums)
    yield from subject.found("sum_row_differs", _first_there(differing), value, samples=_told(per, differing), at=sums)
    yield from _skipped(subject, compared)


def _of_level(sums: Checked, per: Sequence[str]) -> Rows:
    """The sum rows that have a value in each of the columns."""
    level = pa.repeat(pa.scalar(value=True), sums.data.num_rows)
    for column in per:
        level = pc.and_(level, sums.data[column].is_valid())
    return rows_where(level)


def _repeated_sum_rows(subject: Subject, sums: Checked, per: Sequence[str], rows: Rows) -> Iterator[Finding]:
    """Two sum rows for one group would be added up, and hide each other's error."""
    names = [f"k{i}" for i in range(len(per))]
    keys = pa.table([sums.data[column].take(rows) for column in per] + [rows], names=[*names, "row"])
    groups = keys.group_by(names, use_threads=False).aggregate([("row", "max"), ("row", "count")])
    repeated = groups.filter(pc.greater(groups["row_count"], 1))["row_max"].to_pylist()
    yield from subject.found("sum_row_repeated", repeated, subject.column("value"), at=sums)


def control_total(subject: Subject) -> Iterator[Finding]:
    """The rows that are meant add up to a stated figure."""
    rows = rows_meant(subject.here, subject.conditions("where"))
    if not len(rows):
        yield subject.of_table("control_without_rows")
        return
    compared = compare_sums(side(subject.here.data, (), subject.column("value"), rows))
    total, expected = compared.groups["here"][0].as_py(), subject.number("equals")
    if compared.known[0].as_py() and abs(total - expected) > subject.number("within"):
        yield subject.of_table("control_total_differs", rows=rows, samples=(f"{total} ≠ {expected}",))
    yield from _skipped(subject, compared)


def control_rows(subject: Subject) -> Iterator[Finding]:
    """As many rows are meant as is stated."""
    rows, expected = rows_meant(subject.here, subject.conditions("where")), subject.number("equals")
    if len(rows) != expected:
        yield subject.of_table("control_rows_differ", rows=rows, samples=(f"{len(rows)} ≠ {expected}",))


def balances(subject: Subject) -> Iterator[Finding]:
    """Each group adds up to zero, as a complete budget must."""
    value, per = subject.column("value"), subject.columns("per")
    compared = compare_sums(side(subject.here.data, per, value))
    differing = compared.pick(compared.differing(subject.number("within"), subject.number("rounded_to")))
    yield from subject.found("not_balanced", _first_here(differing), value, samples=_told(per, differing))
    yield from _skipped(subject, compared)


def sum_equals(subject: Subject) -> Iterator[Finding]:
    """Each group adds up to what another table says of it.

    A group that has no rows here adds up to 0: rows that were lost must not pass as nothing to compare.
    """
    value, per, where = subject.column("value"), subject.mapping("per"), subject.conditions("where")
    target = subject.mapping("equals")
    other = subject.tables[target["table"]]
    mine = side(subject.here.data, tuple(per), value, rows_meant(subject.here, where))
    rows = rows_meant(other, {per[column]: asked for column, asked in where.items() if column in per})
    compared = compare_sums(mine, side(other.data, tuple(per.values()), target["value"], rows))
    alone = compared.pick(compared.only_here)
    differing = compared.pick(
        pc.and_not(compared.differing(subject.number("within"), subject.number("rounded_to")), compared.only_here)
    )
    told = _told(tuple(per), differing)
    yield from subject.found("sum_without_counterpart", _first_here(alone), value, samples=_keys(tuple(per), alone))
    yield from subject.found("sum_differs", _first_there(differing), target["value"], samples=told, at=other)
    yield from _skipped(subject, compared)


def _skipped(subject: Subject, compared: Comparison) -> Iterator[Finding]:
    yield from subject.skipped(len(rows_where(pc.invert(compared.known))))


def _first_here(groups: Sequence[Group]) -> Iterator[int]:
    return (group.first_here for group in groups if group.first_here is not None)


def _first_there(groups: Sequence[Group]) -> Iterator[int]:
    return (group.first_there for group in groups if group.first_there is not None)


def _keys(names: Sequence[str], groups: Sequence[Group]) -> tuple[str, ...]:
    return tuple(", ".join(f"{n}={k}" for n, k in zip(names, group.keys, strict=True)) for group in groups)


def _told(names: Sequence[str], groups: Sequence[Group]) -> tuple[str, ...]:
    """Group by group: what the rows add up to, and what was expected."""
    keys = _keys(names, groups)
    return tuple(f"{key}: {g.here} ≠ {g.there}" for key, g in zip(keys, groups, strict=True))
