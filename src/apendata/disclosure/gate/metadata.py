"""Every text beside the tables: names of files, tables and columns, titles, descriptions, labels, notes, contact.

The descriptor of a version holds them all, and what a portal shows is made of it. Allowed by nature are, each in its
own field and nowhere else: the publisher's organisation number and its address in Enhetsregisteret, and the office's
e-mail address and telephone number.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from apendata.disclosure.gate.refusal import FORMULA_TOLD, IDENTIFIER_TOLD
from apendata.disclosure.gate.triggers import would_run
from apendata.identifiers import Kind, kinds_in, without_identifiers
from apendata.model import Finding

_Path = tuple[str, ...]
_BY_NATURE: Final[Mapping[tuple[str, str], frozenset[Kind]]] = {
    ("publisher", "organizationNumber"): frozenset({"organisation_number"}),
    ("publisher", "registerEntry"): frozenset({"organisation_number"}),
    ("contact", "email"): frozenset({"email"}),
    ("contact", "phone"): frozenset({"phone"}),
}
"""(role of a contributor, field) → the kinds that this field is there for."""
_NOTHING: Final[frozenset[Kind]] = frozenset()
_NO_CELLS: Final = frozenset({"changes", "dialect", "pattern"})
"""Begins with what it likes: codes and periods of two versions, a line's end, a regular expression."""


def found_in_metadata(descriptor: Mapping[str, Any], more: Iterable[str] = ()) -> tuple[Finding, ...]:
    """Look at every text of a descriptor, keys and values.

    Args:
        descriptor: ``datapackage.json`` or the contract that it is made of.
        more: other texts that are published with it, such as the reasons of revisions.

    Returns:
        Errors, with the place in the descriptor and the number of texts.
    """
    told = Counter(
        found
        for path, text, allowed in (*_texts(descriptor, ()), *((("reasons",), text, _NOTHING) for text in more))
        for found in _found(path, text, allowed)
    )
    return tuple(
        Finding(code, count=count, params={"where": where, **({"found": kind} if kind else {})})
        for (code, where, kind), count in sorted(told.items())
    )


def identifies(text: str) -> bool:
    """Whether anything stands in a text that identifies a person or a business."""
    return bool(kinds_in(text))


def _found(path: _Path, text: str, allowed: frozenset[Kind]) -> Iterator[tuple[str, str, str]]:
    where = ".".join(path)
    for kind in sorted(kinds_in(text) - allowed):
        yield IDENTIFIER_TOLD, where, kind
    if would_run(text) and not (allowed or _NO_CELLS & set(path)):
        yield FORMULA_TOLD, where, ""


def _texts(part: Any, path: _Path, role: str = "") -> Iterator[tuple[_Path, str, frozenset[Kind]]]:
    """Every text with its place. Items of a list are told by their names, keys of labels are values themselves."""
    if isinstance(part, Mapping):
        role = next(iter(part.get("roles", ())), role)
        for key, value in part.items():
            yield path, str(key), _NOTHING
            yield from _texts(value, (*path, without_identifiers(str(key))), role)
    elif isinstance(part, list | tuple):
        for item in part:
            name = item.get("name") if isinstance(item, Mapping) else None
            yield from _texts(item, path if name is None else (*path, without_identifiers(str(name))), role)
    elif isinstance(part, str):
        yield path, part, _BY_NATURE.get((role, path[-1] if path else ""), _NOTHING)
    elif isinstance(part, int | float) and "enum" in path:
        yield path, str(abs(part)), _NOTHING  # a typed number may begin with minus
