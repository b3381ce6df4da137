"""Makes the ledger that the build benchmark reads: text codes, kroner, dates; the same bytes for the same size."""

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

COLUMNS = ("Bilag", "Dato", "Klasse", "Funksjon", "Art", "Ansvar", "Tekst", "Periode", "Beløp")


def write_ledger(file: Path, rows: int) -> None:
    """Write ``rows`` rows of a ledger that sums to zero per class, semicolon-separated UTF-8."""
    random = np.random.default_rng(20261122)
    amounts = random.integers(-9_999_999, 9_999_999, rows)
    classes = random.integers(0, 2, rows)
    for kind in (0, 1):  # the last row of each class takes the difference, so that the ledger balances
        mine = np.flatnonzero(classes == kind)
        amounts[mine[-1]] -= amounts[mine].sum()
    days = np.datetime64("2025-01-01") + random.integers(0, 365, rows)
    texts = np.array([f"Varer og tjenester {n:03d} etter avtale" for n in range(400)], dtype=object)
    table = pa.table(
        {
            "Bilag": _codes("B", np.arange(rows), 9),
            "Dato": pa.array(days.astype("datetime64[D]").astype(str)),
            "Klasse": _codes("", classes, 1),
            "Funksjon": _codes("", random.integers(100, 394, rows), 3),
            "Art": _codes("", random.integers(10, 600, rows), 3),
            "Ansvar": _codes("", random.integers(100, 9_999, rows), 6),
            "Tekst": pa.array(texts[random.integers(0, 400, rows)]),
            "Periode": _codes("2025", random.integers(1, 13, rows), 2),
            "Beløp": pc.cast(pa.array(amounts), pa.string()),
        }
    )
    pa.csv.write_csv(table, file, pa.csv.WriteOptions(delimiter=";", quoting_style="none"))


def _codes(prefix: str, numbers: np.ndarray, width: int) -> pa.Array:
    padded = pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), width, "0")
    return pc.binary_join_element_wise(prefix, padded, "")


if __name__ == "__main__":
    write_ledger(Path(sys.argv[1]), int(sys.argv[2]))
