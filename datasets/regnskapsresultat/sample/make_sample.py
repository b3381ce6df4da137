"""Makes this folder's exports, as an annual report's authors keep them, and what must be published from them.

Run it to make the files again; equal every time. ``README.md`` says which figures are real.
"""

import csv
import sys
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import xlsxwriter

# area, its code, adjusted budget, accounts (million kroner), deviation in per cent as printed: without a sign
RESULTS: dict[int, list[tuple[str, str, str, str, str]]] = {
    2018: [
        ("Oppvekst og utdanning", "OU", "5012.4", "5004.1", "0.2"),
        ("Helse og velferd", "HV", "4312.6", "4325.0", "0.3"),
        ("Kultur- og næringsområdet", "KN", "402.8", "400.1", "0.7"),
        ("Miljø og plan", "MP", "611.5", "613.9", "0.4"),
        ("Interne tjenester og arbeidsgiverområdet", "ITA", "535.7", "528.2", "1.4"),
        ("Folkevalgte", "FV", "61.4", "59.1", "3.7"),
        ("Kontrollkomiteen og kommunerevisjonen", "KK", "24.3", "23.2", "4.5"),
    ],
    2019: [
        ("Oppvekst og utdanning", "OU", "5210.3", "5221.9", "0.2"),
        ("Helse og velferd", "HV", "4498.0", "4476.2", "0.5"),
        ("Kultur- og næringsområdet", "KN", "415.2", "413.7", "0.4"),
        ("Byutvikling", "BU", "629.9", "627.0", "0.5"),
        ("Interne tjenester og arbeidsgiverområdet", "ITA", "482.6", "477.8", "1.0"),
        ("Folkevalgte", "FV", "63.0", "61.5", "2.4"),
        ("Kontrollkomiteen og kommunerevisjonen", "KK", "25.1", "24.4", "2.8"),
    ],
}
# year, report, put forward, cost, deviation (million kroner; minus is spent more), changes an earlier report
DIA: list[tuple[int, str, str, str, str, bool]] = [
    (2017, "Årsrapport 2017", "2018-04-19", "10.4", "-2.4", False),
    (2017, "Årsrapport 2018", "2019-04-25", "14.6", "", True),
    (2018, "Årsrapport 2018", "2019-04-25", "14.9", "-3.4", False),
    (2019, "Årsrapport 2019", "2020-04-23", "16.2", "-3.6", False),
]
RESULT_HEADER = (
    "aar,tjenesteomraade_kode,tjenesteomraade,regulert_budsjett_kr,regnskap_kr,avvik_kr,avvik_prosent,avrunding_kr"
)
DIA_HEADER = "aar,publisert_dato,rapport,kostnad_kr,kostnad_kr_flagg,avvik_kr,avvik_kr_status,revidert,avrunding_kr"
HEADER = ["Tjenesteområde", "Regulert budsjett", "Regnskap", "Avvik", "Mer-/mindreforbruk", "Avvik i prosent"]


def main(folder: Path) -> None:
    """Write the exports and the expected tables below ``folder``."""
    (folder / "expected").mkdir(parents=True, exist_ok=True)
    for year in RESULTS:
        _result_book(folder, year)
    _dia_file(folder / "interne-arbeidsmarked.csv")
    _write(folder / "expected/regnskapsresultat.csv", RESULT_HEADER, _result_rows())
    _write(folder / "expected/interne_arbeidsmarked.csv", DIA_HEADER, _dia_rows())


def _result_book(folder: Path, year: int) -> None:
    book = xlsxwriter.Workbook(folder / f"aarsresultat-{year}.xlsx")
    book.set_properties({"created": datetime(year + 1, 4, 1)})  # noqa: DTZ001 (a workbook knows no time zones)
    sheet = book.add_worksheet("Resultat")
    sheet.merge_range(0, 0, 0, 5, f"Årsresultat {year} per tjenesteområde")
    sheet.write(1, 0, "Beløp i millioner kroner")
    sheet.write_row(3, 0, HEADER)
    row = 4
    for area, _, budget, accounts, percent in RESULTS[year]:
        sheet.write_row(row, 0, [area, *_amounts(Decimal(budget), Decimal(accounts)), f"{_comma(Decimal(percent))} %"])
        row += 1
    sums = [sum((Decimal(line[i]) for line in RESULTS[year]), Decimal()) for i in (2, 3)]
    share = abs((sums[0] - sums[1]) * 100 / sums[0]).quantize(Decimal("0.1"))
    sheet.write_row(row, 0, ["Sum", *_amounts(sums[0], sums[1]), f"{_comma(share)} %"])
    book.close()


def _amounts(budget: Decimal, accounts: Decimal) -> list[str]:
    left = budget - accounts
    return [_comma(budget), _comma(accounts), _comma(abs(left)), "mindreforbruk" if left > 0 else "merforbruk"]


def _dia_file(file: Path) -> None:
    lines = ["Det interne arbeidsmarkedet (DIA), tall fra årsrapportene i millioner kroner", ""]
    lines.append("År;Årsrapport;Lagt fram;Kostnad;Resultat;Avvik;Endret fra forrige rapport")
    for year, report, day, cost, deviation, revised in DIA:
        norwegian = ".".join(reversed(day.split("-")))
        left = _comma(abs(Decimal(deviation))) if deviation else ""
        word = "merforbruk" if deviation else ""
        lines.append(f"{year};{report};{norwegian};{_comma(Decimal(cost))};{word};{left};{'ja' if revised else 'nei'}")
    file.write_bytes("".join(f"{line}\r\n" for line in lines).encode("windows-1252"))


def _result_rows() -> list[list[object]]:
    rows: list[list[object]] = []
    for year, lines in RESULTS.items():
        for area, code, budget, accounts, percent in sorted(lines, key=lambda line: line[1]):
            left = Decimal(budget) - Decimal(accounts)
            signed = Decimal(percent).copy_sign(left)
            rows.append([year, code, area, _kroner(budget), _kroner(accounts), _kroner(left), signed, 100_000])
    return rows


def _dia_rows() -> list[list[object]]:
    rows: list[list[object]] = []
    for year, report, day, cost, deviation, revised in DIA:
        stated = [_kroner(deviation), ""] if deviation else ["", ".."]
        flag = ["r", *stated, "true"] if revised else ["", *stated, "false"]
        rows.append([year, day, report, _kroner(cost), *flag, 100_000])
    return rows


def _kroner(million: str | Decimal) -> int:
    return int(Decimal(million) * 1_000_000)


def _comma(number: Decimal) -> str:
    return f"{number:,}".replace(",", "\u00a0").replace(".", ",")


def _write(file: Path, header: str, rows: Iterable[list[object]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        stream.write(f"{header}\n")
        csv.writer(stream, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
