"""Compares staged tables with the last version that readers may have seen: changes, number, ``changes.csv``."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from apendata.lake.acceptance import Acceptance, difference_of
from apendata.lake.changes import FILE, SCHEMA, changes_table
from apendata.lake.classify import ACCEPTED, PREDECESSOR, change, compare_contracts, level_of, number_after
from apendata.lake.classify_rows import compare_rows
from apendata.lake.drift import Compared, Drift, assess
from apendata.lake.formats_csv import write_csv
from apendata.lake.hashing import sha256_of_json
from apendata.lake.records import read_record, read_rows
from apendata.lake.rows import RowDifference
from apendata.lake.stage import Staged
from apendata.model import Change, ChangeClass, FileRef, Version, VersionNumber


@dataclass(frozen=True, slots=True, repr=False)
class Plan:
    """What a commit would do with staged tables."""

    staged: Staged
    base: Version | None
    """The newest version that readers have; None before the first, and where all were withdrawn."""
    taken: Version | None
    """The version with the highest number that ever was public; another one than the base where it was withdrawn."""
    last: Version | None
    """What readers have now: after a rollback another one than the base."""
    difference: str | None
    """The name of what differs from ``last``; None where readers have nothing."""
    accepted: Acceptance | None
    """A steward's word for exactly this difference."""
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
    staged: Staged,
    base: Version | None,
    contract: Mapping[str, Any],
    *,
    created: str,
    taken: Version | None,
    last: Version | None,
    word_for: Callable[[str], Acceptance | None],
) -> Plan:
    """Compare staged tables and their contract with ``base``, and write ``changes.csv`` beside the tables.

    Args:
        staged: the tables.
        base: the newest version that readers have; None where there is none, or where all were withdrawn.
        contract: their contract.
        created: now.
        taken: the version with the highest number that ever was public, withdrawn or not. What is told never counts
            from a withdrawn one, or it would tell what had to go; the number counts from both.
        last: what readers have now.
        word_for: a steward's word for the difference of this name, if there is one; readers are told of it, and why.
    """
    difference = _difference(staged, contract, last, base) if last else None
    accepted = word_for(difference) if difference else None
    differences = differences_from(staged, base)
    changes = () if base is None else tuple(_changes(staged, base, contract, differences))
    tables = {table.name: table for table in staged.dataset.tables}
    lines = changes_table(list(differences.values()), tables, accepted.because if accepted else None)
    sha256, size = write_csv(lines.cast(SCHEMA), staged.folder / FILE)
    if base is not None and not changes:
        number = base.number
    else:
        is_gone = taken is not None and (base is None or taken.number != base.number)
        changes = (_step(staged, taken, contract), *changes) if taken is not None and is_gone else changes
        number = _number(taken, base, changes)
        told = (change(ACCEPTED, details={"because": accepted.because}),) if accepted and base is not None else ()
        changes = (*changes, *told)
    return Plan(
        staged=staged,
        base=base,
        taken=taken,
        last=last,
        difference=difference,
        accepted=accepted,
        contract=contract,
        changes=changes,
        differences=differences,
        number=number,
        created=created,
        files=(*staged.files, FileRef(FILE, "csv", None, sha256, size, lines.num_rows)),
    )


def _difference(staged: Staged, contract: Mapping[str, Any], last: Version, base: Version | None) -> str:
    return difference_of(
        last,
        base,
        data_sha256=staged.data_sha256,
        contract_sha256=sha256_of_json(contract),
        definition_sha256=staged.dataset.definition_sha256,
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


def drift_of(plan: Plan) -> Drift | None:
    """Hold a plan's tables against what readers have now; None where they have nothing."""
    last = plan.last
    if last is None or plan.difference is None:
        return None
    same = plan.base is not None and plan.base.folder == last.folder
    differences = plan.differences if same else differences_from(plan.staged, last)
    tables = tuple(_compared(plan, last, differences))
    return Drift(last.dataset, last.number, plan.difference, assess(tables))


def _compared(plan: Plan, last: Version, differences: Mapping[str, RowDifference]) -> Iterator[Compared]:
    """The tables whose rows are not those of the last release; one that had no rows can have lost none."""
    record = read_record(last.folder)
    had = {file.table: file.rows or 0 for file in last.files if file.format == "parquet"}
    for table in plan.staged.dataset.tables:
        if had.get(table.name) and record["tables"][table.name] != plan.staged.table_sha256s[table.name]:
            rows = differences.get(table.name)
            old = rows.old if rows else read_rows(last, table.name)
            yield Compared(table, old, plan.staged.tables[table.name], rows)


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
