"""The lake: stages, numbers and commits versions, exposes them, remembers, verifies and purges."""

from apendata.lake.acceptance import Acceptance
from apendata.lake.classify import RULES, level_of, number_after
from apendata.lake.lake import Lake
from apendata.lake.plan import Plan
from apendata.lake.provenance import LastSource, Provenance
from apendata.lake.stage import Staged
from apendata.lake.state import Hold

__all__ = [
    "RULES",
    "Acceptance",
    "Hold",
    "Lake",
    "LastSource",
    "Plan",
    "Provenance",
    "Staged",
    "level_of",
    "number_after",
]
