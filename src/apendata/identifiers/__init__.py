"""What identifies a person or a business in Norway, by its check digits and its written forms.

Pure knowledge on the lowest layer: ``sources`` screens what comes in with it, ``disclosure`` what goes out, and the two
may not import each other. Nothing here decides what is allowed where.
"""

from apendata.identifiers.found import KINDS, Kind, kinds_in, kinds_in_each, without_identifiers
from apendata.identifiers.national import are_national_identity_numbers, is_national_identity_number

__all__ = [
    "KINDS",
    "Kind",
    "are_national_identity_numbers",
    "is_national_identity_number",
    "kinds_in",
    "kinds_in_each",
    "without_identifiers",
]
