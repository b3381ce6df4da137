"""Makes this folder's export, a workbook as the plan's authors keep it, and what must be published from it.

Run it to make the files again; equal every time. ``README.md`` says which figures are real.
"""

import csv
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import xlsxwriter

VEDTAK = "hop-2023-2026-forslag"
FRAME_HEADER = (
    "vedtak_id,fase,tjenesteomraade_kode,tjenesteomraade,aar,netto_ramme_kr,basis_kr,endring_mot_basis_kr,"
    "basis_vedtak_id,prisnivaa_aar,avrunding_kr"
)
MEASURE_HEADER = (
    "vedtak_id,tiltak_id,aar,tjenesteomraade_kode,tjenesteomraade,kategori,tiltak,enhet_kode,enhet,beloep_kr,"
    "aarsverk,aarsverk_status,omprioritering_id"
)
YEARS = (2023, 2024, 2025, 2026)
AREA = "Utvikling og støttetjenester"
BASIS_KNOK = 612_400
NBSP = "\u00a0"

STANDARD, CHANGES, OTHER = "Opprettholdelse av standard", "Endringer i tjenestetilbud", "Annet"
CODES = {STANDARD: "opprettholdelse_av_standard", CHANGES: "endringer_i_tjenestetilbud", OTHER: "annet"}
UNITS = {
    "Enhet for kommunikasjon, adm og innbyggerkontakt": "0110",
    "Byarkivet": "0120",
    "Sikkerhet og beredskap": "0130",
    "Kommuneadvokaten": "0140",
    "Arbeidsmiljøenheten": "0150",
    "Økonomitjenesten": "0160",
    "IT-tjenesten": "0170",
}
AS_WRITTEN = {"-1.1mill": -1_100_000, "0.9mill": 900_000, "200k": 200_000, "-": 0}

# number, category, name as the plan writes it, unit, årsverk, amounts (1000 kr, or the plan's own words), reallocation
MEASURES: list[tuple[str, str, str, str, int | None, tuple[int | str, ...], str]] = [
    ("01", STANDARD, "Lisenskostnader IT- nettverk", "", None, (1200, 1200, 1200, 1200), ""),
    ("02", STANDARD, "Lisenskostnader selvbetjeningsportalen for ansatte", "", None, (450, 450, 450, 450), ""),
    ("03", STANDARD, "Lisenskostnader prognosemodul LiFT", "", None, (600, 600, 650, 650), ""),
    (
        "04",
        STANDARD,
        "Enhet for kommunikasjon, adm og innbyggerkontakt",
        "Enhet for kommunikasjon, adm og innbyggerkontakt",
        None,
        ("-1.1mill",) * 4,
        "04",
    ),
    ("04A", STANDARD, "Omprioritering til Byarkivet", "Byarkivet", None, ("0.9mill",) * 4, "04"),
    ("04B", STANDARD, "Omprioritering til ny enhet", "Sikkerhet og beredskap", None, ("200k",) * 4, "04"),
    ("05", CHANGES, "Lisenskostnad portal for Åpne Data", "", None, (300, 300, 300, 300), ""),
    (
        "06",
        CHANGES,
        "Lisenskostnader plattform og verktøy for datadreven organisasjon",
        "",
        None,
        (500, 900, 1200, 1200),
        "",
    ),
    ("07", CHANGES, "Stilling Innsyn", "", None, (750, 750, 750, 750), ""),
    ("08", CHANGES, "Nytt saksbehandlingssystem som erstatter ESA", "", None, (2400, 2400, 2400, 2400), ""),
    ("09", CHANGES, "Utvidet IT- støtte for rekrutteringsprosess", "", None, (350, 350, 350, 350), ""),
    ("10", CHANGES, "Lisens og driftskostnader robotiseringsplattform (RPA)", "", None, (800, 800, 800, 800), ""),
    ("11", CHANGES, "Lisens og driftskostnader HR portalen", "", None, (400, 450, 500, 500), ""),
    (
        "12",
        CHANGES,
        "HMS for yrker med høye emosjonelle jobbkrav; folk som jobber med folk",
        "Arbeidsmiljøenheten",
        1,
        (900, 900, 900, 900),
        "",
    ),
    (
        "13",
        CHANGES,
        "Samfunnssikkerhet og kommunal beredskap",
        "Sikkerhet og beredskap",
        1,
        (900, 900, 900, 900),
        "",
    ),
    ("14", CHANGES, "Videreutvikling LIFT", "Økonomitjenesten", 1, (850, 850, 850, 850), ""),
    ("15", CHANGES, "Digitalisering", "IT-tjenesten", 1, (950, 950, 950, 950), ""),
    ("16", CHANGES, "Juridisk kompetanse personvern", "Kommuneadvokaten", 1, (1000, 1000, 1000, 1000), ""),
    ("17", OTHER, "Det interne arbeidmarkedet (DIA)", "", None, (-500, -1000, -1000, -1000), ""),
    ("18", OTHER, 'Prosjekt "heltid og økt stillingsandel"', "", None, (1000, 500, "-", "-"), ""),
]


def main(folder: Path) -> None:
    """Write the export and the expected tables below ``folder``."""
    (folder / "expected").mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(folder / f"{VEDTAK}.xlsx")
    book.set_properties({"created": datetime(2022, 10, 20)})  # noqa: DTZ001 (a workbook knows no time zones)
    _frame_sheet(book)
    _measure_sheet(book)
    book.close()
    _write(folder / "expected/driftsramme.csv", FRAME_HEADER, _frame_rows())
    _write(folder / "expected/driftstiltak.csv", MEASURE_HEADER, _measure_rows())


def _frame_sheet(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet("Tabell 20-1")
    sheet.write_row(0, 0, ["Tabell 20-1 Netto driftsramme, utvikling og støttetjenester"])
    sheet.write_row(1, 0, ["Tall i 1000 kroner. 2023-kroner."])
    sheet.write_row(3, 0, ["Tjenesteområde", "År", "Opprinnelig vedtatt budsjett 2022", "Endring", "Netto driftsramme"])
    for i, year in enumerate(YEARS):
        change = _change(i) // 1000
        amounts = [BASIS_KNOK, change, BASIS_KNOK + change]
        sheet.write_row(4 + i, 0, ["" if i else AREA, year, *map(_grouped, amounts)])


def _measure_sheet(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet("Tabell 20-2")
    sheet.write_row(0, 0, ["Tabell 20-2 Tiltak, utvikling og støttetjenester"])
    sheet.write_row(1, 0, ["Tall i 1000 kroner når ikke annet er skrevet. 2023-kroner."])
    sheet.write_row(3, 0, ["Tjenesteområde", "Kategori", "Nr.", "Tiltak", "Enhet", "Årsverk", *YEARS, "Omprioritering"])
    row, last = 4, ""
    for number, category, name, unit, fte, amounts, group in MEASURES:
        row += bool(last) and category != last  # an empty row between the headings
        area = "" if last else AREA
        heading = "" if category == last else category
        moved = _id(group) if group else ""
        sheet.write_row(row, 0, [area, heading, _id(number), name, unit, fte, *amounts, moved])
        row, last = row + 1, category
    sheet.write_row(row + 1, 3, ["Sum tiltak", "", "", *(_change(i) // 1000 for i in range(len(YEARS)))])
    sheet.write(row + 3, 0, "Merknad: Omprioriteringen er en endring i forhold til vedtatt HØP 2022-2025.")


def _frame_rows() -> list[list[object]]:
    basis = BASIS_KNOK * 1000
    rows: list[list[object]] = []
    for i, year in enumerate(YEARS):
        amounts = [basis + _change(i), basis, _change(i)]
        rows.append([VEDTAK, "forslag", "UST", AREA, year, *amounts, "hop-2022-2025-vedtatt", 2023, 1000])
    return rows


def _measure_rows() -> list[list[object]]:
    rows: list[list[object]] = []
    for number, category, name, unit, fte, amounts, group in MEASURES:
        stated = ["", ".."] if fte is None else [f"{fte}.0", ""]
        moved = _id(group) if group else ""
        for year, amount in zip(YEARS, amounts, strict=True):
            place = [VEDTAK, _id(number), year, "UST", AREA, CODES[category], name, UNITS.get(unit, ""), unit]
            rows.append([*place, _kroner(amount), *stated, moved])
    return sorted(rows, key=lambda row: [str(part) for part in row[:3]])


def _change(year_index: int) -> int:
    return sum(_kroner(amounts[year_index]) for *_, amounts, _ in MEASURES)


def _kroner(amount: int | str) -> int:
    return AS_WRITTEN[amount] if isinstance(amount, str) else amount * 1000


def _id(number: str) -> str:
    return f"UST-2023-{number}"


def _grouped(amount: int) -> str:
    return f"{amount:,}".replace(",", NBSP)


def _write(file: Path, header: str, rows: Iterable[list[object]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        stream.write(f"{header}\n")
        csv.writer(stream, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
