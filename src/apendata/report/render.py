"""One run of one dataset as a private report: a JSON document for programs and a plain text for her."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from apendata.model import SHOWN_PLACES, Finding, Place, RowAccount
from apendata.report.foreign import plain as harmless
from apendata.report.groups import in_order
from apendata.report.owners import owner
from apendata.report.texts import FOUND, HEADINGS, RULES, SIDES, TODO, WORDS, Language


def sentence(finding: Finding, language: Language) -> str:
    """Say what was found in a sentence, without any cell value."""
    return _filled(FOUND[language].get(finding.code, finding.code), finding, language)


def advice(finding: Finding, language: Language) -> str:
    """Say what to do about it, without any cell value."""
    return _filled(TODO[language].get(finding.code, ""), finding, language)


_OF_VALUES: Final = frozenset(
    {"not_in_enum", "pattern_not_met", "header_not_found", "formula_differs", "key_null", "key_repeated"}
)
"""Findings whose words are the definition's own: an allowed value may be called «date»."""

_KINDS: Final = frozenset({"found", "expected", "is", "key"})
"""Words of findings that may be a kind of cell, a type, a form of dates or a key of the definition; names are not."""


def _filled(text: str, finding: Finding, language: Language) -> str:
    kinds = (
        {}
        if finding.code in _OF_VALUES
        else {k: _word(finding.params[k], language) for k in _KINDS & set(finding.params)}
    )
    if finding.code == "pattern_not_met":
        kinds = {"expected": _form(finding.params.get("expected", ""), language)}
    words = {
        "table": finding.table or "",
        "field": _column(finding),
        **finding.params,
        **kinds,
        "count": _Count(finding.count),
    }
    return text.format_map(_Blank(words))


def told(finding: Finding, text: str, language: Language) -> str:
    """What stands there, in the steward's words: of «a ≠ b» it says which of the two is which."""
    sides, (head, differs, there) = SIDES[language].get(finding.code), text.rpartition(" ≠ ")
    if sides is None or not differs:
        return text
    # A name may hold a colon, a figure none.
    cut = head.partition if finding.code == "code_name_differs" else head.rpartition
    parts = cut(": ") if ": " in head else ("", "", head)
    return f"{parts[0]}{parts[1]}{sides.format(here=parts[2], there=there)}"


_ONE: Final = r"(?:\\d|\[0-9\]|\[A-Z\]|\[a-z\]|\[A-ZÆØÅ\])"
_PATTERN: Final = re.compile(rf"\^?({_ONE})(?:\{{([0-9]+)\}})?\$?")


def _form(pattern: str, language: Language) -> str:
    """A pattern in words where it is a simple one, «3 sifre»; else as it stands, and named as what it is."""
    words, simple = HEADINGS[language], _PATTERN.fullmatch(pattern)
    if simple is None:
        return words["pattern"].format(pattern=pattern)
    kind = {"A": "pattern_capitals", "a": "pattern_letters"}.get(simple[1][1:2], "pattern_digits")
    return words[kind].format(count=_Count(int(simple[2] or 1)))


def _column(finding: Finding) -> str:
    """The column by the header that she knows; by its published name where it is read from no column, or several."""
    headers = {place.column for place in finding.places}
    header = headers.pop() if len(headers) == 1 else None
    return f"«{header}»" if header is not None else finding.field or ""


def _word(text: str, language: Language) -> str:
    """A word of the parts in a person's language; a form of dates such as ``%d.%m.%Y`` letter by letter."""
    words = WORDS[language]
    if "%" in text:
        return re.sub("%[dmYy]", lambda found: words[found[0]], text)
    return words.get(text, text)


def place_text(place: Place, language: Language) -> str:
    """Say where something stands, in the words that Excel shows: file, sheet, cell."""
    words = HEADINGS[language]
    parts = [place.file]
    if place.sheet is not None:
        parts.append(f"{words['sheet']} «{place.sheet}»")
    if place.cell is not None:
        parts.append(f"{words['cell']} {place.cell}")
    elif place.row is not None:
        parts.append(f"{words['line']} {place.row}")
    if place.column is not None:
        parts.append(f"{words['column']} «{place.column}»")
    return ", ".join(parts)


def summary(findings: Sequence[Finding], language: Language) -> str:
    """Say in a sentence how much must be mended, or that nothing must."""
    words = HEADINGS[language]
    counts = {name: sum(f.severity == name for f in findings) for name in ("error", "warning")}
    told = [words[f"summary_{name}s"].format(count=count) for name, count in counts.items() if count]
    return " ".join(told) or words["nothing_todo"]


def as_text(findings: Sequence[Finding], accounts: Sequence[RowAccount], language: Language) -> str:
    """Return the report as plain text: what must be mended first, then the rest, then where every row went."""
    blocks = [_block(finding, language) for finding in in_order(findings)]
    if not blocks:
        blocks = [HEADINGS[language]["nothing"]]
    return "\n\n".join([*blocks, "\n".join(account_lines(accounts, language))]).rstrip() + "\n"


_IN_DOCUMENT: Final = 10_000
"""Places of a finding in the JSON document; the workbook has them all."""


def as_document(findings: Sequence[Finding], accounts: Sequence[RowAccount]) -> dict[str, Any]:
    """Return the report as JSON-ready values, texts in both languages."""
    return {
        "findings": [_finding(finding) for finding in in_order(findings)],
        "rows": [
            {"file": a.file, "sheet": a.sheet, "rule": a.rule, "rows": a.rows, "because": a.because} for a in accounts
        ],
    }


def account_lines(accounts: Iterable[RowAccount], language: Language) -> list[str]:
    """Say where the rows of every export went, a line for each file."""
    by_export: dict[tuple[str, str | None], list[RowAccount]] = {}
    for account in accounts:
        by_export.setdefault((account.file, account.sheet), []).append(account)
    return [_account_line(export, rows, language) for export, rows in by_export.items()]


def _account_line(export: tuple[str, str | None], rows: Sequence[RowAccount], language: Language) -> str:
    file, sheet = export
    name = file if sheet is None else f"{file} «{sheet}»"
    total = sum(account.rows for account in rows)
    told = [(account.rows, _rule(account.rule, language)) for account in rows if account.rows]
    parts = [f"{'−' if count < 0 else '+'} {abs(count)} {rule}" for count, rule in told]
    return f"{name}: {total} {HEADINGS[language]['rows']} = " + " ".join(parts).removeprefix("+ ")


def _rule(rule: str, language: Language) -> str:
    name, _, detail = rule.partition(":")
    text = RULES[language].get(name, name)
    return f"{text} ({detail.strip()})" if detail else text


def _block(finding: Finding, language: Language) -> str:
    heading = HEADINGS[language][finding.severity]
    lines = [f"{heading}: {sentence(finding, language)}"]
    lines += [f"  {HEADINGS[language]['do']}: {advice(finding, language)}"] if advice(finding, language) else []
    shown = finding.places[:SHOWN_PLACES]
    lines += [f"  – {place_text(place, language)}" for place in shown]
    more = finding.count - len(shown)
    if finding.places and more > 0:
        lines.append(f"  – {HEADINGS[language]['more'].format(count=more)}")
    if finding.samples:
        lines.append(f"  {HEADINGS[language]['samples']}: " + " | ".join(_quoted(finding, language)))
    return "\n".join(lines)


def _quoted(finding: Finding, language: Language) -> Iterable[str]:
    """The values beside a finding, in quotes where they are an export's own; what we compared is our own sentence."""
    for value in finding.samples:
        said = told(finding, value, language)
        yield repr(value) if said == value else harmless(said)


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "table": finding.table,
        "field": finding.field,
        "count": finding.count,
        "places": [_place(place) for place in finding.places[:_IN_DOCUMENT]],
        "text": {"nb": sentence(finding, "nb"), "en": sentence(finding, "en")},
        "todo": {"nb": advice(finding, "nb"), "en": advice(finding, "en")},
        "owner": owner(finding.code),
        "samples": list(finding.samples),
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "file": place.file,
        "sheet": place.sheet,
        "row": place.row,
        "column": place.column,
        "cell": place.cell,
    }


class _Count(int):
    """A number that a text asks to agree with it: ``{count:rad|rader}``; ``{count:!is|are}`` leaves the number out."""

    def __format__(self, spec: str) -> str:
        if "|" not in spec:
            return super().__format__(spec)
        one, many = spec.removeprefix("!").split("|")
        word = one if self == 1 else many
        return word if spec.startswith("!") else f"{int(self)} {word}"


class _Blank(dict[str, Any]):
    """A missing word shows as an ellipsis; a report must come out even where a text and its finding disagree."""

    def __missing__(self, key: str) -> str:
        return "…"

    def __init__(self, words: Mapping[str, Any]) -> None:
        super().__init__(words)
