"""Findings → what a data steward reads, in Norwegian and English. The only place where cell values may stand."""

from apendata.report.foreign import harmless, harmless_json, plain
from apendata.report.render import account_lines, advice, as_document, as_text, place_text, sentence, summary
from apendata.report.texts import ERRORS, HEADINGS, Language, table_sentence

__all__ = [
    "ERRORS",
    "HEADINGS",
    "Language",
    "account_lines",
    "advice",
    "as_document",
    "as_text",
    "harmless",
    "harmless_json",
    "place_text",
    "plain",
    "sentence",
    "summary",
    "table_sentence",
]
