"""What is public already: the past that disclosure control must reckon with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from apendata.model.definition import Disclosure
from apendata.model.protected import Protected

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """One table as a public version shows it, or as several alike do."""

    policy: Disclosure
    """As far as the lake recorded it: method, people, threshold, value, dimensions, per and derived."""
    key: tuple[str, ...]
    data: "pa.Table"
    """Key, numbers and ``_status`` columns, typed as in that version. Of a table that never was, and is not, under
    ``suppression`` or ``follows``: only the rows with a hidden value, since nothing else of it is asked for."""


History = Mapping[str, Sequence[Shown]]
"""Table → what each public version shows of it, newest first; also tables that the definition no longer has."""


@dataclass(frozen=True, slots=True, repr=False)
class Published:
    """One table of counts of people as one version shows it to readers, and what of it is protected."""

    dataset: str
    version: str
    name: str
    policy: Disclosure
    totals: Mapping[str, str]
    """Dimension → the code that stands for everybody."""
    key: tuple[str, ...]
    data: "pa.Table"
    """Key, the count and its ``_status``."""
    hidden: tuple[int, ...]
    """The rows whose count is hidden."""
    protected: tuple[Protected, ...] | None
    """None: the version is older than this record."""
