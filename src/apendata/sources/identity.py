"""Norwegian national identity numbers: fødselsnummer, D-number and the synthetic ones, found anywhere in an export.

Eleven digits ``ddmmyyiiikk``, also written with a blank after the sixth. Day + 40 is a D-number; month + 40, + 65 or +
80 is synthetic, and looked for too: the test files of those who make exports are full of them. The two check digits are
modulus 11 with weights 3 7 6 1 8 9 4 5 2 and 5 4 3 2 7 6 5 4 3 2.

Where the line goes between finding all and stopping good files:

* Exactly eleven digits, with neither digit nor letter beside them. Longer runs are account, invoice or meter numbers
  and hexadecimal ids; without the letters, every hundred thousandth UUID would stop a file.
* Not a part of a decimal number: ``12345678901,50`` and ``0.12345678901`` are amounts.
* Day and month must exist and both check digits must be right. Of random eleven digits 0.2 % pass.
* Whole thousands written in one run are not looked at: they are amounts, or codes and amounts that an export has glued
  together (Stavanger's budget of 2016 has 347 such, and one of them passes all else). One identity number in 1 210 ends
  in 000; a list of people has others beside it. With a blank after the sixth digit it is looked at.
* ``12 345 678 901`` has its blanks elsewhere and never matches. Two codes of six and five digits side by side are in
  two cells, and cells are looked at one by one, not lines: a fixed-width line has digits of several fields together.
* A number cell of a workbook has lost its leading zero, so ten digits are tried with a zero before them.

What is left of false alarms is a loud stop that a person clears at the source; the other mistake cannot be taken back.
"""

import re
from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from apendata.model import Finding, Place
from apendata.sources.codes import finding, refuse
from apendata.sources.grid import Cells, Grid, Kind

_FORM: Final = re.compile(r"(?<![^\W_])(?<!\d[.,])([0-9]{6})([ \u00a0]|(?![0-9]{2}000))([0-9]{5})(?![^\W_])(?![.,]\d)")
_ROUGH: Final = "[0-9]{6}[ \u00a0]?[0-9]{5}"
_EATEN: Final = re.compile(r"[0-9]{7}(?!000)[0-9]{3}")
_WEIGHTS: Final = ((3, 7, 6, 1, 8, 9, 4, 5, 2, 1, 0), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1))
_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LENGTH: Final = 11
_SIX: Final = np.ones(6, np.uint8)


def has_identity_number(text: str) -> bool:
    """Whether a national identity number stands anywhere in the text."""
    return any(_is_valid(match[1] + match[3]) for match in _FORM.finditer(text))


def without_numbers(name: str) -> str:
    """A file name that may be shown: an identity number in it is blotted out."""
    return _FORM.sub("(…)", name)


def screen_name(name: str) -> None:
    """Look at a file's name, before any other message can say it.

    Raises:
        PersonalDataFound: with the name blotted out.
    """
    if has_identity_number(name):
        refuse([finding("identity_number", [Place(without_numbers(name))])])


def screen(grids: tuple[Grid, ...]) -> None:
    """Look at every cell of every sheet, read or not.

    Raises:
        PersonalDataFound: with the places; the digits stand nowhere, not even in the private samples.
    """
    found: list[Finding] = []
    for grid in grids:
        for index, column in enumerate(grid.columns):
            if rows := list(_rows(column)):
                found.append(finding("identity_number", grid.places(rows[:20], index), count=len(rows)))
    refuse(found)


def _is_valid(digits: str) -> bool:
    values = [int(digit) for digit in digits]
    if any(sum(map(int.__mul__, values, weights)) % 11 for weights in _WEIGHTS):
        return False
    day, month = int(digits[:2]), int(digits[2:4])
    day -= 40 if day > 40 else 0
    month -= 80 if month > 80 else 65 if month > 65 else 40 if month > 40 else 0
    return 1 <= month <= 12 and 1 <= day <= _DAYS[month - 1]


def _rows(cells: Cells) -> Iterator[int]:
    """0-based rows with an identity number."""
    start = 0
    for chunk in cells.text.chunks if isinstance(cells.text, pa.ChunkedArray) else [cells.text]:
        if _may_hold(chunk):
            rough = pc.indices_nonzero(pc.match_substring_regex(chunk, _ROUGH)).to_numpy()
            yield from (start + int(row) for row in rough if has_identity_number(chunk[int(row)].as_py()))
        start += len(chunk)
    if cells.kinds is not None:
        for row in np.flatnonzero(cells.kinds == Kind.NUMBER):
            text = cells.text[int(row)].as_py()
            if _EATEN.fullmatch(text) and _is_valid("0" + text):
                yield int(row)


def _may_hold(chunk: pa.ChunkedArray) -> bool:
    """Whether a chunk could hold a number: six digits in a row, by numpy instead of a regular expression per cell.

    Six in a row always hold two neighbours among every third byte, so most chunks are let go after a third of the
    bytes.
    """
    lengths = pc.binary_length(chunk)
    if not len(chunk) or pc.max(lengths).as_py() < _LENGTH:
        return False
    _, offsets, data = chunk.buffers()
    ends = np.frombuffer(offsets, np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
    octets = np.frombuffer(data, np.uint8)[ends[0] : ends[-1]]
    third = _digits(octets[::3])
    return bool((third[:-1] & third[1:]).any()) and bool(np.convolve(_digits(octets), _SIX, "valid").max() == len(_SIX))


def _digits(octets: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    return ((octets - np.uint8(48)) < 10).astype(np.uint8)
