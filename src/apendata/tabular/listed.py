"""One error of a report, by place; its words are Frictionless' and are put to it when it is shown."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self


class Listed(NamedTuple):
    """One error. Cells stand here since the report is the user's own, of her own file; never in a repr or a log.

    A tuple and no dataclass: of a bad file there are a hundred thousand, and making one takes a fourth of the time.
    """

    kind: str
    """Frictionless' type of the error, ``type-error``."""
    note: str
    rule: str
    """What was broken: ``type``, a constraint's name, or a stricter rule of apendata."""
    row: int | None = None
    """1-based row of the file, header included."""
    field_number: int | None = None
    """1-based column of the file."""
    field_name: str | None = None
    cell: str | None = None
    cells: tuple[str, ...] = ()
    words: Mapping[str, Any] | None = None
    """Other words of the error in a Frictionless report."""

    def __repr__(self) -> str:
        return f"Listed({self.kind}, rule={self.rule}, row={self.row})"

    @classmethod
    def of_header(cls, descriptor: Mapping[str, Any]) -> Self:
        """An error that Frictionless told of the header."""
        words = {k: v for k, v in descriptor.items() if k in ("labels", "rowNumbers", "label", "fieldName")}
        return cls(
            kind=descriptor["type"],
            note=descriptor["note"],
            rule=descriptor["type"],
            field_number=descriptor.get("fieldNumber"),
            field_name=descriptor.get("fieldName"),
            words=words,
        )
