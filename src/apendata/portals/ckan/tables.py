"""A table of a release as the DataStore should have it: types from the contract, a dictionary, a key, its rows.

What CKAN accepts and spoils (measured: answered with 200) is refused here, before anything is sent: nulls in keys,
names that PostgreSQL cuts, whole numbers with decimals, ``NaN``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from apendata.errors import PortalRefused

_TYPES: Final = {"integer": "bigint", "year": "bigint", "number": "numeric", "boolean": "bool", "date": "date"}
_MONEY: Final = frozenset({"NOK", "kNOK", "MNOK"})
_NAME_BYTES: Final = 63
"""PostgreSQL cuts longer names; CKAN counts characters and lets 32 «å» pass, of which half are then gone."""
RESERVED: Final = "_"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its DataStore type and what the dictionary says of it."""

    name: str
    type: str
    label: str
    notes: str
    more: Mapping[str, str]
    """Further words of the dictionary: the English texts, unit and sign."""


@dataclass(frozen=True, slots=True)
class WantedTable:
    """One DataStore table."""

    resource: str
    """Its id."""
    table: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    csv: Path
    """The published file: the rows are read from it, so nothing can stand in the DataStore that is not published."""
    sha256: str
    """Of that file. Stands in the dictionary too, by which readers know which release the rows are of."""

    @property
    def indexes(self) -> tuple[str, ...]:
        """Columns that are searched by alone: all of the key but the first, which the key's own index serves."""
        return self.key[1:]


def wanted_table(resource: Mapping[str, Any], resource_id: str, folder: Path) -> WantedTable:
    """Return the DataStore table for one resource of a ``datapackage.json``.

    Args:
        resource: with ``schema``, ``path`` and ``hash``.
        resource_id: of the CKAN resource.
        folder: of the version.

    Raises:
        PortalRefused: a column's name is none for PostgreSQL.
    """
    columns = tuple(_column(field) for field in resource["schema"]["fields"])
    for column in columns:
        _refuse_name(resource["name"], column.name)
    return WantedTable(
        resource=resource_id,
        table=resource["name"],
        columns=columns,
        key=tuple(resource["schema"]["primaryKey"]),
        csv=folder / resource["path"],
        sha256=resource["hash"].removeprefix("sha256:"),
    )


def datastore_type(field: Mapping[str, Any]) -> str:
    """Return the DataStore type of a field of a Table Schema: codes are text, kroner and decimals numeric.

    Kroner are ``numeric`` also where they are whole: a municipality's sums in øre pass 2³¹, and a reader's own sums
    of ``bigint`` may pass 2⁶³.
    """
    if field["type"] == "integer" and field.get("unit") in _MONEY:
        return "numeric"
    return _TYPES.get(field["type"], "text")


def _column(field: Mapping[str, Any]) -> Column:
    more = {
        "label_en": field.get("title_en"),
        "notes_en": field.get("description_en"),
        "unit": field.get("unit"),
        "sign": field.get("sign"),
        "decimals": field.get("decimals"),
    }
    return Column(
        name=field["name"],
        type=datastore_type(field),
        label=field.get("title") or field["name"],
        notes=field.get("description") or "",
        more={word: str(value) for word, value in more.items() if value is not None},
    )


def _refuse_name(table: str, name: str) -> None:
    wrong = (
        name.startswith((RESERVED, " "))
        or name != name.strip()
        or '"' in name
        or not name.isprintable()
        or len(name.encode()) > _NAME_BYTES
    )
    if wrong:
        raise PortalRefused(
            f"Table {table}: a column's name cannot be one in CKAN's DataStore; expected at most {_NAME_BYTES} bytes, "
            f"no quotes, and no underscore or blank first. Rename the column that begins with «{name[:12]}»."
        )
