"""The guard against what has changed too much since the last release: what was found, where, and in words."""

from apendata.lake.drift.assess import Drift, assess
from apendata.lake.drift.compared import Compared

__all__ = ["Compared", "Drift", "assess"]
