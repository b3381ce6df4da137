"""The peer: `frictionless.validate` of one file, every error in its report, as a process of its own."""

import json
import sys
from pathlib import Path

from frictionless import Dialect, Schema
from frictionless.resources import TableResource


def main(folder: Path, report: Path | None) -> int:
    """Validate; write the whole report where a file for it is named. Returns the number of errors."""
    words = json.loads((folder / "dialect.json").read_text())
    resource = TableResource(
        path=str(folder / "table.csv"),
        encoding="utf-8",
        schema=Schema.from_descriptor(str(folder / "schema.json")),
        dialect=Dialect.from_descriptor({"csv": words}),
    )
    found = resource.validate(limit_errors=1_000_000_000)
    if report:
        report.write_text(found.to_json(), encoding="utf-8")
    return int(found.stats["errors"])


if __name__ == "__main__":
    from frictionless import system

    with system.use_context(trusted=True):
        print(main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None))
