"""Files that lie where exports are looked for and are none of them: a whole file is not skipped silently either."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from apendata.model import Dataset, Finding, Place, Snapshot
from apendata.sources.identity import without_numbers
from apendata.sources.paths import example, folders, is_address

PASSED_OVER: Final = (".*", "~$*", "README*", "LESMEG*", "Thumbs.db", "desktop.ini", "make_sample.py")
"""No exports, by name: hidden files, what an open workbook leaves beside itself, what tells of the folder, what an
operating system puts there, and the maker of a sample. All else is told; to guess by the ending what may be an export
was rejected, since a wrong ending is one of the mistakes."""


def strangers(dataset: Dataset, root: Path, snapshots: Iterable[Snapshot]) -> tuple[Finding, ...]:
    """Say which files in the folders of a dataset's sources no source's path names.

    Args:
        dataset: whose sources they are.
        root: the folder in which its exports were looked for.
        snapshots: what was found there.
    """
    found = {snapshot.file for snapshot in snapshots}
    names = sorted(file.relative_to(root).as_posix() for file in _files(dataset, root) - found)
    if not names:
        return ()
    expected = ", ".join(dict.fromkeys(example(s) for s in dataset.sources.values() if not is_address(s.path)))
    places = tuple(Place(without_numbers(name)) for name in names)
    return (Finding("file_not_read", "warning", count=len(names), places=places, params={"expected": expected}),)


def _files(dataset: Dataset, root: Path) -> set[Path]:
    local = (source for source in dataset.sources.values() if not is_address(source.path))
    inside = {folder for source in local for folder in folders(root, source)}
    files = (file for folder in inside for file in folder.iterdir() if file.is_file())
    return {file for file in files if not any(fnmatchcase(file.name, name) for name in PASSED_OVER)}
