"""The gate: the last look at everything that leaves, cells, names of columns, tables and files, and metadata.

Suppression knows counts; the gate knows texts. It stops what identifies a person or a business where that is not
allowed, and texts that a spreadsheet would run. It stops and never mends: an apostrophe before a formula, or digits
blotted out, would be data that nobody delivered, and a reader could not tell.
"""

from apendata.disclosure.gate.cells import found_in_changes, found_in_tables, new_texts
from apendata.disclosure.gate.metadata import found_in_metadata, identifies
from apendata.disclosure.gate.refusal import let_through
from apendata.disclosure.gate.triggers import would_run

__all__ = [
    "found_in_changes",
    "found_in_metadata",
    "found_in_tables",
    "identifies",
    "let_through",
    "new_texts",
    "would_run",
]
