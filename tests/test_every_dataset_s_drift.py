"""Every dataset's own limits against the last version: each says something of the sample when it is disturbed."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from apendata import pipeline
from apendata.catalog import Catalog
from apendata.lake import Lake
from apendata.lake.drift import Compared, assess
from apendata.lake.drift.compared import Told
from apendata.lake.drift.history import history_of, history_values
from apendata.lake.rows import RowDifference
from apendata.model import HistoryRule, SumLimit, Table, ValuesLimit

ROOT = Path(__file__).parent.parent
CATALOG = Catalog(ROOT / "datasets", ROOT / "schemas")
TABLES = {table.name: (name, table) for name in CATALOG.ids() for table in CATALOG.load(name).tables}
LIMITS = [
    pytest.param(name, limit, id=f"{name}-{type(limit).__name__}-{index}")
    for name, (_, table) in TABLES.items()
    for index, limit in enumerate((*table.drift.values, *table.drift.sums, table.drift.history))
    if limit is not None
]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pa.Table]:
    """Table → its rows as they would be published from the sample."""
    made: dict[str, pa.Table] = {}
    for dataset in map(CATALOG.load, CATALOG.ids()):
        scratch = tmp_path_factory.mktemp(dataset.id)
        inputs = pipeline.fetch_inputs(
            dataset,
            catalog=CATALOG,
            sources_of=lambda name: CATALOG.datasets / name / "sample",
            override=None,
            scratch=scratch,
        )
        done = pipeline.make(inputs, Lake.open(scratch / "lake"), lambda _: None)
        made |= {name: table.data for name, table in done.protection.tables.items()}
    return made


def told(table: Table, old: pa.Table, new: pa.Table) -> list[Told]:
    rows = RowDifference(table.name, table.primary_key, old, new)
    return [part for part in assess([Compared(table, old, new, rows)]) if part.stops]


def without(rows: pa.Table, column: str, value: pa.Scalar) -> pa.Table:
    return rows.filter(pc.fill_null(pc.not_equal(rows[column], value), fill_value=True))


def moved(rows: pa.Table, limit: SumLimit) -> pa.Table:
    """Every known figure twice as big, and a great deal more."""
    column = rows[limit.value]
    bigger = pc.add(column, pc.add(column, pa.scalar(2_000_000, column.type)))
    return rows.set_column(rows.column_names.index(limit.value), limit.value, bigger.cast(column.type))


def test_there_is_a_limit_by_dimension_in_every_dataset() -> None:
    named = {dataset for dataset, table in TABLES.values() if table.drift.values or table.drift.sums}
    assert named == set(CATALOG.ids())


@pytest.mark.parametrize(("name", "limit"), LIMITS)
def test_each_limit_sees_what_it_is_there_for(
    samples: dict[str, pa.Table], name: str, limit: ValuesLimit | SumLimit | HistoryRule
) -> None:
    table, rows = TABLES[name][1], samples[name]
    if isinstance(limit, ValuesLimit):
        new, code = without(rows, limit.column, rows[limit.column][0]), "drift_values_gone"
        assert not limit.may_vanish
    elif isinstance(limit, SumLimit):
        new, code = moved(rows, limit), "drift_sums_moved"
    else:
        closed = history_of(rows, history_values(rows, limit), limit)
        assert closed.any(), "the sample has history"
        new, code = rows.filter(pa.array(~closed)), "drift_history_changed"
    found = [part for part in told(table, rows, new) if part.open.code == code]
    assert limit.because.removesuffix(".") in {part.open.params["because"] for part in found}
    assert all(finding.table == name for part in found for finding in part.private)


@pytest.mark.parametrize("name", TABLES)
def test_a_new_period_is_no_drift_by_dimension(samples: dict[str, pa.Table], name: str) -> None:
    """The last release is the sample without its newest period: what has come since is what was waited for."""
    table, rows = TABLES[name][1], samples[name]
    period = table.drift.history.column if table.drift.history else table.primary_key[-1]
    newest = pc.max(rows[period].cast(pa.string())).as_py()
    old = rows.filter(pc.not_equal(rows[period].cast(pa.string()), newest))
    rank = {"drift_values_gone", "drift_sums_moved", "drift_history_changed", "drift_not_comparable"}
    assert not rank & {part.open.code for part in told(table, old, rows)}
