"""Findings as a Frictionless report: same shape, same types of errors, so that one program reads both."""

from collections.abc import Sequence
from typing import Any

from apendata.tabular import theirs
from apendata.tabular.listed import Listed
from apendata.tabular.task import Task


def as_report(tasks: Sequence[Task], seconds: float) -> dict[str, Any]:
    """Make the report's document.

    ``stats`` count every error; ``errors`` holds those that are listed, and a warning says how many are not.
    """
    errors = sum(task.errors for task in tasks)
    return {
        "valid": not errors,
        "stats": {"tasks": len(tasks), "errors": errors, "warnings": 0, "seconds": round(seconds, 3)},
        "warnings": [],
        "errors": [],
        "tasks": [_task(task) for task in tasks],
    }


def _task(task: Task) -> dict[str, Any]:
    warnings = []
    if (left := task.errors - len(task.listed)) > 0:
        warnings.append(f"{left} more errors are counted and not listed")
    stats = {
        "errors": task.errors,
        "warnings": len(warnings),
        "seconds": round(task.seconds, 3),
        "md5": task.md5,
        "sha256": task.sha256,
        "bytes": task.size,
        "fields": len(task.field_names),
        "rows": task.rows,
    }
    return {
        "name": task.name,
        "type": "table",
        "valid": not task.errors,
        "place": task.place,
        "labels": list(task.labels),
        "stats": {name: value for name, value in stats.items() if value is not None},
        "warnings": warnings,
        "errors": [_error(error) for error in task.listed],
    }


def _error(error: Listed) -> dict[str, Any]:
    title, description, template, tags = theirs.words_of(error.kind)
    words = _Words(note=error.note)
    if error.row is not None:
        words["cells"], words["rowNumber"] = error.cells, error.row
    if error.cell is not None:
        words["cell"] = error.cell
    if error.field_name is not None:
        words["fieldName"] = error.field_name
    if error.field_number is not None:
        words["fieldNumber"] = error.field_number
    if error.words:
        words |= error.words
    if error.rule in STRICTER_RULES:
        words["rule"] = error.rule
    message = template.format_map(words)
    return {"type": error.kind, "title": title, "description": description, "message": message, "tags": tags, **words}


class _Words(dict[str, Any]):
    """A word that an error does not have is left empty, as Frictionless does."""

    def __missing__(self, key: str) -> str:
        return ""


STRICTER_RULES = frozenset(
    {
        "not_finite",
        "digit_underscore",
        "non_ascii_digits",
        "misplaced_group_mark",
        "not_in_categories",
        "key_null",
        "unique_keys",
        "table_empty",
    }
)
"""What apendata refuses and Frictionless does not; an error of theirs carries its name as ``rule``."""
