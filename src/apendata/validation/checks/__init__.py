"""Rules over whole tables, as a definition declares them. A group with a hidden part is skipped, and that is told."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from apendata.model import Check, Dataset, Finding, RawTable, Reading
from apendata.validation.checks.codes_of_lists import in_code_list
from apendata.validation.checks.combinations import only_with
from apendata.validation.checks.periods import complete
from apendata.validation.checks.plausible import bears_out, formula, sign
from apendata.validation.checks.posts import cancels, statement
from apendata.validation.checks.rows import difference, not_less, share
from apendata.validation.checks.subject import Subject
from apendata.validation.checks.sums import balances, control_rows, control_total, sum_equals, sums_to_sum_rows
from apendata.validation.checks.words import CHECK_WORDS, Words, refuse_wrong_words
from apendata.validation.tables import Checked

__all__ = ["CHECK_WORDS", "Words", "refuse_wrong_words", "run_checks"]

_KINDS: Final[Mapping[str, Callable[[Subject], Iterator[Finding]]]] = {
    "sums_to_sum_rows": sums_to_sum_rows,
    "control_total": control_total,
    "control_rows": control_rows,
    "balances": balances,
    "difference": difference,
    "share": share,
    "not_less": not_less,
    "sum_equals": sum_equals,
    "statement": statement,
    "cancels": cancels,
    "complete": complete,
    "formula": formula,
    "sign": sign,
    "bears_out": bears_out,
    "in_code_list": in_code_list,
    "only_with": only_with,
}


def run_checks(
    dataset: Dataset, reading: Reading, tables: Mapping[str, Checked], codelists: Mapping[str, RawTable]
) -> Iterator[Finding]:
    """Run every check whose tables are valid by themselves: on broken cells a sum says nothing new."""
    for table in dataset.tables:
        for check in table.checks:
            if {table.name, *_others(check)} <= tables.keys():
                subject = Subject(check, tables[table.name], tables, reading.sum_rows.get(table.name), codelists)
                yield from _KINDS[check.kind](subject)


def _others(check: Check) -> Iterator[str]:
    """The other tables of the dataset that a check looks into."""
    for word in ("equals", "list"):
        value = check.words.get(word)
        if isinstance(value, Mapping) and "table" in value:
            yield str(value["table"])
