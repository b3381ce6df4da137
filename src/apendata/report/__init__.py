"""Findings → what a data steward reads, in Norwegian and English. The only place where cell values may stand."""

from apendata.report.render import account_lines, as_document, as_text, sentence
from apendata.report.texts import Language

__all__ = ["Language", "account_lines", "as_document", "as_text", "sentence"]
