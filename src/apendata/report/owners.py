"""Who can mend what was found: whoever makes the export, whoever owns the definition, or whoever runs apendata."""

from typing import Final, Literal

Owner = Literal["source", "definition", "apendata"]

_DEFINITION: Final = frozenset(
    {
        "claimed_twice",
        "codelist_column",
        "column_missing",
        "column_repeated",
        "column_unknown",
        "drift_not_comparable",
        "header_repeated",
        "no_sign",
        "no_status_column",
        "no_unit",
        "nothing_to_unpivot",
        "several_versions",
        "sheet_not_declared",
        "table_missing",
        "unit_differs",
        "disclosure.aggregate_first",
        "disclosure.crossed",
        "disclosure.extra_column",
        "disclosure.finer_than_year",
        "disclosure.formula_in_metadata",
        "disclosure.found_out",
        "disclosure.hidden_key_changed",
        "disclosure.identifier_in_metadata",
        "disclosure.known",
        "disclosure.ledger_contradicts",
        "disclosure.method_not_allowed",
        "disclosure.not_auditable",
        "disclosure.not_owned_up",
        "disclosure.not_signed",
        "disclosure.policy_changed",
        "disclosure.signed",
        "disclosure.table_gone",
        "disclosure.too_large",
        "disclosure.uncertified",
        "disclosure.whole_block",
    }
)


def owner(code: str) -> Owner:
    """Who can mend a finding of a code. What no list names is mended where the export is made: that is most of it."""
    if code.startswith(("lake_", "portal_")):
        return "apendata"
    return "definition" if code in _DEFINITION else "source"
