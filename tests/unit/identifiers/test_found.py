"""What identifies is found in every written form, and not in dates, amounts, years and ids."""

from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from apendata.identifiers import KINDS, kinds_in, kinds_in_each, without_identifiers

NATIONAL, ACCOUNT, ORGANISATION = "national_identity_number", "account_number", "organisation_number"
PEOPLE = ["01010112377", "41010112018", "01810112170", "01410112430", "01010112466"]
"""An ordinary one, a D-number, two synthetic ones and one that only the rule of 2032 gives, all made up."""
MARKS = [*" -./_\u00a0\u00ad\u200b\u2011\u202f\u2009·", "  ", " - "]


@pytest.mark.parametrize("number", PEOPLE)
@pytest.mark.parametrize(
    "around", ["{}", "fnr{}", "f.nr: {}.", "({})", "sak 2024/7 {}, 12 år", "{}Ola", "a,{},b", "0.{}"]
)
def test_a_person_s_number_anywhere_in_a_text(number, around) -> None:
    assert NATIONAL in kinds_in(around.format(number))


@given(st.sampled_from(PEOPLE), st.sets(st.integers(1, 10)), st.sampled_from(MARKS))
def test_a_person_s_number_in_any_groups(number, cuts, mark) -> None:
    if cuts == {4, 6}:
        return  # an account's grouping, and stopped as one
    ends = [0, *sorted(cuts), 11]
    written = mark.join(number[a:b] for a, b in pairwise(ends))
    assert NATIONAL in kinds_in(f"se {written} ")


@pytest.mark.parametrize("zero", "０٠०𝟎")
def test_in_other_digits(zero) -> None:
    other = {48 + n: ord(zero) + n for n in range(10)}
    assert NATIONAL in kinds_in("01010112377".translate(other))
    assert "phone" in kinds_in("+47 73 00 00 00".translate(other))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("942110464", ORGANISATION),
        ("NO 942 110 464 MVA", ORGANISATION),
        ("NO942110464MVA", ORGANISATION),
        ("orgnr. 942.110.464", ORGANISATION),
        ("86011117947", ACCOUNT),
        ("konto 8601.11.17947", ACCOUNT),
        ("8601\u00a011\u00a017947", ACCOUNT),
        ("NO93 8601 1117 947", ACCOUNT),
        ("NO9386011117947", ACCOUNT),
        ("0101.01.12377", ACCOUNT),
        ("kari.nordmann@trondheim.kommune.no", "email"),
        ("Skriv til <kari@example.org>.", "email"),
        ("kari＠example.org", "email"),
        ("+4773000000", "phone"),
        ("0047 73 00 00 00", "phone"),
        ("(+47) 730 00 000", "phone"),
        ("73 00 00 00", "phone"),
        ("tlf.: 73000000", "phone"),
        ("Ring 900 00 000 etter kl. 12", "phone"),
        ("Ola 90000000", "phone"),
        ("73.00.00.00", "phone"),
    ],
)
def test_the_other_kinds(text, kind) -> None:
    assert kinds_in(text) == {kind}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Drift av skoler i 2023–2026",
        "2012 2013 2014 2015",
        "2024-01-15",
        "20240115",
        "31122024",
        "2026-11-22T04:30:00Z",
        "hop-2023-2026-forslag",
        "UST-2023-04",
        "50011234",
        "12 345 678 kr",
        "1 942 110 464 kr",
        "942 110 465",
        "123456785",
        "01010112376",
        "11111111111",
        "101010112377",
        "0.2 @ 3",
        "73-00",
        "6ba7b810-9dad-11d1-80b4-01010112377f",
        "sha256:" + "01010112377a" * 5,
        "010101,12377",
        "01010112377".replace("7", "seven"),
    ],
)
def test_what_is_none(text) -> None:
    assert kinds_in(text) == frozenset()


texts = st.one_of(
    st.sampled_from([*PEOPLE, "se 010101-12377", "942110464", "86011117947", "8601.11.17947", "a@b.no", "90000000"]),
    st.text(alphabet="0123456789 .-@ab⑪３²", max_size=14),
    st.from_regex(r"\A[0-9]{7,19}\Z"),
    st.none(),
)


@given(st.lists(texts, max_size=20))
def test_a_column_is_judged_as_its_texts(column) -> None:
    found = kinds_in_each(pa.array(column, pa.string()))
    for kind in KINDS:
        wanted = [text is not None and kind in kinds_in(text) for text in column]
        assert found[kind].tolist() == wanted if kind in found else not any(wanted)


def test_a_name_is_shown_without_what_identifies() -> None:
    assert without_identifiers("lonn_01010112377.csv") == "(…)"
    assert without_identifiers("uttrekk_202401.csv") == "uttrekk_202401.csv"
