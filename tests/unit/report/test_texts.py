"""Every finding that any part can make has a sentence in both languages, and the same blanks in both."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from apendata import errors
from apendata.model import Finding, Marks, Place, RowAccount
from apendata.report.render import account_lines, advice, as_document, as_text, place_text, sentence
from apendata.report.texts import ERRORS, FOUND as TEXTS, HEADINGS, MISTAKES, RULES, TABLES, TODO, WORDS
from apendata.sources.codes import CODES as SOURCE_CODES
from apendata.sources.dates import _WORDS, PERIODS
from apendata.sources.grid import Kind
from apendata.sources.numbers import _key
from apendata.tabular.schema import _SURE_CONSTRAINTS as TYPES
from apendata.validation.codes import CODES as VALIDATION_CODES

MANDATED = {f"disclosure.{name}" for name in ("crossed", "finer_than_year", "unlisted_value", "extra_column")}


def codes_in_the_source(root: Path) -> set[str]:
    """Every text that is the first argument of a call that makes a finding, or looks like a code of the leaves."""
    found = set()
    for file in (root / "src" / "apendata").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            if re.fullmatch(r"disclosure\.[a-z_]+|(lake|portal)_[a-z]+_[a-z_]+|drift_[a-z_]+", text):
                found.add(text)
            if isinstance(node, ast.Call) and ast.unparse(node.func).lower().endswith("finding") and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add(first.value)
    return found


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_no_code_lacks_a_text(root: Path) -> None:
    wanted = {*SOURCE_CODES, *VALIDATION_CODES, *MANDATED, *codes_in_the_source(root)}
    assert wanted - set(TEXTS["nb"]) == set()
    assert set(TEXTS["nb"]) - wanted == set(), "texts that nothing uses"


def test_every_error_is_explained_in_both_languages() -> None:
    kinds = {kind.__name__ for kind in errors._EXIT_CODES}
    assert set(ERRORS["nb"]) == set(ERRORS["en"]) == kinds


@pytest.mark.parametrize(
    "catalogue",
    [TEXTS, TODO, HEADINGS, RULES, TABLES, MISTAKES, WORDS],
    ids=["found", "todo", "headings", "rules", "tables", "mistakes", "words"],
)
def test_the_languages_say_the_same(catalogue) -> None:
    assert set(catalogue["nb"]) == set(catalogue["en"])
    for code, text in catalogue["nb"].items():
        assert blanks(text) == blanks(catalogue["en"][code]), code
        assert text != catalogue["en"][code] or len(text) < 12, f"{code} is not translated"


@pytest.mark.parametrize("code", sorted(VALIDATION_CODES))
def test_a_text_uses_only_the_words_that_its_finding_has(code: str) -> None:
    allowed = {*VALIDATION_CODES[code], "count", "table", "field", "because"}
    assert blanks(TEXTS["nb"][code]) | blanks(TODO["nb"][code]) <= allowed


@pytest.mark.parametrize("code", sorted(SOURCE_CODES))
def test_a_reader_s_text_uses_the_words_of_its_error(code: str) -> None:
    allowed = {*blanks(SOURCE_CODES[code].text), "count", "table", "field"}
    assert blanks(TEXTS["nb"][code]) | blanks(TODO["nb"][code]) <= allowed


@pytest.mark.parametrize("language", ["nb", "en"])
def test_every_finding_says_what_to_do(language) -> None:
    assert set(TODO[language]) == set(TEXTS[language])
    assert [code for code, text in TODO[language].items() if len(text) < 10 or text[-1] not in ".?"] == []


@pytest.mark.parametrize("language", ["nb", "en"])
def test_what_the_parts_call_cells_types_and_dates_has_a_word_for_people(language) -> None:
    kinds = {kind.name.lower() for kind in Kind}
    told = {
        *kinds,
        *TYPES,
        "a number",
        "a text",
        *(f"a {period}" for period in PERIODS),
        *_WORDS.values(),
        "columns",
        "pad",
        "date_format",
    }
    told |= {_key(text, Marks()) for text in ("", "x", "5 %", "\u22125", "5 mill", "1.5")}
    assert told - set(WORDS[language]) == set()


def test_dates_and_kinds_are_told_as_people_say_them_and_allowed_values_as_they_are() -> None:
    form = Finding("date_form", params={"column": "Dato", "expected": "%d.%m.%Y"})
    assert sentence(form, "nb") == "1 celle i «Dato» er ikke datoer på formen dd.mm.åååå."
    mark = Finding("undeclared_mark", params={"column": "A", "key": _key("1.5", Marks())})
    assert advice(mark, "nb").endswith("(desimaltegn eller tusenskille).")
    kind = Finding("cell_kind", count=2, params={"column": "A", "found": "text", "expected": "a number", "key": "x"})
    assert sentence(kind, "nb") == "2 celler i «A» er tekst; ventet tall."
    listed = Finding("not_in_enum", field="A", params={"expected": "date"})
    assert sentence(listed, "nb").endswith(": date.")


FOUND = Finding(
    "undeclared_mark",
    table="ansatte",
    field="antall",
    count=3,
    places=(Place("hr.xlsx", "Uttrekk", 7, "Kvinner", "B7"),),
    params={"column": "Kvinner", "key": "marks.missing"},
    samples=("kanarifugl",),
)


def test_a_sentence_never_holds_a_value_and_the_report_does() -> None:
    assert "kanarifugl" not in sentence(FOUND, "nb") + sentence(FOUND, "en")
    text = as_text([FOUND], [], "nb")
    assert "Kvinner" in text
    assert "B7" in text
    assert "og 2 til" in text
    assert "kanarifugl" in text
    assert as_document([FOUND], [])["findings"][0]["samples"] == ["kanarifugl"]


def test_words_agree_with_their_number() -> None:
    one, many = (Finding("wrong_type", field="x", count=n, params={"expected": "number"}) for n in (1, 2))
    assert sentence(one, "en") == "1 value in x is not numbers."
    assert sentence(many, "en") == "2 values in x are not numbers."
    assert sentence(one, "nb") == "1 verdi i x er ikke tall."


def test_a_place_is_told_in_the_reader_s_language() -> None:
    assert place_text(FOUND.places[0], "nb") == "hr.xlsx, ark «Uttrekk», celle B7, kolonne «Kvinner»"
    assert place_text(Place("a.csv", row=7), "en") == "a.csv, line 7"


def test_what_must_be_mended_comes_first() -> None:
    note = Finding("disclosure.hidden", "info", "ansatte", count=900, params={"rows": "1000"})
    text = as_text([note, FOUND], [], "en")
    assert text.index("Must be mended") < text.index("For information")


def test_every_row_of_every_export_is_accounted_for_in_words() -> None:
    accounts = [
        RowAccount("a.csv", None, "header", 1),
        RowAccount("a.csv", None, "out", 10),
        RowAccount("a.csv", None, "sum", 2, "kontroll"),
    ]
    assert account_lines(accounts, "nb") == ["a.csv: 13 rader = 1 overskrift + 10 til data + 2 sumrad(er)"]
