"""What other datasets need to know of one, read without checking the rest: its domain, its tables, its people.

Names of tables and of record sets belong to the whole catalog, so every load looks at every definition; each file is
parsed once a process, as long as it does not change.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from apendata.catalog.yaml_lines import load
from apendata.errors import DefinitionError


@dataclass(frozen=True, slots=True)
class Outline:
    """The words of one definition that touch others; empty where they cannot be read."""

    domain: str | None = None
    tables: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()


def outline(file: Path) -> Outline:
    """Read one definition's outline. A broken definition has an empty one; its own load says what is wrong."""
    try:
        state = file.stat()
    except OSError:
        return Outline()
    return _read(file, state.st_mtime_ns, state.st_size)


def refuse_shared_names(dataset_id: str, files: Iterable[Path]) -> None:
    """Refuse a dataset that shares a table's name, or people, with another one in ``files``.

    Both are refused: who is right is not ours to guess. Readers of a catalog address tables by name, and tables of the
    same people give each other away unless they are protected together, which only one dataset's tables are.

    Raises:
        DefinitionError: naming the other dataset.
    """
    outlines = {file.parent.name: (file, outline(file)) for file in files}
    mine_file, mine = outlines.pop(dataset_id)
    for other_id, (_, other) in sorted(outlines.items()):
        for name in sorted(mine.tables & other.tables):
            raise DefinitionError(
                f"{mine_file}: the table «{name}» is also a table of «{other_id}». Table names are unique in the whole "
                "catalog; rename one of them."
            )
        for name in sorted(mine.people & other.people):
            raise DefinitionError(
                f"{mine_file}: `people: {name}` is also counted by «{other_id}». Tables of the same people must be in "
                "one dataset, where they are protected together."
            )


@lru_cache(maxsize=4096)
def _read(file: Path, _changed: int, _size: int) -> Outline:
    try:
        words = load(file).value
    except DefinitionError:
        return Outline()
    if not isinstance(words, dict):
        return Outline()
    tables = words.get("tables")
    domain = words.get("domain")
    return Outline(
        domain=domain if isinstance(domain, str) else None,
        tables=frozenset(tables) if isinstance(tables, dict) else frozenset(),
        people=frozenset(_people(tables)),
    )


def _people(tables: Any) -> Iterator[str]:
    for table in tables.values() if isinstance(tables, dict) else ():
        policy = table.get("disclosure") if isinstance(table, dict) else None
        people = policy.get("people") if isinstance(policy, dict) else None
        if isinstance(people, str):
            yield people
