"""The contract of a dataset with its readers: a Data Package v2 descriptor before it has a version and files.

Two contracts are what the lake compares to number a version, so a contract holds nothing that changes by itself (no
dates, no hashes) and nothing internal (no source, no path, no reason for a limit): only what a reader relies on.
"""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from apendata.describe.protection import protection
from apendata.model import Area, Dataset, Flag, Table, Text

PROFILE: Final = "https://datapackage.org/profiles/2.0/datapackage.json"
DIALECT: Final = {"delimiter": ",", "doubleQuote": True, "header": True, "lineTerminator": "\n", "quoteChar": '"'}
LICENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "NLOD-2.0": {
        "name": "NLOD-2.0",
        "path": "https://data.norge.no/nlod/no/2.0",
        "title": "Norsk lisens for offentlige data (NLOD) 2.0",
    },
    "CC-BY-4.0": {
        "name": "CC-BY-4.0",
        "path": "https://creativecommons.org/licenses/by/4.0/",
        "title": "Creative Commons Navngivelse 4.0 Internasjonal",
    },
}


def contract(dataset: Dataset, *, synthetic: bool) -> dict[str, Any]:
    """Return the Data Package v2 descriptor of a dataset, without version and files.

    A text for people stands under its plain name in Norwegian (``title``, what the specification knows) and with
    ``_en`` in English. Equal definitions give equal JSON: the order is fixed and everything is plain JSON data.

    Args:
        dataset: the definition, with its tables' schemas.
        synthetic: the rows come from a sample and describe nothing real.
    """
    descriptor: dict[str, Any] = {
        "$schema": PROFILE,
        "name": dataset.id,
        "id": _lasting_id(dataset),
        **_both("title", dataset.title),
        **_both("description", dataset.description),
        **_both("coverage", dataset.coverage),
        **_all("limitations", dataset.limitations),
        **_all("keywords", dataset.keywords),
        "themes": list(dataset.themes),
        "domain": dataset.domain,
        "rhythm": dataset.rhythm,
        "synthetic": synthetic,
        "licenses": [dict(LICENCES[dataset.licence])],
        "contributors": _contributors(dataset),
        **_spatial(dataset.publisher.area),
        "resources": [_resource(dataset, table) for table in dataset.tables],
    }
    return {name: _plain(value) for name, value in descriptor.items()}


def _lasting_id(dataset: Dataset) -> str:
    """The same for as long as the dataset keeps its name and its publisher; two portals with it are seen as one."""
    owner = dataset.publisher.register_entry or dataset.publisher.name.nb
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{owner}#{dataset.id}"))


def _contributors(dataset: Dataset) -> list[dict[str, Any]]:
    owner = dataset.publisher
    known = {
        "path": owner.homepage,
        "organizationNumber": owner.organisation_number,
        "registerEntry": owner.register_entry,
    }
    publisher = {
        **_both("title", owner.name),
        **_both("description", owner.description),
        **{name: value for name, value in known.items() if value is not None},
        "roles": ["publisher"],
    }
    office = {**_both("title", dataset.contact.name), "email": dataset.contact.email, "roles": ["contact"]}
    return [publisher, office]


def _spatial(area: Area | None) -> dict[str, Any]:
    if area is None:
        return {}
    return {"spatial": {"name": area.name, "municipalityNumber": area.municipality_number, "geonames": area.geonames}}


def _resource(dataset: Dataset, table: Table) -> dict[str, Any]:
    resource = {
        "name": table.name,
        "type": "table",
        **_both("title", table.title),
        **_both("description", table.description),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": dict(DIALECT),
        "disclosure": protection(table.disclosure),
        "schema": _schema(dataset, table),
    }
    return resource | _price_level(dataset, table) | _flags(table.flags)


def _schema(dataset: Dataset, table: Table) -> dict[str, Any]:
    """The Table Schema; a key into another dataset moves aside: a Data Package can only refer to its own resources."""
    own = {"", *(other.name for other in dataset.tables)}
    keys = table.schema.get("foreignKeys", [])
    inside = [key for key in keys if key["reference"]["resource"] in own]
    outside = [key for key in keys if key["reference"]["resource"] not in own]
    schema = {name: value for name, value in table.schema.items() if name != "foreignKeys"}
    return schema | ({"foreignKeys": inside} if inside else {}) | ({"externalForeignKeys": outside} if outside else {})


def _price_level(dataset: Dataset, table: Table) -> dict[str, int]:
    """The year whose prices the amounts are in; absent where the sources differ or say none."""
    levels = {dataset.sources[name].price_level for name in table.sources}
    level = levels.pop() if len(levels) == 1 else None
    return {} if level is None else {"priceLevel": level}


def _flags(flags: Sequence[Flag]) -> dict[str, Any]:
    """What each flag is there for; ``field`` is the column that holds it, ``<value>_flagg``."""
    named = [flag.column.removesuffix("_flagg") + "_flagg" for flag in flags]
    notes = [
        {"field": name, "flag": flag.flag, **_both("note", flag.because)}
        for name, flag in zip(named, flags, strict=True)
    ]
    unique = list({json.dumps(note, sort_keys=True): note for note in notes}.values())
    return {"flags": unique} if unique else {}


def _both(name: str, text: Text) -> dict[str, str]:
    return {name: text.nb, f"{name}_en": text.en}


def _all(name: str, texts: Iterable[Text]) -> dict[str, list[str]]:
    listed = list(texts)
    return {name: [text.nb for text in listed], f"{name}_en": [text.en for text in listed]}


def _plain(value: Any) -> Any:
    """A deep copy in plain dicts and lists: what is handed out shares nothing with the definition."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
