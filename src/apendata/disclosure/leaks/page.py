"""A page read back: the rows that its tables show, and the documents in it."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from apendata.disclosure.leaks.reread import UNREADABLE, VALUE
from apendata.model import Finding

Key = tuple[str, ...]


@dataclass(slots=True, repr=False)
class _Shown:
    """One HTML table with rows of a published table."""

    fields: list[str] = field(default_factory=list)
    rows: list[tuple[Key, list[tuple[str, bool]]]] = field(default_factory=list)
    """(key, per cell its text beside marks and whether it has a mark) for each row."""


class Page(HTMLParser):
    """What a page says: its tables by ``data-table``, and its JSON documents."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.tables: dict[str, list[_Shown]] = {}
        self.documents: list[str] = []
        self._table: _Shown | None = None
        self._in_cell = self._in_document = False
        self._spans: list[bool] = []
        self.feed(content.decode("utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "table" and "data-table" in told:
            self._table = _Shown()
            self.tables.setdefault(told["data-table"], []).append(self._table)
        elif tag == "script" and "json" in told.get("type", ""):
            self._in_document = True
            self.documents.append("")
        elif self._table is not None:
            self._inside(tag, told, self._table)

    def _inside(self, tag: str, told: Mapping[str, str], table: _Shown) -> None:
        if tag == "th" and "data-field" in told:
            table.fields.append(told["data-field"])
        elif tag == "tr" and "data-key" in told:
            table.rows.append((tuple(json.loads(told["data-key"])), []))
        elif tag == "td" and table.rows:
            table.rows[-1][1].append(("", False))
            self._in_cell, self._spans = True, []
        elif tag == "span" and self._in_cell:
            is_mark = "mark" in told.get("class", "").split()
            self._spans.append(is_mark)
            if is_mark:
                text, _ = table.rows[-1][1][-1]
                table.rows[-1][1][-1] = (text, True)

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._table = None
        elif tag == "script":
            self._in_document = False
        elif tag == "td":
            self._in_cell = False
        elif tag == "span" and self._spans:
            self._spans.pop()

    def handle_data(self, data: str) -> None:
        if self._in_document:
            self.documents[-1] += data
        elif self._in_cell and self._table is not None and not any(self._spans):
            text, marked = self._table.rows[-1][1][-1]
            self._table.rows[-1][1][-1] = (text + data, marked)


def values_shown(page: Page, name: str, table: str, hidden: Mapping[str, Collection[Key]]) -> Iterator[Finding]:
    """Tell where a page shows a value at a hidden key, and a page that does not say which rows it shows.

    Args:
        page: the page.
        name: its name, for the findings.
        table: a table whose rows it shows.
        hidden: value column → the keys, as texts, of the rows in which it is hidden.
    """
    if table not in page.tables or any(_is_torn(shown) for shown in page.tables[table]):
        yield Finding(UNREADABLE, table=table, params={"file": name})
        return
    for column, keys in hidden.items():
        cells = [
            row[shown.fields.index(column)]
            for shown in page.tables[table]
            if column in shown.fields
            for key, row in shown.rows
            if key in keys
        ]
        if count := sum(not marked or any(sign.isdigit() for sign in text) for text, marked in cells):
            yield Finding(VALUE, table=table, field=column, count=count, params={"file": name})


def _is_torn(shown: _Shown) -> bool:
    return not shown.rows or any(len(row) != len(shown.fields) for _, row in shown.rows)


def documents_of(page: Page) -> Iterator[Any]:
    """Yield the JSON documents of a page.

    Raises:
        ValueError: one is none.
    """
    for text in page.documents:
        yield json.loads(text)
