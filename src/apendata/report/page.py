"""A run of one dataset as a page: one file, no script, nothing from elsewhere; Norwegian first, English below."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import jinja2

from apendata.model import MAX_PLACES, Finding, RowAccount
from apendata.report.groups import Example, Mistake, in_order, mistakes
from apendata.report.owners import owner
from apendata.report.proposals import Proposal
from apendata.report.render import account_lines, advice, place_text, sentence, summary, told as in_words
from apendata.report.texts import HEADINGS, MISTAKES, Language


def as_page(
    title: str,
    findings: Sequence[Finding],
    accounts: Sequence[RowAccount],
    *,
    made: datetime,
    message: Mapping[Language, str] | None = None,
    hands: Mapping[Language, str] | None = None,
    returned: Sequence[str] = (),
) -> str:
    """Return the report as HTML. It holds cell values, and is for the steward alone.

    Args:
        title: the dataset's.
        findings: all that was found.
        accounts: where the rows went.
        made: when, with its time zone.
        message: what kind of failure it is, if it is one, in each language.
        hands: what people had changed on the portals, in each language.
        returned: names of the workbooks that lie beside the page.
    """
    languages: tuple[Language, ...] = ("nb", "en")
    return _template().render(
        title=title,
        made=f"{made:%d.%m.%Y %H:%M %Z}",
        returned=returned,
        languages=[
            _language(one, findings, accounts)
            | {"message": (message or {}).get(one, "").splitlines(), "hands": (hands or {}).get(one, "").strip()}
            for one in languages
        ],
    )


@cache
def _template() -> jinja2.Template:
    loader = jinja2.PackageLoader("apendata.report")
    return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined).get_template(
        "report.html"
    )


def _language(language: Language, findings: Sequence[Finding], accounts: Sequence[RowAccount]) -> dict[str, Any]:
    words = HEADINGS[language]
    return {
        "language": language,
        "words": words,
        "summary": summary(findings, language),
        "findings": [_finding(finding, language) for finding in in_order(findings)],
        "accounts": account_lines(accounts, language),
    }


def _finding(finding: Finding, language: Language) -> dict[str, Any]:
    told = [_mistake(finding, mistake, language) for mistake in mistakes(finding)]
    return {
        "severity": finding.severity,
        "sentence": sentence(finding, language),
        "advice": advice(finding, language),
        "owner": HEADINGS[language][f"owner_by_{owner(finding.code)}"],
        "mistakes": told,
        "limit": _limit(finding, language),
        "samples": []
        if any(one["has_cells"] for one in told)
        else [in_words(finding, value, language) for value in finding.samples],
    }


def _limit(finding: Finding, language: Language) -> str:
    """Say it where not every cell could be marked."""
    kept = len(finding.places)
    return HEADINGS[language]["marked_first"].format(shown=kept) if MAX_PLACES <= kept < finding.count else ""


def _mistake(finding: Finding, mistake: Mistake, language: Language) -> dict[str, Any]:
    words = HEADINGS[language]
    told = sum(example.times for example in mistake.examples)
    shown = words["examples_of"].format(shown=told, count=mistake.count)
    kind = MISTAKES[language][mistake.kind] if mistake.kind else ""
    rows = list(_rows(finding, mistake.examples, language))
    return {
        "caption": f"{kind} – {shown}" if kind else shown,
        "rows": rows,
        "has_cells": any(row["cell"] is not None for row in rows),
        "has_proposals": any(row["proposal"] for row in rows),
    }


def _rows(finding: Finding, examples: Sequence[Example], language: Language) -> Iterator[dict[str, Any]]:
    for example in examples:
        asked = question(example.proposal, language) if example.proposal else ""
        more = f" {HEADINGS[language]['more'].format(count=example.times - 1)}" if example.times > 1 else ""
        cell = None if example.cell is None else in_words(finding, example.cell, language)
        yield {"place": place_text(example.place, language) + more, "cell": cell, "proposal": asked}


def question(proposal: Proposal, language: Language) -> str:
    """Ask what was meant: «Mente du 12345 eller 12,345?»."""
    words = HEADINGS[language]
    return words["did_you_mean"].format(values=f" {words['or']} ".join(proposal.values))
