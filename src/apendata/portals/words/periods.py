"""What time a table tells of: its first and last period, and its newest rows."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apendata.errors import LakeCorrupt

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.compute as pc


def period(file: Path, schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the first and last date or year that a table tells of, ``("2017", "2019")``; or nothing."""
    import pyarrow.compute as pc

    times = time_fields(schema)
    found = [pc.min_max(column).as_py() for column in _read(file, columns=times).itercolumns()]
    ends = [end for end in found if end["min"] is not None]
    return (str(min(end["min"] for end in ends)), str(max(end["max"] for end in ends))) if ends else ()


def time_fields(schema: Mapping[str, Any]) -> list[str]:
    """The years of the key (a budget's own and those that it plans for), or else its dates.

    Not both: a date beside a year says when the row was published or decided, not what it tells of.
    """
    types = {field["name"]: field["type"] for field in schema["fields"]}
    years, dates = ([name for name in schema["primaryKey"] if types[name] == kind] for kind in ("year", "date"))
    return years or dates


def newest_rows(file: Path, times: list[str], count: int) -> "pa.Table":
    """Return ``count`` rows of a table that has more: the newest periods first, in the file's order within each.

    Only the columns of periods are read in full: a ledger of a million rows is looked at without being loaded.
    """
    periods = _read(file, columns=times)
    least = periods.take(_newest_first(periods, times)[count - 1 : count]).to_pylist()[0]
    wanted = _read(file, filters=_not_older(times, least))
    return wanted.take(_newest_first(wanted, times)[:count])


def _read(file: Path, **how: Any) -> "pa.Table":
    import pyarrow.parquet as pq

    with whole(file):
        return pq.read_table(file, **how)


@contextmanager
def whole(file: Path) -> Iterator[None]:
    """Read a version's file in the block.

    Raises:
        LakeCorrupt: it is gone, or is no Parquet any more.
    """
    import pyarrow as pa

    try:
        yield
    except (FileNotFoundError, pa.ArrowInvalid):
        raise LakeCorrupt(
            f"{file.parent.name}/{file.name}: missing, or not what apendata wrote. Run `apendata verify` to see all "
            "that is wrong, and restore the lake from a backup."
        ) from None


def _newest_first(table: "pa.Table", times: list[str]) -> "pa.Array":
    import pyarrow.compute as pc

    return pc.sort_indices(table, [(name, "descending") for name in times])  # stable: else in the file's order


def _not_older(times: list[str], least: Mapping[str, Any]) -> "pc.Expression":
    """Rows whose periods, compared one after the other, are ``least`` or newer."""
    import pyarrow.compute as pc

    name, *rest = times
    if not rest:
        return pc.field(name) >= least[name]
    return (pc.field(name) > least[name]) | ((pc.field(name) == least[name]) & _not_older(rest, least))
