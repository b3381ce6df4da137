"""A public reference date with hidden cells is frozen: a reader of two versions may not know more than of the last.

The audit sees one release. It speaks for all of them where this release shows everything that any version has shown of
the same part, unchanged: then nobody gains by looking at an older one. So a part in which a cell is or was hidden keeps
its rows and its shown counts; a part in which nothing ever was hidden may be revised freely. The alternative, an audit
of all versions as one system, would allow more and is not built yet.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from apendata.disclosure.keys import Key, keys, rows_found
from apendata.disclosure.linear import Bools
from apendata.disclosure.policy import HIDDEN, STATUS
from apendata.errors import DisclosureRefused
from apendata.model import History, Shown, Table

_CANNOT_OCCUR = "."


@dataclass(frozen=True, slots=True, repr=False)
class _Cell:
    """One count as a reader sees it."""

    part: Key
    said: object
    """The count, or ``.``, which says zero; None: she sees none."""
    hidden: bool


def check_frozen(
    group: Sequence[Table], data: Mapping[str, pa.Table], hidden: Mapping[str, Bools], history: History
) -> None:
    """Refuse a revision of what is public where a cell is hidden.

    Args:
        group: tables that count the same people, with the same ``per``.
        data: their rows, as yet unprotected.
        hidden: which rows will be hidden.
        history: what the public versions show.

    Raises:
        DisclosureRefused: in a part that has hidden cells now or had in a public version, a shown count differs, is
            gone or would be hidden, or a row is new.
    """
    now = {table.name: _cells(table, data[table.name], hidden[table.name]) for table in group}
    before = {t.name: [_before(t, shown) for shown in history.get(t.name, ())] for t in group}
    everything = [*now.values(), *(cells for versions in before.values() for cells in versions if cells is not None)]
    living = {cell.part for cells in now.values() for cell in cells.values()}
    frozen = living & {cell.part for cells in everything for cell in cells.values() if cell.hidden}
    for table in group:
        broken = sorted({k for cells in before[table.name] for k in _broken(cells, now[table.name], frozen)})
        if broken:
            raise DisclosureRefused(
                f"Table «{table.name}»: {len(broken)} counts of a reference date that is public are new, gone or "
                "differ from what a public version shows, or would be hidden. A date that is public is frozen while it "
                "has hidden cells, or old and new versions could be subtracted. Take back the revision, or publish it "
                "under a new reference date; revisions of such dates must wait for the audit over all versions.",
                findings=[rows_found("disclosure.frozen", table, broken)],
            )


def _before(table: Table, shown: Shown) -> Mapping[Key, _Cell] | None:
    """None: the version does not show this count under this key, so that nothing can be compared."""
    names = set(shown.data.column_names)
    if set(shown.key) != set(table.primary_key) or table.disclosure.value not in names:
        return None if shown.data.num_rows else {}
    return _cells(table, shown.data, None)


def _cells(table: Table, data: pa.Table, hidden: Bools | None) -> dict[Key, _Cell]:
    value = table.disclosure.value or ""
    marks = data[f"{value}{STATUS}"].to_pylist() if f"{value}{STATUS}" in data.column_names else [None] * data.num_rows
    hides = hidden.tolist() if hidden is not None else [False] * data.num_rows
    rows = zip(keys(data, table.primary_key), keys(data, table.disclosure.per), data[value].to_pylist(), strict=True)
    return {
        key: _cell(part, count, HIDDEN if hide and count is not None else mark)
        for (key, part, count), mark, hide in zip(rows, marks, hides, strict=True)
    }


def _cell(part: Key, count: object, mark: str | None) -> _Cell:
    if mark == HIDDEN:
        return _Cell(part, None, hidden=True)
    return _Cell(part, mark if count is None and mark == _CANNOT_OCCUR else count, hidden=False)


def _broken(before: Mapping[Key, _Cell] | None, now: Mapping[Key, _Cell], frozen: set[Key]) -> Iterator[Key]:
    if before is None:
        yield from (key for key, cell in now.items() if cell.part in frozen)
        return
    known = {cell.part for cell in before.values()}
    for key, cell in before.items():
        if cell.part in frozen and cell.said is not None and (key not in now or now[key].said != cell.said):
            yield key
    for key, cell in now.items():
        if cell.part in frozen & known and key not in before:
            yield key
