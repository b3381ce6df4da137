"""schema.org ``Dataset`` of one version, what search engines for data read from a page.

All that Google's dataset search asks for or recommends is here; a property that is not known is left out, never blank.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urljoin

MIN_DESCRIPTION: Final = 50
"""Characters; shorter ones are not shown by dataset search, so the coverage is put after them."""


def schema_org(
    descriptor: Mapping[str, Any], *, language: str, address: str, published: str, period: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the JSON-LD object for one version's page in one language.

    Args:
        descriptor: ``datapackage.json``.
        language: ``nb`` or ``en``.
        address: of the dataset's page, with a slash at its end; relative (``""``) where the site has no public address.
        published: when the dataset's first version was made, ``2026-11-22T04:30:00Z``.
        period: the first and the last date or year that the rows tell of.
    """
    word = _Words(descriptor, language)
    organisation = _organisation(descriptor, word)
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": word("title"),
        "description": _description(word),
        "identifier": descriptor["id"],
        **({"url": address} if address else {}),
        "version": descriptor["version"],
        "datePublished": published,
        "dateModified": descriptor["created"],
        "inLanguage": ["nb", "en"],
        "isAccessibleForFree": True,
        "license": descriptor["licenses"][0]["path"],
        "keywords": word("keywords"),
        "creator": organisation,
        "publisher": {"@id": organisation["@id"]} if "@id" in organisation else organisation,
        **_place(descriptor.get("spatial")),
        **({"temporalCoverage": "/".join(dict.fromkeys(period))} if period else {}),
        "variableMeasured": [_variable(word, field) for field in _measures(descriptor)],
        "distribution": list(_distributions(descriptor, word, address)),
        **_catalog(organisation["name"], language, address),
        **({"creativeWorkStatus": "Synthetic sample data"} if descriptor["synthetic"] else {}),
    }


class _Words:
    """The texts of a descriptor in one language."""

    def __init__(self, descriptor: Mapping[str, Any], language: str) -> None:
        self.descriptor = descriptor
        self.suffix = "" if language == "nb" else f"_{language}"

    def __call__(self, name: str) -> Any:
        return self.of(self.descriptor, name)

    def of(self, part: Mapping[str, Any], name: str) -> Any:
        return part.get(name + self.suffix) or part.get(name)


def _description(word: _Words) -> str:
    text: str = word("description")
    return text if len(text) >= MIN_DESCRIPTION else f"{text} {word('coverage')}"


def _measures(descriptor: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Fields with a unit, the first of each name."""
    fields = (field for resource in descriptor["resources"] for field in resource["schema"]["fields"])
    return list({field["name"]: field for field in reversed(list(fields)) if "unit" in field}.values())[::-1]


def _variable(word: _Words, field: Mapping[str, Any]) -> dict[str, Any]:
    described = {"description": word.of(field, "description"), "unitText": field["unit"]}
    return {
        "@type": "PropertyValue",
        "name": word.of(field, "title") or field["name"],
        "alternateName": field["name"],
        **{name: value for name, value in described.items() if value},
    }


def _distributions(descriptor: Mapping[str, Any], word: _Words, address: str) -> Iterator[dict[str, Any]]:
    for resource in descriptor["resources"]:
        for file in (resource, *resource["alternates"]):
            yield {
                "@type": "DataDownload",
                "name": f"{word.of(resource, 'title')} ({file['format'].upper()})",
                "contentUrl": urljoin(address, f"v{descriptor['version']}/{file['path']}"),
                "encodingFormat": file["mediatype"],
                "contentSize": f"{file['bytes']} B",
                "sha256": file["hash"].removeprefix("sha256:"),
            }


def _organisation(descriptor: Mapping[str, Any], word: _Words) -> dict[str, Any]:
    """The publisher; one without an organisation number is no public body, and nothing makes it look like one."""
    publisher, contact = descriptor["contributors"]
    number = publisher.get("organizationNumber")
    known = {"@id": publisher.get("registerEntry"), "url": publisher.get("path"), "identifier": number}
    return {
        "@type": "GovernmentOrganization" if number else "Organization",
        "name": word.of(publisher, "title"),
        **{name: value for name, value in known.items() if value},
        "contactPoint": {
            "@type": "ContactPoint",
            "name": word.of(contact, "title"),
            "email": contact["email"],
            "contactType": "data",
        },
    }


def _place(area: Mapping[str, str] | None) -> dict[str, Any]:
    if area is None:
        return {}
    number = {"@type": "PropertyValue", "propertyID": "kommunenummer", "value": area["municipalityNumber"]}
    place = {"@type": "Place", "name": area["name"], "sameAs": area["geonames"], "identifier": number}
    return {"spatialCoverage": place}


def _catalog(publisher: str, language: str, address: str) -> dict[str, Any]:
    name = f"Åpne data fra {publisher}" if language == "nb" else f"Open data from {publisher}"
    catalog = {"@type": "DataCatalog", "name": name}
    return {"includedInDataCatalog": catalog | ({"url": urljoin(address, "../")} if address else {})}
