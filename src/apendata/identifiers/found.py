"""Which kinds of identifiers stand in a text, and in each of many.

Every grouping of eleven digits counts for a national identity number, with up to three signs between the groups and
with letters beside them («fnr13097248022»); what leaves can be stopped more freely than what comes in, for amounts and
dates stand in columns of their own there. What is excused: an account's grouping (1234.56.78903), which is stopped as
an account, and hexadecimal ids, whose digits are neighbours by chance.

Of random texts of eleven digits one per cent is taken for a national identity number (a quarter of one by the old rule
alone) and eight for an account, of nine digits four for an organisation, of eight digits twenty for a telephone; dates
are not. ``make bench-gate`` prints it.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final, Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from apendata.identifiers import account, national, organisation
from apendata.identifiers.contact import has_email, has_phone
from apendata.identifiers.modulus11 import Bools

Kind = Literal["national_identity_number", "organisation_number", "account_number", "email", "phone"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

_MARKS: Final = r"(?:_|[^\w,;:|=+\"]){1,3}"
"""What may part the digits of one number: blanks, dashes, dots, strokes, brackets, signs that nobody sees; not what
parts the items of a list."""
_RUN: Final = re.compile(rf"[0-9]+(?:{_MARKS}[0-9]+)*")
_GROUP: Final = re.compile(r"[0-9]+")
_HEXADECIMAL: Final = re.compile(
    r"(?<![0-9a-z])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=[0-9]*[a-f])[0-9a-f]{20,})(?![0-9a-z])",
    re.IGNORECASE,
)
_SHORTEST_ID: Final = 20
_MARK: Final = rf"(?:{_MARKS})?"
_IBAN: Final = re.compile(rf"\bNO[0-9]{{2}}{_MARK}([0-9]{{4}}){_MARK}([0-9]{{4}}){_MARK}([0-9]{{3}})(?![0-9])")
_MAY: Final = r"[@\x{FE6B}\x{FF20}\p{No}]|(?:\p{N}[^\p{N}A-Za-z,;:]{0,3}){7}\p{N}"
"""RE2: without an at sign, and without eight digits close together, a text holds none of the kinds. Numbers that are no
digits (⑪, ½) may stand for several."""
_BARE: Final = r"^(?:[0-9]{9,11}|[0-9]{13,18})$"
"""Nothing but digits, and not the twelve of 0047 and a telephone number."""


def kinds_in(text: str) -> frozenset[Kind]:
    """Return every kind of identifier that stands anywhere in a text, whatever forms of digits and blanks it has."""
    plain = _plain(text)
    plain = _HEXADECIMAL.sub("x", plain) if len(plain) >= _SHORTEST_ID else plain
    found = set(_numbers(plain))
    if has_email(plain):
        found.add("email")
    if has_phone(plain):
        found.add("phone")
    return frozenset(found)


def without_identifiers(name: str) -> str:
    """A name that may be shown: all of it is blotted out where an identifier stands in it."""
    return "(…)" if kinds_in(name) else name


def kinds_in_each(texts: pa.Array) -> dict[Kind, Bools]:
    """Return for each kind whether it stands in each text; only kinds that stand in one.

    Args:
        texts: strings, each best given once; null holds nothing.
    """
    found: dict[Kind, Bools] = {}
    matched = pc.fill_null(pc.match_substring_regex(texts, _MAY), fill_value=False)
    may = np.flatnonzero(matched.to_numpy(zero_copy_only=False))
    kept = texts.take(pa.array(may))
    bare = pc.match_substring_regex(kept, _BARE).to_numpy(zero_copy_only=False)
    for kind, rows in _bare(kept.filter(pa.array(bare))).items():
        found.setdefault(kind, np.zeros(len(texts), np.bool_))[may[bare][rows]] = True
    others = may[~bare]
    for row, text in zip(others.tolist(), texts.take(pa.array(others)).to_pylist(), strict=True):
        for kind in kinds_in(text):
            found.setdefault(kind, np.zeros(len(texts), np.bool_))[row] = True
    return found


def _bare(texts: pa.Array) -> dict[Kind, Bools]:
    """Texts of digits and nothing else, as a column of codes has them: all at once."""
    numbers = texts.cast(pa.int64()).to_numpy()
    lengths = pc.utf8_length(texts).to_numpy()
    eleven = lengths == national.LENGTH
    people = eleven & national.are_national_identity_numbers(numbers)
    every: dict[Kind, Bools] = {
        "national_identity_number": people,
        "account_number": eleven & ~people & account.are_account_numbers(numbers),
        "organisation_number": (lengths == organisation.LENGTH) & organisation.are_organisation_numbers(numbers),
    }
    return {kind: rows for kind, rows in every.items() if rows.any()}


def _plain(text: str) -> str:
    """Full-width and other digits as ASCII ones, blanks of every width as one, at signs likewise."""
    if text.isascii():
        return text
    normal = unicodedata.normalize("NFKC", text)
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in normal)


def _numbers(plain: str) -> Iterator[Kind]:
    """The kinds that are told by check digits, once for each place where one stands."""
    if any(account.is_account_number("".join(match.groups())) for match in _IBAN.finditer(plain)):
        yield "account_number"
    for run in _RUN.finditer(plain):
        groups = _GROUP.findall(run[0])
        marks = _GROUP.split(run[0])[1:-1]
        for first in range(len(groups)):
            for last, length in enumerate(accumulate(map(len, groups[first:])), start=first):
                if length > account.LENGTH:
                    break
                others = marks[max(first - 1, 0) : first] + marks[last : last + 1]
                if kind := _kind(groups[first : last + 1], marks[first:last], others=others):
                    yield kind


def _kind(groups: Sequence[str], marks: Sequence[str], *, others: Sequence[str]) -> Kind | None:
    """What digits are that stand together; ``others`` are the marks just before and after them.

    Three groups of three in a longer row of them are an amount (1 942 110 464), no organisation.
    """
    digits, shape, is_even = "".join(groups), tuple(map(len, groups)), len(set(marks)) <= 1
    if len(digits) == organisation.LENGTH:
        whole = shape == (organisation.LENGTH,) or (shape == (3, 3, 3) and is_even and marks[0] not in others)
        return "organisation_number" if whole and organisation.is_organisation_number(digits) else None
    is_account = shape == account.SHAPE and is_even
    if not is_account and national.is_national_identity_number(digits):
        return "national_identity_number"
    if (is_account or shape == (account.LENGTH,)) and account.is_account_number(digits):
        return "account_number"
    return None
