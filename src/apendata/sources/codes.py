"""Every finding that the reader can make: its code, the class of error it ends in, and what to do, in one table.

``report`` holds the texts for stewards under the same codes; the sentences here are what an exception says. Words in
braces are the finding's ``params``: names, expected forms and YAML keys, never values of cells.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from apendata.errors import (
    ApendataError,
    DefinitionError,
    PersonalDataFound,
    SourceChanged,
    SourceRejected,
    SourceUnreadable,
    gravest,
)
from apendata.model import MAX_PLACES, Finding, Place

MAX_SAMPLES: Final = 5
MAX_NAMES: Final = 50
"""Of sheets, columns and versions: the report is where their names stand at all."""
_OF_NAMES: Final = frozenset(
    {
        "unknown_columns",
        "claimed_twice",
        "duplicate_columns",
        "sheet_missing",
        "sheet_not_declared",
        "rows_not_selected",
        "header_not_found",
        "missing_columns",
    }
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a code ends: ``error`` None is a note or a warning that stops nothing."""

    error: type[ApendataError] | None
    text: str


def _unreadable(text: str) -> Refusal:
    return Refusal(SourceUnreadable, text)


def _changed(text: str) -> Refusal:
    return Refusal(SourceChanged, text)


def _rejected(text: str) -> Refusal:
    return Refusal(SourceRejected, text)


CODES: Final[dict[str, Refusal]] = {
    # the bytes
    "file_empty": _unreadable("the file is empty; export it again"),
    "wrong_encoding": _unreadable("the bytes are not {encoding}; declare the right `encoding` or export again"),
    "undeclared_bom": _unreadable("the file begins with a byte order mark; declare `encoding: {encoding}`"),
    "nul_byte": _unreadable("NUL characters; the file is UTF-16 (declare `encoding: utf-16-le`) or damaged"),
    "control_character": _unreadable("control characters; the text is in another encoding than {encoding}, or damaged"),
    "replacement_character": _unreadable("U+FFFD: letters were lost before the file came here; export it again"),
    "invisible_character": _unreadable(
        "zero-width characters, or such as turn the direction of writing; remove them at the source"
    ),
    "unclosed_quote": _unreadable(
        "a quoted field is not closed or goes on after its quote; check `quoted` and the export"
    ),
    "first_line_differs": _unreadable("the first line is not the declared `first_line`"),
    "wrong_content": _unreadable("the content is not {format}; declare the right `format` or export again"),
    "workbook_damaged": _unreadable("the workbook is damaged or cut off; export it again"),
    "workbook_encrypted": _unreadable("the workbook is protected by a password; export it without"),
    "workbook_bomb": _unreadable("the workbook unpacks to more than {limit}; it is not opened"),
    "workbook_nested": _unreadable("the workbook holds another archive or a program; export plain cells only"),
    # sheet, headers, fields
    "sheet_missing": _changed("there is no sheet «{sheet}» among the {found} of the workbook; correct `sheet`"),
    "sheet_not_declared": _changed("the workbook has several or hidden sheets ({found} in all); name one with `sheet`"),
    "header_not_found": _changed(
        "no header row holds all of {expected}; not found: {missing}; correct `header.contains`"
    ),
    "other_delimiter": _changed(
        "the fields are separated by {found} and not by {expected}; export again, or correct `delimiter`"
    ),
    "header_repeated": _changed(
        "the header stands in several places; name the rest with `rows: [{{kind: repeated_header}}]`"
    ),
    "duplicate_columns": _changed(
        "several columns have the same name; declare stacked headers with `header.rows`, a block of the sheet with "
        "`columns`, or rename one"
    ),
    "unknown_columns": _changed(
        "headers that the definition does not name, in column {columns}; name them under `columns`, `unpivot` or "
        "`ignore`, or correct `header` if these are no headers"
    ),
    "missing_columns": _changed(
        "columns that the definition names are not in the export: {columns}; correct `columns`, or say `absent`"
    ),
    "two_spellings": _changed("several accepted spellings of column `{column}` are in the export: {columns}"),
    "claimed_twice": _changed("columns are both read and ignored: column {columns}; correct `ignore` or `unpivot`"),
    "nothing_to_unpivot": _changed("no column matches `unpivot` of table {table}"),
    "no_data_rows": _changed("there are no rows of data ({rows}); export again, or correct `rows` and `only`"),
    # rows
    "ragged_row": _rejected(
        "rows of {found} fields where the header has {expected}; say `extra_fields` to keep too long ones"
    ),
    "record_length": _rejected("records of another length than {expected}; correct `fields` or export again"),
    "undeclared_positions": _rejected("text at positions that no field of `fields` covers"),
    "blank_row": _rejected("empty rows; name them with `rows: [{{kind: blank}}]`"),
    "lone_text": _rejected(
        "rows below the last sum row with a text in one cell alone; name them with `rows: [{{kind: note}}]`"
    ),
    "several_versions": _rejected("{versions} versions in column «{column}»; choose one with `only`"),
    "formula_without_value": _rejected("formulas whose values are not stored; open and save the workbook, then export"),
    "error_cell": _rejected(
        "spreadsheet errors in column «{column}»; correct the export or declare the mark in `missing`"
    ),
    # cells
    "undeclared_mark": _rejected("cells of column «{column}» are not numbers under the declared marks; see `{key}`"),
    "cell_kind": _rejected("column «{column}» holds {found} cells where {expected} is expected; see `{key}`"),
    "number_too_big": _rejected(
        "whole numbers beyond 2^53 in column «{column}»: a workbook has lost their last digits"
    ),
    "not_whole": _rejected("numbers in column «{column}» are not whole after scaling to {unit}"),
    "no_status_column": _rejected("a {meaning} mark in column «{column}», but the schema has no field `{field}`"),
    "no_direction": _rejected("texts of the direction column for «{column}» are not in `sign_from`"),
    "date_form": _rejected("cells of column «{column}» are not written as {expected}; see `date_format`"),
    "early_date": _rejected(
        "dates before 1 March 1900 in column «{column}», which workbooks miscount; write them as texts"
    ),
    "two_kinds_of_dates": _rejected(
        "real dates and dates as text stand together in column «{column}»; export one kind"
    ),
    "outer_blanks": _rejected(
        "texts in column «{column}» begin or end with blanks; say `strip: true` or correct the export"
    ),
    "formula_text": _rejected(
        "texts in column «{column}» begin like a formula; correct the export or say `text_cells_beginning_with_equals`"
    ),
    "invisible_text": _rejected(
        "texts in column «{column}» hold zero-width characters, or such as turn the direction of writing"
    ),
    "undeclared_code": _rejected("texts in column «{column}» are not in its `codes`"),
    "no_split": _rejected("texts in column «{column}» do not match its `split` pattern"),
    "nothing_to_fill_down": _rejected("column «{column}» has nothing above its first empty cell to fill down"),
    "row_total_differs": _rejected("column «{column}» is not the sum of the unpivoted columns"),
    "no_match": _rejected("`{column}`: nothing in the code list {codelist} matches"),
    "several_matches": _rejected(
        "`{column}`: several rows of the code list {codelist} match; correct its validity dates"
    ),
    "same_key_differs": _rejected("rows of table {table} with one key differ in `{column}`, so they cannot be added"),
    # people
    "identity_number": Refusal(
        PersonalDataFound, "a national identity number; remove it from the export at its source"
    ),
    # the definition
    "no_unit": Refusal(
        DefinitionError, "`{column}` is published in {unit}; declare `unit` for the source or the column"
    ),
    "unit_differs": Refusal(
        DefinitionError, "`{column}` is published in {unit} and declared in {found}; only money is scaled"
    ),
    "no_sign": Refusal(
        DefinitionError, "`{column}` is published as {sign}; declare `sign` for the source or the column"
    ),
    "codelist_column": Refusal(DefinitionError, "`{column}`: the code list {codelist} has no column `{field}`"),
    # notes
    "hidden_rows": Refusal(None, "hidden rows of the sheet were read like all others"),
    "rows_not_selected": Refusal(None, "rows that `only` leaves out, by their «{column}»"),
    "nearly_selected": Refusal(
        None, "rows that `only` leaves out, though their «{column}» is nearly one of those wanted: {wanted}"
    ),
    "values_not_compared": Refusal(
        None,
        "values of «{column}» that `only` leaves out, not compared with those wanted: the {compared} commonest were",
    ),
    "extra_fields_cut": Refusal(None, "rows with more fields than the header were kept and cut ({because})"),
    "rows_added_up": Refusal(None, "rows with equal keys were added up ({because})"),
    "row_total_unchecked": Refusal(None, "row totals with hidden or missing parts were not checked"),
    "column_absent": Refusal(None, "column «{column}» is not in this export ({because})"),
}


_OF_INTEREST: Final = frozenset({"rows_added_up", "row_total_unchecked", "rows_not_selected", "values_not_compared"})
"""Nobody need do anything about these."""


def finding(
    code: str, places: Iterable[Place] = (), *, count: int | None = None, samples: Iterable[str] = (), **params: str
) -> Finding:
    """Make a finding of a known code; ``places`` and ``samples`` are cut to their limits, ``count`` is not."""
    where = tuple(places)
    return Finding(
        code,
        severity="error" if CODES[code].error else "info" if code in _OF_INTEREST else "warning",
        table=params.get("table"),
        field=params.get("column"),
        count=len(where) if count is None and where else count or 1,
        places=where[:MAX_PLACES],
        params=params,
        samples=tuple(samples)[: MAX_NAMES if code in _OF_NAMES else MAX_SAMPLES],
    )


def refuse(findings: Sequence[Finding]) -> None:
    """Raise the gravest error that ``findings`` call for, saying all of them; return if none calls for one.

    Raises:
        ApendataError: of the gravest class among the codes; all findings are in it.
    """
    errors = [found for found in findings if found.severity == "error"]
    kinds = [kind for found in errors if (kind := CODES[found.code].error) is not None]
    worst = gravest(kind("") for kind in kinds)
    if worst is not None:
        # From None: the error that a library raised may quote a row or a byte, and a traceback would print it.
        raise type(worst)("\n".join(map(sentence, errors)), findings=findings) from None


def sentence(found: Finding) -> str:
    """Say a finding: place (and how many more), then what it is and what to do. Holds no cell's value."""
    text = CODES[found.code].text.format_map(found.params)
    if not found.places:
        return text
    more = f" (and {found.count - 1} more)" if found.count > 1 else ""
    return f"{found.places[0]}{more}: {text}"
