"""A steward's word that one exact difference is right: what it names, and how the lake keeps it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from apendata.lake.hashing import sha256_of_json
from apendata.model import Version

_LENGTH: Final = 16
"""Of the name of a difference, in hexadecimal digits: short enough to be read out, far too long to be met by chance."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Somebody looked at a difference and lets the build make a version of it."""

    difference: str
    because: str
    """Readers see it."""
    by: str | None
    """Her role; stays inside."""
    at: str

    def as_record(self) -> dict[str, Any]:
        """Itself as JSON-ready values."""
        return asdict(self)

    @classmethod
    def of(cls, record: Mapping[str, Any] | None) -> "Acceptance | None":
        """Read what :meth:`as_record` wrote; None: there is none.

        Raises:
            TypeError: it has other words.
        """
        return None if record is None else cls(**record)


def difference_of(
    last: Version, base: Version | None, *, data_sha256: str, contract_sha256: str, definition_sha256: str
) -> str:
    """Return the name of what would come after ``last``: 16 hexadecimal digits.

    Another export, another definition, or another version that readers have by then is another difference, so that an
    acceptance goes out with what it was given for. No export's bytes go in: the same rows are the same difference.

    Args:
        last: what readers have now.
        base: what ``changes.csv`` counts from; another one than ``last`` after a rollback.
        data_sha256: of the rows to come.
        contract_sha256: of their contract.
        definition_sha256: of the whole definition: what it says of limits and reasons decides what is accepted, too.
    """
    named = {
        "dataset": last.dataset,
        "after": [str(last.number), last.data_sha256],
        "told_from": str(base.number) if base else None,
        "rows": data_sha256,
        "contract": contract_sha256,
        "definition": definition_sha256,
    }
    return sha256_of_json(named)[:_LENGTH]
