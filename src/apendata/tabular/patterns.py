"""Regular expressions that RE2 and Python's ``re`` surely read alike, and their vectorised match."""

import re
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from apendata.tabular.arrays import always

# A pattern made of these pieces alone is accepted by RE2 only where Python's ``re`` accepts it too. Left out are those
# where the two part: negated classes beside \d (RE2 knows ASCII digits only), {,n}, possessive and lazy quantifiers,
# look-around, back-references, flags.
_SAME_IN_RE2: Final = re.compile(
    r"""(?: (?: [A-Za-z0-9ÆØÅæøå\ _.,/:-] | \\[d./-] | \[[A-Za-z0-9ÆØÅæøå\ _.,/:-]+\] | \) )
            (?: \{\d{1,3}(?:,\d{0,3})?\} | [?*+] )?
          | \((?:\?:)? | \| | \^ | \$ )*""",
    re.VERBOSE,
)


def matches(pattern: str, texts: pa.Array) -> pa.Array:
    """Where RE2 surely agrees with ``re.match`` on Frictionless' ``^pattern$``."""
    if _SAME_IN_RE2.fullmatch(pattern):
        try:
            return pc.match_substring_regex(texts, rf"\A(?:^{pattern}$)")
        except pa.ArrowInvalid:
            pass  # RE2 refuses the pattern: it cannot say anything about it
    return always(value=False, rows=len(texts))
