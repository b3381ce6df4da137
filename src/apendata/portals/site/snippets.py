"""Code that reads a table right at the first try: codes stay texts, so that leading zeros survive."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

PANDAS: Final = {"string": "string", "integer": "Int64", "year": "Int64", "number": "Float64", "boolean": "boolean"}
"""Nullable types: with pandas' defaults one hidden cell turns a column of counts into decimal numbers."""
READR: Final = {
    "string": "col_character()",
    "integer": "col_double()",  # R's own integers end at 2 147 483 647, and amounts in kroner do not
    "year": "col_integer()",
    "number": "col_double()",
    "date": "col_date()",
    "boolean": "col_logical()",
}


@dataclass(frozen=True, slots=True)
class Snippet:
    """One piece of code."""

    tool: str
    code: str


def snippets(resource: Mapping[str, Any], folder: str) -> tuple[Snippet, ...]:
    """Return the code for pandas, DuckDB and R.

    Args:
        resource: a resource of ``datapackage.json``.
        folder: the address of the folder with the files, with a slash at its end.
    """
    name, fields = resource["name"], resource["schema"]["fields"]
    csv = folder + resource["path"]
    parquet = next(folder + file["path"] for file in resource["alternates"] if file["format"] == "parquet")
    return (
        Snippet("pandas", _pandas(name, csv, fields)),
        Snippet("DuckDB", f"SELECT *\nFROM read_parquet('{parquet}');"),
        Snippet("R", _readr(name, csv, fields)),
    )


def _pandas(name: str, csv: str, fields: Iterable[Mapping[str, Any]]) -> str:
    types = {field["name"]: field["type"] for field in fields}
    dtypes = [f'        "{field}": "{PANDAS[kind]}",' for field, kind in types.items() if kind in PANDAS]
    dates = ", ".join(f'"{field}"' for field, kind in types.items() if kind == "date")
    return "\n".join(
        [
            "import pandas as pd",
            "",
            f"{name} = pd.read_csv(",
            f'    "{csv}",',
            "    dtype={",
            *dtypes,
            "    },",
            *([f"    parse_dates=[{dates}],"] if dates else []),
            "    keep_default_na=False,",
            '    na_values=[""],',
            ")",
        ]
    )


def _readr(name: str, csv: str, fields: Iterable[Mapping[str, Any]]) -> str:
    columns = ",\n".join(f"    {field['name']} = {READR[field['type']]}" for field in fields)
    return "\n".join(
        [
            "library(readr)",
            "",
            f"{name} <- read_csv(",
            f'  "{csv}",',
            "  col_types = cols(",
            columns,
            "  ),",
            '  na = ""',
            ")",
        ]
    )
