"""Placeholders in a source's path: ``hr-{referansedato}.xlsx`` finds a file per date, and the date is data."""

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from apendata.errors import DefinitionError
from apendata.model import Source
from apendata.sources.dates import reader

_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
_FORMS: Final = {
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}|[0-9]{2}\.[0-9]{2}\.[0-9]{4}",
    "month": "[0-9]{4}-[0-9]{2}|[0-9]{6}",
    "year": "[0-9]{4}",
    "text": r"[^/\\]+",
}
_EXAMPLES: Final = {"date": "2024-01-31", "month": "2024-01", "year": "2024", "text": "…"}
_READERS: Final = {
    "date": (reader("date"), reader("date", "%Y%m%d"), reader("date", "%d.%m.%Y")),
    "month": (reader("yearmonth"), reader("yearmonth", "%Y%m")),
    "year": (reader("year"),),
    "text": (lambda text: text,),
}


def matches(root: Path, source: Source) -> dict[Path, Mapping[str, str]]:
    """Files below ``root`` that the path names → the canonical values of its placeholders, in order of name.

    Raises:
        DefinitionError: the path is absolute or leaves the folder by ``..``.
    """
    path = PurePosixPath(source.path)
    if path.is_absolute() or ".." in path.parts or "\\" in source.path or ":" in path.parts[0]:
        raise DefinitionError(f"source {source.name}: `path` must stay inside the dataset's source folder")
    pattern = _PLACEHOLDER.sub("*", _escaped(source.path))
    found = {}
    for file in sorted(root.glob(pattern)):
        values = placeholders(file.relative_to(root).as_posix(), source)
        if file.is_file() and values is not None:
            found[file] = values
    return found


def is_address(path: str) -> bool:
    """Whether a source's path leads to a server and not into the folder."""
    return "://" in path


def folders(root: Path, source: Source) -> set[Path]:
    """The folders in which a source's exports lie; its path must have been tried by :func:`matches`."""
    parent = PurePosixPath(source.path).parent.as_posix()
    found = [root] if parent == "." else root.glob(_PLACEHOLDER.sub("*", _escaped(parent)))
    return {folder for folder in found if folder.is_dir()}


def example(source: Source) -> str:
    """A name that a source would find: ``hr-2024-01-31.xlsx``. Whoever makes exports need not know placeholders."""
    kinds = source.placeholders
    return _PLACEHOLDER.sub(lambda part: _EXAMPLES[kinds[part[1]]] if part[1] in kinds else part[0], source.path)


def placeholders(name: str, source: Source) -> Mapping[str, str] | None:
    """The placeholders' canonical values in a file's name, or None where the name is not one of the source's.

    A date may be written 2024-01-15, 20240115 or 15.01.2024: the forms exclude one another, so nothing is guessed.
    """
    match = _expression(source).fullmatch(name)
    if match is None:
        return None
    values = {}
    for key, kind in source.placeholders.items():
        read = (value for reads in _READERS[kind] if (value := reads(match[key])) is not None)
        value = next(read, None)
        if value is None:
            return None
        values[key] = value
    return values


def _expression(source: Source) -> re.Pattern[str]:
    parts = _PLACEHOLDER.split(source.path)
    seen: set[str] = set()
    expression = ""
    for index, part in enumerate(parts):
        if index % 2 == 0:
            expression += re.escape(part)
        elif part in seen:
            expression += f"(?P={part})"
        elif part in source.placeholders:
            expression += f"(?P<{part}>{_FORMS[source.placeholders[part]]})"
            seen.add(part)
        else:
            raise DefinitionError(f"source {source.name}: `placeholders` does not say what {{{part}}} is")
    return re.compile(expression)


def _escaped(path: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", path)
