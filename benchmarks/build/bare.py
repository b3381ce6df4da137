"""The yardstick: bare pyarrow reads the ledger and writes Parquet and CSV, checking nothing."""

import os
import sys
import time
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet


def main(source: Path, target: Path) -> float:
    """Read, write both files, flush them to disk as the lake does; return the seconds that it took."""
    start = time.perf_counter()
    table = pyarrow.csv.read_csv(source, parse_options=pyarrow.csv.ParseOptions(delimiter=";"))
    pyarrow.parquet.write_table(table, target / "hovedbok.parquet", compression="zstd")
    pyarrow.csv.write_csv(table, target / "hovedbok.csv")
    for file in target.iterdir():
        with file.open("rb+") as stream:
            os.fsync(stream.fileno())
    return time.perf_counter() - start


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), Path(sys.argv[2])))
