"""Whether the policies of one dataset hold together. What they leave open is refused, never guessed."""

from collections.abc import Iterator, Mapping
from typing import Final

from apendata.errors import DefinitionError, DisclosureRefused
from apendata.model import Column, Dataset, Disclosure, Finding, Table

STATUS: Final = "_status"
HIDDEN: Final = ":"
_FLAG: Final = "_flagg"
_SMALLEST_THRESHOLD: Final = 2
_SENSITIVE_THRESHOLD: Final = 5


def check_policies(dataset: Dataset) -> None:
    """Check every table's policy by itself and against the tables that it names.

    Raises:
        DisclosureRefused: a method that the dataset's domain does not allow.
        DefinitionError: a policy is incomplete or contradicts another; names every problem.
    """
    _only_mandated(dataset)
    problems = [f"{table.name}: {text}" for table in dataset.tables for text in _problems(dataset, table)]
    if problems:
        raise DefinitionError(f"Dataset «{dataset.id}», `disclosure`:\n" + "\n".join(problems))


def _only_mandated(dataset: Dataset) -> None:
    """Too few cases for any method: what no decision orders to be published is not published (bystyresak 2/07)."""
    other = [table for table in dataset.tables if table.disclosure.method != "mandated"]
    if dataset.domain == "whistleblowing" and other:
        raise DisclosureRefused(
            f"Table «{other[0].name}»: a dataset about whistleblowing may hold `method: mandated` only. "
            "Remove the table, or name the decision that orders it.",
            findings=[Finding("disclosure.method_not_allowed", table=t.name) for t in other],
        )


def _problems(dataset: Dataset, table: Table) -> Iterator[str]:
    policy = table.disclosure
    if policy.method == "none":
        yield from ("`method: none` needs `because`." for _ in [0] if policy.because is None)
    elif policy.method == "suppression":
        yield from _suppression_problems(dataset, table)
    elif policy.method == "follows":
        yield from _follows_problems(dataset, table)
    elif policy.legal_basis is None:
        yield "`method: mandated` needs `legal_basis`."
    if table.margins is not None:
        yield from _margin_problems(dataset, table)


def _suppression_problems(dataset: Dataset, table: Table) -> Iterator[str]:
    policy, fields = table.disclosure, _types(table)
    if not policy.people:
        yield "`people` is missing: it says which tables count the same people."
    if policy.threshold is None or policy.threshold < _SMALLEST_THRESHOLD:
        yield f"`threshold` must be {_SMALLEST_THRESHOLD} or more."
    yield from _sensitive_problems(policy)
    if not policy.dimensions:
        yield "`dimensions` is missing: the columns over which the counts add up."
    if sorted((*policy.per, *policy.dimensions)) != sorted(table.primary_key):
        yield f"`per` and `dimensions` together must be the primary key {list(table.primary_key)}."
    if fields.get(policy.value or "") != "integer":
        yield "`value` must name an integer field."
    yield from _hidable(table, (policy.value or "", *policy.derived))
    yield from _undeclared(table, (policy.value or "", *policy.derived))
    for other in dataset.tables:
        theirs = other.disclosure
        if theirs.method == "suppression" and theirs.people == policy.people and theirs.per != policy.per:
            yield f"counts the same people as «{other.name}» but has another `per`; that link is not supported."


def _sensitive_problems(policy: Disclosure) -> Iterator[str]:
    if policy.sensitive and (policy.threshold or 0) < _SENSITIVE_THRESHOLD:
        yield f"`threshold` must be {_SENSITIVE_THRESHOLD} or more where a dimension is `sensitive`."
    for column in (*policy.sensitive, *([policy.min_per_sex.column] if policy.min_per_sex else [])):
        if column not in policy.dimensions:
            yield f"«{column}» is not among `dimensions`."


def _follows_problems(dataset: Dataset, table: Table) -> Iterator[str]:
    policy = table.disclosure
    led = next((t for t in dataset.tables if t.name == policy.table), None)
    if led is None or led.disclosure.method != "suppression":
        yield "`table` must name a table of this dataset with `method: suppression`."
    elif sorted((*policy.on.values(), *policy.where)) != sorted(led.primary_key):
        yield f"`on` and `where` together must be the primary key {list(led.primary_key)} of «{led.name}»."
    if not policy.values:
        yield "`values` is missing: the columns to hide."
    yield from _hidable(table, policy.values)
    yield from _undeclared(table, policy.values)


def _margin_problems(dataset: Dataset, table: Table) -> Iterator[str]:
    base = next((t for t in dataset.tables if t.margins is None and table.margins and t.name == table.margins.of), None)
    if base is None or table.margins is None:
        yield "`margins.of` must name a table of this dataset that is no table of totals itself."
        return
    mine, theirs = table.disclosure, base.disclosure
    if _shape(mine) != _shape(theirs):
        yield f"totals need the policy of their table «{base.name}»: the same method, people, threshold, value, "
        yield "dimensions and per."
    if mine.method == "suppression" and not set(table.margins.totals) <= set(mine.dimensions):
        yield "`margins.totals` names a column that is not among `dimensions`."
    if mine.method == "suppression" and table.margins.value != mine.value:
        yield "`margins.value` must be the policy's `value`."


def _shape(policy: Disclosure) -> tuple[object, ...]:
    return (policy.method, policy.people, policy.threshold, policy.value, sorted(policy.dimensions), policy.per)


def _hidable(table: Table, values: tuple[str, ...]) -> Iterator[str]:
    fields = _types(table)
    for value in values:
        if value not in fields:
            yield f"«{value}» is no field of the table."
        elif f"{value}{STATUS}" not in fields:
            yield f"«{value}» can be hidden: the schema needs the field «{value}{STATUS}»."
        elif _is_required(table, value):
            yield f"«{value}» can be hidden and then has no value: the schema must not say that it is required."


def _undeclared(table: Table, declared: tuple[str, ...]) -> Iterator[str]:
    """Whatever differs from row to row and is not in the policy could tell what the policy hides.

    A count can stand in a text, a year or a truth value as well as in a number. So a column that is not hidden with the
    counts must be known before them: part of the key, a mark or flag beside a declared value, the same in every row, or
    the name of a code in the key.
    """
    policy, kinds = table.disclosure, _types(table)
    # The key of a follower may be finer than what it follows, so even a number could pass for a part of it.
    known = {
        k for k in table.primary_key if kinds.get(k) not in {"integer", "number"} or k in (*policy.on, *policy.per)
    }
    known |= {*policy.dimensions, *declared, *(f"{value}{ending}" for value in declared for ending in (STATUS, _FLAG))}
    known |= {column.name for column in table.columns if column.constant is not None or _is_label(column, table)}
    for field in kinds:
        if field not in known:
            yield (
                f"«{field}» is not in the policy and could tell what is hidden. Name it under `derived` or `values` "
                "(then it is hidden too), look it up from a column of the primary key, or remove it."
            )


def _is_label(column: Column, table: Table) -> bool:
    """Looked up by a code in the key, the name by which such a code is looked up, or the header that one stands for."""
    if column.lookup is not None:
        return column.lookup.by in table.primary_key
    keyed = [c for c in table.columns if c.name in table.primary_key]
    if column.unpivot is not None and column.unpivot != "value":
        return any(c.unpivot == column.unpivot for c in keyed)
    return any(c.lookup is not None and c.lookup.by == column.name for c in keyed)


def _is_required(table: Table, name: str) -> bool:
    return any(field["name"] == name and field.get("constraints", {}).get("required") for field in table.fields)


def _types(table: Table) -> Mapping[str, str]:
    return {str(field["name"]): str(field.get("type", "string")) for field in table.fields}
