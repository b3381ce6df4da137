"""A dataset's own pure function, called as what it is: foreign code between two strict stages."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from apendata import sources
from apendata.errors import DefinitionError, InternalError
from apendata.model import Dataset, RawTable, Reading, RowAccount


def transformed(dataset: Dataset, reading: Reading, codelists: Mapping[str, RawTable]) -> Reading:
    """Apply the dataset's ``transform.py``, if it has one; tables of margins are then made from what it gave.

    Rows that it drops and rows that it makes are accounted for, each under its rule, and what it gives is screened like
    an export: nothing gets past the reader's rules by being made here.

    Raises:
        InternalError: it failed; its own words may hold values and are not told.
        DefinitionError: it gave tables that the definition does not know.
        SourceRejected, PersonalDataFound: it gave texts that no export may hold.
    """
    if dataset.transform is None:
        return reading
    file = dataset.folder / "transform.py"
    try:
        tables = dict(dataset.transform(reading.tables))
    except (Exception, SystemExit) as error:  # noqa: BLE001 (not our code; its text may hold values)
        raise InternalError(f"{file} failed with {type(error).__name__}.") from None
    if unknown := sorted(set(tables) - {table.name for table in dataset.tables}):
        raise DefinitionError(f"{file} gives the tables {unknown}, which dataset.yaml does not know.")
    equals_allowed = any(source.text_cells_beginning_with_equals for source in dataset.sources.values())
    sources.screen(tables, equals_allowed=equals_allowed)
    made = sources.with_margins(dataset, tables, codelists)
    keys = {table.name: table.primary_key for table in dataset.tables}
    accounts = (*reading.accounts, *_accounts(reading.tables, tables, keys))
    return replace(reading, tables=made, accounts=accounts)


def _accounts(
    before: Mapping[str, RawTable], after: Mapping[str, RawTable], keys: Mapping[str, tuple[str, ...]]
) -> Iterator[RowAccount]:
    """Rows before = rows after + those dropped − those made: the last are told with a minus."""
    for name, table in after.items():
        dropped, made = _moved(before[name].data if name in before else None, table.data, keys[name])
        if dropped or made:
            yield RowAccount("transform.py", name, "transform", dropped)
            yield RowAccount("transform.py", name, "transform_made", -made)
            yield RowAccount("transform.py", name, "out", table.data.num_rows)


def _moved(before: pa.Table | None, after: pa.Table, key: tuple[str, ...]) -> tuple[int, int]:
    """How many rows are gone and how many are new, by the primary key.

    Where the function itself makes a part of the key, no row of before can be known again: then only how many rows
    more or fewer there are can be told.
    """
    if before is None:
        return 0, after.num_rows
    if not {*key} <= {*before.column_names} & {*after.column_names}:
        more = after.num_rows - before.num_rows
        return max(-more, 0), max(more, 0)
    was, now = _counted(before, key, 1), _counted(after, key, -1)
    each = pa.concat_tables([was, now]).group_by([*key], use_threads=False).aggregate([("rows", "sum")])["rows_sum"]
    return int(pc.sum(pc.max_element_wise(each, 0)).as_py() or 0), int(
        -(pc.sum(pc.min_element_wise(each, 0)).as_py() or 0)
    )


def _counted(data: pa.Table, key: tuple[str, ...], each: int) -> pa.Table:
    texts = [data[name].cast(pa.string()) for name in key]
    return pa.table([*texts, pa.repeat(pa.scalar(each), data.num_rows)], names=[*key, "rows"])
