"""What ``transform.py`` made is looked at like an export: it may have glued, computed or fetched anything."""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from apendata.model import Finding, Place, RawTable
from apendata.sources.codes import finding, refuse
from apendata.sources.grid import Cells
from apendata.sources.identity import rows_with_numbers
from apendata.sources.texts import INVISIBLE, is_formula

_DECIMAL = r"^-?[0-9]+\.[0-9]+$"
_MAY_BE_FORMULA = r"^\s*[=+\-@]"


def screen(tables: Mapping[str, RawTable], *, equals_allowed: bool = False) -> None:
    """Look at every text of all tables; ``equals_allowed`` where a source says ``text_cells_beginning_with_equals``.

    Raises:
        PersonalDataFound: a national identity number; table and column are told.
        SourceRejected: texts that a spreadsheet would run, or with invisible characters.
    """
    found: list[Finding] = []
    for table in tables.values():
        for name in table.data.column_names:
            if pa.types.is_string(table.data[name].type):
                found += _in_column(table, name, equals_allowed=equals_allowed)
    refuse(found)


def _in_column(table: RawTable, name: str, *, equals_allowed: bool) -> list[Finding]:
    texts = pc.fill_null(table.data[name], "")
    # A canonical number has a decimal point, which a person may write within an identity number.
    words = pc.if_else(pc.match_substring_regex(texts, _DECIMAL), "", texts)
    people = list(rows_with_numbers(Cells(words)))
    begun = pc.unique(texts.filter(pc.match_substring_regex(texts, _MAY_BE_FORMULA))).to_pylist()
    formulas = [text for text in begun if is_formula(text.strip(), equals_allowed=equals_allowed)]
    counts = {
        "identity_number": len(people),
        "formula_text": pc.sum(pc.is_in(texts, pa.array(formulas, pa.string()))).as_py() or 0,
        "invisible_text": pc.sum(pc.match_substring_regex(texts, INVISIBLE)).as_py() or 0,
    }
    place = Place(table.name, column=name)
    return [finding(code, [place], count=n, table=table.name, column=name) for code, n in counts.items() if n]
