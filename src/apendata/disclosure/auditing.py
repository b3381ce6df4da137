"""The audit that can be asked for, and that every release and every rollback goes through."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apendata import errors
from apendata.disclosure.derivation import derivation
from apendata.disclosure.ledger import Audit, Ledger, audit_ledger, ledger_of
from apendata.disclosure.system import Contradiction, system
from apendata.disclosure.universe import NotInUniverse, TooManyAtoms, name
from apendata.model import SHOWN_PLACES, ExternalFact, Finding, Published


@dataclass(frozen=True, slots=True)
class Audited:
    """One group of people whose every published count was looked at together."""

    people: str
    datasets: tuple[str, ...]
    versions: int
    dates: int
    protected: int
    """Counts, over all dates, that no reader may learn; none of them was found out."""


def audit(published: Sequence[Published]) -> tuple[Audited, ...]:
    """Audit everything that was ever published of each group of people.

    Args:
        published: the tables of all versions of all datasets that count any of them, oldest first.

    Raises:
        FoundOut: some reader can learn a protected count; the cells, and how they follow, are in the findings
            for the private report alone.
    """
    groups: defaultdict[str, list[Published]] = defaultdict(list)
    for table in published:
        groups[table.policy.people or ""].append(table)
    return tuple(_audited(people, tables) for people, tables in sorted(groups.items()))


def _audited(people: str, tables: Sequence[Published]) -> Audited:
    datasets = tuple(sorted({table.dataset for table in tables}))
    try:
        found = audit_ledger(_ledger(tables))
    except Contradiction:
        raise _contradicting(people, datasets) from None
    except (NotInUniverse, TooManyAtoms):
        raise errors.FoundOut(
            f"«{people}» ({', '.join(datasets)}): what was published of them cannot be audited together: codes are "
            "missing in `hierarchies`, or there are too many. Mend the policy before anything is released.",
            findings=[Finding("disclosure.not_auditable", params={"people": people})],
        ) from None
    if found.found_out:
        raise _found_out(people, datasets, found)
    versions = len({(table.dataset, table.version) for table in tables})
    return Audited(people, datasets, versions, len(found.ledger.states), len(found.ledger.targets))


def _ledger(tables: Sequence[Published]) -> Ledger:
    groups: dict[str, Mapping[str, tuple[str, ...]]] = {}
    facts: dict[tuple[str, tuple[tuple[str, str], ...]], ExternalFact] = {}
    moves = [table.policy.max_moves for table in tables if table.policy.max_moves is not None]
    for table in tables:
        for dimension, codes in table.policy.hierarchies.items():
            groups[dimension] = {**groups.get(dimension, {}), **codes}
        facts |= {(fact.date, tuple(sorted(fact.cell.items()))): fact for fact in table.policy.external_facts}
    return ledger_of(tables, facts.values(), groups=groups, max_moves=min(moves, default=None))


def _contradicting(people: str, datasets: Sequence[str]) -> errors.FoundOut:
    return errors.FoundOut(
        f"«{people}» ({', '.join(datasets)}): the figures that were published, those that are registered as printed "
        "elsewhere, and the most that can have moved between two dates (`max_moves`) cannot all be true. Correct what "
        "is wrong before anything is released.",
        findings=[Finding("disclosure.ledger_contradicts", params={"people": people})],
    )


def _found_out(people: str, datasets: Sequence[str], found: Audit) -> errors.FoundOut:
    counts = sorted({one.count for one in found.found_out})
    told = system(found.ledger.sets, found.ledger.times, found.ledger.facts, narrowed=False)
    samples = []
    for count in counts[:SHOWN_PLACES]:
        how = derivation(told, count)
        samples.append(f"{count.time}: {name(count.cell)}" + (f" = {how}" if how else ""))
    finding = Finding("disclosure.found_out", count=len(counts), samples=tuple(samples), params={"people": people})
    return errors.FoundOut(
        f"«{people}» ({', '.join(datasets)}): with everything that was ever published, {len(counts)} protected counts "
        "could be found out. Nothing was released; the private report names them and how they follow.",
        findings=[finding],
    )
