"""YAML without surprises: every value knows its line, and nothing is guessed from how a text looks.

PyYAML's own loader reads ``010`` as 8, ``no`` as False and ``2019-01-15`` as a date, and lets a key stand twice. Here a
plain scalar is a number only where it is written as JSON would write it, ``true``, ``false`` and ``null`` are the only
words, and all else is text.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from apendata.errors import DefinitionError

_NUMBER: Final = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
_LONGEST_NUMBER: Final = 40
_WORDS: Final[dict[str, Any]] = {
    "true": True,
    "false": False,
    "null": None,
    "~": None,
    "": None,
}

Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML document as plain values, and the line (from 1) of every value in it."""

    file: Path
    value: Any
    lines: dict[Path_, int] = field(repr=False)

    def line(self, path: Path_) -> int:
        """Return the line of the value at ``path``, or of its nearest parent that has one."""
        return next(self.lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in self.lines)


def load(file: Path) -> Document:
    """Read one YAML file.

    Raises:
        DefinitionError: there is no such file, it is not UTF-8 or not YAML, a key stands twice, or it has aliases.
    """
    try:
        text = file.read_text(encoding="utf-8")
        _refuse_aliases(file, text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except FileNotFoundError:
        raise DefinitionError(f"{file}: there is no such file. Every dataset folder has a dataset.yaml.") from None
    except RecursionError:
        raise DefinitionError(f"{file}: it is nested too deeply to be a definition.") from None
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise DefinitionError(f"{file}{_where(error)}: this is not readable YAML in UTF-8. {_problem(error)}") from None
    lines: dict[Path_, int] = {(): 1}
    value = None if root is None else _value(root, file=file, path=(), lines=lines)
    return Document(file, value, lines)


def _refuse_aliases(file: Path, text: str) -> None:
    """An alias gives one line to two values, and a few of them can stand for a thousand million."""
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise DefinitionError(f"{file}:{_line(event.start_mark)}: aliases (*) are not allowed; write it out.")


def _line(mark: Any) -> int:
    return int(mark.line) + 1


def _value(node: yaml.Node, *, file: Path, path: Path_, lines: dict[Path_, int]) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, file=file, path=path, lines=lines)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, file=file, path=(*path, i), lines=lines) for i, item in enumerate(node.value)]
    return _scalar(node)


def _mapping(node: yaml.MappingNode, *, file: Path, path: Path_, lines: dict[Path_, int]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if key in result:
            raise DefinitionError(f"{file}:{line}: the key `{key}` stands here a second time. Keep one of them.")
        lines[(*path, key)] = line
        result[key] = _value(value_node, file=file, path=(*path, key), lines=lines)
    return result


def _scalar(node: yaml.Node) -> Any:
    text = str(node.value)
    if getattr(node, "style", None):  # quoted or a block: always text
        return text
    if text in _WORDS:
        return _WORDS[text]
    return json.loads(text) if len(text) <= _LONGEST_NUMBER and _NUMBER.fullmatch(text) else text


def _where(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f":{mark.line + 1}" if mark else ""


def _problem(error: Exception) -> str:
    return str(getattr(error, "problem", None) or "Save the file as UTF-8.")
