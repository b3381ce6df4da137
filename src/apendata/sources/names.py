"""Every column of an export is named by the definition: read, used, or ignored. Nothing else may be there."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from apendata.model import Dataset, Finding, Source, Table
from apendata.sources.codes import finding, refuse
from apendata.sources.grid import Grid
from apendata.sources.header import normal


@dataclass(frozen=True, slots=True)
class Names:
    """Where the named columns of one export stand: 0-based index, None where a column is absent for a stated reason."""

    indices: Mapping[str, int | None]
    findings: tuple[Finding, ...] = ()

    def find(self, name: str) -> int | None:
        """Index of a column by any accepted spelling."""
        return self.indices[normal(name)]

    def first(self, spellings: Iterable[str]) -> int | None:
        """Index of the spelling that the export uses."""
        return next((at for name in spellings if (at := self.find(name)) is not None), None)


def tables_of(dataset: Dataset, source: Source) -> list[Table]:
    """The tables that read a source."""
    return [table for table in dataset.tables if source.name in table.sources]


def unpivoted(grid: Grid, table: Table) -> list[int]:
    """Indices of the columns that a table turns into rows."""
    if table.unpivot is None:
        return []
    pattern = table.unpivot.pattern
    return [index for index, name in enumerate(grid.names) if name is not None and pattern.fullmatch(name)]


def named_columns(grid: Grid, dataset: Dataset, source: Source, header_row: int | None) -> Names:
    """Compare the export's columns with the definition's.

    Raises:
        SourceChanged: columns nobody named, named ones that are missing, two spellings of one, nothing to unpivot.
    """
    present = {name: index for index, name in enumerate(grid.names) if name is not None}
    tables = tables_of(dataset, source)
    groups = list(_groups(source, tables))
    ignored = {name for name in present if _is_ignored(name, source)}
    pivoted = {table.name: {grid.names[index] or "" for index in unpivoted(grid, table)} for table in tables}
    read = {spelling for group in groups for spelling in group}
    claimed = read.union(*pivoted.values())

    missing = list(_missing(groups, present, source))
    unknown = _told_by_place("unknown_columns", grid, header_row, present.keys() - claimed - ignored)
    # A misspelt header is both a name that is missing and one that nobody knows: what was meant is asked at its cell.
    meant = tuple(spelling for group in missing for spelling in group)
    found = [None if unknown is None else replace(unknown, cells=_headers(unknown), known=meant)]
    absent = _columns("missing_columns", grid, map(_either, missing))
    found.append(None if absent is None else replace(absent, samples=tuple(f"«{name}»" for name in present)))
    twice = set(_twice(present, tables, pivoted, claimed & ignored))
    found.append(_told_by_place("claimed_twice", grid, header_row, twice))
    found += [_two_spellings(grid, group, present) for group in groups]
    found += [
        finding("nothing_to_unpivot", [grid.place()], table=table.name)
        for table in tables
        if table.unpivot is not None and not pivoted[table.name]
    ]
    refuse([f for f in found if f is not None])
    return _located(grid, groups, present, source)


def _groups(source: Source, tables: list[Table]) -> Iterator[tuple[str, ...]]:
    """Spellings of each column that the definition reads or uses."""
    spelled = {tuple(map(normal, column.header)) for table in tables for column in table.columns if column.header}
    yield from sorted(spelled)
    known = {spelling for group in spelled for spelling in group}
    used = {normal(name) for name in _used(source, tables)}
    yield from ((name,) for name in sorted(used - known))


def _used(source: Source, tables: list[Table]) -> Iterator[str]:
    for rule in source.rows:
        yield from rule.where
    if source.only is not None:
        yield from source.only.where
    if source.version_column is not None:
        yield source.version_column
    for table in tables:
        if table.unpivot is not None and table.unpivot.row_total is not None:
            yield table.unpivot.row_total
        yield from (column.sign_from[0] for column in table.columns if column.sign_from is not None)


def _is_ignored(name: str, source: Source) -> bool:
    return any(
        (rule.column is not None and normal(rule.column) == name) or (rule.pattern and rule.pattern.fullmatch(name))
        for rule in source.ignore
    )


def _missing(groups: list[tuple[str, ...]], present: Mapping[str, int], source: Source) -> Iterator[tuple[str, ...]]:
    excused = {normal(name) for name in source.absent}
    yield from (group for group in groups if not present.keys() & set(group) and not excused & set(group))


def _twice(
    present: Mapping[str, int], tables: list[Table], pivoted: Mapping[str, set[str]], ignored: set[str]
) -> Iterator[str]:
    for name in sorted(present):
        plain = any(
            name in map(normal, column.header) and name in pivoted[table.name]
            for table in tables
            for column in table.columns
        )
        if name in ignored or plain:
            yield name


def _told_by_place(code: str, grid: Grid, header_row: int | None, names: Iterable[str]) -> Finding | None:
    """Headers that the definition does not spell out: where there is no header, they are cells with people's data."""
    wanted = set(names)
    indices = [index for index, name in enumerate(grid.names) if name in wanted]
    if not indices:
        return None
    places = [grid.header_place(index, header_row) for index in indices]
    samples = [f"«{grid.names[index]}»" for index in indices]
    return finding(code, places, samples=samples, columns=grid.positions(indices))


def _headers(unknown: Finding) -> tuple[str, ...]:
    """The unknown headers, one for each place: private, for they are cells where the header is missing."""
    return tuple(sample[1:-1] for sample in unknown.samples) if len(unknown.samples) == len(unknown.places) else ()


def _columns(code: str, grid: Grid, names: Iterable[str]) -> Finding | None:
    listed = list(names)
    return finding(code, [grid.place()], count=len(listed), columns=", ".join(listed)) if listed else None


def _two_spellings(grid: Grid, group: tuple[str, ...], present: Mapping[str, int]) -> Finding | None:
    here = [name for name in group if name in present]
    if len(here) < 2:
        return None
    places = [grid.place(None, present[name]) for name in here]
    return finding("two_spellings", places, column=group[0], columns=", ".join(f"«{name}»" for name in here))


def _either(group: tuple[str, ...]) -> str:
    return " / ".join(f"«{name}»" for name in group)


def _located(grid: Grid, groups: list[tuple[str, ...]], present: Mapping[str, int], source: Source) -> Names:
    indices: dict[str, int | None] = dict(present)
    notes = []
    reasons = {normal(name): because for name, because in source.absent.items()}
    for group in groups:
        at = next((present[name] for name in group if name in present), None)
        indices |= dict.fromkeys(group, at)
        if at is None:
            because = next(reasons[name] for name in group if name in reasons)
            notes.append(finding("column_absent", [grid.place()], column=group[0], because=because))
    return Names(indices, tuple(notes))
