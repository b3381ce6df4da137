"""Which resource a table's version belongs to: a new one where a reader of the old one would compute something wrong.

A table keeps its resource, with its id and address, until a change that its readers could not follow in place: another
type, key, unit, sign or price level, or a column that is gone or has moved. Then a new resource begins, and the old one
keeps the last table that it had. Other MAJOR changes (a period is gone, the licence is another) are news about the same
table and leave the resource be.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any, Final

from apendata.model import Version

Generations = Mapping[str, Mapping[int, Version]]
"""Table → generation → the newest version that has it; a generation bears the MAJOR that it began with."""

_MEANING: Final = ("name", "type", "decimals", "unit", "sign")


def generations(versions: Iterable[Version]) -> Generations:
    """Sort versions into generations of each table.

    The descriptors are compared and not the versions' own lists of changes: those count from a version that may have
    been withdrawn since.

    Args:
        versions: all that the public may see, in any order.
    """
    ordered = sorted(versions, key=lambda version: version.number)
    found: dict[str, dict[int, Version]] = {}
    for table in {resource["name"]: None for version in ordered for resource in version.descriptor["resources"]}:
        having = [version for version in ordered if _resource(version, table) is not None]
        begun = [having[0], *(new for old, new in pairwise(having) if _broken(old, new, table))]
        found[table] = {
            first.number.major: max((v for v in having if _between(first, v, begun)), key=lambda v: v.number)
            for first in begun
        }
    return found


def generation_of(found: Generations, table: str, version: Version) -> int:
    """Return the generation that a table has in a version: the newest one that had begun by then."""
    return max(number for number in found[table] if number <= version.number.major)


def _between(first: Version, version: Version, begun: list[Version]) -> bool:
    later = [other.number for other in begun if other.number > first.number]
    return first.number <= version.number and all(version.number < number for number in later)


def _broken(old: Version, new: Version, table: str) -> bool:
    was, now = _resource(old, table), _resource(new, table)
    if was is None or now is None:
        return True
    before, after = _columns(was), _columns(now)
    same_head = after[: len(before)] == before
    return not same_head or _frame(was) != _frame(now)


def _columns(resource: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    return [tuple(field.get(word) for word in _MEANING) for field in resource["schema"]["fields"]]


def _frame(resource: Mapping[str, Any]) -> tuple[Any, ...]:
    return (tuple(resource["schema"]["primaryKey"]), resource.get("priceLevel"))


def _resource(version: Version, table: str) -> Mapping[str, Any] | None:
    return next((part for part in version.descriptor["resources"] if part["name"] == table), None)
