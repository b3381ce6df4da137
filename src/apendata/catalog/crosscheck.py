"""What a JSON Schema cannot say of a definition: every name in it must exist, every published field has one origin."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from apendata.catalog.crosscheck_drift import drift_problems
from apendata.catalog.crosscheck_texts import text_problems
from apendata.catalog.yaml_lines import Document
from apendata.errors import DefinitionError
from apendata.model import Column, Dataset, Disclosure, Table

_Problem = tuple[tuple[str | int, ...], str]

_STATUS: Final = "_status"
_FLAG: Final = "_flagg"


def check_dataset(dataset: Dataset, document: Document) -> None:
    """Check one dataset's names against each other.

    Raises:
        DefinitionError: naming every problem with file and line.
    """
    problems = sorted((document.line(path), text) for path, text in _problems(dataset))
    if problems:
        raise DefinitionError("\n".join(f"{document.file}:{line}: {text}" for line, text in problems))


def _problems(dataset: Dataset) -> Iterator[_Problem]:
    for name, source in dataset.sources.items():
        yield from _placeholder_problems(name, source.path, source.placeholders)
        yield from _sum_row_problems(dataset, name)
    for table in dataset.tables:
        yield from _origin_problems(table)
        yield from _source_problems(dataset, table)
        yield from _column_problems(dataset, table)
        yield from _margin_problems(dataset, table)
        yield from _disclosure_problems(dataset, table)
        yield from _key_problems(dataset, table)
        yield from drift_problems(table)
        yield from text_problems(dataset, table)


def _placeholder_problems(name: str, path: str, placeholders: Mapping[str, str]) -> Iterator[_Problem]:
    written = {part.split("}")[0] for part in path.split("{")[1:]}
    if written != set(placeholders):
        yield (
            ("sources", name, "path"),
            f"the path's placeholders {sorted(written)} and the key `placeholders` {sorted(placeholders)} differ.",
        )


def _sum_row_problems(dataset: Dataset, name: str) -> Iterator[_Problem]:
    """Sum rows are taken out of the data; a sum that nobody compares would be a row that was silently dropped."""
    unexplained = any(rule.kind == "sum" and rule.because is None for rule in dataset.sources[name].rows)
    readers = [table for table in dataset.tables if name in table.sources]
    checked = any(check.kind == "sums_to_sum_rows" for table in readers for check in table.checks)
    if unexplained and not checked:
        text = "`kind: sum` without a check: add `{kind: sums_to_sum_rows, …}` to a table's `checks`, or say `because`."
        yield ("sources", name, "rows"), text


def _origin_problems(table: Table) -> Iterator[_Problem]:
    if table.margins:
        return
    fields = {str(field["name"]) for field in table.fields}
    columns = {column.name for column in table.columns}
    implied = {name for name in fields if _implied(name, fields, table)}
    for name in sorted(fields - columns - implied):
        yield (
            ("tables", table.name, "columns"),
            f"the schema's field «{name}» has no origin. Add it under `columns`.",
        )
    for name in sorted(columns - fields):
        yield (
            ("tables", table.name, "columns", name),
            f"the column «{name}» is not a field of schemas/{table.name}.schema.json. Add it there, or remove it here.",
        )


def _implied(name: str, fields: set[str], table: Table) -> bool:
    """Status columns come from the marks beside them, flag columns from `flags`."""
    if name.endswith(_STATUS):
        return name.removesuffix(_STATUS) in fields
    return name.endswith(_FLAG) and any(flag.column == name for flag in table.flags)


def _source_problems(dataset: Dataset, table: Table) -> Iterator[_Problem]:
    for name in table.sources:
        if name not in dataset.sources:
            yield (
                ("tables", table.name, "from"),
                f"there is no source «{name}». There are: {sorted(dataset.sources)}.",
            )
    units = {field["name"]: field.get("unit") for field in table.fields}
    for column in table.columns:
        money = units.get(column.name) in ("NOK", "kNOK", "MNOK") and (column.header or column.unpivot)
        undeclared = [n for n in table.sources if n in dataset.sources and not _has_unit(dataset, n, column)]
        if money and undeclared:
            yield (
                ("tables", table.name, "columns", column.name),
                f"«{column.name}» is money: the source {undeclared} (or the column) must declare `unit` and `sign`.",
            )


def _has_unit(dataset: Dataset, source: str, column: Column) -> bool:
    declared = dataset.sources[source]
    return bool((column.unit or declared.unit) and (column.sign or declared.sign))


def _column_problems(dataset: Dataset, table: Table) -> Iterator[_Problem]:
    groups = {*table.unpivot.pattern.groupindex, "value"} if table.unpivot else set()
    placeholders = _common_placeholders(dataset, table)
    for column in table.columns:
        where = ("tables", table.name, "columns", column.name)
        if column.unpivot and column.unpivot not in groups:
            yield (
                where,
                f"`unpivot: {column.unpivot}` names no part of the unpivoted header. There are: {sorted(groups)}.",
            )
        if column.path and column.path not in placeholders:
            yield (
                where,
                f"`path: {column.path}` is no placeholder of the source's path. There are: {sorted(placeholders)}.",
            )
        if column.split and column.split.part not in column.split.pattern.groupindex:
            yield (
                where,
                f"`split.part: {column.split.part}` is no named group of the pattern.",
            )
        if column.lookup and column.lookup.codelist not in dataset.codelists:
            yield (
                where,
                f"there is no code list «{column.lookup.codelist}» under `codelists`.",
            )
        if column.transform and dataset.transform is None:
            yield (
                where,
                "`transform: true`, but there is no transform.py beside dataset.yaml.",
            )


def _common_placeholders(dataset: Dataset, table: Table) -> set[str]:
    known = [set(dataset.sources[name].placeholders) for name in table.sources if name in dataset.sources]
    return set.intersection(*known) if known else set()


def _margin_problems(dataset: Dataset, table: Table) -> Iterator[_Problem]:
    if not table.margins:
        return
    where = ("tables", table.name, "margins")
    base = next((t for t in dataset.tables if t.name == table.margins.of), None)
    if base is None:
        yield where, f"`of: {table.margins.of}` is no table of this dataset."
        return
    wanted = {str(field["name"]) for field in table.fields}
    have = {str(field["name"]) for field in base.fields}
    yield from _unknown(where, have, [*table.margins.totals, table.margins.value], base.name)
    if wanted - have:
        yield (
            where,
            f"the fields {sorted(wanted - have)} are not in the table «{base.name}» whose totals these are.",
        )


def _disclosure_problems(dataset: Dataset, table: Table) -> Iterator[_Problem]:
    policy, where = table.disclosure, ("tables", table.name, "disclosure")
    fields = {str(field["name"]) for field in table.fields}
    values = [policy.value] if policy.value else []
    yield from _unknown(
        where,
        fields,
        [*values, *policy.dimensions, *policy.per, *policy.derived],
        table.name,
    )
    yield from _unknown(where, fields, [*policy.values, *policy.on, *policy.one_way], table.name)
    for value in (*values, *policy.values):
        if f"{value}{_STATUS}" not in fields:
            yield (
                where,
                f"«{value}» can be hidden: the schema needs the field «{value}{_STATUS}» that says so.",
            )
    if policy.method == "follows":
        yield from _follows_problems(dataset, policy, where)


def _follows_problems(dataset: Dataset, policy: Disclosure, where: tuple[str, ...]) -> Iterator[_Problem]:
    led = next((t for t in dataset.tables if t.name == policy.table), None)
    if led is None:
        yield where, f"`table: {policy.table}` is no table of this dataset."
        return
    yield from _unknown(
        where,
        {str(f["name"]) for f in led.fields},
        [*policy.on.values(), *policy.where],
        led.name,
    )


def _key_problems(dataset: Dataset, table: Table) -> Iterator[_Problem]:
    names = {t.name for t in dataset.tables} | {use.table for use in dataset.codelists.values()}
    for key in table.schema.get("foreignKeys", ()):
        resource = key["reference"]["resource"]
        if resource and resource not in names:
            yield (
                ("tables", table.name),
                f"schemas/{table.name}.schema.json: a foreign key leads to «{resource}», which is no table here.",
            )


def _unknown(where: tuple[str, ...], known: set[str], names: Iterable[str], table: str) -> Iterator[_Problem]:
    for name in sorted(set(names) - known):
        yield where, f"«{name}» is no field of the table «{table}»."
