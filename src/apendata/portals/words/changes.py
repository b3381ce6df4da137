"""What changed in a version, in sentences."""

from apendata.model import Change, Version
from apendata.portals.words import forms
from apendata.portals.words.texts import Texts, text


def change_sentences(version: Version, language: str) -> tuple[str, ...]:
    """Return one sentence per difference, in the words that this version gives its tables."""
    titles = {resource["name"]: text(resource, "title", language) for resource in version.descriptor["resources"]}
    return tuple(
        _sentence(change, titles.get(change.table or "", change.table), language) for change in version.changes
    )


def _sentence(change: Change, title: str | None, language: str) -> str:
    t, periods = Texts(language), change.details.get("periods", "")
    words = {
        "n": forms.number(change.count, language),
        "table": t("quoted", text=title),
        "field": change.field,
        "parts": f" ({periods})" if periods else "",
        **change.details,
    }
    # A version may be older than the rules of today.
    key = f"change_{change.rule}"
    return t.counted(key if key in t else "change_other", change.count, **words)
