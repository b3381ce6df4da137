"""Every change of the lake on disk goes through here, so that it survives a crash and a test can kill us at each step.

A file is written whole and synced before anything names it; a name appears or changes by one rename; the folder that
holds the name is synced after it. Nothing else of the lake changes the disk, but for the locks, on whose content nobody
relies.
"""

import fcntl
import hashlib
import os
import shutil
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final

PRIVATE_FILE: Final = 0o600
PRIVATE_FOLDER: Final = 0o700
PUBLIC_FILE: Final = 0o644
PUBLIC_FOLDER: Final = 0o755
_BLOCK: Final = 1 << 20


def make_folder(folder: Path, mode: int = PRIVATE_FOLDER) -> None:
    """Make a folder, and those above it, with exactly this mode whatever the umask; leave one that is there alone."""
    if folder.is_dir():
        return
    make_folder(folder.parent, mode)
    try:
        folder.mkdir(mode)  # never wider than this, even if we die before the umask is undone
    except FileExistsError:  # another run, or another dataset's thread, was a moment faster
        return
    folder.chmod(mode)
    sync_folder(folder.parent)


def grant(folder: Path, mode: int) -> None:
    """Give a folder this mode where it has another."""
    if stat.S_IMODE(folder.stat().st_mode) != mode:
        folder.chmod(mode)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def seal(file: Path, mode: int = PRIVATE_FILE) -> None:
    """Sync a file that some library wrote, and give it its mode."""
    file.chmod(mode)
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_file(file: Path, chunks: Iterable[bytes | memoryview], mode: int = PRIVATE_FILE) -> tuple[str, int]:
    """Write a new file and sync it; return its sha256 and its size in bytes."""
    digest = hashlib.sha256()
    size = 0
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        for chunk in chunks:
            digest.update(chunk)
            size += _write_all(handle, chunk)
        os.fchmod(handle, mode)
        os.fsync(handle)
    finally:
        os.close(handle)
    return digest.hexdigest(), size


def _write_all(handle: int, chunk: bytes | memoryview) -> int:
    rest = memoryview(chunk)
    while rest:
        rest = rest[os.write(handle, rest) :]
    return len(chunk)


def replace_file(file: Path, content: bytes, mode: int = PRIVATE_FILE) -> None:
    """Give a file new content in one step: a reader finds the old or the new one, never a part."""
    beside = file.with_name(f".{file.name}.new")
    write_file(beside, [content], mode)
    move(beside, file)


def copy_file(source: Path, target: Path, mode: int) -> tuple[str, int]:
    """Copy a file and sync the copy; return sha256 and size of what was copied."""
    with source.open("rb") as stream:
        return write_file(target, iter(lambda: stream.read(_BLOCK), b""), mode)


def move(source: Path, target: Path) -> None:
    """Rename a file or folder within the lake and sync the names."""
    source.rename(target)
    sync_folder(target.parent)
    if source.parent != target.parent:
        sync_folder(source.parent)


def publish_folder(source: Path, target: Path) -> None:
    """Open a finished folder to everybody and give it its name."""
    source.chmod(PUBLIC_FOLDER)
    sync_folder(source)
    move(source, target)


def append_line(file: Path, line: bytes) -> None:
    """Append one line and sync it. A last line that a crash tore is cut off first: nobody was told of it.

    The file's own lock, since a step's last word is written when the dataset is free again: without it, one of two
    processes would write over the other's line.
    """
    new = not file.exists()
    handle = os.open(file, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        whole = _end_of_last_line(handle)
        os.ftruncate(handle, whole)
        os.lseek(handle, whole, os.SEEK_SET)
        _write_all(handle, line + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)
    if new:
        sync_folder(file.parent)


def _end_of_last_line(handle: int) -> int:
    """Offset after the last line feed; the files are small (one short line per event)."""
    size = os.fstat(handle).st_size
    content = os.pread(handle, size, 0)
    return content.rfind(b"\n") + 1


def touch(file: Path) -> None:
    """Mark a file as used now."""
    os.utime(file)


def remove(path: Path) -> None:
    """Remove a file or a whole folder; nothing happens where there is none."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    sync_folder(path.parent)


def sha256_of_bytes(content: bytes) -> str:
    """Return the sha256 of some bytes."""
    return hashlib.sha256(content).hexdigest()


def sha256_of(file: Path) -> str:
    """Return the sha256 of a file's bytes."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
