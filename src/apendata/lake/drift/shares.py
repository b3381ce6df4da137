"""Rows that are fewer, more or changed, as shares of what the last release had."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from apendata.lake.drift.compared import Compared, Told, reason
from apendata.model import Finding

RANK = 4


def shares(compared: Compared) -> Iterator[Told]:
    """Yield what is past one of the three limits on rows."""
    limits, old, new = compared.table.drift, compared.old.num_rows, compared.new.num_rows
    changed = compared.rows.changed_rows if compared.rows else 0
    for finding, limit in (
        (Finding("drift_fewer_rows", table=compared.table.name, count=old - new), limits.max_fewer_rows),
        (Finding("drift_more_rows", table=compared.table.name, count=new - old), limits.max_more_rows),
        (Finding("drift_changed_rows", table=compared.table.name, count=changed), limits.max_changed_rows),
    ):
        # By the limit's own digits: 0.07 as the machine has it is a little more than seven hundredths.
        if limit is not None and finding.count > Fraction(str(limit)) * old:
            words = {"old": str(old), "new": str(new), "share": f"{finding.count / old:.1%}", "limit": f"{limit:.1%}"}
            told = replace(finding, params={**words, "because": reason(limits.because)})
            yield Told(told, (), RANK, Fraction(finding.count, old))
