"""Makes this folder's exports, as an HR system writes them, and what must be published from them.

Run it to make the files again; equal every time. ``README.md`` says which figures are real. What must be hidden stands
here as data: it was checked by hand and by the disclosure engine, and neither is asked when the files are made.
"""

import csv
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import xlsxwriter

NBSP = "\u00a0"
Pair = tuple[int, int]
"""(women, men)."""


@dataclass(frozen=True)
class Export:
    """One reference date's workbook: what it says and how it writes it."""

    date: str
    total: Pair
    small: dict[str, Pair]
    """Staff offices; the large areas share what is left of the total."""
    leaders: dict[str, Pair]
    area_header: str
    fte_header: str
    numbers_are_text: bool


NAMES = {
    "OU": "Oppvekst og utdanning",
    "HV": "Helse og velferd",
    "KN": "Kultur- og næringsområdet",
    "MP": "Miljø og plan",
    "BU": "Byutvikling",
    "ITA": "Interne tjenester og arbeidsgiverområdet",
    "KREV": "Kommunerevisjonen",
    "KKSEK": "Kontrollkomiteens sekretariat",
    "KADV": "Kommuneadvokaten",
    "BYARK": "Byarkivet",
    "POLS": "Politisk sekretariat",
}
# Per mille of the women and of the men who are in no staff office; ITA has the rest.
SHARES: dict[str, Pair] = {"OU": (472, 331), "HV": (431, 338), "KN": (38, 74), "MP": (31, 172)}
EXPORTS = [
    Export(
        "2018-01-15",
        (10_963, 3_493),
        {"KREV": (9, 7), "KKSEK": (2, 1), "KADV": (8, 5), "BYARK": (10, 6), "POLS": (4, 3)},
        {"Enhetsleder": (121, 82), "Avdelingsleder": (388, 190)},
        "Tjenesteområde",
        "Årsverk",
        numbers_are_text=True,
    ),
    Export(
        "2019-01-15",
        (11_116, 3_592),
        {"KREV": (9, 6), "KKSEK": (2, 1), "KADV": (9, 4), "BYARK": (11, 6), "POLS": (5, 3)},
        {"Enhetsleder": (120, 80), "Avdelingsleder": (401, 196)},
        "Tjenesteområde",
        "Årsverk",
        numbers_are_text=True,
    ),
    Export(
        "2019-12-31",
        (10_757, 3_611),
        {"KREV": (8, 7), "KKSEK": (1, 2), "KADV": (9, 5), "BYARK": (12, 5), "POLS": (5, 4)},
        {"Enhetsleder": (122, 79), "Avdelingsleder": (405, 193)},
        "Virksomhetsområde",
        "Avtalte årsverk",
        numbers_are_text=False,
    ),
    Export(
        "2020-12-31",
        (11_231, 3_767),
        {"KREV": (9, 7), "KKSEK": (3, 2), "KADV": (10, 5), "BYARK": (12, 7), "POLS": (6, 4)},
        {"Enhetsleder": (126, 81), "Avdelingsleder": (418, 202)},
        "Virksomhetsområde",
        "Avtalte årsverk",
        numbers_are_text=False,
    ),
]
UNITS = [("2017-01-01", 206), ("2018-01-01", 203), ("2019-01-01", 200), ("2019-12-31", 201), ("2020-12-31", 207)]
BREAKS = ("2019-12-31", "2020-12-31")

# What must be hidden below the threshold 5: date → area → sexes, ALLE for both together. Kontrollkomiteens sekretariat
# has fewer than five people until 2020, so its total goes too, and a second total with it; the other offices cover the
# sexes.
HIDDEN: dict[str, dict[str, list[str]]] = {
    "2018-01-15": {"KKSEK": ["K", "M", "ALLE"], "POLS": ["K", "M", "ALLE"], "KADV": ["K", "M"]},
    "2019-01-15": {"KKSEK": ["K", "M", "ALLE"], "POLS": ["K", "M", "ALLE"], "KADV": ["K", "M"]},
    "2019-12-31": {"KKSEK": ["K", "M", "ALLE"], "POLS": ["K", "M", "ALLE"]},
    "2020-12-31": {"KKSEK": ["K", "M"], "POLS": ["K", "M"], "KADV": ["K", "M"]},
}


def main(folder: Path) -> None:
    """Write the exports and the expected tables below ``folder``."""
    (folder / "expected").mkdir(parents=True, exist_ok=True)
    for export in EXPORTS:
        _workbook(folder, export)
    _units_file(folder / "enheter.csv")
    for name, (header, rows) in EXPECTED.items():
        _write(folder / f"expected/{name}.csv", header, rows())


def heads(export: Export) -> dict[str, Pair]:
    """Women and men in every area, summing to the export's total."""
    left = [export.total[sex] - sum(pair[sex] for pair in export.small.values()) for sex in (0, 1)]
    large = {_at(code, export): (left[0] * k // 1000, left[1] * m // 1000) for code, (k, m) in SHARES.items()}
    rest = tuple(left[sex] - sum(pair[sex] for pair in large.values()) for sex in (0, 1))
    return large | {"ITA": (rest[0], rest[1])} | export.small


def fte(pair: Pair) -> Decimal:
    """Agreed full-time equivalents of so many heads: women 0.73, men 0.81."""
    return (Decimal("0.73") * pair[0] + Decimal("0.81") * pair[1]).quantize(Decimal("0.1"))


def _at(code: str, export: Export) -> str:
    return "BU" if code == "MP" and export.date >= "2019" else code


def _name(code: str, export: Export) -> str:
    return "Kultur og næring" if code == "KN" and export.date >= "2020" else NAMES[code]


def _workbook(folder: Path, export: Export) -> None:
    book = xlsxwriter.Workbook(folder / f"hr-{export.date}.xlsx")
    book.set_properties({"created": datetime.fromisoformat(export.date)})
    _employee_sheet(book, export)
    sheet = book.add_worksheet("Ledere")
    sheet.write(0, 0, f"Ledere per {_norwegian(export.date)}")
    sheet.write_row(2, 0, ["Ledernivå", "Kvinner", "Menn", "Totalt"])
    for row, (level, (women, men)) in enumerate(export.leaders.items(), start=3):
        sheet.write_row(row, 0, [level, women, men, women + men])
    book.close()


def _employee_sheet(book: xlsxwriter.Workbook, export: Export) -> None:
    sheet = book.add_worksheet("Uttrekk")
    sheet.write(0, 0, "Trondheim kommune, HR-portalen")
    sheet.write(1, 0, f"Ansatte per {_norwegian(export.date)}, ekskl. timelønte")
    sheet.merge_range(3, 0, 4, 0, export.area_header)
    sheet.merge_range(3, 1, 3, 3, "Antall ansatte")
    for column, text in enumerate((export.fte_header, "Kontaktperson", "E-post"), start=4):
        sheet.merge_range(3, column, 4, column, text)
    sheet.write_row(4, 1, ["Kvinner", "Menn", "Totalt"])
    counts = heads(export)
    for row, (code, pair) in enumerate(counts.items(), start=5):
        person = [f"Prøve Eksempel {row - 4}", f"prove.eksempel{row - 4}@example.org"]
        sheet.write_row(row, 0, [_name(code, export), *_figures(export, pair, fte(pair)), *person])
    total_fte = sum((fte(pair) for pair in counts.values()), Decimal())
    sheet.write_row(5 + len(counts), 0, ["Sum", *_figures(export, export.total, total_fte)])


def _figures(export: Export, pair: Pair, equivalents: Decimal) -> list[object]:
    numbers = [pair[0], pair[1], sum(pair)]
    if not export.numbers_are_text:
        return [*numbers, float(equivalents)]
    return [*(f"{n:,}".replace(",", NBSP) for n in numbers), f"{equivalents:,}".replace(",", NBSP).replace(".", ",")]


def _units_file(file: Path) -> None:
    lines = ["Dato;Antall enheter", *(f"{_norwegian(day)};{number}" for day, number in UNITS)]
    file.write_bytes("\ufeff".encode() + "".join(f"{line}\r\n" for line in lines).encode())


def _employee_rows() -> list[list[object]]:
    rows: list[list[object]] = []
    for export in EXPORTS:
        for code, pair in sorted(heads(export).items()):
            for sex, number in zip("KM", pair, strict=True):
                shown = _shown(export, (code, sex), number)
                who = [export.date, code, _name(code, export), sex, SEXES[sex]]
                rows.append([*who, *shown, _flag(export, code), "ekskl_timeloenn"])
    return rows


def _total_rows() -> list[list[object]]:
    rows: list[list[object]] = []
    for export in EXPORTS:
        cells: dict[tuple[str, str], int] = {(code, "ALLE"): sum(pair) for code, pair in heads(export).items()}
        cells |= {("ALLE", "K"): export.total[0], ("ALLE", "M"): export.total[1], ("ALLE", "ALLE"): sum(export.total)}
        for (code, sex), number in sorted(cells.items()):
            rows.append([export.date, code, sex, *_shown(export, (code, sex), number), _flag(export, code)])
    return rows


def _fte_rows() -> list[list[object]]:
    rows: list[list[object]] = []
    for export in EXPORTS:
        for code, pair in sorted(heads(export).items()):
            shown = _shown(export, (code, "ALLE"), fte(pair))
            rows.append([export.date, code, _name(code, export), *shown, _flag(export, code), "avtalt"])
    return rows


def _unit_rows() -> list[list[object]]:
    return [[day, number, "b" if day in BREAKS else "", NOT_COUNTED] for day, number in UNITS]


def _leader_rows() -> list[list[object]]:
    rows: list[list[object]] = []
    for export in EXPORTS:
        for level, pair in sorted(export.leaders.items()):
            for sex, number in zip("KM", pair, strict=True):
                flag = "b" if export.date in BREAKS else ""
                rows.append([export.date, level.lower(), sex, SEXES[sex], number, "", flag])
    return rows


def _shown(export: Export, cell: tuple[str, str], number: object) -> list[object]:
    area, sex = cell
    return ["", ":"] if sex in HIDDEN[export.date].get(area, []) else [number, ""]


def _flag(export: Export, code: str) -> str:
    is_new_area = code == "BU" and export.date == "2019-01-15"
    return "b" if export.date in BREAKS or is_new_area else ""


def _norwegian(day: str) -> str:
    return ".".join(reversed(day.split("-")))


def _write(file: Path, header: str, rows: Iterable[list[object]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        stream.write(f"{header}\n")
        csv.writer(stream, lineterminator="\n").writerows(rows)


SEXES = {"K": "Kvinner", "M": "Menn"}
NOT_COUNTED = "Uten kommunerevisjonen, rådmannens strategiske ledelse og rådmannens fagstab"
COUNT = "antall,antall_status,antall_flagg"
EXPECTED = {
    "ansatte": (
        f"referansedato,tjenesteomraade_kode,tjenesteomraade,kjoenn,kjoenn_tekst,{COUNT},avgrensning",
        _employee_rows,
    ),
    "ansatte_sum": (f"referansedato,tjenesteomraade_kode,kjoenn,{COUNT}", _total_rows),
    "aarsverk": (
        "referansedato,tjenesteomraade_kode,tjenesteomraade,aarsverk,aarsverk_status,aarsverk_flagg,metode",
        _fte_rows,
    ),
    "antall_enheter": ("referansedato,antall,antall_flagg,avgrensning", _unit_rows),
    "ledere": (f"referansedato,lederniva,kjoenn,kjoenn_tekst,{COUNT}", _leader_rows),
}

if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
