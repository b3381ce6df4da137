"""Lays the real exports out as sources: `python tests/real/prepare.py`, then run apendata with the settings it prints.

The exports are other publishers' files and stand outside the project; APENDATA_REAL_EXPORTS names their folder.
Copies and not links: a link that leads out of a dataset's source folder is refused.
"""

import os
import shutil
import sys
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).resolve().parents[2]
DATASETS: Final = PROJECT / "tests" / "real" / "datasets"
SCHEMAS: Final = PROJECT / "tests" / "real" / "schemas"

FILES: Final = {
    "bergen-driftsbudsjett/driftsbudsjett-2013.csv": (
        "datahotellet/bergen/budsjett-2013/driftsbudsjett/dataset.original.csv"
    ),
    "bergen-investeringsbudsjett/investeringsbudsjett-2012.csv": (
        "datahotellet/bergen/budsjett-2012/investeringsbudsjett/dataset.original.csv"
    ),
    "difi-innsynskrav/innsynskrav-2011.csv": "datahotellet/difi/oep/innsynskrav-2011/dataset.original.csv",
    "imdi-enslige-mindreaarige/bosatte-enslige-mindreaarige.csv": "telemark/imdi_bosatte_enslige_mindrearige.csv",
    "kostra-0a/0A_V2019_K4_R040200_OK.dat": "kostra/0A_V2019_K4_R040200_OK.dat",
    "nav-arbeidsledighet/2025-03-05.xlsx": "telemark/nav_arbeidsledighet_2025-03-05.xlsx",
    "ssb-pendling/11616.csv": "telemark/ssb_11616_raw.csv",
    "stavanger-driftsbudsjett/driftsbudsjett-2016.csv": (
        "datahotellet/stavanger/budsjett/2016/drift/dataset.original.csv"
    ),
    "udir-slutta-vgo/slutta-vgo.csv": "telemark/udir_slutta_vgo.csv",
}
"""Where an export belongs under the sources' folder → where it lies in the folder of real exports."""


def real_exports() -> Path:
    """Return the folder of the real exports; it need not exist."""
    return Path(os.environ.get("APENDATA_REAL_EXPORTS", PROJECT.parent / "shared" / "real-exports"))


def prepare(sources: Path) -> None:
    """Copy every real export to its place under ``sources``, as the definitions in tests/real/datasets expect it."""
    for target, origin in FILES.items():
        place = sources / target
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(real_exports() / origin, place)


def main() -> int:
    """Prepare .cache/real-sources and print the settings that publish the real exports to a lake of their own."""
    if not real_exports().is_dir():
        sys.stderr.write(f"There are no real exports in {real_exports()}. APENDATA_REAL_EXPORTS names their folder.\n")
        return 1
    cache = PROJECT / ".cache"
    prepare(cache / "real-sources")
    settings = {
        "DATASETS": DATASETS,
        "SCHEMAS": SCHEMAS,
        "SOURCES": cache / "real-sources",
        "LAKE": cache / "real-lake",
    }
    sys.stdout.writelines(f"export APENDATA_{name}={folder}\n" for name, folder in settings.items())
    return 0


if __name__ == "__main__":
    sys.exit(main())
