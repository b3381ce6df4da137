"""What others wrote is shown on a terminal, and never obeyed; as JSON it also still means what it meant."""

import json

from hypothesis import given, strategies as st

from apendata.report.foreign import ascii_json, harmless, harmless_json, plain

TEXTS = st.text() | st.text(st.characters(min_codepoint=0, max_codepoint=0x10FFFF)) | st.sampled_from(["\x7f", "\\x7f"])
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS, lambda some: st.lists(some) | st.dictionaries(TEXTS, some)
)


@given(DOCUMENTS)
def test_ascii_json_is_the_document_in_signs_that_no_terminal_obeys(document: object) -> None:
    text = ascii_json(document)
    assert json.loads(text) == document
    assert text.isascii()
    assert text.isprintable()


@given(st.text())
def test_harmless_json_means_the_same(text: str) -> None:
    assert json.loads(harmless_json(json.dumps(text, ensure_ascii=False))) == text


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    for shown in (harmless(text), plain(text)):
        assert not set(shown) & {"\x1b", "\x07", "\x7f", "\x9b", "\u202e"}
