"""Makes this folder's exports, as an economy system writes budget and accounts, and what must be published from them.

Every amount is invented, from a checksum of its place: the same on every machine, and no random numbers. Only the form
is that of real exports, and the rules that a real budget keeps: each version, year and account class sums to zero, and
what operations transfer to investment (art 570) is what investment receives (art 970).
"""

import csv
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path

Line = tuple[str, str, str]
"""(kontoklasse, funksjon, art)."""
Amounts = dict[Line, list[int]]

FUNCTIONS = {
    "100": "Politisk styring",
    "110": "Kontroll og revisjon",
    "120": "Administrasjon",
    "121": "Forvaltningsutgifter i eiendomsforvaltningen",
    "130": "Administrasjonslokaler",
    "180": "Diverse fellesutgifter",
    "201": "Barnehage",
    "202": "Grunnskole",
    "211": "Styrket tilbud til førskolebarn",
    "213": "Voksenopplæring",
    "215": "Skolefritidstilbud",
    "221": "Barnehagelokaler og skyss",
    "222": "Skolelokaler",
    "223": "Skoleskyss",
    "231": "Aktivitetstilbud barn og unge",
    "232": "Forebygging, helsestasjons- og skolehelsetjeneste",
    "233": "Annet forebyggende helsearbeid",
    "234": "Aktiviserings- og servicetjenester",
    "241": "Diagnose, behandling, re-/habilitering",
    "242": "Råd, veiledning og sosialt forebyggende arbeid",
    "243": "Tilbud til personer med rusproblemer",
    "244": "Barneverntjeneste",
    "251": "Barneverntiltak i familien",
    "252": "Barneverntiltak utenfor familien",
    "253": "Helse- og omsorgstjenester i institusjon",
    "254": "Helse- og omsorgstjenester til hjemmeboende",
    "256": "Akutthjelp helse- og omsorgstjenester",
    "261": "Institusjonslokaler",
    "265": "Kommunalt disponerte boliger",
    "273": "Arbeidsrettede tiltak i kommunal regi",
    "275": "Introduksjonsordningen",
    "276": "Kvalifiseringsordningen",
    "281": "Ytelse til livsopphold",
    "301": "Plansaksbehandling",
    "302": "Byggesaksbehandling",
    "303": "Kart og oppmåling",
    "332": "Kommunale veier",
    "335": "Rekreasjon i tettsted",
    "339": "Beredskap mot branner og andre ulykker",
    "345": "Distribusjon av vann",
    "353": "Avløpsnett",
    "360": "Naturforvaltning og friluftsliv",
    "370": "Bibliotek",
    "380": "Idrett",
    "381": "Kommunale idrettsbygg",
    "383": "Musikk- og kulturskoler",
    "385": "Andre kulturaktiviteter",
    "393": "Gravplasser og krematorier",
    "800": "Skatt på inntekt og formue",
    "840": "Statlig rammetilskudd",
    "860": "Motpost avskrivninger",
    "870": "Renter, utbytte og lån",
    "880": "Interne finansieringstransaksjoner",
}
KINDS = {
    "010": "Fastlønn",
    "020": "Lønn til vikarer",
    "040": "Overtidslønn",
    "080": "Godtgjørelse folkevalgte",
    "090": "Pensjonsinnskudd",
    "099": "Arbeidsgiveravgift",
    "120": "Forbruksmateriell",
    "195": "Avgifter, gebyrer, lisenser o.l.",
    "230": "Vedlikehold, påkostning og nybygg",
    "240": "Serviceavtaler og reparasjoner",
    "270": "Andre tjenester",
    "370": "Kjøp fra private",
    "429": "Merverdiavgift",
    "470": "Overføring til private",
    "500": "Renteutgifter",
    "510": "Avdrag på lån",
    "570": "Overføring til investering",
    "590": "Avskrivninger",
    "600": "Brukerbetaling",
    "620": "Annet salg av varer og tjenester",
    "700": "Refusjon fra staten",
    "710": "Sykelønnsrefusjon",
    "729": "Kompensasjon for merverdiavgift",
    "770": "Refusjon fra private",
    "800": "Rammetilskudd",
    "870": "Skatt på inntekt og formue",
    "900": "Renteinntekter",
    "910": "Bruk av lån",
    "970": "Overføring fra drift",
    "990": "Motpost avskrivninger",
}
SERVICES = [code for code in FUNCTIONS if code < "800"]
BUILDINGS = ["121", "130", "221", "222", "261", "265", "332", "345", "353", "381", "393"]
OPERATIONS = ["010", "020", "040", "090", "099", "120", "195", "240", "270", "370", "429", "470"]
SHARES = dict(zip(OPERATIONS, [520, 30, 15, 95, 80, 30, 12, 18, 45, 90, 35, 30], strict=True))
INCOME = {"600": 60, "620": 30, "700": 45, "710": 25, "729": 35, "770": 12}
RECEIVED = "970"


@dataclass(frozen=True)
class Version:
    """One budget version or set of accounts."""

    vedtak_id: str
    type: str
    mark: str
    """What the export writes in its column «Versjon»."""
    years: tuple[int, ...]
    unit: int
    """Amounts are multiples of this many kroner: budgets are round, accounts are not."""


PLAN = Version("hop-2023-2026-vedtatt", "budsjett", "23-26V", (2023, 2024, 2025, 2026), 1000)
OLD_PLAN = Version("hop-2022-2025-vedtatt", "budsjett", "22-25V", (2023, 2024, 2025, 2026), 1000)
ADJUSTED = Version("budsjett-2022-regulert", "regulert", "22R", (2022,), 1000)
ACCOUNTS = Version("regnskap-2022", "regnskap", "22REGN", (2022,), 1)


def main(folder: Path) -> None:
    """Write the exports and the expected table below ``folder``."""
    (folder / "expected").mkdir(parents=True, exist_ok=True)
    _export(folder / f"plan_{PLAN.vedtak_id}.csv", [OLD_PLAN, PLAN])
    for version in (ADJUSTED, ACCOUNTS):
        _export(folder / f"aar_{version.vedtak_id}.csv", [version])
    _expected(folder / "expected/budsjett_kostra.csv", [PLAN, ADJUSTED, ACCOUNTS])


def _amounts(version: Version) -> Amounts:
    """All amounts of one version, a list in the order of its years."""
    columns = [_balanced_year(version, year) for year in version.years]
    return {line: [column[line] for column in columns] for line in columns[0]}


def _balanced_year(version: Version, year: int) -> dict[Line, int]:
    transferred = 180_000_000 + _amount(version, year, ("1", "880", "570"), 20_000_000)
    operations = _operations(version, year) | {("1", "880", "570"): transferred}
    needed = sum(operations.values())
    tax = -(needed * 55 // 100 // version.unit * version.unit)
    operations |= {("1", "800", "870"): tax, ("1", "840", "800"): -needed - tax}
    investment = _investment(version, year) | {("0", "880", RECEIVED): -transferred}
    return operations | investment | {("0", "870", "910"): -sum(investment.values())}


def _operations(version: Version, year: int) -> dict[Line, int]:
    lines: dict[Line, int] = {}
    for function in SERVICES:
        size = 20_000_000 + _checksum(function) % 400 * 1_000_000
        for art, share in [*SHARES.items(), *INCOME.items()]:
            line = ("1", function, art)
            if _checksum(*line) % 5 > 2 and art != "010":  # not every function has every kind
                continue
            amount = _amount(version, year, line, size * share // 1000)
            lines[line] = -amount if art in INCOME else amount
    lines["1", "100", "080"] = _amount(version, year, ("1", "100", "080"), 22_000_000)
    depreciation = {("1", f, "590"): _amount(version, year, ("1", f, "590"), 30_000_000) for f in BUILDINGS}
    finance = {("1", "870", art): _amount(version, year, ("1", "870", art), 400_000_000) for art in ("500", "510")}
    interest = {("1", "870", "900"): -_amount(version, year, ("1", "870", "900"), 150_000_000)}
    return lines | depreciation | {("1", "860", "990"): -sum(depreciation.values())} | finance | interest


def _investment(version: Version, year: int) -> dict[Line, int]:
    lines: dict[Line, int] = {}
    for function in BUILDINGS:
        size = 40_000_000 + _checksum(function, "0") % 200 * 1_000_000
        for art, share in {"195": 5, "230": 760, "270": 60, "429": 170}.items():
            lines["0", function, art] = _amount(version, year, ("0", function, art), size * share // 1000)
        lines["0", function, "729"] = -_amount(version, year, ("0", function, "729"), size * 160 // 1000)
    return lines


def _amount(version: Version, year: int, line: Line, around: int) -> int:
    """An amount within 20 % of ``around``; now and then nothing, where it is small."""
    number = _checksum(version.mark, str(year), *line)
    if number % 23 == 0 and around < 50_000_000:
        return 0
    amount = around * (800 + number % 401) // 1000 + number % 997
    return amount // version.unit * version.unit


def _checksum(*parts: str) -> int:
    return zlib.crc32("/".join(parts).encode())


def _export(file: Path, versions: list[Version]) -> None:
    years = ";".join(map(str, versions[0].years))
    lines = [f"Versjon;Kontoklasse;Funksjon;Funksjonsnavn;Art;Artsnavn;{years}"]
    for version in versions:
        for (account, function, art), amounts in sorted(_amounts(version).items()):
            names = f"{version.mark};{account};{function};{FUNCTIONS[function]};{art};{KINDS[art]}"
            lines.append(f"{names};{';'.join(map(_written, amounts))}")
    file.write_bytes("".join(f"{line}\r\n" for line in lines).encode("windows-1252"))


def _written(amount: int) -> str:
    return f" {amount:,} ".replace(",", " ") if amount else " -   "


def _expected(file: Path, versions: list[Version]) -> None:
    rows = []
    for version in versions:
        for (account, function, art), amounts in _amounts(version).items():
            names = [account, function, FUNCTIONS[function], art, KINDS[art]]
            for year, amount in zip(version.years, amounts, strict=True):
                rows.append([version.vedtak_id, version.type, *names, str(year), str(amount)])
    rows.sort(key=lambda row: (row[0], row[2], row[3], row[5], row[7]))
    header = "vedtak_id,type,kontoklasse,funksjon,funksjon_navn,art,art_navn,aar,beloep_kr"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([header.split(","), *rows])


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
