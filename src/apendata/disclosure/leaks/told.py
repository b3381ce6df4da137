"""What is told beside the tables: old values in changes, hashes, profiles of columns, sentences about a hidden row."""

import csv
import io
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from apendata.disclosure.policy import STATUS

Key = tuple[str, ...]

_DIGEST: Final = re.compile(
    r"(?<![0-9a-fA-F])(?:[0-9a-fA-F]{128}|[0-9a-fA-F]{96}|[0-9a-fA-F]{64}|[0-9a-fA-F]{56}|"
    r"[0-9a-fA-F]{40}|[0-9a-fA-F]{32})(?![0-9a-fA-F])"
)
"""The lengths of md5, sha1 and the sha2 and sha3 families."""
_NAMES: Final = ("name", "field", "column", "kolonne", "felt", "alternatename")
_FIGURES: Final = frozenset(
    {
        *("min", "max", "minimum", "maximum", "minvalue", "maxvalue", "range", "value"),
        *("sum", "total", "mean", "average", "avg", "median", "mode", "std", "stddev", "stdev", "variance"),
        *("quantiles", "quartiles", "percentiles", "histogram", "frequencies", "distinct", "unique", "cardinality"),
        *("top", "topk", "most_frequent"),
    }
)
_RULES: Final = ("constraints",)
"""What a column's values must keep to is said by its definition, not by its values."""
_NUMBER: Final = re.compile(r"-?[0-9][0-9 .,]*")
_TOKEN: Final = re.compile(r"[^\W_]+(?:[.,][0-9]+)?")


def digests_in(told: str, known: Collection[str]) -> tuple[str, ...]:
    """Return the hashes in a text that are not among those of published bytes.

    A hash of something else gives small tables away: whoever knows all but a few counts tries them through.
    """
    return tuple(dict.fromkeys(found for found in _DIGEST.findall(told) if found.casefold() not in known))


def profiles_in(told: Any, columns: Collection[str]) -> Iterator[str]:
    """Yield columns of which a JSON value tells figures: their least, greatest, sum or most frequent.

    Args:
        told: the value.
        columns: those that have hidden cells.
    """
    if isinstance(told, list):
        for part in told:
            yield from profiles_in(part, columns)
    elif isinstance(told, dict):
        named = {str(value) for word, value in told.items() if word.casefold() in _NAMES and isinstance(value, str)}
        for column in sorted(named & set(columns)):
            if _has_figures({word: part for word, part in told.items() if word not in _RULES}):
                yield column
        for word, part in told.items():
            if word in columns and isinstance(part, dict) and _has_figures(part):
                yield word
            if word not in _RULES:
                yield from profiles_in(part, columns)


def _has_figures(told: Mapping[str, Any]) -> bool:
    return any(
        (word.casefold() in _FIGURES and _is_figure(part))
        or (word not in _RULES and isinstance(part, dict) and _has_figures(part))
        for word, part in told.items()
    )


def _is_figure(told: Any) -> bool:
    return bool(_NUMBER.fullmatch(told)) if isinstance(told, str) else isinstance(told, int | float | list)


def old_values_in(changes: bytes, hidden: Mapping[tuple[str, str], Collection[Key]], keys: Mapping[str, Key]) -> int:
    """Count the lines of ``changes.csv`` that tell a value, old or new, of a cell that is or was hidden.

    Args:
        changes: the file.
        hidden: (table, column) → the keys of its hidden rows, as texts.
        keys: table → the columns of its key.
    """
    count = 0
    for line in csv.DictReader(io.StringIO(changes.decode("utf-8"), newline="")):
        table, column = line["tabell"], line["kolonne"] or ""
        if line["gammel_verdi"] or line["ny_verdi"]:
            key = json.loads(line["noekkel"])
            count += tuple(str(key[name]) for name in keys.get(table, ())) in hidden.get((table, column), ())
    return count


def records_in(told: Any, key: Key, hidden: Mapping[str, Collection[Key]]) -> Iterator[str]:
    """Yield columns in which a record, anywhere in a JSON value, has a value at a hidden key, or another mark there.

    Args:
        told: the value.
        key: the columns of the table's key.
        hidden: value column → the keys of the hidden rows, as texts.
    """
    if isinstance(told, list):
        for part in told:
            yield from records_in(part, key, hidden)
    elif isinstance(told, dict):
        if key and set(key) <= told.keys():
            at = tuple(str(told[name]) for name in key)
            for column, keys in hidden.items():
                if at in keys and (told.get(column) is not None or told.get(column + STATUS, ":") is None):
                    yield column
        for part in told.values():
            yield from records_in(part, key, hidden)


def cells_told(texts: Iterable[str], true: Mapping[Key, Collection[str]]) -> tuple[Key, ...]:
    """Return the hidden rows of which a text names both the key and the value: «value 2 in row Stab».

    Args:
        texts: sentences, or other texts that are read as one.
        true: the parts of a hidden row's key that tell it apart → its hidden values, as texts.
    """
    found = []
    for text in texts:
        words = set(_TOKEN.findall(text.casefold()))
        found += [
            key
            for key, values in true.items()
            if all(_stands(part, text, words) for part in key) and any(value.casefold() in words for value in values)
        ]
    return tuple(dict.fromkeys(found))


def _stands(part: str, text: str, words: Collection[str]) -> bool:
    small = part.casefold()
    return small in words or (len(_TOKEN.findall(small)) != 1 and small in text.casefold())


def texts_of(told: Any) -> Iterator[str]:
    """Yield what is read together in a JSON value: every text, and every object's plain values as one."""
    if isinstance(told, str):
        yield told
    elif isinstance(told, list):
        for part in told:
            yield from texts_of(part)
    elif isinstance(told, dict):
        yield " ".join(f"{word}: {part}" for word, part in told.items() if not isinstance(part, dict | list))
        for part in told.values():
            yield from texts_of(part)
