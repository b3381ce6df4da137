"""Norwegian national identity numbers: fødselsnummer, D-number and the synthetic ones, found anywhere in an export.

What a number is stands in :mod:`apendata.identifiers.national`; here it is looked for by the old rule alone, the
synthetic series too: the test files of those who make exports are full of them. Numbers that only the rule of 2032
gives are stopped at the gate, where everything that leaves is looked at (``disclosure/gate``). Here they would cost
four times as many false alarms, in cells of amounts and codes that are mostly never published.

Written in one run; with up to three blanks, dots, strokes or invisible characters after the sixth digit («010177 -
10016», and then perhaps one before the last two); or as a date with two equal separators, «01 01 77 100 16» and
«01.01.77-10016».

Where the line goes between finding all and stopping good files:

* Exactly eleven digits, with neither digit nor letter beside them. Longer runs are account, invoice or meter numbers
  and hexadecimal ids; without the letters, every hundred thousandth UUID would stop a file.
* Not a part of a decimal number: ``12345678901,50`` and ``0.12345678901`` are amounts. A decimal comma is no separator;
  a point is, since people write it so, and an amount would need exactly six and five digits. Number cells of a workbook
  are never looked at that way.
* Day and month must exist and both check digits must be right. Of random eleven digits 0.2 % pass, and that holds for
  six and five digits with a separator as well; of a real date and five digits beside it 0.8 %.
* Whole thousands written in one run, or with a lone hyphen, are not looked at: they are amounts, or codes and amounts
  that an export has glued together (Stavanger's budget of 2016 has «221170 33000» and «231180 -62000» without the
  blank). One identity number in 1 210 ends in 000; a list of people has others beside it. With another separator after
  the sixth digit it is looked at.
* ``12 345 678 901`` has its blanks elsewhere and never matches, nor does a bank account, ``1201.56.78901``: its own
  check digit is the second one here, so one account in forty would pass. Two codes of six and five digits side by side
  are in two cells, and cells are looked at one by one, not lines: a fixed-width line has digits of several fields
  together.
* A number cell of a workbook has lost its leading zero, so ten digits are tried with a zero before them.

What is left of false alarms is a loud stop that a person clears at the source; the other mistake cannot be taken back.
"""

import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from apendata.identifiers import is_national_identity_number
from apendata.model import SHOWN_PLACES, Finding, Place
from apendata.sources.codes import finding, refuse
from apendata.sources.grid import Cells, Grid, Kind, Rows

_MARK: Final = "[\t\n\r ._/\\\\\u00a0\u00ad\u2000-\u2015\u2028\u2029\u202f\u205f\u2060\u2212\u3000\ufeff-]"
"""What may separate: blanks of every width, dashes, dot, strokes, and characters that nobody sees."""
_FORM: Final = re.compile(
    rf"(?<![^\W_])(?<!\d[.,])"
    rf"(?:[0-9]{{6}}(?:-?(?![0-9]{{2}}000)[0-9]{{5}}|(?!-[0-9]{{5}}){_MARK}{{1,3}}[0-9]{{3}}{_MARK}?[0-9]{{2}})"
    rf"|[0-9]{{2}}({_MARK})[0-9]{{2}}\1[0-9]{{2}}{_MARK}{{1,3}}[0-9]{{3}}{_MARK}?[0-9]{{2}})"
    rf"(?![^\W_])(?![.,]\d)"
)
_ROUGH: Final = (
    rf"[0-9]{{6}}{_MARK}{{0,3}}[0-9]{{3}}{_MARK}?[0-9]{{2}}"
    rf"|(?:[0-9]{{2}}{_MARK}){{2}}[0-9]{{2}}{_MARK}{{1,3}}[0-9]{{3}}"
)
_EATEN: Final = re.compile(r"[0-9]{7}(?!000)[0-9]{3}")
_DECIMAL: Final = re.compile(r"-?[0-9]+\.[0-9]+")
_NO_DIGITS: Final = re.compile(r"[^0-9]+")
_LENGTH: Final = 11


def has_identity_number(text: str) -> bool:
    """Whether a national identity number stands anywhere in the text."""
    return any(_is_valid(_NO_DIGITS.sub("", match[0])) for match in _FORM.finditer(text))


def without_numbers(name: str) -> str:
    """A name that may be shown: an identity number in it is blotted out."""
    return _FORM.sub(lambda match: "(…)" if _is_valid(_NO_DIGITS.sub("", match[0])) else match[0], name)


def screen_name(name: str) -> None:
    """Look at a file's name, before any other message can say it.

    Raises:
        PersonalDataFound: with the name blotted out.
    """
    if has_identity_number(name):
        refuse([finding("identity_number", [Place(without_numbers(name))])])


def screen_sheet_names(names: Iterable[str], file: str) -> None:
    """Look at the names of all sheets, before any other message can say one.

    Raises:
        PersonalDataFound: with the names blotted out.
    """
    refuse([finding("identity_number", [Place(file, without_numbers(n))]) for n in names if has_identity_number(n)])


def screen(grids: tuple[Grid, ...]) -> None:
    """Look at every cell of every sheet, read or not.

    Raises:
        PersonalDataFound: with the places; the digits stand nowhere, not even in the private samples.
    """
    found: list[Finding] = []
    with ThreadPoolExecutor() as pool:
        for grid in grids:
            for index, rows in enumerate(pool.map(lambda column: list(rows_with_numbers(column)), grid.columns)):
                if rows:
                    found.append(finding("identity_number", grid.places(rows[:SHOWN_PLACES], index), count=len(rows)))
    refuse(found)


def _is_valid(digits: str) -> bool:
    return is_national_identity_number(digits, rule_2032=False)


def rows_with_numbers(cells: Cells) -> Iterator[int]:
    """0-based rows with an identity number."""
    start = 0
    for chunk in cells.text.chunks if isinstance(cells.text, pa.ChunkedArray) else [cells.text]:
        may = _may_hold(chunk)
        if len(may):
            rough = pc.match_substring_regex(chunk.take(pa.array(may)), _ROUGH).to_numpy(zero_copy_only=False)
            for row in may[rough.astype(bool)]:
                text, at = chunk[int(row)].as_py(), start + int(row)
                is_number = cells.kinds is not None and cells.kinds[at] == Kind.NUMBER and _DECIMAL.fullmatch(text)
                if not is_number and has_identity_number(text):
                    yield at
        start += len(chunk)
    if cells.kinds is not None:
        for row in np.flatnonzero(cells.kinds == Kind.NUMBER):
            text = cells.text[int(row)].as_py()
            if _EATEN.fullmatch(text) and _is_valid("0" + text):
                yield int(row)


def _may_hold(chunk: pa.Array) -> Rows:
    """The rows with at least eleven digits, by numpy: a regular expression over every cell takes ten times as long."""
    nobody: Rows = np.zeros(0, np.int64)
    if not len(chunk) or (pc.max(pc.binary_length(chunk)).as_py() or 0) < _LENGTH:
        return nobody
    _, offsets, data = chunk.buffers()
    ends = np.frombuffer(offsets, np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
    digits = _digits(np.frombuffer(data, np.uint8)[ends[0] : ends[-1]])
    if np.count_nonzero(digits) < _LENGTH:
        return nobody
    sums = np.concatenate([np.zeros(1, np.int32), np.cumsum(digits, dtype=np.int32)])
    counts = np.diff(sums[ends - ends[0]])
    return np.flatnonzero(counts >= _LENGTH)


def _digits(octets: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    return (octets - np.uint8(48)) < 10
