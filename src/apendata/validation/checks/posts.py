"""Law-given statements, re-calculated post by post; and two sides that must cancel.

The posts of bevilgningsoversikt drift and investering stand in budsjett- og regnskapsforskriften §§ 5-4 and 5-5; which
posts a sum is made of is written in the definition, as the regulation numbers them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import pyarrow.compute as pc

from apendata.model import Finding
from apendata.validation.checks.conditions import rows_meant
from apendata.validation.checks.exact import compare_sums, exact, scale_of, side
from apendata.validation.checks.subject import Subject

_TERM: Final = re.compile(r"\s*([+-]?)\s*(\w+)(?:\s*\.\.\s*(\w+))?\s*")
Terms = tuple[tuple[int, str, str | None], ...]
"""Sign, post, and the last post of a range."""


def read_terms(text: str) -> Terms | None:
    """Read «1..7 - 8 + 9», or return None where it is no such sum."""
    terms: list[tuple[int, str, str | None]] = []
    at = 0
    while at < len(text):
        found = _TERM.match(text, at)
        if not found or (terms and not found[1]):
            return None
        terms.append((-1 if found[1] == "-" else 1, found[2], found[3]))
        at = found.end()
    return tuple(terms) or None


def statement(subject: Subject) -> Iterator[Finding]:
    """In each group, every sum post is the sum of the posts that it is made of."""
    value, post, per = subject.column("value"), subject.column("post"), subject.columns("per")
    sums = {str(name): read_terms(str(text)) or () for name, text in subject.check.words["sums"].items()}
    within = subject.number("within")
    missing: list[tuple[int, str]] = []
    wrong: list[tuple[int, str]] = []
    unknown = 0
    for key, there in _groups(subject, value, post, per).items():
        named = ", ".join(f"{name}={part}" for name, part in zip(per, key, strict=True))
        for name, terms in sums.items():
            if name not in there:
                first = min(row for _, row in there.values())
                missing.append((first, f"{named}: {name}"))
                continue
            found, row = there[name]
            total = _total(terms, there)
            if found is None or total is None:
                unknown += 1
            elif abs(found - total) > within:
                wrong.append((row, f"{named}, {name}: {found} ≠ {total}"))
    yield from subject.found("post_missing", [r for r, _ in missing], post, samples=[t for _, t in missing])
    yield from subject.found("statement_differs", [r for r, _ in wrong], value, samples=[t for _, t in wrong])
    yield from subject.skipped(unknown)


def _groups(
    subject: Subject, value: str, post: str, per: Sequence[str]
) -> Mapping[tuple[Any, ...], dict[str, tuple[Decimal | None, int]]]:
    """Group → post → its amount and row; rows of one post in a group are added up."""
    data = subject.here.data
    amounts = exact(data[value], scale_of(data[value])).to_pylist()
    groups: dict[tuple[Any, ...], dict[str, tuple[Decimal | None, int]]] = {}
    columns = [data[name].to_pylist() for name in per]
    for row, (name, amount, *key) in enumerate(zip(data[post].to_pylist(), amounts, *columns, strict=True)):
        there = groups.setdefault(tuple(key), {})
        before, first = there.get(str(name), (Decimal(0), row))
        there[str(name)] = (None if amount is None or before is None else before + amount, first)
    return groups


def _total(terms: Terms, there: Mapping[str, tuple[Decimal | None, int]]) -> Decimal | None:
    """The sum of the posts; one that the group does not have is nothing, as the regulation lets it be left out."""
    total = Decimal(0)
    for sign, first, last in terms:
        posts = [first] if last is None else [name for name in there if _is_between(name, first, last)]
        for name in posts:
            amount = there.get(name, (Decimal(0), 0))[0]
            if amount is None:
                return None
            total += sign * amount
    return total


def _is_between(name: str, first: str, last: str) -> bool:
    return _order(first) <= _order(name) <= _order(last)


def _order(post: str) -> tuple[int, str]:
    """«24a» stands between «24» and «25»."""
    found = re.match(r"(\d*)(.*)", post)
    return (int(found[1]) if found and found[1] else 0, found[2] if found else "")


def cancels(subject: Subject) -> Iterator[Finding]:
    """In each group, the rows of the first side and those of the second add up to zero, as art 570 and 970 must."""
    value, per = subject.column("value"), subject.columns("per")
    first = rows_meant(subject.here, subject.conditions("first"))
    second = rows_meant(subject.here, subject.conditions("second"))
    turned = subject.here.data.set_column(
        subject.here.data.column_names.index(value), value, pc.negate(subject.here.data[value])
    )
    compared = compare_sums(side(subject.here.data, per, value, first), side(turned, per, value, second))
    told = compared.pick(compared.differing(subject.number("within"), subject.number("rounded_to")))
    rows = [group.first_here if group.first_here is not None else group.first_there for group in told]
    samples = [
        ", ".join([*(f"{n}={k}" for n, k in zip(per, g.keys, strict=True)), f"{g.here} + {-g.there} ≠ 0"]) for g in told
    ]
    yield from subject.found("not_cancelled", [row for row in rows if row is not None], value, samples=samples)
    yield from subject.skipped(compared.known.length() - (pc.sum(compared.known).as_py() or 0))
