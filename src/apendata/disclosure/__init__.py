"""Makes tables safe to publish, and is the only maker of a SafeTable.

``protect`` hides what a policy says; ``auditor`` then computes what a reader of everything that is left could know,
and has the last word: whatever chose the hidden cells, a table that it does not certify is refused.
"""

from apendata.disclosure.protect import protect

__all__ = ["protect"]
