"""What a column says of its published texts: that they are free, and which identifiers may stand in them."""

from dataclasses import dataclass
from typing import Literal

AllowedKind = Literal["organisation_number", "account_number", "email", "phone"]
"""Kinds of identifiers that a column may allow; a national identity number is none of them, anywhere."""


@dataclass(frozen=True, slots=True)
class FreeText:
    """A column whose texts are no code list and have no pattern: new ones are told, so that somebody reads them."""

    because: str
    max_length: int
    """Characters; a longer text stops the dataset."""


@dataclass(frozen=True, slots=True)
class AllowedIdentifier:
    """A kind of identifier that is meant to be published in one column."""

    kind: AllowedKind
    because: str
