"""Codes against a code list with periods of validity: is it there, does it hold at that date, is it called that."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from apendata.model import Finding, RawTable
from apendata.validation.checks.subject import Subject

Entry = tuple[str | None, str, str]
"""Name, first and last day (or year) of validity, as ISO texts; "" where there is no such bound."""


def in_code_list(subject: Subject) -> Iterator[Finding]:
    """Every code stands in the list, holds at the row's date and has the list's name there."""
    words = subject.check.words
    entries = _entries(subject, words["list"])
    column, name, at = str(words["code"]), words.get("name"), words.get("at")
    unknown, outside, other = [], [], []
    for row, (code, called, when) in enumerate(_rows(subject.here.data, column, name, at)):
        if code is None:
            continue
        known = entries.get(code, ())
        valid = [entry for entry in known if when is None or _holds(entry, when)]
        if not known:
            unknown.append((row, code))
        elif not valid:
            outside.append((row, f"{code} ({when})"))
        elif called is not None and called not in {entry[0] for entry in valid}:
            other.append((row, f"{code}: «{called}» ≠ «{valid[0][0]}»"))
    for finding_code, told, where in (
        ("code_not_in_list", unknown, column),
        ("code_outside_period", outside, column),
        ("code_name_differs", other, str(name)),
    ):
        found = subject.found(finding_code, [row for row, _ in told], where, samples=[text for _, text in told])
        if finding_code == "code_not_in_list":
            found = (replace(one, known=tuple(entries)) for one in found)
        yield from found


def _rows(data: pa.Table, column: str, name: object, at: object) -> Iterator[tuple[str | None, str | None, str | None]]:
    nothing = [None] * data.num_rows
    codes = data[column].to_pylist()
    names = data[str(name)].to_pylist() if name else nothing
    dates = data[str(at)].to_pylist() if at else nothing
    for code, called, when in zip(codes, names, dates, strict=True):
        yield (None if code is None else str(code)), called, (None if when is None else str(when))


def _entries(subject: Subject, words: Mapping[str, Any]) -> dict[str, tuple[Entry, ...]]:
    """Code → its entries; a list of this dataset's tables, or one that the definition uses from another dataset."""
    rows = _list_rows(subject, words)
    columns = [words["code"], words.get("name"), words.get("from"), words.get("to")]
    texts = [[None] * len(rows[words["code"]]) if name is None else rows[name] for name in columns]
    entries: dict[str, tuple[Entry, ...]] = {}
    for code, name, first, last in zip(*texts, strict=True):
        entry = (name, "" if first is None else str(first), "" if last is None else str(last))
        entries[str(code)] = (*entries.get(str(code), ()), entry)
    return entries


def _list_rows(subject: Subject, words: Mapping[str, Any]) -> Mapping[str, list[Any]]:
    if "table" in words:
        rows: dict[str, list[Any]] = subject.tables[words["table"]].data.to_pydict()
        return rows
    found: RawTable = subject.codelists[words["codelist"]]
    listed: dict[str, list[Any]] = found.data.to_pydict()
    return listed


def _holds(entry: Entry, when: str) -> bool:
    """Whether an entry holds at a date; beside a year, bounds are compared by their years."""
    _, first, last = entry
    width = len(when)
    return (not first or first[:width] <= when) and (not last or when <= last[:width])
