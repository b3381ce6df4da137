"""Files that appear whole or not at all: folders named by their content, links moved by one rename, locks.

Nothing here is written when it already stands. Locks are taken on folders (``flock`` works on any open file), so that
no lock file lies in the tree that the public reads, and the kernel gives them back when a process is killed.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

HALF_WRITTEN: Final = ".new-"
"""Prefix of what is not yet in its place."""
FILE_MODE: Final = 0o644
FOLDER_MODE: Final = 0o755
"""All here is for everybody to read, whatever the umask of the account that works at night."""


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold ``folder`` against other processes and threads; wait for whoever holds it now."""
    _make(folder)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def content_name(files: Mapping[str, bytes], links: Mapping[str, str]) -> str:
    """Return the name of a folder with these files and links: 16 hexadecimal digits, equal for equal content."""
    digest = hashlib.sha256()
    parts = {name: b"file " + content for name, content in files.items()}
    parts |= {name: b"link " + target.encode() for name, target in links.items()}
    for name in sorted(parts):
        digest.update(f"{name} {len(parts[name])} ".encode() + parts[name])
    return digest.hexdigest()[:16]


def write_folder(folder: Path, files: Mapping[str, bytes], links: Mapping[str, str]) -> None:
    """Make ``folder`` with these files and relative links, in full beside and then by one rename.

    Its name is that of its content: a file in it that is another one was damaged since, and is written anew.
    """
    if folder.exists():
        for name, content in files.items():
            write_file(folder / name, content)
        return
    beside = folder.with_name(HALF_WRITTEN + folder.name)
    shutil.rmtree(beside, ignore_errors=True)
    _make(beside)
    for name, content in files.items():
        _write(beside / name, content)
    for name, target in links.items():
        (beside / name).symlink_to(target)
    sync(beside)
    beside.rename(folder)
    sync(folder.parent)


def remove_folder(folder: Path) -> None:
    """Take ``folder`` away by one rename, then empty it: its name never means half a folder."""
    aside = folder.with_name(HALF_WRITTEN + folder.name)
    folder.rename(aside)
    shutil.rmtree(aside)


def write_file(file: Path, content: bytes) -> bool:
    """Put ``content`` in ``file`` by one rename, unless it stands there already; return whether it was written."""
    if file.is_file() and file.read_bytes() == content:
        return False
    _make(file.parent)
    beside = file.with_name(HALF_WRITTEN + file.name)
    _write(beside, content)
    beside.rename(file)
    sync(file.parent)
    return True


def read_json(file: Path) -> dict[str, Any]:
    """Return a JSON object; an empty one where the file was damaged: one dataset's must not stop another's night."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def point(link: Path, target: str) -> bool:
    """Let ``link`` lead to ``target`` by one rename, unless it does already; return whether it was moved."""
    if link.is_symlink() and str(link.readlink()) == target:
        return False
    beside = link.with_name(HALF_WRITTEN + link.name)
    beside.unlink(missing_ok=True)
    beside.symlink_to(target)
    beside.rename(link)
    sync(link.parent)
    return True


def unlink(link: Path) -> None:
    """Take a link away; nothing happens where there is none."""
    if link.is_symlink():
        link.unlink()
        sync(link.parent)


def sync(folder: Path) -> None:
    """Make the names in ``folder`` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _make(folder: Path) -> None:
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir(exist_ok=True)
        folder.chmod(FOLDER_MODE)


def _write(file: Path, content: bytes) -> None:
    with file.open("wb") as stream:
        stream.write(content)
        os.fchmod(stream.fileno(), FILE_MODE)
        stream.flush()
        os.fsync(stream.fileno())
