"""The pages: everything that they say is made ready here, the templates only put it in place."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

import jinja2
from markupsafe import Markup

from apendata import describe
from apendata.model import Release, Withdrawal
from apendata.portals.site import view
from apendata.portals.site.pointer import history
from apendata.portals.words import forms
from apendata.portals.words.texts import Texts, text

PAGE: Final = {"nb": "index.html", "en": "en.html"}
"""A page's name in each language, in the catalog's folder and in each dataset's."""
DOMAINS: Final = ("budget", "staffing", "whistleblowing", "organisation", "other")


def dataset_page(release: Release, language: str, style: str) -> str:
    """Return the page of one dataset as HTML; ``style`` is the style sheet's path in the public tree."""
    descriptor, t = release.version.descriptor, Texts(language)
    address = "" if release.base_url is None else f"{release.base_url}{release.dataset}/"
    first, publisher = history(release)[-1], descriptor["contributors"][0]
    return _render(
        "dataset.html",
        **_frame(language, address, f"../{style}"),
        root="../",
        owner=text(publisher, "title", language),
        release=release,
        d=descriptor,
        synthetic=release.version.synthetic,
        publisher=publisher,
        contact=descriptor["contributors"][1],
        licence=descriptor["licenses"][0],
        domain=t(f"domain_{descriptor['domain']}"),
        version=str(release.version.number),
        updated=forms.day(release.version.created, language),
        published=forms.day(first.created, language),
        tables=view.tables(release, language),
        measures=view.measures(release, language),
        protections=view.protections(release, language),
        period=view.period_in_words(release, language),
        entries=view.entries(release, language),
        withdrawn=release.withdrawn,
        citation=_citation(release, language, address),
        json_ld=_json_ld(release, language, address),
    )


def tombstone_page(withdrawal: Withdrawal, descriptor: Mapping[str, Any], language: str, style: str) -> str:
    """Return the page of a dataset that was withdrawn: that it was there, when it went and why, and whom to ask."""
    publisher, contact = descriptor["contributors"]
    return _render(
        "withdrawn.html",
        **_frame(language, "", f"../{style}"),
        root="../",
        owner=text(publisher, "title", language),
        d=descriptor,
        contact=contact,
        synthetic=descriptor["synthetic"],
        withdrawal=withdrawal,
    )


def catalog_page(
    datasets: Sequence[Mapping[str, Any]],
    language: str,
    style: str,
    *,
    base_url: str | None,
    withdrawn: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Return the catalog as HTML.

    The site bears a publisher's name where all datasets have the same one. Where releases of several have met, it bears
    none, and each dataset says whose it is.

    Args:
        datasets: each dataset's ``latest.json``, with its ``publisher``.
        language: ``nb`` or ``en``.
        style: the style sheet's path in the public tree.
        base_url: the public tree's address, or None.
        withdrawn: tombstones, which are listed without figures.
    """
    publisher = _one_publisher(datasets)
    groups = [
        (name, sorted(found, key=lambda entry: str(text(entry, "title", language)).casefold()))
        for name in DOMAINS
        if (found := [entry for entry in datasets if entry["domain"] == name])
    ]
    return _render(
        "catalog.html",
        **_frame(language, base_url or "", style),
        root="",
        owner=text(publisher, "title", language) if publisher else "",
        about=text(publisher, "description", language) if publisher else "",
        groups=groups,
        withdrawn=withdrawn,
        datasets=datasets,
        synthetic=any(entry["synthetic"] for entry in datasets),
        tables=sum(len(entry["tables"]) for entry in datasets),
        rows=sum(entry["rows"] for entry in datasets),
        newest=max((entry["created"] for entry in datasets), default=None),
    )


def _one_publisher(datasets: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The publisher of all datasets in its newest words, or None where there are several; a number is who it is."""
    known = {entry["publisher"].get("organizationNumber") or entry["publisher"]["title"] for entry in datasets}
    newest = max(datasets, key=lambda entry: str(entry["created"]), default=None)
    return newest["publisher"] if newest and len(known) == 1 else None


def _frame(language: str, address: str, style: str) -> dict[str, Any]:
    """What every page needs: its language, its own address and its twin's, and the functions that write words."""
    twin = "en" if language == "nb" else "nb"
    canonical = {name: address + ("" if page == "index.html" and address else page) for name, page in PAGE.items()}
    return {
        "lang": language,
        "twin": twin,
        "page": PAGE,
        "canonical": canonical,
        "has_address": bool(address),
        "style": style,
        "t": Texts(language),
        "w": lambda part, name: text(part, name, language),
        "counted": lambda key, count: view.counted(key, count, language),
        "number": lambda value: forms.number(value, language),
        "day": lambda stamp: forms.day(stamp, language),
        "kind_of": lambda field: view.kind_of(field, language),
        "limits": lambda field: view.limits(field, language),
        "unit_and_sign": lambda field: view.unit_and_sign(field, language),
    }


def _citation(release: Release, language: str, address: str) -> str:
    descriptor, t = release.version.descriptor, Texts(language)
    return t(
        "cite_text",
        publisher=text(descriptor["contributors"][0], "title", language),
        year=datetime.fromisoformat(release.version.created).year,
        title=text(descriptor, "title", language),
        version=release.version.number,
        address=f" {address}." if address else "",
        licence=t(f"licence_{descriptor['licenses'][0]['name']}"),
    )


def _json_ld(release: Release, language: str, address: str) -> Markup:
    """A data block, not a script: browsers do not run it. No ``<`` in it, so no text can end it."""
    described = describe.schema_org(
        release.version.descriptor,
        language=language,
        address=address,
        published=history(release)[-1].created,
        period=view.covered(release),
    )
    return Markup(json.dumps(described, ensure_ascii=False, indent=1).replace("<", "\\u003c"))  # noqa: S704 (as above)


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("apendata.portals.site"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _render(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(values)
