"""Reads ``publisher.yaml``: who publishes all datasets of one folder. In one place, so that no dataset says another."""

from pathlib import Path
from typing import Final

from apendata.catalog import parse
from apendata.catalog.words import check_words
from apendata.catalog.yaml_lines import load as load_yaml
from apendata.errors import DefinitionError
from apendata.model import Area, Publisher

PUBLISHER: Final = "publisher.yaml"
_WEIGHTS: Final = (3, 2, 7, 6, 5, 4, 3, 2, 1)
_EXAMPLE: Final = """\
name: {nb: Eksempel kommune, en: Example municipality}
description: {nb: Budsjett og bemanning i kommunen., en: Budgets and staffing of the municipality.}
organisation_number: "…"  # nine digits; null for a trial that no organisation answers for
homepage: https://www.…/  # or null"""


def read_publisher(datasets: Path) -> Publisher:
    """Read and check the publisher of a folder of datasets.

    Raises:
        DefinitionError: there is no publisher.yaml, or it is wrong.
    """
    file = datasets / PUBLISHER
    if not file.is_file():
        raise DefinitionError(
            f"{file}: there is no such file. It says who publishes the datasets of this folder. Write:\n{_EXAMPLE}"
        )
    document = load_yaml(file)
    check_words(document, "publisher.schema.json")
    words = document.value
    number = words["organisation_number"]
    if number is not None and not _is_organisation_number(number):
        raise DefinitionError(
            f"{file}:{document.line(('organisation_number',))}: organisation_number: its last digit does not fit the "
            "others. Look it up in Enhetsregisteret."
        )
    return Publisher(
        name=parse.text(words["name"]),
        description=parse.text(words["description"]),
        organisation_number=number,
        homepage=words["homepage"],
        area=Area(**words["area"]) if "area" in words else None,
    )


def _is_organisation_number(digits: str) -> bool:
    """Modulus 11 with the weights of Enhetsregisteret; a mistyped number would name another organisation."""
    return sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % 11 == 0
