"""A dataset's own pure function, called as what it is: foreign code between two strict stages."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from apendata import sources
from apendata.errors import DefinitionError, InternalError
from apendata.model import Dataset, RawTable, Reading, RowAccount


def transformed(dataset: Dataset, reading: Reading, codelists: Mapping[str, RawTable]) -> Reading:
    """Apply the dataset's ``transform.py``, if it has one; tables of margins are then made from what it gave.

    Rows that it adds or drops are accounted for under the rule ``transform``, and what it gives is screened like an
    export: nothing gets past the reader's rules by being made here.

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
    accounts = (*reading.accounts, *_accounts(reading.tables, tables))
    return replace(reading, tables=made, accounts=accounts)


def _accounts(before: Mapping[str, RawTable], after: Mapping[str, RawTable]) -> Iterator[RowAccount]:
    for name, table in after.items():
        had = before[name].data.num_rows if name in before else 0
        gone = had - table.data.num_rows
        if gone:
            yield RowAccount("transform.py", name, "transform", gone)
            yield RowAccount("transform.py", name, "out", table.data.num_rows)
