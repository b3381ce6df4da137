"""The lake: stages, numbers and commits versions, exposes them, remembers, verifies and purges."""

from apendata.lake.acceptance import Acceptance
from apendata.lake.classify import RULES, level_of, number_after
from apendata.lake.hidden import HiddenRows, hidden_in, hidden_rows
from apendata.lake.lake import Lake
from apendata.lake.plan import Plan
from apendata.lake.provenance import LastSource, Provenance
from apendata.lake.stage import Staged
from apendata.lake.state import Hold

__all__ = [
    "RULES",
    "Acceptance",
    "HiddenRows",
    "Hold",
    "Lake",
    "LastSource",
    "Plan",
    "Provenance",
    "Staged",
    "hidden_in",
    "hidden_rows",
    "level_of",
    "number_after",
]
