"""Finding the exports: which files a dataset's sources name, each with the hash of what stood there."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from apendata.errors import DefinitionError, SourceMissing, SourceUnavailable, SourceUnreadable
from apendata.model import Dataset, Finding, Place, Snapshot, Source
from apendata.sources.identity import without_numbers
from apendata.sources.paths import example, is_address, matches, placeholders

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK: Final = 1 << 20
_SHOWN: Final = 10
_CONNECT_SECONDS: Final = 20
_TOTAL_SECONDS: Final = 300
MAX_DOWNLOAD: Final = 2 << 30
_TRANSIENT_STATUS: Final = frozenset({408, 425, 429})


def fetch(dataset: Dataset, root: Path, *, override: Path | None = None, scratch: Path) -> tuple[Snapshot, ...]:
    """Find the files of all sources, in the order of the sources and of the files' names.

    Args:
        dataset: whose sources are wanted.
        root: the folder that holds this dataset's exports.
        override: a folder instead of ``root``, or one file: for a dataset of one source whatever its name is, else for
            the source whose path matches the name; the other sources are then still taken from ``root``.
        scratch: a private folder for what comes over the network.

    Local files are not copied: exports of people's data shall not lie in one more place. ``read`` hashes the very bytes
    that it parses and compares, so a file that is replaced in between is noticed.

    Raises:
        SourceMissing: a source has no file (or its server says 404); a link leads out of the folder; the one file has
            a name that no source knows.
        SourceUnavailable: the server did not answer in time or failed (5xx, 408, 425, 429).
        DefinitionError: a path that leaves the folder, or an address that is not https.
    """
    if override is not None and not override.exists():
        raise SourceMissing(f"{without_numbers(override.name)}: there is no such file or folder")
    if override is not None and override.is_file():
        _refuse_unknown_name(dataset, override)
    found: list[Snapshot] = []
    folder = override if override is not None and override.is_dir() else root
    for source in dataset.sources.values():
        if (
            override is not None
            and override.is_file()
            and (values := _stands_in(dataset, source, override)) is not None
        ):
            found.append(_snapshot(source, override, override.name, values))
        elif is_address(source.path):
            found.append(_download(source, scratch))
        else:
            found.extend(_local(source, folder))
    return tuple(replace(snapshot, dataset=dataset.id) for snapshot in found)


def _refuse_unknown_name(dataset: Dataset, file: Path) -> None:
    """The file that somebody wants to try would else be passed over, and the others read as if it had been it."""
    if all(_stands_in(dataset, source, file) is None for source in dataset.sources.values()):
        names = ", ".join(example(source) for source in dataset.sources.values() if not is_address(source.path))
        found = Finding(
            "export_named_otherwise", places=(Place(without_numbers(file.name)),), params={"expected": names}
        )
        raise SourceMissing(
            f"{without_numbers(file.name)}: no source of «{dataset.id}» reads a file of that name; expected one like "
            f"{names}",
            findings=[found],
        )


def _stands_in(dataset: Dataset, source: Source, override: Path) -> Mapping[str, str] | None:
    """The placeholders' values if the file is to be read instead of this source's own."""
    values = placeholders(override.name, source) if not is_address(source.path) else None
    if values is None and len(dataset.sources) == 1 and not source.placeholders:
        return {}
    return values


def _local(source: Source, folder: Path) -> "Iterator[Snapshot]":
    files = matches(folder, source)
    if not files:
        others = _others(folder)
        found = Finding(
            "export_missing", params={"expected": example(source), "folder": str(folder), "others": others or "–"}
        )
        raise SourceMissing(
            f"source {source.name}: no file matches `path` {source.path} in {folder}; put the export there or correct "
            f"`path`. The folder is APENDATA_SOURCES and the dataset's id; --samples reads the samples instead."
            + (f" There is: {others}." if others else ""),
            findings=[found],
        )
    inside = folder.resolve()
    for file, values in files.items():
        # A link inside the folder is fine (exports are often «siste.csv»); one that leads out would let whoever may
        # write there publish any file that the night can read.
        if not file.resolve().is_relative_to(inside):
            raise SourceMissing(
                f"source {source.name}: {without_numbers(file.name)} is a link that leads out of the folder"
            )
        yield _snapshot(source, file, file.relative_to(folder).as_posix(), values)


def _others(folder: Path) -> str:
    """What lies there instead: mostly it is the export with another name."""
    names = sorted(without_numbers(file.name) for file in folder.iterdir()) if folder.is_dir() else []
    return ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")


def _snapshot(source: Source, file: Path, name: str, values: Mapping[str, str]) -> Snapshot:
    digest, size = hashlib.sha256(), 0
    try:
        with file.open("rb") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
                size += len(block)
    except OSError as error:
        raise SourceUnreadable(
            f"{without_numbers(name)}: cannot be read ({error.strerror}); check its permissions"
        ) from None
    return Snapshot(source.name, name, file, digest.hexdigest(), size, values)


def _download(source: Source, scratch: Path) -> Snapshot:
    """Copy what an https address holds into ``scratch``; http is for loopback alone, where tests serve."""
    address = urlsplit(source.path)
    if address.scheme != "https" and address.hostname not in ("127.0.0.1", "localhost"):
        raise DefinitionError(f"source {source.name}: `path` must be a file or an https address")
    name = f"{address.scheme}://{address.hostname}{address.path}"
    target = scratch / hashlib.sha256(source.path.encode()).hexdigest()
    scratch.mkdir(parents=True, exist_ok=True)
    _translated(lambda: _copy(source.path, target, name), name)
    return _snapshot(source, target, name, {})


def _copy(address: str, target: Path, name: str) -> None:
    import aiohttp
    import fsspec

    class Limit(fsspec.Callback):  # type: ignore[misc] # fsspec has no types
        """Stops a download that does not end."""

        def relative_update(self, inc: int = 1) -> None:
            self.value += inc
            if self.value > MAX_DOWNLOAD:
                raise SourceUnreadable(f"{name}: more than {MAX_DOWNLOAD >> 30} GB; not downloaded")

    timeout = aiohttp.ClientTimeout(total=_TOTAL_SECONDS, connect=_CONNECT_SECONDS, sock_read=_CONNECT_SECONDS)
    system = fsspec.filesystem("https", client_kwargs={"timeout": timeout}, skip_instance_cache=True)
    # Not open(): it asks for the size first and says «not found» whatever the server's trouble is.
    system.get_file(address, str(target), callback=Limit())


def _translated(work: Callable[[], None], name: str) -> None:
    """Do the work; say what went wrong on the network in our own words."""
    import aiohttp

    try:
        work()
    except FileNotFoundError:
        raise SourceMissing(f"{name}: the server has no such file; correct `path`") from None
    except aiohttp.ClientResponseError as error:
        if error.status >= 500 or error.status in _TRANSIENT_STATUS:
            raise SourceUnavailable(f"{name}: the server answered {error.status}; try again later") from None
        raise SourceMissing(
            f"{name}: the server answered {error.status}; check the address and who may read it"
        ) from None
    except (aiohttp.ClientError, TimeoutError, OSError):
        raise SourceUnavailable(f"{name}: the server did not answer in time; try again later") from None
