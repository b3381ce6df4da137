"""The candidate: the whole build of the same ledger; read, validate, protect, commit."""

import importlib
import sys
import time
from pathlib import Path


def main(sources: Path, lake: Path) -> float:
    """Build the ledger into an empty lake; return the seconds of the build, imports not counted (as for bare)."""
    from apendata import app
    from apendata.model import Outcome
    from apendata.settings import Settings

    here = Path(__file__).parent
    values = {
        "APENDATA_LAKE": str(lake),
        "APENDATA_DATASETS": str(here / "datasets"),
        "APENDATA_SCHEMAS": str(here / "schemas"),
        "APENDATA_SOURCES": str(sources),
    }
    house = app.load(Settings.from_mapping(values, here))
    _warm_imports()
    start = time.perf_counter()
    result = house.build("hovedbok")
    seconds = time.perf_counter() - start
    assert result.outcome is Outcome.BUILT, result.why
    return seconds


def _warm_imports() -> None:
    """Bare pyarrow is imported before its clock starts, so what the build imports on first use is too."""
    for name in ("pyarrow.compute", "pyarrow.csv", "pyarrow.parquet", "frictionless", "pandas"):
        importlib.import_module(name)


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), Path(sys.argv[2])))
