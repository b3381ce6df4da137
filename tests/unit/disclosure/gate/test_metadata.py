"""Metadata: every key and every text of a descriptor, with its place; what a field is for is allowed there alone."""

import copy
from dataclasses import replace

import pytest

from apendata.describe import contract
from apendata.disclosure.gate import found_in_metadata, let_through
from apendata.errors import DefinitionError, PersonalDataFound
from apendata.model import Publisher, Text
from tests.unit.validation.made import dataset, field, table

PERSON, COMPANY = "01010112377", "942110464"
HOUSE = dataset(replace(table("tabell", [field("verdi", enum=["a", "b"])], ["verdi"]), sources=()))


def descriptor():
    made = contract(HOUSE, synthetic=False)
    number = Publisher(Text("Kommunen", "The municipality"), Text("x", "x"), COMPANY, "https://example.org")
    made["contributors"][0] |= {"organizationNumber": COMPANY, "registerEntry": number.register_entry}
    made["resources"][0]["schema"]["fields"][0]["title"] = "Verdi"
    return made


def places(part, path=()):
    """Every place of a text, the oracle of where to plant one."""
    if isinstance(part, dict):
        for key, value in part.items():
            yield from places(value, (*path, key))
    elif isinstance(part, list):
        for at, value in enumerate(part):
            yield from places(value, (*path, at))
    elif isinstance(part, str):
        yield path


def test_a_descriptor_in_order_is_let_through() -> None:
    assert found_in_metadata(descriptor()) == ()


@pytest.mark.parametrize("path", [p for p in places(descriptor()) if "roles" not in p], ids=str)
def test_a_number_in_any_text_of_it_stops(path) -> None:
    planted = copy.deepcopy(descriptor())
    part = planted
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = f"Spør {PERSON}"
    (finding,) = found_in_metadata(planted)
    assert finding.params["found"] == "national_identity_number"
    with pytest.raises(PersonalDataFound) as caught:
        let_through("prove", [finding])
    assert PERSON not in f"{caught.value}{caught.value.findings}"


def test_numbers_in_keys_and_typed_lists_are_seen() -> None:
    made = descriptor()
    made["resources"][0]["schema"]["fields"][0]["labels"] = {PERSON: {"nb": "x", "en": "x"}}
    made["resources"][0]["schema"]["fields"][0]["constraints"] = {"enum": [41010112018, -5]}
    told = found_in_metadata(made)
    assert sum(finding.count for finding in told) == 2
    assert PERSON not in repr(told)


@pytest.mark.parametrize(
    ("planted", "kind"),
    [
        ({"title": "Ring 73 00 00 00"}, "phone"),
        ({"description": "Skriv til kari@example.org"}, "email"),
        ({"coverage": f"Foretaket {COMPANY}"}, "organisation_number"),
        ({"limitations": ["Konto 8601.11.17947"]}, "account_number"),
        ({"contributors": [{"roles": ["publisher"], "email": "kari@example.org"}]}, "email"),
        ({"contributors": [{"roles": ["contact"], "title": "kari@example.org"}]}, "email"),
        ({"contributors": [{"roles": ["contact"], "email": COMPANY}]}, "organisation_number"),
        ({"resources": [{"name": "t", "path": "90000000.csv"}]}, "phone"),
    ],
)
def test_what_one_field_is_for_is_not_allowed_in_another(planted, kind) -> None:
    assert [finding.params["found"] for finding in found_in_metadata(planted)] == [kind]


def test_an_office_may_be_reached_and_a_publisher_known() -> None:
    office = {"roles": ["contact"], "email": "kontor@example.org", "phone": "+47 73 00 00 00"}
    told = found_in_metadata({"contributors": [office, {"roles": ["publisher"], "organizationNumber": COMPANY}]})
    assert told == ()


def test_texts_become_cells_of_the_workbook_and_patterns_do_not() -> None:
    fields = [{"name": "a", "title": "=1+1", "constraints": {"pattern": "-?[0-9]"}}]
    (finding,) = found_in_metadata({"resources": [{"name": "t", "schema": {"fields": fields}}]}, ["fordi"])
    assert finding.params["where"] == "resources.t.schema.fields.a.title"
    with pytest.raises(DefinitionError, match=r"fields\.a\.title: 1 texts begin with"):
        let_through("prove", [finding])


def test_reasons_are_looked_at_too() -> None:
    assert [f.params["where"] for f in found_in_metadata({}, [f"rettet av {PERSON}"])] == ["reasons"]
