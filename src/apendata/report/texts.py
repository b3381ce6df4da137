"""The texts of every finding, heading and row rule, one catalogue per language; a test sees that none is missing."""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final, Literal

Language = Literal["nb", "en"]


def _load(language: Language) -> dict[str, Any]:
    text = files("apendata.report").joinpath(f"texts.{language}.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


_CATALOGUES: Final[Mapping[Language, dict[str, Any]]] = {"nb": _load("nb"), "en": _load("en")}

FOUND: Final[Mapping[Language, Mapping[str, str]]] = {
    k: {code: text["found"] for code, text in v["findings"].items()} for k, v in _CATALOGUES.items()
}
"""Code of a finding → what was found, and against what."""

TODO: Final[Mapping[Language, Mapping[str, str]]] = {
    k: {code: text["todo"] for code, text in v["findings"].items()} for k, v in _CATALOGUES.items()
}
"""Code of a finding → what to do about it."""

HEADINGS: Final[Mapping[Language, Mapping[str, str]]] = {k: v["headings"] for k, v in _CATALOGUES.items()}
ERRORS: Final[Mapping[Language, Mapping[str, str]]] = {k: v["errors"] for k, v in _CATALOGUES.items()}
RULES: Final[Mapping[Language, Mapping[str, str]]] = {k: v["rules"] for k, v in _CATALOGUES.items()}
MISTAKES: Final[Mapping[Language, Mapping[str, str]]] = {k: v["mistakes"] for k, v in _CATALOGUES.items()}
"""Kind of a proposal → what is wrong with the cell."""

SIDES: Final[Mapping[Language, Mapping[str, str]]] = {k: v["sides"] for k, v in _CATALOGUES.items()}
"""Code of a finding that compares → which side of its «a ≠ b» is which."""

WORDS: Final[Mapping[Language, Mapping[str, str]]] = {k: v["words"] for k, v in _CATALOGUES.items()}
"""What the parts call kinds of cells, types of the Table Schema and forms of dates → what a person calls them."""

TABLES: Final[Mapping[Language, Mapping[str, str]]] = {k: v["tables"] for k, v in _CATALOGUES.items()}
"""What `apendata validate` finds, by the name of what is broken; see :mod:`apendata.tabular`."""


def table_sentence(kind: str, rule: str, language: Language) -> str:
    """Say what a cell, row or header breaks: by its rule, or else by Frictionless' type of the error."""
    texts = TABLES[language]
    return texts.get(rule) or texts.get(kind) or kind
