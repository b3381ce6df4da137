"""Who publishes stands in one checked place; a wrong number would name another organisation."""

from pathlib import Path

import pytest

from apendata.catalog.publisher import read_publisher
from apendata.errors import DefinitionError
from apendata.model import Text

GOOD = """\
name: {nb: Trondheim kommune, en: Trondheim municipality}
description: {nb: Tall om kommunen., en: Figures about the municipality.}
organisation_number: "942110464"
homepage: https://www.trondheim.kommune.no
area: {name: Trondheim, municipality_number: "5001", geonames: "http://sws.geonames.org/3133880/"}
"""


def read(folder: Path, text: str):
    (folder / "publisher.yaml").write_text(text, encoding="utf-8")
    return read_publisher(folder)


def test_a_publisher_is_read_as_it_stands_and_its_register_entry_is_derived(tmp_path: Path) -> None:
    publisher = read(tmp_path, GOOD)
    assert publisher.name == Text("Trondheim kommune", "Trondheim municipality")
    assert publisher.register_entry == "https://data.brreg.no/enhetsregisteret/api/enheter/942110464"
    assert publisher.area is not None
    assert publisher.area.municipality_number == "5001"


def test_a_trial_says_that_no_organisation_answers_for_it(tmp_path: Path) -> None:
    lines = GOOD.replace('"942110464"', "null").replace("https://www.trondheim.kommune.no", "null").splitlines()[:-1]
    publisher = read(tmp_path, "\n".join(lines))
    assert (publisher.organisation_number, publisher.register_entry, publisher.homepage) == (None, None, None)
    assert publisher.area is None


def test_what_is_missing_can_be_written_from_the_error(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"publisher\.yaml: there is no such file") as refused:
        read_publisher(tmp_path)
    example = refused.value.message.partition("Write:\n")[2]
    written = example.replace('"…"', '"942110464"').replace("www.…/", "www.eksempel.example/")
    assert read(tmp_path, written).name.nb == "Eksempel kommune"


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("homepage: https://www.trondheim.kommune.no\n", "", 1, "the key `homepage` is missing"),
        (", en: Trondheim municipality", "", 1, "the key `en` is missing"),
        ("homepage: https", "homepage: http", 4, "does not match"),
        ('"942110464"', '"942 110 464"', 3, "does not match"),
        ('"942110464"', "942110464", 3, "expected string or null"),
        ('"942110464"', '"942110465"', 3, "its last digit does not fit"),
        ("name: {nb: T", "naem: {nb: T", 1, "unknown key `naem`"),
        ('"5001"', '"501"', 5, "Kommunenummer, four digits"),
    ],
)
def test_a_wrong_publisher_is_refused_with_its_line(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    assert old in GOOD
    with pytest.raises(DefinitionError) as refused:
        read(tmp_path, GOOD.replace(old, new))
    assert said in refused.value.message
    assert f"publisher.yaml:{line}:" in refused.value.message
