"""No figure of pay by sex where there are too few of one of them (ARP practice: five of each; see docs/disclosure.md).

With the figure for all and that for one sex, the other's follows; a ratio is the same figure said otherwise (sdc.md
d01). So all derived figures by sex of such a group go, and only the one for all of them may stay.
"""

from collections import defaultdict

import numpy as np
import pyarrow as pa

from apendata.disclosure.keys import Key, keys
from apendata.disclosure.linear import Bools
from apendata.model import Table


def too_few_of_a_sex(table: Table, data: pa.Table) -> Bools:
    """Return the rows whose derived values must be hidden: those by sex of a group with too few of some sex.

    A sex that has no row in the group, or no count, is too few.
    """
    policy, rule = table.disclosure, table.disclosure.min_per_sex
    if rule is None:
        return np.zeros(data.num_rows, dtype=np.bool_)
    others = [column for column in (*policy.per, *policy.dimensions) if column != rule.column]
    groups, sexes = keys(data, others), [str(sex) for sex in data[rule.column].to_pylist()]
    counts = data[policy.value].to_pylist()
    everyone = table.margins.totals.get(rule.column) if table.margins else None
    found: defaultdict[Key, dict[str, int]] = defaultdict(dict)
    for group, sex, count in zip(groups, sexes, counts, strict=True):
        found[group][sex] = count or 0
    all_sexes = set(sexes) - {everyone}
    few = {group for group, by_sex in found.items() if any(by_sex.get(s, 0) < rule.least for s in all_sexes)}
    rows = [group in few and sex != everyone for group, sex in zip(groups, sexes, strict=True)]
    return np.array(rows, dtype=np.bool_)
