"""Makes this folder's export, a workbook as the whistleblowing secretariat keeps it, and what must come out of it.

Run it to make the files again; equal every time. The figures are those of the municipality's annual report for 2018.
"""

import csv
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import xlsxwriter

COVERAGE = (
    "Bare saker som er meldt til varslingssekretariatet. "
    "Saker meldt til leder, tillitsvalgt eller verneombud er ikke med."
)
NUMBERS = {"én": 1, "to": 2, "fire": 4}
UNKNOWN = "ikke oppgitt"
CATEGORIES = [
    ("kanal", "telefon"),
    ("kanal", "brev"),
    ("kanal", "web"),
    ("type", "arbeidsmiljo"),
    ("anonymitet", "anonym"),
]
# year, cases received, and the categories in order, in the report's own words
YEARS = [(2017, "fire", [UNKNOWN] * 5), (2018, "fire", ["én", "to", "én", "fire", "én"])]


def main(folder: Path) -> None:
    """Write the export and the expected tables below ``folder``."""
    (folder / "expected").mkdir(parents=True, exist_ok=True)
    _workbook(folder / "varsling.xlsx")
    cases: list[list[object]] = [[year, NUMBERS[received], COVERAGE] for year, received, _ in YEARS]
    _write(folder / "expected/varsling_saker.csv", "aar,mottatt,dekning", cases)
    _write(folder / "expected/varsling_fordeling.csv", "aar,dimensjon,kategori,antall,antall_status", _breakdown_rows())


def _workbook(file: Path) -> None:
    book = xlsxwriter.Workbook(file)
    book.set_properties({"created": datetime(2019, 2, 1)})  # noqa: DTZ001 (a workbook knows no time zones)
    sheet = book.add_worksheet("Årsrapport")
    sheet.write(0, 0, "Varslingssekretariatet: tall til årsrapporten, jf. bystyresak 2/07")
    sheet.write_row(2, 0, ["År", "Mottatte saker"])
    sheet.merge_range(2, 2, 2, 4, "Varslingsmåte")
    sheet.write_row(2, 5, ["Type sak", "Anonyme varsel"])
    sheet.write_row(3, 2, ["Telefon", "Brev", "Web", "Arbeidsmiljø", "Antall"])
    for i, (year, received, words) in enumerate(YEARS):
        sheet.write_row(4 + i, 0, [year, received, *words])
    book.close()


def _breakdown_rows() -> list[list[object]]:
    rows: list[list[object]] = []
    for year, _, words in YEARS:
        found = dict(zip(CATEGORIES, words, strict=True))
        for dimension, category in sorted(CATEGORIES):
            word = found[dimension, category]
            rows.append([year, dimension, category, *(["", ".."] if word == UNKNOWN else [NUMBERS[word], ""])])
    return rows


def _write(file: Path, header: str, rows: Iterable[list[object]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        stream.write(f"{header}\n")
        csv.writer(stream, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
