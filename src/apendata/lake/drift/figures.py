"""Figures as people read them in each language: 12,0 mill and 12.0 million, +12 %. Exact until they are written."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from apendata.model import Said

_MILLION: Final = 1_000_000
_SPACE: Final = "\u00a0"
_MOST_DECIMALS: Final = 9
_UNITS: Final[Mapping[str, tuple[str, str]]] = {
    "NOK": ("kroner", "NOK"),
    "kNOK": ("tusen kroner", "thousand NOK"),
    "MNOK": ("millioner kroner", "million NOK"),
    "persons": ("personer", "persons"),
    "fte": ("årsverk", "full-time equivalents"),
    "percent": ("prosent", "per cent"),
    "years": ("år", "years"),
}


def unit(name: str | None) -> Said:
    """Return a unit in words, with a blank before it; nothing for a plain count."""
    nb, en = _UNITS.get(name or "", ("", ""))
    return Said(name or "", nb=f" {nb}" if nb else "", en=f" {en}" if en else "")


def figure(value: Fraction, decimals: int | None = None) -> Said:
    """Return a number with its groups of digits, with all its decimals or so many."""
    neutral = _fixed(value, _exact_decimals(value) if decimals is None else decimals)
    return Said(neutral, nb=_grouped(neutral, _SPACE, ","), en=_grouped(neutral, ",", "."))


def two_figures(old: Fraction, new: Fraction) -> tuple[Said, Said]:
    """Return two numbers as they are best compared: in millions where that shows their difference, else whole."""
    if max(abs(old), abs(new)) < _MILLION:
        return figure(old), figure(new)
    step = abs(new - old) / _MILLION / 10
    decimals = next((d for d in (1, 2, 3) if Fraction(1, 10**d) <= step), None)
    if decimals is None:
        return figure(old), figure(new)
    return _millions(old, decimals), _millions(new, decimals)


def percent_of(moved: Fraction, old: Fraction, limit: Fraction) -> Said:
    """Return by how many per cent a sum moved, with so many decimals that it shows to be past its limit.

    The change relative to the old sum's size, so that up is plus below zero too. From zero there is no such figure, and
    to zero it would mislead: an income that is gone, written as −5 before, has gone up by 100 %.
    """
    if not old:
        return Said("0 →", nb="fra null", en="from zero")
    if not old + moved:
        return Said("→ 0", nb="til null", en="to zero")
    share = moved * 100 / abs(old)
    fewest = 0 if abs(share) >= 10 else 1
    shows = (d for d in range(fewest, _MOST_DECIMALS) if abs(Fraction(_fixed(share, d))) > limit)
    said = figure(share, next(shows, _MOST_DECIMALS))
    plus = "+" if share > 0 else ""
    nb, en = (f"{plus}{said:{language}}".replace("-", "−") for language in ("nb", "en"))
    return Said(f"{plus}{said} %", nb=f"{nb}{_SPACE}%", en=f"{en}{_SPACE}%")


def _millions(value: Fraction, decimals: int) -> Said:
    said = figure(value / _MILLION, decimals)
    return Said(str(figure(value)), nb=f"{said:nb}{_SPACE}mill", en=f"{said:en}{_SPACE}million")


def _fixed(value: Fraction, decimals: int) -> str:
    """The number with so many decimals, half away from zero; plain digits, exact however long it is."""
    scaled = (abs(value) * 10**decimals * 2 + 1) // 2
    digits = str(scaled).rjust(decimals + 1, "0")
    sign = "-" if value < 0 and scaled else ""
    return sign + (f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits)


def _exact_decimals(value: Fraction) -> int:
    return next((d for d in range(_MOST_DECIMALS) if (value * 10**d).denominator == 1), _MOST_DECIMALS)


def _grouped(neutral: str, group: str, point: str) -> str:
    whole, _, rest = neutral.partition(".")
    sign, digits = ("−", whole[1:]) if whole.startswith("-") else ("", whole)
    parts = f"{int(digits):,}".replace(",", group)
    return f"{sign}{parts}{point}{rest}" if rest else f"{sign}{parts}"
