"""How a difference touches an unchanged, correct reader: one table of rules, and what of it two contracts tell.

MAJOR: the reader may fail or silently compute something wrong. MINOR: something is added, what was there keeps its
value and meaning. RELEASE: rows or values under the same contract. The class is computed and never lowered by hand.

A contract is what ``describe.contract`` returns: a Data Package without version and files. What two sets of rows tell
is in :mod:`apendata.lake.classify_rows`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from apendata.model import Change, ChangeClass, VersionNumber

MAJOR: Final = ChangeClass.MAJOR
MINOR: Final = ChangeClass.MINOR
RELEASE: Final = ChangeClass.RELEASE
NOTHING: Final[Mapping[str, str]] = {}
PREDECESSOR: Final = "predecessor_withdrawn"
ACCEPTED: Final = "difference_accepted"


RULES: Final[Mapping[str, ChangeClass]] = {
    # rows and cells
    "rows_appended": RELEASE,  # new periods or late rows
    "values_revised": RELEASE,  # published values have changed; each stands in changes.csv
    "values_hidden": RELEASE,  # values are hidden that were not; the old numbers are not repeated
    "values_shown": RELEASE,  # values stand open that were hidden
    "rows_removed": RELEASE,  # at most 1 % of the rows are gone; each key stands in changes.csv
    "many_rows_removed": MAJOR,  # more than 1 % of the rows are gone
    "period_removed": MAJOR,  # all rows of a period are gone
    "code_added": MINOR,  # a dimension has a new code
    "code_removed": MAJOR,  # a code is gone: filters and joins on it find nothing
    # the version before is withdrawn: what differs from it is not told, and the class is that of what differs
    PREDECESSOR: RELEASE,
    ACCEPTED: RELEASE,  # more had changed than is usual: somebody has looked at it, and says why it is right
    # the contract
    "label_changed": MINOR,  # a code has a new label
    "table_added": MINOR,  # a new table
    "table_removed": MAJOR,  # a table is gone
    "file_added": MINOR,  # a table comes in one more format
    "file_removed": MAJOR,  # a format of a table is gone: its address answers no more
    "column_added": MINOR,  # a new column after all others
    "column_inserted": MAJOR,  # a new column before others: readers by position take the wrong one
    "columns_reordered": MAJOR,  # columns have changed places
    "column_removed": MAJOR,  # a column is gone, or has a new name
    "type_changed": MAJOR,  # type or number of decimals: also a wider type breaks typed readers
    "unit_changed": MAJOR,  # the same number means another amount
    "sign_changed": MAJOR,  # the same number means the opposite
    "price_level_changed": MAJOR,  # amounts are in another year's prices
    "primary_key_changed": MAJOR,  # the grain: rows multiply or merge, sums double
    "foreign_key_removed": MAJOR,  # a link between tables no longer holds, or leads elsewhere
    "null_allowed": MAJOR,  # values may be missing where they never were
    "null_forbidden": RELEASE,  # values are never missing any more
    "uniqueness_dropped": MAJOR,  # values may repeat where they never did: joins multiply
    "range_widened": MINOR,  # values may lie outside of the old limits
    "range_narrowed": RELEASE,  # a promise more about the values
    "status_meaning_changed": MAJOR,  # a mark for hidden or missing values means something else
    "protection_changed": MAJOR,  # what a hidden value may be is another set of numbers
    "field_described_anew": MINOR,  # title or description of a column; a changed meaning needs a new column
    "encoding_changed": MAJOR,  # encoding, delimiter or format of the files
    "licence_changed": MAJOR,  # other terms of use
    "metadata_changed": RELEASE,  # title, description, contact, keywords, notes
}

_ORDER: Final = (ChangeClass.NONE, RELEASE, MINOR, MAJOR)
_RANGE: Final = {"minimum": 1, "minLength": 1, "maximum": -1, "maxLength": -1, "pattern": 0}
"""Constraint → sign of a difference that narrows it; 0: nobody can compute which is narrower."""
_FIELD_TEXTS: Final = ("title", "title_en", "description", "description_en")
_FILE_WORDS: Final = ("format", "mediatype", "encoding", "dialect")
_PROTECTION: Final = ("method", "field", "threshold", "derived", "table")
_PLACES: Final = 10

Contract = Mapping[str, Any]
Field = Mapping[str, Any]


def change(
    rule: str,
    table: str | None = None,
    field: str | None = None,
    *,
    count: int = 1,
    details: Mapping[str, str] = NOTHING,
) -> Change:
    """Return a change of the class that its rule has."""
    return Change(rule, RULES[rule], table, field, count, dict(details))


def level_of(changes: Iterable[Change]) -> ChangeClass:
    """Return the gravest class among changes; NONE where there is none."""
    return max((part.level for part in changes), key=_ORDER.index, default=ChangeClass.NONE)


def number_after(previous: VersionNumber | None, changes: Iterable[Change]) -> VersionNumber:
    """Return the number of the version that these changes make; ``previous`` None: the first, 1.0.0.

    Raises:
        ValueError: there is no change, so there is no new version.
    """
    if previous is None:
        return VersionNumber(1, 0, 0)
    level = level_of(changes)
    if level is MAJOR:
        return VersionNumber(previous.major + 1, 0, 0)
    if level is MINOR:
        return VersionNumber(previous.major, previous.minor + 1, 0)
    if level is RELEASE:
        return VersionNumber(previous.major, previous.minor, previous.release + 1)
    raise ValueError("no change, no version")


def compare_contracts(old: Contract, new: Contract) -> tuple[Change, ...]:
    """Return what differs between two contracts; empty exactly when they are equal."""
    found = tuple(_contract_changes(old, new))
    return found or ((change("metadata_changed"),) if old != new else ())


def _contract_changes(old: Contract, new: Contract) -> Iterator[Change]:
    if old.get("licenses") != new.get("licenses"):
        yield change("licence_changed")
    if _rest(old, ("licenses", "resources")) != _rest(new, ("licenses", "resources")):
        yield change("metadata_changed")
    was, now = _by_name(old["resources"]), _by_name(new["resources"])
    yield from (change("table_removed", name) for name in was if name not in now)
    yield from (change("table_added", name) for name in now if name not in was)
    for name in now:
        if name in was and was[name] != now[name]:
            yield from _resource_changes(name, was[name], now[name])


def _resource_changes(table: str, old: Contract, new: Contract) -> Iterator[Change]:
    if any(old.get(word) != new.get(word) for word in _FILE_WORDS):
        yield change("encoding_changed", table)
    if old.get("priceLevel") != new.get("priceLevel"):
        yield change("price_level_changed", table)
    if _part(old.get("disclosure", {}), _PROTECTION) != _part(new.get("disclosure", {}), _PROTECTION):
        yield change("protection_changed", table)
    handled = (*_FILE_WORDS, "priceLevel", "disclosure", "schema")
    notes = [_rest(side.get("disclosure", {}), _PROTECTION) for side in (old, new)]
    if _rest(old, handled) != _rest(new, handled) or notes[0] != notes[1]:
        yield change("metadata_changed", table)
    yield from _schema_changes(table, old["schema"], new["schema"])


def _schema_changes(table: str, old: Contract, new: Contract) -> Iterator[Change]:
    yield from _column_changes(table, [f["name"] for f in old["fields"]], [f["name"] for f in new["fields"]])
    if list(old["primaryKey"]) != list(new["primaryKey"]):
        yield change("primary_key_changed", table)
    yield from _foreign_key_changes(table, old, new)
    if old.get("missingValues") != new.get("missingValues"):
        yield change("status_meaning_changed", table)
    was, now = _by_name(old["fields"]), _by_name(new["fields"])
    for name in now:
        if name in was and was[name] != now[name]:
            yield from _field_changes(table, was[name], now[name])


def _column_changes(table: str, old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    """Columns that are gone, new at the end, new elsewhere, or in another order."""
    yield from (change("column_removed", table, name) for name in old if name not in new)
    kept = [name for name in new if name in old]
    last_kept = max((new.index(name) for name in kept), default=-1)
    for position, name in enumerate(new):
        if name not in old:
            yield change("column_added" if position > last_kept else "column_inserted", table, name)
    if kept != [name for name in old if name in new]:
        yield change("columns_reordered", table)


def _foreign_key_changes(table: str, old: Contract, new: Contract) -> Iterator[Change]:
    was, now = ([*s.get("foreignKeys", ()), *s.get("externalForeignKeys", ())] for s in (old, new))
    gone = sum(key not in now for key in was)
    if gone:
        yield change("foreign_key_removed", table, count=gone)
    elif len(now) > len(was):
        yield change("range_narrowed", table, count=len(now) - len(was))


def _field_changes(table: str, old: Field, new: Field) -> Iterator[Change]:
    name = new["name"]
    is_mark = name.endswith(("_status", "_flagg"))
    if any(old.get(word) != new.get(word) for word in ("type", "format", "decimals")):
        yield change("type_changed", table, name, details=_both("type", old, new))
    if old.get("unit") != new.get("unit"):
        yield change("unit_changed", table, name, details=_both("unit", old, new))
    if old.get("sign") != new.get("sign"):
        yield change("sign_changed", table, name, details=_both("sign", old, new))
    labels = _changed_labels(old, new)
    if labels:
        rule = "status_meaning_changed" if is_mark else "label_changed"
        yield change(rule, table, name, count=len(labels), details={"codes": listed(labels)})
    if any(old.get(word) != new.get(word) for word in _FIELD_TEXTS):
        yield change("status_meaning_changed" if is_mark else "field_described_anew", table, name)
    yield from _constraint_changes(table, old, new)


def _constraint_changes(table: str, old: Field, new: Field) -> Iterator[Change]:
    name = new["name"]
    was, now = old.get("constraints", {}), new.get("constraints", {})
    if bool(was.get("required")) != bool(now.get("required")):
        yield change("null_allowed" if was.get("required") else "null_forbidden", table, name)
    if bool(was.get("unique")) != bool(now.get("unique")):
        yield change("uniqueness_dropped" if was.get("unique") else "range_narrowed", table, name)
    wider = {_is_wider(word, was.get(word), now.get(word)) for word in _RANGE if was.get(word) != now.get(word)}
    if True in wider:
        yield change("range_widened", table, name)
    elif False in wider:
        yield change("range_narrowed", table, name)
    yield from _code_changes(table, old, new)


def _is_wider(word: str, old: Any, new: Any) -> bool:
    """Whether a changed limit lets more through; where nobody can tell, it does."""
    if old is None or new is None:
        return new is None
    sign = _RANGE[word]
    return not ((new > old and sign > 0) or (new < old and sign < 0)) if sign else True


def _code_changes(table: str, old: Field, new: Field) -> Iterator[Change]:
    """Codes that a field may have. A list where there was none narrows; one that is dropped lets anything in."""
    was, now = declared_codes(old), declared_codes(new)
    if was is None or now is None:
        if was is not None or now is not None:
            yield change("range_narrowed" if was is None else "range_widened", table, new["name"])
        return
    gone, added = sorted(was - now), sorted(now - was)
    if gone:
        yield change("code_removed", table, new["name"], count=len(gone), details={"codes": listed(gone)})
    if added:
        yield change("code_added", table, new["name"], count=len(added), details={"codes": listed(added)})


def declared_codes(field: Field) -> frozenset[str] | None:
    """Return the codes that a field's schema lists, as texts; None where it lists none."""
    codes = field.get("constraints", {}).get("enum") or field.get("labels")
    return frozenset(str(code) for code in codes) if codes else None


def listed(codes: Sequence[str]) -> str:
    """Return codes as one text, the first ones where there are many."""
    return ", ".join(codes[:_PLACES]) + (" …" if len(codes) > _PLACES else "")


def _changed_labels(old: Field, new: Field) -> list[str]:
    was, now = old.get("labels", {}), new.get("labels", {})
    return sorted(code for code in was if code in now and was[code] != now[code])


def _both(word: str, old: Field, new: Field) -> dict[str, str]:
    return {"old": str(old.get(word, "")), "new": str(new.get(word, ""))}


def _by_name(parts: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {part["name"]: part for part in parts}


def _rest(part: Mapping[str, Any], without: Sequence[str]) -> dict[str, Any]:
    return {word: value for word, value in part.items() if word not in without}


def _part(part: Mapping[str, Any], words: Sequence[str]) -> dict[str, Any]:
    return {word: part.get(word) for word in words}
