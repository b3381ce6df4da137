"""A package that somebody else made on a portal, as far as the portal tells: what a definition can begin with."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ForeignColumn:
    """A column of a table; ``type`` is a Table Schema's."""

    name: str
    type: str
    label: str
    notes: str


@dataclass(frozen=True, slots=True)
class ForeignTable:
    """A table of a package."""

    title: str
    description: str
    url: str
    format: str
    columns: tuple[ForeignColumn, ...]
    """Empty where the portal keeps a file and knows no columns."""
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ForeignPackage:
    """A package's texts and tables; an empty text is one that the portal does not have."""

    name: str
    title: str
    description: str
    keywords: tuple[str, ...]
    licence: str
    contact: str
    email: str
    tables: tuple[ForeignTable, ...]
