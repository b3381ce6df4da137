"""Both verdicts on one file: Frictionless' own, with nothing left for it to guess, and ours."""

import json
from pathlib import Path
from typing import Any

import frictionless
from frictionless.resources import TableResource

from apendata.tabular import Options, Task, as_report, validate_file
from tests.unit.tabular.made import V2, Made

Error = str
"""An error of a Frictionless report, whole: type, place, cell, note, message."""

NOTHING_TO_GUESS = {
    "delimiter": ",",
    "quoteChar": '"',
    "doubleQuote": True,
    "skipInitialSpace": False,
    "lineTerminator": "\r\n",
}


def write(folder: Path, made: Made) -> Path:
    """Write the table, its schema and its dialect."""
    (folder / "schema.json").write_text(json.dumps(made.schema), encoding="utf-8")
    (folder / "dialect.json").write_text(json.dumps(made.dialect), encoding="utf-8")
    path = folder / "table.csv"
    path.write_bytes(made.text.encode())
    return path


def ours(path: Path, *, strict: bool = False, limit: int | None = None) -> Task:
    """Our verdict."""
    options = Options(strict=strict, limit=limit)
    return validate_file(path, path.parent / "schema.json", options, dialect=path.parent / "dialect.json")


def theirs(path: Path, made: Made) -> dict[str, Any]:
    """Frictionless' report."""
    words = {name: word for name, word in made.dialect.items() if name not in NOTHING_TO_GUESS}
    csv = NOTHING_TO_GUESS | {name: word for name, word in made.dialect.items() if name in NOTHING_TO_GUESS}
    try:
        resource = TableResource.from_descriptor(
            {
                "$schema": V2.replace("tableschema", "dataresource"),
                "name": "table",
                "path": path.name,
                "encoding": "utf-8",
                "schema": made.schema,
                "dialect": {"header": True, "headerRows": [1], **words, "csv": csv},
            },
            basepath=str(path.parent),
        )
    except frictionless.FrictionlessException as error:
        return {"tasks": [{"errors": [told.to_descriptor() for told in error.to_errors()]}]}
    return dict(resource.validate(limit_errors=10**9).to_descriptor())


def errors_of(report: dict[str, Any]) -> list[Error]:
    """The errors of a report in every word, by row; within a row, where Frictionless' order is chance, sorted."""
    errors = [error for task in report["tasks"] for error in task["errors"]]
    rows = [error.get("rowNumber", 0) for error in errors]
    assert len(report["tasks"]) > 1 or rows == sorted(rows), "a report goes from above to below"
    return [
        text for _, text in sorted((row, json.dumps(e, sort_keys=True)) for row, e in zip(rows, errors, strict=True))
    ]


def report(task: Task) -> dict[str, Any]:
    """Our verdict as a Frictionless report."""
    return as_report([task], 0.0)
