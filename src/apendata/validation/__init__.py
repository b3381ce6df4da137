"""Validation: every published table obeys its Table Schema with Frictionless' verdicts, its keys and its checks.

:func:`validate` is the boundary; how it gets its verdicts may change behind it. Vectorised kernels accept what they are
sure of, Frictionless' own cell reader decides on every other distinct value, and these rules are stricter than it:

====================== ==============================================================================================
``not_finite``         ``NaN`` and ``Infinity`` are no numbers
``digit_underscore``   ``1_000``: Python's way to write a number, nobody else's
``non_ascii_digits``   ``１２``, ``٣``: also in a text that has a ``pattern``, which makes it a code
``too_many_decimals``  a number with more decimals than its field declares would have to be rounded
``number_too_large``   beyond 64-bit integers, or 18 digits of a decimal number
``key_null``           no column of a primary key may be empty (Frictionless: not all of them)
``table_empty``        a table without rows
``status_…``           a value is null exactly where its ``_status`` column holds ``:``, ``..`` or ``.``
====================== ==============================================================================================

Checks over whole tables (``checks`` in dataset.yaml), with their words; those in brackets may be left out:

==================== ============================================== ==================================================
kind                 words                                          holds when
==================== ============================================== ==================================================
``sums_to_sum_rows`` value, over [, within]                         Σ value over the columns ``over`` = the sum rows
``control_total``    value, equals [, where, within]; because       Σ value of the rows meant = the figure
``control_rows``     equals [, where]                               so many rows are meant
``balances``         value, per [, within]                          Σ value = 0 for each ``per``
``difference``       equals, from, minus [, within]                 equals = from − minus, in each row
``share``            equals, of, base [, within]                    equals = 100 · of / base, in each row
``not_less``         value, than                                    value ≥ than, in each row
``sum_equals``       value, per {column: other column},             Σ value for each ``per`` = the other table's value
                     equals {table, value} [, where, within]
``statement``        value, post, per, sums {post: terms}           each sum post = the sum of its posts
                     [, within]
``cancels``          value, per, first, second [, within]           Σ first + Σ second = 0 for each ``per``
``complete``         column, every [, per, where, expected,         no period is missing
                     but_not; because]
``formula``          equals, is [, within]                          equals = the formula, in each row
``sign``             value, is [, where]                            no amount has the other sign
``bears_out``        share, of, per, times; because                 the whole that a share implies is like others'
``in_code_list``     code, list [, name, at, or_at_first_of, where,  known, valid at that date, one of those asked for,
                     only]                                          and so called
``only_with``        where, must [, value]                          the rows meant meet ``must`` too
==================== ============================================== ==================================================

``where``, ``must``, ``first`` and ``second`` are {column: text, list of texts, or {from, to}}; ``within`` is how far
apart the two may be, and other than 0 it needs ``because``; ``rounded_to`` is the unit to which every figure was
rounded.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from apendata.model import Dataset, Finding, RawTable, Reading, Validation, ValidTable
from apendata.validation.checks import CHECK_WORDS, Words, refuse_wrong_words, run_checks
from apendata.validation.codes import CODES
from apendata.validation.keys import broken_foreign_keys
from apendata.validation.problems import finding
from apendata.validation.refusal import rejection
from apendata.validation.table_schema import TableRules, read_rules
from apendata.validation.tables import Checked, check_table

__all__ = ["CHECK_WORDS", "CODES", "Words", "check_definition", "validate"]


def validate(
    dataset: Dataset, reading: Reading, codelists: Mapping[str, RawTable] = MappingProxyType({})
) -> Validation:
    """Check every table that was read, and type it.

    Args:
        dataset: the contract.
        reading: its tables as they were read.
        codelists: the code lists that the definition uses from other datasets, by the names that it gives them.

    Returns:
        The tables with Arrow types (integer int64, number decimal128(18, decimals), year int32, date date32, boolean
        bool, string string), columns in the schema's order, rows in key order; and warnings and notes.

    Raises:
        DefinitionError: a schema or a check is wrong.
        DataRejected: a table breaks its schema, its keys or a check; its findings tell all that was found.
    """
    rules = _rules(dataset)
    tables, findings = _check_each(dataset, rules, reading.tables)
    findings += _foreign_key_findings(tables)
    findings += run_checks(dataset, reading, tables, codelists)
    if any(found.severity == "error" for found in findings):
        raise rejection(dataset.id, findings)
    valid = {name: ValidTable(name, table.data, table.origin) for name, table in tables.items()}
    return Validation(valid, tuple(findings))


def check_definition(dataset: Dataset) -> None:
    """Check what a definition says of schemas and checks, before any export is touched.

    Raises:
        DefinitionError: a schema or a check is wrong.
    """
    _rules(dataset)


def _rules(dataset: Dataset) -> dict[str, TableRules]:
    rules = {table.name: read_rules(table) for table in dataset.tables}
    refuse_wrong_words(dataset, rules)
    return rules


def _check_each(
    dataset: Dataset, rules: Mapping[str, TableRules], raw: Mapping[str, RawTable]
) -> tuple[dict[str, Checked], list[Finding]]:
    """The tables that are valid by themselves, and what is wrong with the others."""
    valid: dict[str, Checked] = {}
    findings: list[Finding] = []
    for table in dataset.tables:
        if table.name not in raw:
            findings.append(Finding("table_missing", table=table.name))
            continue
        checked = check_table(rules[table.name], raw[table.name])
        if isinstance(checked, Checked):
            valid[table.name] = checked
        else:
            findings += checked
    return valid, findings


def _foreign_key_findings(tables: Mapping[str, Checked]) -> Iterator[Finding]:
    data = {name: table.data for name, table in tables.items()}
    for table in tables.values():
        for problem in broken_foreign_keys(table.rules, table.data, data):
            yield finding(problem, table.rules.table, table.origin)
