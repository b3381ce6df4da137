"""Compares staged tables with the last version that readers may have seen: changes, number, ``changes.csv``."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from apendata.errors import DriftExceeded
from apendata.lake.changes import FILE, SCHEMA, changes_table
from apendata.lake.classify import PREDECESSOR, change, compare_contracts, level_of, number_after
from apendata.lake.classify_rows import compare_rows
from apendata.lake.formats_csv import write_csv
from apendata.lake.records import read_record, read_rows
from apendata.lake.rows import RowDifference
from apendata.lake.stage import Staged
from apendata.model import Change, ChangeClass, FileRef, Finding, Table, Version, VersionNumber


@dataclass(frozen=True, slots=True, repr=False)
class Plan:
    """What a commit would do with staged tables."""

    staged: Staged
    base: Version | None
    """The newest version that readers have; None before the first, and where all were withdrawn."""
    taken: Version | None
    """The version with the highest number that ever was public; another one than the base where it was withdrawn."""
    contract: Mapping[str, Any]
    changes: tuple[Change, ...]
    differences: Mapping[str, RowDifference] = field(repr=False)
    """Table → its rows against the base; only tables that are in both under one key and whose rows differ."""
    number: VersionNumber
    """Of the version to come; the base's own where nothing differs."""
    created: str
    files: tuple[FileRef, ...]
    """All but datapackage.json."""

    @property
    def kind(self) -> Literal["first", "data", "metadata"]:
        """What sort of version it would be."""
        if self.base is None:
            return "first" if self.taken is None else "data"
        return "metadata" if self.base.data_sha256 == self.staged.data_sha256 else "data"

    @property
    def changed(self) -> bool:
        """Whether there is anything to commit; False: call ``Lake.keep``."""
        return self.base is None or bool(self.changes)


def make_plan(
    staged: Staged, base: Version | None, contract: Mapping[str, Any], *, created: str, taken: Version | None
) -> Plan:
    """Compare staged tables and their contract with ``base``, and write ``changes.csv`` beside the tables.

    Args:
        staged: the tables.
        base: the newest version that readers have; None where there is none, or where all were withdrawn.
        contract: their contract.
        created: now.
        taken: the version with the highest number that ever was public, withdrawn or not. What is told never counts
            from a withdrawn one, or it would tell what had to go; the number counts from both.
    """
    differences = differences_from(staged, base)
    changes = () if base is None else tuple(_changes(staged, base, contract, differences))
    tables = {table.name: table for table in staged.dataset.tables}
    lines = changes_table(list(differences.values()), tables)
    sha256, size = write_csv(lines.cast(SCHEMA), staged.folder / FILE)
    if base is not None and not changes:
        number = base.number
    else:
        is_gone = taken is not None and (base is None or taken.number != base.number)
        changes = (_step(staged, taken, contract), *changes) if taken is not None and is_gone else changes
        number = _number(taken, base, changes)
    return Plan(
        staged=staged,
        base=base,
        taken=taken,
        contract=contract,
        changes=changes,
        differences=differences,
        number=number,
        created=created,
        files=(*staged.files, FileRef(FILE, "csv", None, sha256, size, lines.num_rows)),
    )


def _step(staged: Staged, taken: Version, contract: Mapping[str, Any]) -> Change:
    """What differs from a withdrawn version, by its class alone; the same once more is a release."""
    level = level_of(_changes(staged, taken, contract, differences_from(staged, taken)))
    least = level if level is not ChangeClass.NONE else ChangeClass.RELEASE
    return Change(PREDECESSOR, least, details={"version": str(taken.number)})


def _number(taken: Version | None, base: Version | None, changes: Sequence[Change]) -> VersionNumber:
    """The lowest number that is honest both to who has the base and to who got the withdrawn version in time.

    Counting from the highest number by what differs from the base alone was rejected: columns that a withdrawn 2.0.0
    had taken away would come back in 2.0.1.
    """
    from_taken = [part for part in changes if part.rule == PREDECESSOR] or changes
    from_base = [part for part in changes if part.rule != PREDECESSOR]
    after = number_after(taken.number if taken else None, from_taken)
    return max(after, number_after(base.number, from_base)) if base else after


def differences_from(staged: Staged, base: Version | None) -> dict[str, RowDifference]:
    """Return table → its rows against an earlier version, where they can be compared and differ."""
    if base is None:
        return {}
    record = read_record(base.folder)
    return {
        table.name: RowDifference(table.name, table.primary_key, read_rows(base, table.name), staged.tables[table.name])
        for table in staged.dataset.tables
        if _old_key(record, table.name) == table.primary_key
        and record["tables"][table.name] != staged.table_sha256s[table.name]
    }


def check_drift(plan: Plan, last_release: Version | None) -> None:
    """Stop where a table differs from the last release by more than its definition allows.

    The last release is what readers have now: after a rollback that is not ``plan.base``.

    Raises:
        DriftExceeded: with a finding per limit.
    """
    if last_release is None:
        return
    same = plan.base is not None and plan.base.folder == last_release.folder
    differences = plan.differences if same else differences_from(plan.staged, last_release)
    old_rows = {file.table: file.rows or 0 for file in last_release.files if file.format == "parquet"}
    tables = [table for table in plan.staged.dataset.tables if old_rows.get(table.name)]
    findings = [f for table in tables for f in _drift(table, old_rows[table.name], differences.get(table.name), plan)]
    if findings:
        told = "; ".join(f"{f.table}: {f.params['share']} ({f.code}, limit {f.params['limit']})" for f in findings)
        raise DriftExceeded(
            f"{plan.staged.dataset.id} differs from release {last_release.number} by more than its definition allows: "
            f"{told}. Look at the difference; if it is right, raise the limit under `drift` in dataset.yaml.",
            findings=findings,
        )


def _drift(table: Table, old: int, difference: RowDifference | None, plan: Plan) -> Iterator[Finding]:
    new = plan.staged.tables[table.name].num_rows
    changed = difference.changed_rows if difference else 0
    limits = table.drift
    for code, rows, limit in (
        ("drift_fewer_rows", old - new, limits.max_fewer_rows),
        ("drift_more_rows", new - old, limits.max_more_rows),
        ("drift_changed_rows", changed, limits.max_changed_rows),
    ):
        if limit is not None and rows > limit * old:
            words = {"old": str(old), "new": str(new), "share": f"{rows / old:.1%}", "limit": f"{limit:.1%}"}
            yield Finding(code, table=table.name, count=rows, params=words | {"because": limits.because})


def _changes(
    staged: Staged, base: Version, contract: Mapping[str, Any], differences: Mapping[str, RowDifference]
) -> Iterable[Change]:
    """All changes, each once: a code that is gone from the list and from the rows is one change."""
    schemas = {resource["name"]: resource["schema"] for resource in contract["resources"]}
    found = [
        *compare_contracts(read_record(base.folder)["contract"], contract),
        *_file_changes(staged, base),
        *(part for name, difference in differences.items() for part in compare_rows(difference, schemas[name])),
    ]
    return {(part.rule, part.table, part.field): part for part in reversed(found)}.values().__reversed__()


def _file_changes(staged: Staged, base: Version) -> Iterator[Change]:
    """Formats that come or go while the table stays: a table that outgrew a workbook."""
    was = {(file.table, file.format) for file in base.files if file.table}
    now = {(file.table, file.format) for file in staged.files}
    tables = {table for table, _ in was} & {table for table, _ in now}
    for rule, pairs in (("file_removed", was - now), ("file_added", now - was)):
        for table, kind in sorted((t, k) for t, k in pairs if t in tables and t is not None):
            yield change(rule, table, details={"format": kind})


def _old_key(record: Mapping[str, Any], table: str) -> tuple[str, ...] | None:
    """The key that the table had; None where there was no such table."""
    schemas = {resource["name"]: resource["schema"] for resource in record["contract"]["resources"]}
    return tuple(schemas[table]["primaryKey"]) if table in schemas else None
