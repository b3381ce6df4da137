"""What differs on a portal, as people read it. The values come from a foreign server: nothing of them is trusted."""

from collections.abc import Iterator
from typing import Any

from apendata.model import Difference
from apendata.pipeline import Result
from apendata.report.foreign import plain
from apendata.report.texts import HEADINGS, Language


def difference_lines(result: Result, language: Language) -> Iterator[str]:
    """Yield a plan's or a drift's lines for one dataset: what it is about, then a line a field."""
    yield f"{result.dataset}: {result.why.splitlines()[0]}"
    for difference in result.differences:
        decides = HEADINGS[language][f"owner_{difference.owner.value}"]
        yield f"  {_where(difference)}{_whose(difference, language)} – {decides}"
        yield f"    - {_value(difference.live, language)}"
        yield f"    + {_value(difference.wanted, language)}"


def hand_lines(result: Result, language: Language) -> Iterator[str]:
    """Yield what a publish put right on the portals, and what it left as a person wrote it."""
    words = HEADINGS[language]
    for heading, found in ((words["mended"], result.mended), (words["kept"], result.kept)):
        if found:
            yield ""
            yield f"{result.dataset}: {heading}"
            yield from (f"  {_where(d)}{_whose(d, language)}" for d in found)
    if result.kept:
        yield f"  {words['take_ours'].format(dataset=result.dataset)}"


def difference_document(difference: Difference) -> dict[str, Any]:
    """Return a difference as JSON, with whole values."""
    return {
        "portal": difference.portal,
        "place": difference.place,
        "field": difference.field,
        "live": difference.live,
        "wanted": difference.wanted,
        "owner": difference.owner.value,
        "by_hand": difference.by_hand,
        "by": difference.by,
        "at": difference.at,
    }


def _where(difference: Difference) -> str:
    """A place and a field; a table's columns on a portal have the names that somebody gave them."""
    return f"{difference.portal}: {plain(difference.place)}, {plain(difference.field)}"


def _whose(difference: Difference, language: Language) -> str:
    if difference.by is None:
        return ""
    when = f", {plain(difference.at)}" if difference.at else ""
    return f" ({HEADINGS[language]['changed_by']} {plain(difference.by)}{when})"


def _value(value: str | None, language: Language) -> str:
    return HEADINGS[language]["nothing_there"] if value is None else plain(value)
