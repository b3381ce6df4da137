"""The night's work on one dataset. Every function is given what it works with, and says how it ended."""

from apendata.pipeline.accept import accept, asked
from apendata.pipeline.attempt import attempt, looked_at
from apendata.pipeline.audit import audited
from apendata.pipeline.build import Stage, build, check, make, preview
from apendata.pipeline.handing_back import handed_back, handing_back
from apendata.pipeline.inputs import Inputs, fetch_inputs
from apendata.pipeline.leaks import Places
from apendata.pipeline.outcomes import Result, exit_code_of, last_result, together
from apendata.pipeline.plan import drift, plan
from apendata.pipeline.publish import publish, rollback
from apendata.pipeline.verify import Verified, verify
from apendata.pipeline.withdraw import withdraw

__all__ = [
    "Inputs",
    "Places",
    "Result",
    "Stage",
    "Verified",
    "accept",
    "asked",
    "attempt",
    "audited",
    "build",
    "check",
    "drift",
    "exit_code_of",
    "fetch_inputs",
    "handed_back",
    "handing_back",
    "last_result",
    "looked_at",
    "make",
    "plan",
    "preview",
    "publish",
    "rollback",
    "together",
    "verify",
    "withdraw",
]
