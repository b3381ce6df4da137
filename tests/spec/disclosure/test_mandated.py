"""Whistleblowing: the four one-way counts that bystyresak 2/07 orders, once a year, and nothing beside them."""

from dataclasses import replace

import pytest

from apendata.disclosure import protect
from apendata.disclosure.determined import determined
from apendata.errors import DefinitionError, DisclosureRefused
from apendata.model import Disclosure, Signed, Text
from tests.spec.disclosure.crosstabs import dataset, rows, table

DECISION = Text("Bystyresak 2/07 ber om tallene i årsrapporten.", "City council case 2/07 asks for the figures.")
OWNED_UP = (Text("Alle fire saker i 2018 gjaldt arbeidsmiljø.", "All four cases in 2018 were about work environment."),)


def _table(name, **one_way):
    return table(
        name,
        {"aar": "year", **dict.fromkeys(one_way, "string"), "antall": "integer", "antall_status": "string"},
        ("aar", *one_way),
        Disclosure("mandated", legal_basis=DECISION, one_way=one_way, known_disclosures=OWNED_UP),
    )


TOTAL = _table("varsling")
CHANNEL = _table("varsling_maate", maate=("brev", "telefon", "web"))
KIND = _table("varsling_type", type=("arbeidsmiljoe", "annet"))
ANONYMOUS = _table("varsling_anonyme", anonym=("anonym",))
LONG = _table(
    "varsling_lang", dimensjon=("maate", "type"), kategori=("brev", "telefon", "web", "arbeidsmiljoe", "annet")
)


def _protect(*tables, domain="whistleblowing", before=None):
    """Each table: (definition, rows)."""
    valid = {definition.name: rows(definition, *lines) for definition, *lines in tables}
    return protect(dataset(*_signed([t[0] for t in tables], valid), domain=domain), valid, before or {})


def _signed(definitions, valid):
    """Somebody has signed for all that the figures determine together; the tests that ask for it say what that is."""
    if any(t.disclosure.method != "mandated" for t in definitions):
        return definitions
    try:
        found = list(determined(definitions, {name: made.data for name, made in valid.items()}))
    except (ValueError, KeyError, TypeError):  # not of the form that is looked for here; it is refused as what it is
        return definitions
    signed = tuple(Signed("Prøve Prøvesen", "2019-03-01", int(c.time), (dict(c.cell),)) for c in found)
    return [replace(t, disclosure=replace(t.disclosure, signed=signed)) for t in definitions]


FACTS_OF_2018 = [
    (TOTAL, (2018, 4, None)),
    (CHANNEL, (2018, "brev", 2, None), (2018, "telefon", 1, None), (2018, "web", 1, None)),
    (KIND, (2018, "arbeidsmiljoe", 4, None)),
    (ANONYMOUS, (2018, "anonym", 1, None)),
]


def test_what_the_four_facts_determine_together_is_computed_and_must_be_signed_for():
    """All four are of one kind: so it is known of each channel, and of the anonymous one, what it was about."""
    definitions = [definition for definition, *_ in FACTS_OF_2018]
    valid = {definition.name: rows(definition, *lines) for definition, *lines in FACTS_OF_2018}
    found = [dict(c.cell) for c in determined(definitions, {name: made.data for name, made in valid.items()})]
    assert found == [
        {"anonym": "anonym", "type": "arbeidsmiljoe"},
        {"maate": "brev", "type": "arbeidsmiljoe"},
        {"maate": "telefon", "type": "arbeidsmiljoe"},
        {"maate": "web", "type": "arbeidsmiljoe"},
    ]
    with pytest.raises(DisclosureRefused) as refused:
        protect(dataset(*definitions, domain="whistleblowing"), valid, {})
    (finding,) = refused.value.findings
    assert (finding.code, finding.count) == ("disclosure.not_signed", 4)
    assert "brev" not in str(refused.value) + repr(finding)
    signed = protect(dataset(*_signed(definitions, valid), domain="whistleblowing"), valid, {})
    assert ("disclosure.signed", 4) in [(f.code, f.count) for f in signed.findings]


def test_without_the_kinds_the_channel_of_the_anonymous_one_is_open():
    few = [FACTS_OF_2018[0], FACTS_OF_2018[1], FACTS_OF_2018[3]]
    data = {definition.name: rows(definition, *lines).data for definition, *lines in few}
    assert not list(determined([definition for definition, *_ in few], data))


def test_the_four_facts_of_2017_and_2018_pass_as_they_are():
    facts = [
        (TOTAL, (2017, 4, None), (2018, 4, None)),
        (
            CHANNEL,
            *((2017, c, None, "..") for c in ("brev", "telefon", "web")),
            (2018, "brev", 2, None),
            (2018, "telefon", 1, None),
            (2018, "web", 1, None),
        ),
        (KIND, (2017, "arbeidsmiljoe", None, ".."), (2018, "arbeidsmiljoe", 4, None)),
        (ANONYMOUS, (2017, "anonym", None, ".."), (2018, "anonym", 1, None)),
    ]
    protection = _protect(*facts)
    for definition, *lines in facts:
        assert protection.tables[definition.name].data.equals(rows(definition, *lines).data)


def test_the_long_form_holds_several_counts_under_one_another():
    lines = (
        (2018, "maate", "brev", 2, None),
        (2018, "maate", "web", 1, None),
        (2018, "type", "arbeidsmiljoe", 3, None),
    )
    assert _protect((LONG, *lines)).tables["varsling_lang"].data.num_rows == 3


def test_all_of_one_kind_must_be_owned_up_to():
    line = (2018, "arbeidsmiljoe", 4, None)
    silent = replace(KIND, disclosure=replace(KIND.disclosure, known_disclosures=()))
    with pytest.raises(DisclosureRefused) as refused:
        _protect((silent, line))
    assert refused.value.findings[0].code == "disclosure.not_owned_up"
    assert [f.count for f in _protect((KIND, line)).findings if f.code == "disclosure.known"] == [1]


def _with_field(definition, name, kind, **changes):
    fields = [*definition.fields, {"name": name, "type": kind}]
    return replace(definition, schema={**definition.schema, "fields": fields, **changes})


@pytest.mark.parametrize(
    ("definition", "lines", "code"),
    [
        pytest.param(CHANNEL, [(2018, "moete", 1, None)], "unlisted_value", id="value outside the closed list"),
        pytest.param(
            _table("v", maate=("brev",), type=("annet",)), [(2018, "brev", "annet", 1, None)], "crossed", id="two dims"
        ),
        pytest.param(
            LONG, [(2018, "maate", "web", 1, None), (2018, "type", "web", 1, None)], "crossed", id="category twice"
        ),
        pytest.param(
            _with_field(CHANNEL, "enhet", "string", primaryKey=["aar", "maate", "enhet"]),
            [(2018, "brev", 1, None, "Kultur")],
            "crossed",
            id="a unit in the key",
        ),
        pytest.param(
            _with_field(CHANNEL, "enhet", "string"),
            [(2018, "brev", 1, None, "Kultur"), (2018, "web", 1, None, "Helse")],
            "extra_column",
            id="a unit beside the key",
        ),
        pytest.param(
            _with_field(CHANNEL, "antall_anonyme", "integer"),
            [(2018, "brev", 2, None, 1)],
            "crossed",
            id="a second number",
        ),
        pytest.param(TOTAL, [(201803, 1, None)], "finer_than_year", id="a month as a number"),
        pytest.param(_with_field(TOTAL, "mottatt", "date"), [], "finer_than_year", id="a date beside the year"),
        pytest.param(CHANNEL, [(2018, "brev", 1, None), (2018, "brev", 1, None)], "crossed", id="two rows of one key"),
    ],
)
def test_what_the_decision_does_not_order_is_refused(definition, lines, code):
    if code == "finer_than_year" and not lines:
        definition = replace(definition, schema={**definition.schema, "primaryKey": ["aar"]})
        valid = {definition.name: rows(_with_field(TOTAL, "mottatt", "string"))}
    else:
        valid = {definition.name: rows(definition, *lines)}
    with pytest.raises(DisclosureRefused) as refused:
        protect(dataset(definition, domain="whistleblowing"), valid, {})
    assert f"disclosure.{code}" in [finding.code for finding in refused.value.findings]
    assert "Kultur" not in str(refused.value)


def test_a_coverage_text_for_the_whole_year_may_stand_beside():
    covered = _with_field(CHANNEL, "dekning", "string")
    text = "Saker mottatt av varslingssekretariatet"
    lines = ((2018, "brev", 2, None, text), (2018, "web", 1, None, text))
    assert _protect((covered, *lines)).tables[CHANNEL.name].data.num_rows == 2


def test_whistleblowing_knows_no_other_method():
    free = replace(TOTAL, disclosure=Disclosure("none", because=DECISION))
    with pytest.raises(DisclosureRefused) as refused:
        _protect((free, (2018, 4, None)))
    assert refused.value.findings[0].code == "disclosure.method_not_allowed"
    assert _protect((free, (2018, 4, None)), domain="other").tables


def test_a_mandate_needs_its_legal_basis():
    bare = replace(TOTAL, disclosure=replace(TOTAL.disclosure, legal_basis=None))
    with pytest.raises(DefinitionError, match="legal_basis"):
        _protect((bare, (2018, 4, None)))
