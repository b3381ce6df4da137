"""Schemas, tables and corruptions for the oracle: mostly right, so that whole columns are accepted too."""

import csv
import io
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

V2 = "https://datapackage.org/profiles/2.0/tableschema.json"

NUMBERS = [
    "0",
    "-0",
    "7",
    "007",
    "+7",
    " 7 ",
    "7 ",
    "-12",
    "1e1",
    "1E-1",
    ".5",
    "5.",
    "7.0",
    "7.5",
    "1.25",
    "0x1F",
    "9" * 19,
]
MARKED = [
    "1 234,5",
    "1234,5",
    "1.234,5",
    "12.34",
    "1 2 3",
    "1,5",
    "1.234.567",
    "-1 234",
    "kr 12",
    "12 kr",
    "1 23,4",
    "1_0,5",
]
NASTY = [
    "",
    " ",
    "-",
    "1_0",
    "１２",
    "٣",
    "NaN",
    "inf",
    "-Infinity",
    "−7",
    "1 0",
    "1,5",
    "1e99",
    "None",
    "null",
    "²",
    ":",
    "\u00a07",
]
TEXTS: dict[str, list[str]] = {
    "string": ["010", "10", "a", "b", "ab", "xb", "æ", "Ø", "a b", "c", "०१०", "x-1", "A.1", "A;B", 'q"q', "l\nf"],
    "integer": [*NUMBERS, "1 234", "1.234", "12 kr"],
    "number": [*NUMBERS, *MARKED],
    "boolean": ["true", "True", "1", "false", "0", "FALSE", "ja", "nei", "tRUE"],
    "date": [
        "2019-01-15",
        "2020-02-29",
        "2019-02-29",
        "2019-1-5",
        "15.01.2019",
        "5.1.2019",
        "2019-01-15 ",
        "0000-01-01",
        "20190115",
        "31/12/19",
    ],
    "datetime": [
        "2019-01-15T10:00:00",
        "2019-01-15T10:00:00Z",
        "2019-01-15 10:00:00",
        "2019-02-30T10:00:00",
        "2019-01-15T24:00:00",
        "2019-01-15T10:00",
        "2019-01-15T10:00:00+02:00",
        "0000-01-01T00:00:00",
        "2019-01-15T10:00:60",
    ],
    "time": ["10:00:00", "10:00", "24:00:00", "10:60:00", "10:00:00Z", "1:00:00", "10:00:00.5", "10.00"],
    "year": ["2019", "2020", "0000", "201", " 201", "-201", "+201", "2_19", "20190"],
    "yearmonth": ["2019-01", "2019-1", "2019-13", "2019-00", "201901", "19-01", "2019-01-01", "-2019-01"],
    "duration": ["P1Y", "PT1H", "P1W", "1 day", "P", "P1Y2M3DT4H", "-P1D"],
    "object": ["{}", '{"a": 1}', "[]", "x", '{"a": {"b": 2}}', "null"],
    "array": ["[]", "[1,2]", '["a"]', "{}", "1,2", "[1"],
    "list": ["a,b", "", "1,2", "1", "1,x", "a"],
    "geopoint": ["10,63", "10, 63", "200,10", "x,y", "10"],
    "any": ["a", "1", "x y"],
}
FORMATS: dict[str, list[str]] = {
    "string": ["email", "uri", "uuid", "binary"],
    "date": ["%d.%m.%Y", "any", "%d/%m/%y", "%Y%m%d"],
    "datetime": ["any", "%Y-%m-%d %H:%M:%S"],
    "time": ["any", "%H:%M"],
}
OF_FORMAT: dict[str, list[str]] = {
    "email": ["a@b.no", "a@b", "kari.nordmann@trondheim.kommune.no", "@b.no", "a b@c.no"],
    "uri": ["https://a.no/b", "a.no", "http:", "urn:x:y"],
    "uuid": [
        "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "6ba7b8109dad11d180b400c04fd430c8",
        "6BA7B810-9DAD-11D1-80B4-00C04FD430C8",
        "6ba7b810-9dad-71d1-80b4-00c04fd430c8",
        "x",
    ],
    "binary": ["YQ==", "YQ", "æ", "a"],
}
PATTERNS = [
    *(r"\d{3}", r"^\d+$", "[0-9]+", "a|b", "(a|x)b", "(?:ab)?c*", ".{2}", "[a-zæ]+", r"[^0-9]+", r"\w+", r"\S*"),
    *(r"\d{,3}", "a+?", "(?i:AB)", "x-[0-9]", r"A\.1", "a$", "[A-Za-z ]{1,3}", r"[\d]+", "(a)?(b)?", "^a|b$", "."),
]
BOUNDS: dict[str, list[Any]] = {
    "integer": ["0", 7, 10],
    "number": ["0", 7.5, 1, "1.25"],
    "year": ["2019", 2019],
    "date": ["2019-01-15"],
    "time": ["10:00:00"],
    "yearmonth": ["2019-01"],
}
ENUMS: dict[str, list[Any]] = {
    **BOUNDS,
    "string": ["010", "a", "æ"],
    "boolean": ["true", True],
    "datetime": ["2019-01-15T10:00:00"],
    "any": ["a", 1],
    "duration": ["P1Y"],
    "object": [{"a": 1}, "{}"],
    "array": ["[1,2]"],
}
BOUND_NAMES = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]
LENGTHS = {"string", "array", "object", "list"}
UNHASHABLE = {"array", "object", "list", "geopoint"}


@dataclass(frozen=True)
class Made:
    """A schema, a dialect, and the bytes of a file."""

    schema: dict[str, Any]
    dialect: dict[str, Any]
    text: str


@st.composite
def fields(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """A field of any type, with constraints that Frictionless allows it."""
    type_ = draw(st.sampled_from(sorted(TEXTS)))
    field: dict[str, Any] = {"name": name, "type": type_}
    if type_ in FORMATS and draw(st.integers(0, 3)) == 0:
        field["format"] = draw(st.sampled_from(FORMATS[type_]))
    if constraints := draw(constraints_of(type_, plain="format" not in field)):
        field["constraints"] = constraints
    field |= draw(st.just({}) | st.sampled_from(FORMS.get(type_, [{}])))
    if draw(st.integers(0, 5)) == 0:
        field["missingValues"] = draw(st.sampled_from([[":"], ["", "-"], ["None"], []]))
    return field


@st.composite
def constraints_of(draw: st.DrawFn, type_: str, *, plain: bool) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": True} if draw(st.integers(0, 2)) == 0 else {}
    if type_ not in UNHASHABLE and draw(st.integers(0, 3)) == 0:
        constraints["unique"] = True
    if plain and type_ in ENUMS and draw(st.integers(0, 4)) == 0:
        constraints["enum"] = ENUMS[type_]
    if plain and type_ in BOUNDS:
        for bound in draw(st.sets(st.sampled_from(BOUND_NAMES), max_size=2)):
            constraints[bound] = draw(st.sampled_from(BOUNDS[type_]))
    if type_ in LENGTHS:
        for length in draw(st.sets(st.sampled_from(["minLength", "maxLength"]), max_size=1)):
            constraints[length] = draw(st.integers(0, 3))
    if type_ == "string" and draw(st.booleans()):
        constraints["pattern"] = draw(st.sampled_from(PATTERNS))
    return constraints


FORMS: dict[str, list[dict[str, Any]]] = {
    "number": [
        {"decimalChar": ","},
        {"decimalChar": ",", "groupChar": " "},
        {"decimalChar": ",", "groupChar": "."},
        {"groupChar": ","},
        {"bareNumber": False},
        {"floatNumber": True},
    ],
    "integer": [{"bareNumber": False}],
    "boolean": [{"trueValues": ["ja", "1"], "falseValues": ["nei", "0"]}],
    "list": [{"itemType": item, "delimiter": ","} for item in ("string", "integer", "number")],
    "array": [{"arrayItem": {"type": "integer"}}],
}
"""How values of a type are written."""


@st.composite
def cells(draw: st.DrawFn, field: dict[str, Any], rows: int) -> list[str]:
    texts = OF_FORMAT.get(field.get("format", ""), TEXTS[field["type"]])
    right = st.sampled_from(texts)
    text = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=4)
    anything = st.one_of(right, st.just(""), st.sampled_from(NASTY), text)
    return draw(st.lists(draw(st.sampled_from([right, right, anything])), min_size=rows, max_size=rows))


@st.composite
def tables(draw: st.DrawFn) -> Made:
    """A table and its schema: keys, odd headers, rows too short, too long and blank, quotes and line ends."""
    names = [f"f{number}" for number in range(draw(st.integers(1, 4)))]
    made = [draw(fields(name)) for name in names]
    schema: dict[str, Any] = {"$schema": V2, "fields": made}
    if draw(st.integers(0, 3)) == 0:
        schema["missingValues"] = draw(st.sampled_from([["", "-"], [":"], [{"value": "", "label": "tom"}]]))
    keyed = [f["name"] for f in made if f["type"] not in UNHASHABLE]
    if keyed and draw(st.booleans()):
        schema["primaryKey"] = keyed[: draw(st.integers(1, len(keyed)))]
    if draw(st.integers(0, 3)) == 0:
        schema["fieldsMatch"] = draw(st.sampled_from(["exact", "equal", "subset", "superset", "partial"]))
    columns = [draw(cells(field, draw(st.just(ROWS)))) for field in made]
    count = draw(st.integers(0, ROWS))
    rows = [list(row) for row in zip(*columns, strict=True)][:count]
    header = draw(headers(names))
    for row in rows:
        if draw(st.integers(0, 12)) == 0:
            row[:] = draw(st.sampled_from([[], row[:-1], [*row, "x"], [""] * len(row)]))
    dialect = draw(st.sampled_from([{}, {}, {"delimiter": ";"}, {"skipBlankRows": True}, {"commentChar": "#"}]))
    return Made(schema, dialect, written([header, *rows], dialect, draw(st.sampled_from(["\n", "\r\n"]))))


ROWS = 6


@st.composite
def headers(draw: st.DrawFn, names: list[str]) -> list[str]:
    """Mostly the fields' names."""
    if draw(st.integers(0, 4)):
        return names
    odd = [
        [*names, "more"],
        names[:-1],
        list(reversed(names)),
        [n.upper() for n in names],
        [" " + n for n in names],
        ["", *names[1:]],
    ]
    return draw(st.sampled_from(odd))


def written(rows: list[list[str]], dialect: dict[str, Any], end: str) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=dialect.get("delimiter", ","), lineterminator=end).writerows(rows)
    return stream.getvalue()
