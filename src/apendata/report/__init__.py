"""Findings → what a data steward reads, in Norwegian and English. The only place where cell values may stand."""

from apendata.report.render import account_lines, as_document, as_text, place_text, sentence
from apendata.report.texts import HEADINGS, Language

__all__ = ["HEADINGS", "Language", "account_lines", "as_document", "as_text", "place_text", "sentence"]
