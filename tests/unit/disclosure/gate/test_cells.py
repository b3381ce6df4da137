"""Cells: every distinct text is judged, every cell counted, and nothing but place and count is told."""

import re
import time

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from apendata.disclosure.gate import found_in_tables, let_through, new_texts, would_run
from apendata.disclosure.gate.triggers import would_run_each
from apendata.errors import DataRejected, PersonalDataFound
from apendata.model import AllowedIdentifier, Column, Finding, FreeText, SafeTable
from tests.unit.validation.made import dataset, field, table

PERSON, COMPANY = "01010112377", "942110464"
FREE = FreeText("prøve", 30)


def found(values, *, column=None, kind="string", **words):
    house = dataset(table("tabell", [field("verdi", kind, **words)], ["verdi"], columns=[column] if column else []))
    data = values if isinstance(values, pa.Array) else pa.array(values)
    return found_in_tables(house, {"tabell": SafeTable("tabell", pa.table({"verdi": data}))})


def told(*arguments, **words):
    return [(f.code.removeprefix("disclosure."), f.params.get("found"), f.count) for f in found(*arguments, **words)]


def test_cells_are_counted_and_never_told() -> None:
    (finding,) = found(["skole", PERSON, None, f"se {PERSON}", PERSON])
    assert (finding.table, finding.field, finding.count) == ("tabell", "verdi", 3)
    with pytest.raises(PersonalDataFound, match="table «tabell», column «verdi»: 3 cells") as caught:
        let_through("prove", [finding])
    assert PERSON not in f"{caught.value}{caught.value.findings}{caught.value.private}"


def test_what_a_column_allows_is_let_through_and_nothing_else() -> None:
    allows = Column("verdi", allow_identifiers=(AllowedIdentifier("organisation_number", "prøve"),))
    assert told([COMPANY]) == [("identifier", "organisation_number", 1)]
    assert told([COMPANY], column=allows) == []
    assert told([COMPANY, PERSON, "a@b.no"], column=allows) == [
        ("identifier", "national_identity_number", 1),
        ("identifier", "email", 1),
    ]


def test_an_allowed_account_may_look_like_a_person_s_where_it_is_written_as_an_account() -> None:
    allows = Column("verdi", allow_identifiers=(AllowedIdentifier("account_number", "prøve"),))
    assert told(["0101.01.12377"], column=allows) == []
    assert told([PERSON], column=allows) == [("identifier", "national_identity_number", 1)]


@pytest.mark.parametrize("kind", [pa.int64(), pa.decimal128(18, 0), pa.decimal128(18, 2)])
def test_whole_numbers_that_are_a_person_s(kind) -> None:
    is_integer = pa.types.is_integer(kind)
    numbers = pa.array([7, int(PERSON), int(PERSON), -int(PERSON), None]).cast(
        kind if is_integer else pa.decimal128(30, 2)
    )
    assert told(numbers.cast(kind), kind="integer" if is_integer else "number", unit="count") == [
        ("identifier", "national_identity_number", 2)
    ]
    assert told(pa.array([41010112018]), kind="integer", unit="other") == [
        ("identifier", "national_identity_number", 1)
    ]


def test_amounts_that_look_like_one_by_chance_are_amounts() -> None:
    amounts = np.random.default_rng(1).integers(10**10, 10**11, 5_000)
    assert len(told(pa.array(amounts), kind="integer", unit="count")) == 1
    assert told(pa.array(amounts), kind="integer", unit="NOK") == []
    assert told([int(PERSON)], kind="integer", unit="NOK") == []
    assert told([int(PERSON), 41010112018, 7], kind="integer", unit="NOK") == [
        ("identifier", "national_identity_number", 2)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "=1",
        "+1",
        "-1",
        "@x",
        "\tx",
        "\rx",
        "\nx",
        " =1",
        "\u00a0-",
        "\ufeff=1",
        "\u200b@x",
        "＝1",
        "﹢1",
        "－5",
        "＠x",
        "a\0b",
        "\0",
    ],
)
def test_texts_that_a_spreadsheet_might_run_are_stopped_and_not_rewritten(text) -> None:
    assert told([text, "skole"]) == [("formula_text", None, 1)]
    with pytest.raises(DataRejected, match="1 texts begin with") as caught:
        let_through("prove", found([text]))
    assert caught.value.findings == (Finding("disclosure.formula_text", table="tabell", field="verdi"),)


def test_typed_numbers_may_begin_with_minus_and_texts_may_have_signs_within() -> None:
    assert told([-5, 3], kind="integer", unit="NOK") == []
    assert told(["a=b", 'Drift; "=cmd"', "Øst–vest", ":", "..", "", None, "\u2212 5", " skole"]) == []


@given(
    st.lists(st.one_of(st.none(), st.text(max_size=4), st.text(alphabet=" \t\r\n\0=+-@＝a\u200b\ufeff", max_size=4)))
)
def test_a_column_is_judged_as_its_texts(texts) -> None:
    wanted = [text is not None and would_run(text) for text in texts]
    assert would_run_each(pa.array(texts, pa.string())).tolist() == wanted


@given(st.text(alphabet=" \t\r\n\0=+-@＝﹣a\u200b\u00a0", max_size=4))
def test_a_trigger_is_the_first_sign_that_anybody_sees(text) -> None:
    seen = re.sub(r"^[\s\u200b]+", "", text)
    assert would_run(text) is (
        text.startswith(("\t", "\r", "\n")) or seen.startswith(tuple("=+-@＝﹣")) or "\0" in text
    )


def test_a_free_text_has_a_longest_and_new_ones_are_told() -> None:
    column = Column("verdi", text=FREE)
    assert told(["x" * 30, "å" * 31, "å" * 31], column=column) == [("text_too_long", None, 2)]
    house = dataset(table("tabell", [field("verdi")], ["verdi"], columns=[column]))
    now = {"tabell": SafeTable("tabell", pa.table({"verdi": ["ny", "gammel", None, "ny"]}))}
    (first,) = new_texts(house, {}, now)
    assert (first.code, first.severity, first.table, first.field, first.count) == (
        "disclosure.new_texts",
        "warning",
        "tabell",
        "verdi",
        2,
    )
    (second,) = new_texts(house, {"tabell": pa.table({"verdi": ["gammel", "borte"]})}, now)
    assert second.count == 1
    assert new_texts(house, {"tabell": pa.table({"verdi": ["gammel", "ny"]})}, now) == ()
    let_through("prove", [first])


def test_a_name_that_identifies_is_not_told() -> None:
    name = f"x_{PERSON}"
    house = dataset(table("tabell", [field(name)], [name]))
    (finding,) = found_in_tables(house, {"tabell": SafeTable("tabell", pa.table({name: [PERSON]}))})
    assert PERSON not in repr(finding)


def test_a_large_column_of_codes_takes_no_time_to_speak_of() -> None:
    codes = pa.array(np.arange(10**10, 10**10 + 300_000)).cast(pa.string())
    begun = time.perf_counter()
    found(codes)
    assert time.perf_counter() - begun < 10
