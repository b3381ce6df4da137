"""`make bench-drift`: a million rows held against their last version, beside the same by pandas, in one run."""

import statistics
import time
from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from apendata.lake.drift import Compared, assess
from apendata.lake.rows import RowDifference
from apendata.model import Disclosure, DriftLimits, HistoryRule, SumLimit, Table, Text, ValuesLimit

ROWS = 1_000_000
YEARS = 10
WORD = Text("mål", "measure")
WHY = "en måling"
KEY = ("aar", "kode")
LIMITS = DriftLimits(
    0,
    None,
    None,
    WHY,
    values=(ValuesLimit("kode", may_vanish=False, may_appear=False, because=WHY),),
    sums=(
        SumLimit("beloep", ("aar",), Decimal(1), Decimal(1000), WHY),
        SumLimit("beloep", ("aar", "omraade"), Decimal(5), Decimal(1000), WHY),
    ),
    history=HistoryRule("aar", 1, needs_reason=True, because=WHY),
)
FIELDS = [{"name": name} for name in ("aar", "kode", "omraade", "beloep", "beloep_status")]
TABLE = Table("ledger", WORD, WORD, {"fields": FIELDS, "primaryKey": list(KEY)}, (), (), Disclosure("none"), LIMITS)


def main() -> None:
    """Time each case five times, in turn, and print medians and ratios."""
    old = _ledger()
    for name, new in _cases(old).items():
        ours, theirs = [], []
        for _ in range(5):
            theirs.append(_seconds(lambda new=new: _by_pandas(old, new)))
            ours.append(_seconds(lambda new=new: _by_guard(old, new)))
        mine, peer = statistics.median(ours), statistics.median(theirs)
        print(f"{name:32} guard {mine:5.2f} s   pandas {peer:5.2f} s   ratio {mine / peer:.2f}")


def _ledger() -> pa.Table:
    """A key, an area, an amount with two decimals; one cell in a hundred is hidden."""
    random, each = np.random.default_rng(1), ROWS // YEARS
    codes = pa.array([f"{number:06d}" for number in range(each)])
    hidden = random.random(ROWS) < 0.01
    cents = pa.array(random.integers(0, 10**7, ROWS), mask=hidden).cast(pa.decimal128(19, 0))
    return pa.table(
        {
            "aar": np.repeat(np.arange(2015, 2015 + YEARS), each),
            "kode": codes.take(pa.array(np.tile(np.arange(each), YEARS))),
            "omraade": pa.array(np.arange(ROWS) % 40).cast(pa.string()),
            "beloep": pc.multiply(cents, pa.scalar(Decimal("0.01"))).cast(pa.decimal128(18, 2)),
            "beloep_status": pc.if_else(pa.array(hidden), ":", pa.scalar(None, pa.string())),
        }
    )


def _cases(old: pa.Table) -> dict[str, pa.Table]:
    random, at = np.random.default_rng(2), old.column_names.index("beloep")
    doubled = pc.add(old["beloep"], old["beloep"]).cast(old["beloep"].type)
    some = pc.if_else(pa.array(random.random(ROWS) < 0.01), doubled, old["beloep"])
    kept = pa.array(np.flatnonzero(random.random(ROWS) > 0.005))
    return {
        "one row in a hundred changed": old.set_column(at, "beloep", some),
        "one row in two hundred gone": old.take(kept),
        "every amount doubled": old.set_column(at, "beloep", doubled),
    }


def _by_guard(old: pa.Table, new: pa.Table) -> None:
    """All of it, the pairing of rows too."""
    assert assess([Compared(TABLE, old, new, RowDifference("ledger", KEY, old, new))])


def _by_pandas(old: pa.Table, new: pa.Table) -> None:
    """What people write by hand: an outer join, the changed cells, the sums; binary numbers, and no reasons."""
    sides = [table.set_column(3, "beloep", table["beloep"].cast(pa.float64())).to_pandas() for table in (old, new)]
    both = pd.merge(*sides, on=list(KEY), how="outer", suffixes=("_old", "_new"), indicator=True)
    changed = both[(both["_merge"] != "both") | (both["beloep_old"] != both["beloep_new"])]
    moved = [side.groupby(keys)["beloep"].sum() for keys in (["aar"], ["aar", "omraade"]) for side in sides]
    assert len(changed)
    assert len(moved) == 4
    assert set(sides[0]["kode"]) >= set(sides[1]["kode"])


def _seconds(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
