"""The one error that validation raises for data: codes, tables, columns, counts and places, never a cell's value."""

from collections.abc import Sequence
from typing import Final

from apendata.errors import DataRejected
from apendata.model import Finding, said_once

_LINES: Final = 20
_PLACES: Final = 3


def rejection(dataset: str, findings: Sequence[Finding]) -> DataRejected:
    """Make the error for a dataset whose tables break their contract.

    Args:
        dataset: the dataset's id.
        findings: everything that was found, warnings too; at least one is an error.
    """
    findings = said_once(findings)
    errors = [f for f in findings if f.severity == "error"]
    lines = [f"«{dataset}» breaks its contract in {len(errors)} way(s); nothing was published."]
    lines += [_line(error) for error in errors[:_LINES]]
    if len(errors) > _LINES:
        lines.append(f"… and {len(errors) - _LINES} more")
    lines.append("The values stand in the private report. Mend the export, or the definition where it is wrong.")
    return DataRejected("\n".join(lines), findings=findings)


def _line(finding: Finding) -> str:
    where = f"table «{finding.table}»" + (f", column «{finding.field}»" if finding.field else "")
    params = ", ".join(f"{name}: {text}" for name, text in finding.params.items() if text)
    places = "; ".join(map(str, finding.places[:_PLACES])) + ("; …" if finding.count > _PLACES else "")
    count = f"{finding.count} × " if finding.count > 1 else ""
    return f"{where}: {count}{finding.code}" + (f" ({params})" if params else "") + (f" at {places}" if places else "")
