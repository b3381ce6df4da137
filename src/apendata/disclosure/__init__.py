"""Makes tables safe to publish, and is the only maker of a SafeTable.

``protect`` hides what a policy says; ``auditor`` then computes what a reader of everything that is left could know,
and has the last word: whatever chose the hidden cells, a table that it does not certify is refused. The ``gate`` then
looks at every text that leaves, in cells, names and metadata.
"""

from apendata.disclosure.gate import (
    found_in_changes,
    found_in_metadata,
    found_in_tables,
    identifies,
    let_through,
    new_texts,
    would_run,
)
from apendata.disclosure.protect import protect

__all__ = [
    "found_in_changes",
    "found_in_metadata",
    "found_in_tables",
    "identifies",
    "let_through",
    "new_texts",
    "protect",
    "would_run",
]
