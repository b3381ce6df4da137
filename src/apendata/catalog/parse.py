"""Plain values of a checked dataset.yaml → the frozen dataclasses of ``model.definition``. No checks of its own."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from apendata.model import (
    AllowedIdentifier,
    Check,
    Column,
    Condition,
    Disclosure,
    DriftLimits,
    ExternalFact,
    FixedField,
    Flag,
    FreeText,
    Header,
    HistoryRule,
    Ignored,
    Lookup,
    Margins,
    Marks,
    MinPerSex,
    Only,
    Revision,
    RowRule,
    Signed,
    Source,
    Split,
    SumLimit,
    Table,
    Text,
    Unpivot,
    ValuesLimit,
    Where,
)

Words = Mapping[str, Any]

_DELIMITERS: Final = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
_GROUP_MARKS: Final = {
    "space": " ",
    "nbsp": "\u00a0",
    "narrow_nbsp": "\u202f",
    "point": ".",
    "comma": ",",
    "apostrophe": "'",
}
_MINUS_MARKS: Final = {"hyphen": "-", "u2212": "\u2212", "parentheses": "()"}
_SIMPLE_SOURCE_WORDS: Final = [
    "encoding",
    "quoted",
    "first_line",
    "sheet",
    "columns",
    "unit",
    "sign",
    "price_level",
    "version_column",
]  # taken as they stand
_SIMPLE_COLUMN_WORDS: Final = [
    "path",
    "unpivot",
    "transform",
    "fill_down",
    "strip",
    "pad",
    "date_format",
    "unit",
    "sign",
    "because",
]


def text(words: Words) -> Text:
    """Read ``{nb: …, en: …}``."""
    return Text(words["nb"], words["en"])


def source(name: str, words: Words) -> Source:
    """Read one entry of ``sources``."""
    return Source(
        name=name,
        path=words["path"],
        placeholders=words.get("placeholders", {}),
        format=words["format"],
        delimiter=_DELIMITERS.get(words.get("delimiter", "")),
        header=_header(words["header"]) if "header" in words else None,
        fields=tuple(FixedField(n, start, end) for n, (start, end) in words.get("fields", {}).items()),
        marks=_marks(words.get("marks", {})),
        rows=tuple(_row_rule(rule) for rule in words.get("rows", ())),
        only=Only(where(words["only"]["where"]), words["only"]["because"]) if "only" in words else None,
        ignore=tuple(Ignored(i["because"], i.get("column"), _pattern(i)) for i in words.get("ignore", ())),
        extra_fields=words.get("extra_fields", {}).get("because"),
        text_cells_beginning_with_equals=words.get("text_cells_beginning_with_equals", {}).get("because"),
        absent=words.get("absent", {}),
        gone=words.get("gone", {}),
        **{key: words[key] for key in _SIMPLE_SOURCE_WORDS if key in words},
    )


def table(name: str, words: Words, schema: Mapping[str, Any]) -> Table:
    """Read one entry of ``tables``; ``schema`` is its Table Schema."""
    return Table(
        name=name,
        title=text(words["title"]),
        description=text(words["description"]),
        schema=schema,
        sources=_strings(words.get("from", ())),
        columns=tuple(_column(n, w) for n, w in words.get("columns", {}).items()),
        disclosure=_disclosure(words["disclosure"]),
        drift=_drift(words["drift"]),
        unpivot=_unpivot(words["unpivot"]) if "unpivot" in words else None,
        margins=Margins(**words["margins"]) if "margins" in words else None,
        same_key=words.get("same_key", {}).get("because"),
        flags=tuple(
            Flag(f["column"], f["flag"], where(f["where"]), text(f["because"])) for f in words.get("flags", ())
        ),
        checks=tuple(_check(check) for check in words.get("checks", ())),
        revisions=tuple(Revision(text(r["because"]), where(r.get("where", {}))) for r in words.get("revisions", ())),
    )


def where(words: Words) -> Where:
    """Read column → condition."""
    return {column: _condition(condition) for column, condition in words.items()}


def _condition(words: Any) -> Condition:
    if not isinstance(words, Mapping):
        return Condition(equals=str(words))
    as_text = {key: str(words[key]) for key in ("equals", "starts_with", "at_least", "at_most") if key in words}
    return Condition(
        **as_text,
        one_of=tuple(words.get("one_of", ())),
        matches=re.compile(words["matches"]) if "matches" in words else None,
        empty=words.get("empty"),
    )


def _header(words: Words) -> Header:
    return Header(
        tuple(words["contains"]),
        **{key: words[key] for key in ("rows", "join", "fill_right") if key in words},
    )


def _marks(words: Words) -> Marks:
    return Marks(
        decimal=words.get("decimal"),
        thousands=tuple(_GROUP_MARKS[word] for word in words.get("thousands", ())),
        minus=tuple(_MINUS_MARKS[word] for word in words.get("minus", ("hyphen",))),
        scale_words=words.get("scale_words", {}),
        percent_sign=words.get("percent_sign", False),
        **{key: tuple(words.get(key, ())) for key in ("zero", "missing", "hidden", "cannot_occur")},
    )


def _row_rule(words: Words) -> RowRule:
    return RowRule(words["kind"], where(words.get("where", {})), words.get("because"))


def _column(name: str, words: Words) -> Column:
    sign_from = words.get("sign_from")
    return Column(
        name=name,
        header=_strings(words.get("header", ())),
        constant=str(words["constant"]) if "constant" in words else None,
        lookup=Lookup(**words["lookup"]) if "lookup" in words else None,
        split=Split(re.compile(words["split"]["pattern"]), words["split"]["part"]) if "split" in words else None,
        codes={key: str(value) for key, value in words.get("codes", {}).items()},
        marks=_marks(words["marks"]) if "marks" in words else None,
        sign_from=(sign_from["header"], sign_from["codes"]) if sign_from else None,
        text=FreeText(**words["text"]) if "text" in words else None,
        allow_identifiers=tuple(AllowedIdentifier(**one) for one in words.get("allow_identifiers", ())),
        **{key: words[key] for key in _SIMPLE_COLUMN_WORDS if key in words},
    )


def _unpivot(words: Words) -> Unpivot:
    if "pattern" in words:
        return Unpivot(re.compile(words["pattern"]), words.get("row_total"))
    headers = "|".join(re.escape(header) for header in words["columns"])
    return Unpivot(re.compile(f"(?P<{words['name']}>{headers})"), words.get("row_total"))


def _disclosure(words: Words) -> Disclosure:
    return Disclosure(
        method=words["method"],
        because=text(words["because"]) if "because" in words else None,
        legal_basis=text(words["legal_basis"]) if "legal_basis" in words else None,
        one_way={dimension: tuple(values) for dimension, values in words.get("one_way", {}).items()},
        known_disclosures=tuple(text(t) for t in words.get("known_disclosures", ())),
        where={column: str(value) for column, value in words.get("where", {}).items()},
        on=words.get("on", {}),
        people=words.get("people"),
        threshold=words.get("threshold"),
        value=words.get("value"),
        table=words.get("table"),
        dimensions=tuple(words.get("dimensions", ())),
        per=tuple(words.get("per", ())),
        derived=tuple(words.get("derived", ())),
        values=tuple(words.get("values", ())),
        signed=tuple(Signed(**{**part, "cells": tuple(part["cells"])}) for part in words.get("signed", ())),
        sensitive=tuple(words.get("sensitive", ())),
        min_per_sex=MinPerSex(**words["min_per_sex"]) if "min_per_sex" in words else None,
        hierarchies={d: {c: tuple(parts) for c, parts in g.items()} for d, g in words.get("hierarchies", {}).items()},
        max_moves=words.get("reader", {}).get("max_moves"),
        external_facts=tuple(
            ExternalFact(part["date"], part["cell"], part["value"], text(part["source"]))
            for part in words.get("external_facts", ())
        ),
    )


def _drift(words: Words) -> DriftLimits:
    return DriftLimits(
        max_fewer_rows=words["max_fewer_rows"],
        max_more_rows=words["max_more_rows"],
        max_changed_rows=words["max_changed_rows"],
        because=words["because"],
        values=tuple(ValuesLimit(**part) for part in words.get("values", ())),
        sums=tuple(_sum_limit(part) for part in words.get("sums", ())),
        history=HistoryRule(**words["history"]) if "history" in words else None,
    )


def _sum_limit(words: Words) -> SumLimit:
    """The limits by the digits that are written, not by the nearest number that a machine has."""
    exact = {name: Decimal(str(words[name])) for name in ("max_percent", "max_amount")}
    return SumLimit(value=words["value"], per=tuple(words["per"]), because=words["because"], **exact)


def _check(words: Words) -> Check:
    own = {key: value for key, value in words.items() if key not in ("kind", "because", "severity")}
    return Check(words["kind"], own, words.get("because"), words.get("severity", "error"))


def _pattern(words: Words) -> re.Pattern[str] | None:
    return re.compile(words["pattern"]) if "pattern" in words else None


def _strings(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
