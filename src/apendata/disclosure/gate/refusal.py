"""How the gate stops a dataset: by which error, in which words; places and counts, never a text that it stopped."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from apendata.errors import ApendataError, DataRejected, DefinitionError, PersonalDataFound, gravest
from apendata.model import Finding

IDENTIFIER: Final = "disclosure.identifier"
IDENTIFIER_TOLD: Final = "disclosure.identifier_in_metadata"
FORMULA: Final = "disclosure.formula_text"
FORMULA_TOLD: Final = "disclosure.formula_in_metadata"
TOO_LONG: Final = "disclosure.text_too_long"
WAS_PUBLIC: Final = "disclosure.identifier_was_public"


@dataclass(frozen=True, slots=True)
class _End:
    error: type[ApendataError]
    text: str


_ENDS: Final[Mapping[str, _End]] = {
    IDENTIFIER: _End(
        PersonalDataFound,
        "{count} cells hold what identifies ({found}). Remove it at the source. An organisation number, an account, an "
        "e-mail address or a telephone number that is meant to be published is allowed by `allow_identifiers` of its "
        "column; a national identity number never is.",
    ),
    IDENTIFIER_TOLD: _End(
        PersonalDataFound,
        "what identifies ({found}) stands {count} times in a name or a text that is published. Take it out of "
        "dataset.yaml, the schema or the file's name; an office's e-mail address belongs in `contact`.",
    ),
    WAS_PUBLIC: _End(
        PersonalDataFound,
        "{count} cells of the public version hold what identifies ({found}). The changes of a mere correction would "
        "tell them once more: withdraw that version first, and tell your data protection officer.",
    ),
    FORMULA: _End(
        DataRejected,
        "{count} texts begin with = + - @, a tab or a line's end, or hold NUL: a spreadsheet would run them. Mend them "
        "at the source; they are not rewritten.",
    ),
    FORMULA_TOLD: _End(
        DefinitionError,
        "{count} texts begin with = + - @, a tab or a line's end, or hold NUL: in the workbook's sheet of columns, a "
        "spreadsheet would run them. Write them otherwise.",
    ),
    TOO_LONG: _End(
        DataRejected,
        "{count} texts are longer than the {limit} characters of `text.max_length`. Shorten them at the source, or "
        "raise the limit when somebody has read them.",
    ),
}


def let_through(dataset_id: str, findings: Iterable[Finding]) -> None:
    """Return where nothing stops the dataset.

    Raises:
        PersonalDataFound: what identifies, where it is not allowed.
        DataRejected: texts of cells that a spreadsheet would run, or that are too long.
        DefinitionError: texts of the metadata that a spreadsheet would run.
    """
    stopping = [finding for finding in findings if finding.severity == "error"]
    if stopping:
        text = "\n".join(f"{dataset_id}: {_sentence(finding)}" for finding in stopping)
        ends = gravest(_ENDS[finding.code].error(text, findings=stopping) for finding in stopping)
        if ends is not None:
            raise ends


def _sentence(finding: Finding) -> str:
    where = [f"table «{finding.table}»"] if finding.table else []
    where += [f"column «{finding.field}»"] if finding.field else []
    where += [finding.params["where"]] if "where" in finding.params else []
    told = _ENDS[finding.code].text.format(count=finding.count, **finding.params)
    return f"{', '.join(where)}: {told}"
