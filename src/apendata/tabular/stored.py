"""Where a table's bytes lie: in which files, in which format, packed or not; told by their names and not guessed."""

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final, Protocol, cast

from apendata.errors import DefinitionError
from apendata.tabular.refused import refused

TEXT_FORMATS: Final = frozenset({"csv", "tsv", "txt"})
OTHER_FORMATS: Final = frozenset({"xlsx", "xls", "ods", "json", "jsonl", "ndjson"})
"""Those whose cells have types of their own; Frictionless opens them."""
_CHUNK: Final = 1 << 22
_UNPACK: Final[Mapping[str, Callable[[Any], Any]]] = {"gz": gzip.open, "bz2": bz2.open, "xz": lzma.open}
COMPRESSIONS: Final = frozenset({*_UNPACK, "zip"})
_DAMAGED: Final = (zipfile.BadZipFile, gzip.BadGzipFile, lzma.LZMAError, zlib.error, EOFError, NotImplementedError)

Seen = Callable[[bytes], None]
"""Given every chunk of bytes that is read."""


@dataclass(frozen=True)
class Part:
    """One file of a table."""

    path: Path
    place: str
    """The path as it was written."""
    format: str
    """Of what is packed, where it is packed."""
    compression: str = ""
    innerpath: str | None = None
    """Which file of a zip archive."""

    @property
    def is_text(self) -> bool:
        """Whether it is delimited text, which is read here and not by Frictionless."""
        return self.format in TEXT_FORMATS


def part_of(path: Path, place: str, words: Mapping[str, Any]) -> Part:
    """One file, as its name and the descriptor of its resource tell.

    Args:
        path: the file.
        place: its path as it was written.
        words: ``format``, ``compression`` and ``innerpath`` of a Data Resource, where it has them.

    Raises:
        DefinitionError: format or compression are none that is read.
    """
    for word in ("format", "compression", "innerpath"):
        if not isinstance(words.get(word, ""), str):
            raise DefinitionError(f"{place}: the resource's {word} must be a text.")
    name, innerpath = PurePosixPath(path.name), words.get("innerpath")
    compression = words.get("compression") or (_suffix(name) if _suffix(name) in COMPRESSIONS else "")
    if compression not in COMPRESSIONS | {""}:
        known = ", ".join(sorted(COMPRESSIONS))
        raise DefinitionError(f"{place}: the compression «{compression}» is not read; expected one of {known}.")
    if compression and _suffix(name) == compression:
        name = PurePosixPath(innerpath or name.stem)
    found = str(words.get("format") or _suffix(name)).lower()
    if found not in TEXT_FORMATS | OTHER_FORMATS:
        known = ", ".join(sorted(TEXT_FORMATS | OTHER_FORMATS))
        raise DefinitionError(f"{place}: the format «{found}» is not validated; expected one of {known}. Save it so.")
    return Part(path, place, found, compression, innerpath)


def _suffix(name: PurePosixPath) -> str:
    return name.suffix.lower().removeprefix(".")


def alike(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Several files that are one table.

    Raises:
        DefinitionError: they are not of one format, or it is none whose files can be put one after another.
    """
    formats = {part.format for part in parts}
    if len(parts) > 1 and (len(formats) > 1 or not parts[0].is_text):
        told = ", ".join(sorted(formats))
        raise DefinitionError(
            f"{parts[0].place}: only delimited text of one format comes in several files, not {told}."
        )
    return tuple(parts)


def opened_as_it_is(part: Part) -> BinaryIO:
    """The bytes of a part as they are stored.

    Raises:
        Refused: it may not be opened.
    """
    try:
        return part.path.open("rb")
    except OSError as error:
        raise refused("scheme-error", f"{part.place}: it cannot be opened: {error.strerror}") from None


@contextmanager
def opened(part: Part, seen: Seen) -> Iterator[BinaryIO]:
    """The unpacked bytes of a part; ``seen`` is given those of the file itself, all of them.

    Raises:
        Refused: it is not packed as its name says, or an archive holds several files and none is named; or it may not
            be opened.
        OSError: it cannot be read.
    """
    with opened_as_it_is(part) as stream:
        watched = _Watched(stream, seen)
        try:
            if part.compression == "zip":
                with zipfile.ZipFile(part.path) as archive, archive.open(_member(part, archive)) as packed:
                    yield cast("BinaryIO", packed)
            elif part.compression:
                with _UNPACK[part.compression](watched) as unpacked:
                    yield cast("BinaryIO", unpacked)
            else:
                yield cast("BinaryIO", watched)
        except _DAMAGED as error:
            raise _damaged(part, error) from None
        except OSError as error:
            if error.errno is not None:  # bz2's word for damage is an OSError without a number
                raise
            raise _damaged(part, error) from None
        finally:
            deque(chunks_of(watched), maxlen=0)  # sizes and hashes are of the whole file


def _damaged(part: Part, error: Exception) -> Exception:
    return refused(
        "compression-error", f"{part.place}: this is no whole {part.compression} file ({type(error).__name__})"
    )


def _member(part: Part, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    files = [entry for entry in archive.infolist() if not entry.is_dir()]
    named = [entry for entry in files if entry.filename == part.innerpath] if part.innerpath else files
    if len(named) != 1:
        asked = f"«{part.innerpath}»" if part.innerpath else "one file, or an «innerpath» that names one"
        raise refused("compression-error", f"{part.place}: the archive holds {len(files)} files; expected {asked}")
    if named[0].flag_bits & 1:
        raise refused("compression-error", f"{part.place}: the archive is encrypted; expected one without a password")
    return named[0]


class Readable(Protocol):
    """What bytes can be read of."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most so many; none at the end."""
        ...


def chunks_of(stream: Readable) -> Iterator[bytes]:
    """What is left of a stream, a chunk at a time."""
    return iter(lambda: stream.read(_CHUNK), b"")


class _Watched:
    """A stream of bytes that are shown to somebody as they pass."""

    def __init__(self, stream: BinaryIO, seen: Seen) -> None:
        self._stream, self._seen = stream, seen

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        self._seen(chunk)
        return chunk
