"""``method: suppression``: all tables of the same people together, one date after another."""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from apendata.disclosure.adversary import Adversary
from apendata.disclosure.cells import Block, Entry, build_block, name
from apendata.disclosure.keys import Key, keys
from apendata.disclosure.linear import Bools
from apendata.disclosure.policy import STATUS
from apendata.disclosure.secondary import suppress
from apendata.errors import DisclosureRefused
from apendata.model import SHOWN_PLACES, Finding, Table

# Of one date. Measured: 6 000 cells, a third of them protected, take two minutes.
_CELLS_LIMIT: Final = 10_000
_CANNOT_OCCUR: Final = "."


def hide_people(
    tables: Sequence[Table], data: Mapping[str, pa.Table], earlier: Mapping[str, Bools]
) -> Mapping[str, Bools]:
    """Return, per table, which rows to hide; certified for a reader of all these tables.

    ``tables`` count the same people; ``earlier`` holds, per table, the rows that were hidden before.

    Raises:
        DisclosureRefused: the tables are linked in a way that is not supported, contradict each other, are too large,
            or no pattern could be certified.
    """
    tops = _tops(tables)
    hidden = {table.name: np.zeros(data[table.name].num_rows, dtype=np.bool_) for table in tables}
    for entries in _dates(tables, data):
        _check_size(entries)
        block = build_block(entries, tops)
        kept = _marked(block, earlier)
        pattern = suppress(block, kept)
        _certify(block, pattern)
        for cell in np.flatnonzero(pattern):
            for entry in block.entries[cell]:
                hidden[entry.table][entry.row] = True
    return hidden


def _tops(tables: Sequence[Table]) -> list[frozenset[str]]:
    """Return the dimensions of the finest tables.

    Several of them are one system only if they hang together like a tree (Graham's reduction empties them): then any
    tables that agree in what they share come from some people. Otherwise the whole can say more than the pieces, and
    the audit would be too kind.
    """
    shapes = {frozenset(table.disclosure.dimensions) for table in tables}
    tops = [shape for shape in shapes if not any(shape < other for other in shapes)]
    if _reduce(tops):
        raise DisclosureRefused(
            f"The tables {sorted(t.name for t in tables)} count the same people by dimensions that are linked in a "
            "circle; what they tell together is not computed yet. Leave one of them out.",
            findings=[Finding("disclosure.link_unsupported", table=tables[0].name, count=len(tops))],
        )
    return sorted(tops, key=sorted)


def _reduce(tops: Sequence[frozenset[str]]) -> list[frozenset[str]]:
    left = list(tops)
    for _ in range(len(tops)):
        for shape in left:
            others = [other for other in left if other is not shape]
            shared = shape.intersection(frozenset().union(*others))
            if not others or any(shared <= other for other in others):
                left = others
                break
    return left


def _dates(tables: Sequence[Table], data: Mapping[str, pa.Table]) -> Iterator[list[Entry]]:
    dates: dict[Key, list[Entry]] = defaultdict(list)
    for table in tables:
        policy = table.disclosure
        dated = zip(keys(data[table.name], policy.per), _entries(table, data[table.name]), strict=True)
        for date, entry in dated:
            dates[date].append(entry)
    for date in sorted(dates):
        yield dates[date]


def _check_size(entries: Sequence[Entry]) -> None:
    if len(entries) > _CELLS_LIMIT:
        raise DisclosureRefused(
            f"Table «{entries[0].table}» and those of the same people have {len(entries)} cells at one date; at most "
            f"{_CELLS_LIMIT} can be made safe together. Publish fewer dimensions or coarser groups.",
            findings=[
                Finding(
                    "disclosure.too_large",
                    table=entries[0].table,
                    params={"cells": str(len(entries)), "limit": str(_CELLS_LIMIT)},
                )
            ],
        )


def _entries(table: Table, data: pa.Table) -> Iterator[Entry]:
    policy, totals = table.disclosure, table.margins.totals if table.margins else {}
    dimensions = sorted(policy.dimensions)
    statuses = data[f"{policy.value}{STATUS}"].to_pylist()
    counted = zip(keys(data, dimensions), data[policy.value].to_pylist(), statuses, strict=True)
    for row, (codes, value, status) in enumerate(counted):
        impossible = value is None and status == _CANNOT_OCCUR
        yield Entry(
            table=table.name,
            row=row,
            cell=tuple((d, code) for d, code in zip(dimensions, codes, strict=True) if totals.get(d) != code),
            value=0 if impossible else value,
            frozen=impossible,
            threshold=policy.threshold or 0,
        )


def _marked(block: Block, rows: Mapping[str, Bools]) -> Bools:
    return np.array([any(rows[e.table][e.row] for e in shown) for shown in block.entries], dtype=np.bool_)


def _certify(block: Block, pattern: Bools) -> None:
    """Let a reader who has seen nothing before try the pattern: what chose it has no say here."""
    unsafe = Adversary(block).unsafe(pattern)
    if unsafe:
        entries = list(itertools.chain.from_iterable(block.entries[cell] for cell in unsafe))
        raise DisclosureRefused(
            f"Table «{entries[0].table}»: {len(unsafe)} protected cells could not be shown to be safe, whatever "
            "else was hidden. Publish fewer dimensions or coarser groups.",
            findings=[
                Finding(
                    "disclosure.uncertified",
                    table=entries[0].table,
                    count=len(unsafe),
                    samples=tuple(name(block.cells[cell]) for cell in unsafe[:SHOWN_PLACES]),
                )
            ],
        )
