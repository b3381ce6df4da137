"""Releases as the lake hands them over, made up: a big budget, hidden cells, a mandated table, very long names."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from apendata.describe import contract, datapackage
from apendata.lake.formats_csv import write_csv
from apendata.model import (
    Area,
    Change,
    ChangeClass,
    Contact,
    Dataset,
    Disclosure,
    DriftLimits,
    FileRef,
    Flag,
    Publisher,
    Release,
    Source,
    Table,
    Text,
    Version,
    VersionNumber,
)

ARROW = {
    "string": pa.string(),
    "integer": pa.int64(),
    "year": pa.int32(),
    "date": pa.date32(),
    "boolean": pa.bool_(),
}
Rows = Sequence[Mapping[str, Any]]
PUBLISHER = Publisher(
    name=Text("Trondheim kommune", "Trondheim municipality"),
    description=Text("Budsjett og bemanning, fritt til bruk.", "Budgets and staffing, free to use."),
    organisation_number="942110464",
    homepage="https://www.trondheim.kommune.example",
    area=Area("Trondheim", "5001", "http://sws.geonames.org/3133880/"),
)
TRIAL = Publisher(Text("Prøveportalen", "Trial portal"), Text("En prøve.", "A trial."), None, None)


def field(name: str, kind: str, titles: tuple[str, str], **more: Any) -> dict[str, Any]:
    """A Table Schema field with all that the catalog asks of one."""
    nb, en = titles
    described = {"description": f"{nb}, slik kilden fører det.", "description_en": f"{en}, as the source keeps it."}
    return {"name": name, "type": kind, "title": nb, "title_en": en, **described, **more}


def table(name: str, titles: tuple[str, str], fields: list[dict[str, Any]], key: list[str], **more: Any) -> Table:
    """A table; ``more`` may hold disclosure, flags, foreign_keys."""
    schema = {"$schema": "https://datapackage.org/profiles/2.0/tableschema.json", "fields": fields}
    schema |= {"primaryKey": key, "missingValues": [""]}
    if "foreign_keys" in more:
        schema["foreignKeys"] = more["foreign_keys"]
    none = Disclosure("none", because=Text("Tabellen gjelder penger og vedtak, ikke personer.", "Money, not people."))
    return Table(
        name=name,
        title=Text(*titles),
        description=Text(f"{titles[0]}, én rad per kombinasjon av nøklene.", f"{titles[1]}, one row per key."),
        schema=schema,
        sources=("kilde",),
        columns=(),
        disclosure=more.get("disclosure", none),
        drift=DriftLimits(0, None, None, "prøve"),
        flags=more.get("flags", ()),
    )


def dataset(id_: str, titles: tuple[str, str], tables: Sequence[Table], **more: Any) -> Dataset:
    """A definition with plausible metadata."""
    base = Dataset(
        id=id_,
        folder=Path("/hemmelig/sti"),
        title=Text(*titles),
        description=Text(
            f"{titles[0]}: tallene som bystyret og innbyggerne styrer etter, hentet fra kommunens egne systemer.",
            f"{titles[1]}: the figures that the city council and the public go by, from our own systems.",
        ),
        coverage=Text("Hele kommunen. Foretak og selskaper er ikke med.", "The whole municipality, without companies."),
        limitations=(Text("Beløpene er avrundet til hele kroner.", "Amounts are rounded to whole kroner."),),
        keywords=(Text("budsjett", "budget"), Text("kommune", "municipality")),
        themes=("GOVE",),
        licence="NLOD-2.0",
        contact=Contact(Text("Økonomitjenesten", "Finance department"), "aapne.data@trondheim.kommune.example"),
        publisher=PUBLISHER,
        domain="budget",
        rhythm="annual",
        release="automatic",
        keep_raw=True,
        retention_days={},
        sources={"kilde": Source("kilde", "hemmelig-{aar}.csv", {"aar": "year"}, "csv", price_level=2023)},
        codelists={},
        tables=tuple(tables),
        transform=None,
        definition_sha256="0" * 64,
    )
    return replace(base, **more)


def put_version(
    public: Path, definition: Dataset, rows: Mapping[str, Rows], *, number: str = "1.0.0", **more: Any
) -> Version:
    """Write a version's folder as the lake does and return the version. ``more``: created, changes, synthetic, kind."""
    folder = public / definition.id / f"v{number}"
    folder.mkdir(parents=True, exist_ok=True)
    files = [file for t in definition.tables for file in _write_table(folder, t, rows[t.name])]
    changes = more.get("changes", ())
    if changes:
        (folder / "changes.csv").write_text("tabell,noekkel,kolonne,gammel,ny,grunn\n")
        files.append(_ref(folder / "changes.csv", "csv", None, len(changes)))
    synthetic = more.get("synthetic", True)
    promise = contract(definition, synthetic=synthetic)
    data_sha256 = hashlib.sha256(repr(sorted(rows.items())).encode()).hexdigest()
    created = more.get("created", "2026-11-22T03:30:00Z")
    descriptor = datapackage(
        promise,
        number=VersionNumber.parse(number),
        created=created,
        files=files,
        data_sha256=data_sha256,
        changes=changes,
    )
    (folder / "datapackage.json").write_text(json.dumps(descriptor, ensure_ascii=False, indent=2), encoding="utf-8")
    return Version(
        dataset=definition.id,
        number=VersionNumber.parse(number),
        kind=more.get("kind", "data" if changes else "first"),
        build_key="k",
        data_sha256=data_sha256,
        descriptor_sha256="d",
        created=created,
        synthetic=synthetic,
        files=(*files, _ref(folder / "datapackage.json", "json", None, None)),
        descriptor=descriptor,
        changes=tuple(changes),
        folder=folder,
    )


def release(version: Version, *history: Version, base_url: str | None = None) -> Release:
    """A release of ``version``."""
    return Release(version=version, history=history, base_url=base_url)


def _write_table(folder: Path, definition: Table, rows: Rows) -> list[FileRef]:
    columns = {f["name"]: pa.array([row.get(f["name"]) for row in rows], _arrow(f)) for f in definition.fields}
    pq.write_table(pa.table(columns), folder / f"{definition.name}.parquet")
    write_csv(pa.table(columns), folder / f"{definition.name}.csv")
    (folder / f"{definition.name}.xlsx").write_bytes(b"PK" + bytes(40 * len(rows) + 5000))
    kinds = ("csv", "parquet", "xlsx")
    return [_ref(folder / f"{definition.name}.{kind}", kind, definition.name, len(rows)) for kind in kinds]


def _arrow(f: Mapping[str, Any]) -> pa.DataType:
    return pa.decimal128(18, f["decimals"]) if f["type"] == "number" else ARROW[f["type"]]


def _ref(file: Path, kind: Any, name: str | None, rows: int | None) -> FileRef:
    content = file.read_bytes()
    return FileRef(file.name, kind, name, hashlib.sha256(content).hexdigest(), len(content), rows)


# ---- the samples themselves ----

YEAR = field("aar", "year", ("År", "Year"))
AREA = field("tjenesteomraade_kode", "string", ("Tjenesteområde, kode", "Service area, code"))
AREA_NAME = field("tjenesteomraade", "string", ("Tjenesteområde", "Service area"))
SEX = field(
    "kjoenn",
    "string",
    ("Kjønn", "Sex"),
    constraints={"required": True, "enum": ["K", "M"]},
    labels={"K": {"nb": "Kvinner", "en": "Women"}, "M": {"nb": "Menn", "en": "Men"}},
)
STATUS = field(
    "antall_status",
    "string",
    ("Antall, status", "Count, status"),
    constraints={"enum": [":", "..", "."]},
    labels={
        ":": {"nb": "skjult", "en": "hidden"},
        "..": {"nb": "mangler", "en": "missing"},
        ".": {"nb": "kan ikke forekomme", "en": "cannot occur"},
    },
)
FLAG = field("antall_flagg", "string", ("Antall, flagg", "Count, flags"), constraints={"enum": ["b", "r"]})
COUNT = field("antall", "integer", ("Antall ansatte", "Employees"), unit="persons", constraints={"minimum": 0})

KOSTRA = dataset(
    "budsjett-kostra",
    ("Budsjett og regnskap etter funksjon og art", "Budget and accounts by function and type"),
    [
        table(
            "budsjett_kostra",
            ("Budsjett og regnskap per funksjon og art", "Budget and accounts per function and type"),
            [
                YEAR,
                field("funksjon", "string", ("Funksjon", "Function"), constraints={"pattern": r"\d{3}"}),
                field("art", "string", ("Art", "Type"), constraints={"pattern": r"\d{3}"}),
                field("beloep_kr", "integer", ("Beløp", "Amount"), unit="NOK", sign="expense_positive"),
                field("andel_prosent", "number", ("Andel", "Share"), unit="percent", decimals=1),
            ],
            ["aar", "funksjon", "art"],
        )
    ],
)
KOSTRA_ROWS = {
    "budsjett_kostra": [
        {
            "aar": 2019 + year,
            "funksjon": f"{function:03d}",
            "art": f"{art:03d}",
            "beloep_kr": (-1) ** art * (function * 1_234_567 + art * 89),
            "andel_prosent": Decimal(function * art % 1000) / 10,
        }
        for year in range(4)
        for function in range(1, 41)
        for art in range(10, 30)
    ]
}

STAFF = dataset(
    "ansatte",
    ("Ansatte i Trondheim kommune", "Employees of Trondheim municipality"),
    [
        table(
            "ansatte",
            ("Ansatte etter kjønn og tjenesteområde", "Employees by sex and service area"),
            [
                field("referansedato", "date", ("Referansedato", "Reference date")),
                AREA,
                AREA_NAME,
                SEX,
                COUNT,
                STATUS,
                FLAG,
            ],
            ["referansedato", "tjenesteomraade_kode", "kjoenn"],
            disclosure=Disclosure("suppression", people="ansatte", threshold=3, value="antall"),
            flags=(
                Flag(
                    "antall_flagg",
                    "b",
                    {},
                    Text("Klæbu ble en del av Trondheim 1. januar 2020.", "Klæbu joined in 2020."),
                ),
            ),
        ),
        table(
            "aarsverk",
            ("Avtalte årsverk", "Contracted full-time equivalents"),
            [
                field("referansedato", "date", ("Referansedato", "Reference date")),
                AREA,
                field("aarsverk", "number", ("Årsverk", "Full-time equivalents"), unit="fte", decimals=1),
                field("aarsverk_status", "string", ("Årsverk, status", "FTE, status")),
            ],
            ["referansedato", "tjenesteomraade_kode"],
            disclosure=Disclosure("follows", table="ansatte", values=("aarsverk",)),
        ),
    ],
    domain="staffing",
    contact=Contact(Text("HR-tjenesten", "HR department"), "hr@trondheim.kommune.example"),
)
_D1, _D2 = date(2019, 12, 31), date(2020, 12, 31)
STAFF_ROWS = {
    "ansatte": [
        {"referansedato": d, "tjenesteomraade_kode": c, "tjenesteomraade": n, "kjoenn": k} | value
        for d in (_D1, _D2)
        for c, n, values in (
            ("01", "Oppvekst og utdanning", ({"antall": 5120}, {"antall": 1422, "antall_flagg": "b"})),
            ("02", "Helse og velferd", ({"antall": 5233, "antall_flagg": "r"}, {"antall": 1034})),
            (
                "03",
                "Kommuneadvokaten",
                ({"antall": None, "antall_status": ":"}, {"antall": None, "antall_status": ":"}),
            ),
            ("04", "Nytt område", ({"antall": None, "antall_status": ".."}, {"antall": None, "antall_status": "."})),
        )
        for k, value in zip("KM", values, strict=True)
    ],
    "aarsverk": [
        {"referansedato": _D2, "tjenesteomraade_kode": "01", "aarsverk": Decimal("5432.5")},
        {"referansedato": _D2, "tjenesteomraade_kode": "03", "aarsverk_status": ":"},
    ],
}

REPORTS = dataset(
    "varsling",
    ("Varslingssaker", "Whistleblowing cases"),
    [
        table(
            "varsling_fordeling",
            ("Varslingssaker etter måte, type og anonymitet", "Cases by channel, type and anonymity"),
            [
                YEAR,
                field("dimensjon", "string", ("Inndeling", "Breakdown")),
                field("kategori", "string", ("Kategori", "Category")),
                field("antall", "integer", ("Antall saker", "Cases"), unit="count"),
                field("antall_status", "string", ("Antall, status", "Count, status")),
            ],
            ["aar", "dimensjon", "kategori"],
            disclosure=Disclosure(
                "mandated",
                legal_basis=Text("Bystyresak 2/07, 25. januar 2007", "City council case 2/07, 25 January 2007"),
                one_way={"dimensjon": ("kanal", "type")},
                known_disclosures=(
                    Text("Alle fire sakene i 2018 gjaldt arbeidsmiljø.", "All four cases of 2018 were of one type."),
                ),
            ),
        )
    ],
    domain="whistleblowing",
    licence="CC-BY-4.0",
    limitations=(Text("Bare saker som når varslingssekretariatet, er med.", "Only cases that reach the secretariat."),),
)
REPORT_ROWS = {
    "varsling_fordeling": [
        {"aar": 2018, "dimensjon": "kanal", "kategori": "telefon", "antall": 1},
        {"aar": 2018, "dimensjon": "kanal", "kategori": "brev", "antall": 2},
        {"aar": 2018, "dimensjon": "kanal", "kategori": "web", "antall": 1},
        {"aar": 2018, "dimensjon": "type", "kategori": "arbeidsmiljo", "antall": 4},
        {"aar": 2017, "dimensjon": "kanal", "kategori": "telefon", "antall": None, "antall_status": ".."},
    ]
}

_LONG = "samfunnssikkerhets_og_beredskapskoordineringsmyndighetskode"
LONG = dataset(
    "driftsramme-for-interne-tjenester-og-arbeidsgiveromraadet",
    (
        "Netto driftsramme og tiltak for området Interne tjenester med samfunnssikkerhetsberedskapskoordinering",
        "Net operating frame and measures for internal services & “employer” matters <b>2023–2026</b>",
    ),
    [
        table(
            "tiltak_" + "i_handlings_og_oekonomiplanen",
            ("Tiltak i handlings- og økonomiplanen", "Measures of the plan"),
            [
                YEAR,
                field(
                    _LONG,
                    "string",
                    ("Samfunnssikkerhetsberedskapskoordineringsmyndighet", "Civil protection authority"),
                ),
                field("tiltak", "string", ("Tiltak", "Measure")),
                *(
                    field(f"beloep_{y}_kr", "integer", (f"Beløp {y}", f"Amount {y}"), unit="kNOK", sign="as_stated")
                    for y in range(2023, 2029)
                ),
                field("varig", "boolean", ("Varig", "Permanent")),
            ],
            ["aar", _LONG],
            foreign_keys=[{"fields": [_LONG], "reference": {"resource": "tjenesteomraader", "fields": ["kode"]}}],
        )
    ],
)
LONG_ROWS = {
    "tiltak_i_handlings_og_oekonomiplanen": [
        {
            "aar": 2023,
            _LONG: f"0{i}",
            "tiltak": "Lisens- og driftskostnader for robotiseringsplattform (RPA) <script>alert(1)</script> «&»"
            * (i % 2 + 1),
            **{f"beloep_{y}_kr": -1_234_567 * i for y in range(2023, 2029)},
            "varig": i % 2 == 0,
        }
        for i in range(1, 6)
    ]
}

CHANGES = (
    Change("rows_appended", ChangeClass.RELEASE, "ansatte", None, 8, {"periods": "2020-12-31: 8"}),
    Change("values_revised", ChangeClass.RELEASE, "ansatte", "antall", 2),
)


def staff_history(public: Path, **more: Any) -> tuple[Version, Version, Version]:
    """Three versions of ``ansatte``, oldest first."""
    first = {name: rows[:4] for name, rows in STAFF_ROWS.items()}
    return (
        put_version(public, STAFF, first, number="1.0.0", created="2025-01-20T03:30:00Z", **more),
        put_version(public, STAFF, STAFF_ROWS, number="1.0.1", created="2026-01-15T03:30:00Z", changes=CHANGES, **more),
        put_version(
            public,
            STAFF,
            STAFF_ROWS,
            number="1.1.0",
            created="2026-11-22T03:30:00Z",
            kind="metadata",
            changes=(Change("metadata_changed", ChangeClass.RELEASE),),
            **more,
        ),
    )


def releases(public: Path, *, base_url: str | None = None, synthetic: bool = True) -> list[Release]:
    """Put every sample in ``public`` and return what a portal is given."""
    oldest, middle, newest = staff_history(public, synthetic=synthetic)
    plain = ((KOSTRA, KOSTRA_ROWS), (REPORTS, REPORT_ROWS), (LONG, LONG_ROWS))
    made = [put_version(public, definition, rows, synthetic=synthetic) for definition, rows in plain]
    return [
        release(newest, middle, oldest, base_url=base_url),
        *(release(version, base_url=base_url) for version in made),
    ]
