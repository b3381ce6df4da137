"""Every word of the site, one catalogue per language; a test sees that neither lacks a key."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

LANGUAGES: Final = ("nb", "en")


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return key → text; ``{name}`` in a text is filled in by :class:`Texts`."""
    source = files(__name__).joinpath(f"{language}.yaml").read_text(encoding="utf-8")
    texts: dict[str, str] = yaml.safe_load(source)
    return texts


class Texts:
    """The texts of one language: ``t("rows", n="14")``."""

    def __init__(self, language: str) -> None:
        self._texts = catalogue(language)

    def __call__(self, key: str, /, **words: object) -> str:
        return self._texts[key].format(**words)

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def counted(self, key: str, count: int, /, **words: object) -> str:
        """Write a text for so many; the key with ``_one`` at its end is for exactly one."""
        return self(f"{key}_one" if count == 1 and f"{key}_one" in self else key, **words)


def text(part: Mapping[str, Any], name: str, language: str) -> Any:
    """Return a text of a descriptor in one language: ``title`` is Norwegian, ``title_en`` English."""
    return part.get(name if language == "nb" else f"{name}_{language}") or part.get(name, "")
