"""A first definition of a package that stands on a portal already: what is known is written, what is not is left out.

Nothing is made up for what nobody told: a placeholder would be published one day. What is missing is missing in the
file too, with a comment that says what belongs there, and ``apendata check`` refuses the file until it is written.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from apendata.errors import DefinitionError
from apendata.model import ForeignPackage, ForeignTable

_LICENCES: Final[Mapping[str, str]] = {
    "nlod-2.0": "NLOD-2.0",
    "cc-by-4.0": "CC-BY-4.0",
}
"""Only what names its version: CKAN's own ``cc-by`` does not, and a licence is no place for a guess."""
_PLAIN: Final = re.compile(r"[a-z][a-z0-9_]*")
"""A column's name that needs no quotes; in others a colon or a line's end would be YAML's."""
_LETTERS: Final = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa"})
_LINE_ENDS: Final = {ord(sign): f"\\u{ord(sign):04x}" for sign in "\x85\u2028\u2029"}
"""Signs that end a line for YAML and not for JSON."""
_PROFILE: Final = "https://datapackage.org/profiles/2.0/tableschema.json"


def draft(package: ForeignPackage, *, datasets: Path, schemas: Path) -> tuple[Path, ...]:
    """Write ``dataset.yaml`` and a schema for each table; return the files.

    Raises:
        DefinitionError: a definition of that name, or a schema of a table's, is there already; nothing was written.
    """
    names = _table_names(package)
    files = {datasets / package.name / "dataset.yaml": "\n".join(_definition(package, names)) + "\n"}
    files |= {schemas / f"{name}.schema.json": _schema(table) for name, table in names.items() if table.columns}
    if there := sorted(str(file) for file in files if file.exists()):
        raise DefinitionError(
            f"These are there already: {', '.join(there)}. Nothing was written. Move them away, or go on with them."
        )
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tuple(files)


def _definition(package: ForeignPackage, names: Mapping[str, ForeignTable]) -> Iterator[str]:
    yield "# yaml-language-server: $schema=../../schemas/dataset.schema.json"
    yield f"# Begun from the package «{_one_line(package.name)}» on CKAN. What CKAN could not tell is missing,"
    yield "# and `apendata check` names it; docs/dataset-definition.md has every key. The words marked «en» are yours."
    yield from _text("title", package.title)
    yield from _text("description", package.description)
    yield "# coverage: {nb: …, en: …}      what is counted, and what is not"
    yield "# limitations: []               a list of {nb: …, en: …}: what a reader must know before using the figures"
    yield "keywords:" if package.keywords else "keywords: []"
    yield from (f"  - nb: {_quoted(word)}\n    # en: …" for word in package.keywords)
    yield "# themes: [GOVE]                EU's data themes"
    licence = _LICENCES.get(package.licence.lower())
    yield (
        f"licence: {licence}" if licence else f"# licence: NLOD-2.0 or CC-BY-4.0; CKAN says {_quoted(package.licence)}"
    )
    yield "contact:"
    name = f"  name:\n    nb: {_quoted(package.contact)}\n    # en: …"
    yield name if package.contact else "  # name: {nb: …, en: …}"
    yield f"  email: {_quoted(package.email)}" if package.email else "  # email: an office's, never a person's"
    yield "# domain: budget, staffing, whistleblowing, organisation or other"
    yield "# rhythm: nightly, monthly, quarterly, annual or irregular"
    yield "release: reviewed"
    yield "# keep_raw: false for everything about people"
    yield "# retention_days: {raw: …, reports: …}"
    yield "sources:"
    for name, table in names.items():
        yield f"  {name}:                       # on CKAN: {_one_line(table.url)}"
        yield f"    # path: the export's file below APENDATA_SOURCES/{_one_line(package.name)}/"
        yield "    # format, encoding, delimiter, header, unit, sign: as the system that exports it writes it"
    yield "tables:"
    for name, table in names.items():
        yield f"  {name}:"
        yield from (f"    {line}" for line in _text("title", table.title))
        yield from (f"    {line}" for line in _text("description", table.description))
        yield f"    from: {name}"
        if not table.columns:
            yield "    # CKAN has no table of this file, so no columns are known and no schema was written:"
            yield f"    # schemas/{name}.schema.json is yours to write"
        yield "    columns:"
        yield from (f"      {_key(column.name)}: {{header: {_quoted(column.label)}}}" for column in table.columns)
        yield "    # text: {because: …, max_length: …} in each column of texts that is no code list and has no pattern"
        yield "    # disclosure: how people are protected; `method: none` needs a reason"
        yield "    # drift: how much may change before a person must look"


def _text(name: str, nb: str) -> Iterator[str]:
    yield f"{name}:"
    yield f"  nb: {_quoted(nb)}" if nb else "  # nb: …"
    yield "  # en: …"


def _schema(table: ForeignTable) -> str:
    fields: list[dict[str, Any]] = [
        {
            "name": column.name,
            "type": column.type,
            **({"title": column.label} if column.label else {}),
            **({"description": column.notes} if column.notes else {}),
        }
        for column in table.columns
    ]
    schema = {"$schema": _PROFILE, "fields": fields, "primaryKey": list(table.key), "missingValues": [""]}
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def _table_names(package: ForeignPackage) -> dict[str, ForeignTable]:
    """Names of tables for files and columns, each once, from the titles that people gave."""
    names: dict[str, ForeignTable] = {}
    for table in package.tables:
        plain = unicodedata.normalize("NFKD", table.title.lower().translate(_LETTERS))
        stem = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:50] or "tabell"
        name = next(n for n in (stem, *(f"{stem}_{i}" for i in range(2, 1000))) if n not in names)
        names[name] = table
    return names


def _quoted(text: str) -> str:
    """A YAML text on one line, whatever a foreign server wrote: JSON's form is YAML's double-quoted one."""
    return json.dumps(text, ensure_ascii=False).translate(_LINE_ENDS)


def _key(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else _quoted(name)


def _one_line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:200]
