"""What other datasets need to know of one, read without checking the rest: its domain and its tables.

Names of tables belong to the whole catalog, so every load looks at every definition; each file is
parsed once a process, as long as it does not change.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from apendata.catalog.yaml_lines import load
from apendata.errors import DefinitionError


@dataclass(frozen=True, slots=True)
class Outline:
    """The words of one definition that touch others; empty where they cannot be read."""

    domain: str | None = None
    tables: frozenset[str] = frozenset()


def outline(file: Path) -> Outline:
    """Read one definition's outline. A broken definition has an empty one; its own load says what is wrong."""
    try:
        state = file.stat()
    except OSError:
        return Outline()
    return _read(file, state.st_mtime_ns, state.st_size)


def refuse_shared_names(dataset_id: str, files: Iterable[Path]) -> None:
    """Refuse a dataset that shares a table's name with another one in ``files``.

    Both are refused: who is right is not ours to guess. Readers of a catalog address tables by name. Two datasets may
    count the same people; every release is audited with all of them.

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
    )
