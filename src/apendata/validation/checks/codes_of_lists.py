"""Codes against a code list with periods of validity: is it there, does it hold at that date, is it called that."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from apendata.errors import DefinitionError
from apendata.model import Finding
from apendata.validation.checks.conditions import rows_meant
from apendata.validation.checks.subject import Subject, as_text


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a code list."""

    name: str | None
    first: str
    """First and last day (or year) of validity, as ISO texts; "" where there is no such bound."""
    last: str
    meant: bool
    """Whether it is one of those that the check asks for (``only``)."""

    def holds(self, when: str) -> bool:
        """Whether it holds at a date; beside a year, bounds are compared by their years."""
        width = len(when)
        return (not self.first or self.first[:width] <= when) and (not self.last or when <= self.last[:width])


@dataclass(frozen=True, slots=True, repr=False)
class _Asked:
    """What some rows say alike."""

    rows: list[int]
    code: str
    called: str | None
    dates: tuple[str, ...]
    """The dates at one of which the code must hold; none: at any."""


def in_code_list(subject: Subject) -> Iterator[Finding]:
    """Every code stands in the list, holds at the row's date, is one of those asked for and has the list's name.

    A plan is written in the codes of its first year and keeps them in the years after, which nobody has charted yet:
    with ``or_at_first_of`` a code may also hold at the first date of the row's group.
    """
    entries = _entries(subject)
    told: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for asked in _asked(subject):
        wrong = _wrong(asked, entries.get(asked.code, ()))
        if wrong:
            code, text = wrong
            told[code] += [(row, text) for row in asked.rows]
    column, name = subject.column("code"), str(subject.check.words.get("name"))
    for code, where in (
        ("code_not_in_list", column),
        ("code_outside_period", column),
        ("code_not_meant_here", column),
        ("code_name_differs", name),
    ):
        wrongs = sorted(told[code])
        found = subject.found(code, [row for row, _ in wrongs], where, samples=[text for _, text in wrongs])
        if code == "code_not_in_list":
            found = (replace(one, known=tuple(entries)) for one in found)
        yield from found


def _wrong(asked: _Asked, known: Sequence[Entry]) -> tuple[str, str] | None:
    """The finding that a code gives, and what is told of it; None where it is right."""
    if not known:
        return "code_not_in_list", asked.code
    valid = [entry for entry in known if not asked.dates or any(map(entry.holds, asked.dates))]
    if not valid:
        return "code_outside_period", f"{asked.code} ({asked.dates[0]})"
    meant = [entry for entry in valid if entry.meant]
    if not meant:
        return "code_not_meant_here", asked.code
    if asked.called is not None and asked.called not in {entry.name for entry in meant}:
        return "code_name_differs", f"{asked.code}: «{asked.called}» ≠ «{meant[0].name}»"
    return None


def _asked(subject: Subject) -> Iterator[_Asked]:
    """What the rows that are meant say, each combination once: a ledger of a million rows has a few thousand."""
    words, data = subject.check.words, subject.here.data
    code, name, at = subject.column("code"), words.get("name"), words.get("at")
    groups = subject.columns("or_at_first_of") if "or_at_first_of" in words else ()
    said = list(dict.fromkeys(column for column in (code, name, at, *groups) if column))
    rows = rows_meant(subject.here, subject.conditions("where"))
    numbered = pa.table(
        [*(data[column].take(rows) for column in said), rows], names=[*map(str, range(len(said))), "row"]
    )
    alike = numbered.group_by(numbered.column_names[:-1], use_threads=False).aggregate([("row", "list")])
    firsts = _first_of_groups(data, groups, str(at)) if groups else {}
    for *values, numbers in zip(*(column.to_pylist() for column in alike.columns), strict=True):
        row = dict(zip(said, values, strict=True))
        when = None if at is None else row[str(at)]
        if row[code] is not None:
            dates = (when, firsts.get(tuple(row[group] for group in groups)))
            own = tuple(dict.fromkeys(_text(date) or "" for date in dates if date is not None))
            yield _Asked(numbers, _text(row[code]) or "", None if name is None else row[str(name)], own)


def _first_of_groups(data: pa.Table, groups: Sequence[str], at: str) -> dict[tuple[Any, ...], Any]:
    """Group → its first date, over all rows of the table."""
    first: dict[tuple[Any, ...], Any] = {}
    columns = list(dict.fromkeys([*groups, at]))
    for row in data.select(columns).group_by(columns, use_threads=False).aggregate([]).to_pylist():
        key, date = tuple(row[group] for group in groups), row[at]
        if date is not None:
            first[key] = min(date, first.get(key, date))
    return first


def _entries(subject: Subject) -> dict[str, tuple[Entry, ...]]:
    """Code → its entries; a list of this dataset's tables, or one that the definition uses from another dataset."""
    words: Mapping[str, Any] = subject.check.words["list"]
    only = {name: _text(value) for name, value in subject.check.words.get("only", {}).items()}
    rows = _list_rows(subject, words, [words[word] for word in ("code", "name", "from", "to") if word in words], only)
    nothing = [None] * len(rows[words["code"]])
    codes, names, firsts, lasts = (rows[words[w]] if w in words else nothing for w in ("code", "name", "from", "to"))
    meant = [[_text(value) == text for value in rows[name]] for name, text in only.items()]
    entries: defaultdict[str, tuple[Entry, ...]] = defaultdict(tuple)
    for row, (code, name, first, last) in enumerate(zip(codes, names, firsts, lasts, strict=True)):
        entry = Entry(name, _text(first) or "", _text(last) or "", all(column[row] for column in meant))
        entries[str(code)] += (entry,)
    return dict(entries)


def _list_rows(
    subject: Subject, words: Mapping[str, Any], columns: Sequence[str], only: Iterable[str]
) -> Mapping[str, list[Any]]:
    if "table" in words:
        data = subject.tables[words["table"]].data
    else:
        data = subject.codelists[words["codelist"]].data
        for name in (*columns, *only):
            if name not in data.column_names:  # only the reading of another dataset's list shows its columns
                message = f"table «{subject.here.rules.table.name}»: the code list «{words['codelist']}» has no column"
                raise DefinitionError(f"{message} «{name}». It has: {', '.join(data.column_names)}.")
    found: dict[str, list[Any]] = data.to_pydict()
    return found


def _text(value: object) -> str | None:
    """A value as the published file has it."""
    return None if value is None else as_text(value)
