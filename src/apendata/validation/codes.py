"""Every code of a finding that validation makes, with the words (``params``) that its text may use."""

from collections.abc import Mapping
from typing import Final

_CHECK: Final = ("check", "because")  # ``because`` may be empty; the check's other words, as declared, are there too

CODES: Final[Mapping[str, tuple[str, ...]]] = {
    # the table
    "table_missing": (),
    "table_empty": (),
    "column_missing": (),
    "column_unknown": (),
    "column_repeated": (),
    # cells: Frictionless' verdicts
    "wrong_type": ("expected",),
    "value_required": (),
    "not_unique": (),
    "not_in_enum": ("expected",),
    "pattern_not_met": ("expected",),
    "too_short": ("expected",),
    "too_long": ("expected",),
    "below_minimum": ("expected",),
    "above_maximum": ("expected",),
    "not_above_minimum": ("expected",),
    "not_below_maximum": ("expected",),
    # cells: stricter than Frictionless
    "not_finite": (),
    "digit_underscore": (),
    "non_ascii_digits": (),
    "too_many_decimals": ("decimals",),
    "number_too_large": ("decimals",),
    "status_unknown": ("status", "expected"),
    "status_missing": ("status", "expected"),
    "status_beside_value": ("status", "expected"),
    # keys
    "key_null": ("key",),
    "key_repeated": ("key", "keys"),
    "foreign_key_unmatched": ("columns", "table", "other_columns"),
    # checks over whole tables
    "sum_rows_absent": (*_CHECK, "value", "over"),
    "sum_row_missing": (*_CHECK, "value", "over"),
    "sum_row_repeated": (*_CHECK, "value", "over"),
    "sum_row_without_rows": (*_CHECK, "value", "over"),
    "sum_row_differs": (*_CHECK, "value", "over"),
    "control_without_rows": (*_CHECK, "value", "equals"),
    "control_total_differs": (*_CHECK, "value", "equals"),
    "control_rows_differ": (*_CHECK, "equals"),
    "not_balanced": (*_CHECK, "value", "per"),
    "difference_wrong": (*_CHECK, "equals", "from", "minus"),
    "share_wrong": (*_CHECK, "equals", "of", "base"),
    "share_of_zero": (*_CHECK, "equals", "of", "base"),
    "less_than": (*_CHECK, "value", "than"),
    "sum_without_counterpart": (*_CHECK, "value", "per", "equals"),
    "sum_differs": (*_CHECK, "value", "per", "equals"),
    "post_missing": (*_CHECK, "value", "post", "per"),
    "statement_differs": (*_CHECK, "value", "post", "per"),
    "not_cancelled": (*_CHECK, "value", "per", "first", "second"),
    "periods_without_rows": (*_CHECK, "column", "every"),
    "period_missing": (*_CHECK, "column", "every"),
    "formula_differs": (*_CHECK, "equals", "is"),
    "wrong_sign": (*_CHECK, "value", "is"),
    "share_not_borne_out": (*_CHECK, "share", "of", "times"),
    "code_not_in_list": (*_CHECK, "code", "list"),
    "code_outside_period": (*_CHECK, "code", "list"),
    "code_not_meant_here": (*_CHECK, "code", "list", "only"),
    "code_name_differs": (*_CHECK, "code", "list"),
    "stands_not_with": (*_CHECK, "where", "must"),
    "check_skipped": _CHECK,
}
